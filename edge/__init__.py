"""One door: from a frame of the camera to a light.

Owns capture, vision, the gallery on the unit, the verdict, the lamps and the door's page.
Knows nothing of the hub or of MQTT; those live in ``sync``.
"""
