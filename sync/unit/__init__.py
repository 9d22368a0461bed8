"""The unit's end of the list: what arrives is checked, put on the shelf, acted upon and reported.

Sans-I/O: messages, time and randomness come in as arguments, messages to be sent go out as
values. Knows neither MQTT, nor disks, nor faces; those are ports (``shelf``) or opaque bytes.
"""
