"""What the door shows: three lamps, a buzzer, two buttons, and the one process that owns them.

``pattern`` says which lamp is lit when, ``keeper`` what may be believed of a feed, both without
a clock; ``lamp`` is the process and the engine's end of its socket; ``gpio`` and ``console``
are the two kinds of pins. Nothing here knows of cameras, faces or lists.
"""
