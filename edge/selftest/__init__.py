"""``doorwatch self-test``: can this version do its work on this machine?

An upgrade runs it before the new version is put into force: two known faces that have to be told
apart, the networks by their hashes, the list, the pins. Nothing is changed and no lamp is lit.
"""
