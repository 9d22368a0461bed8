"""The list itself: what an entry is, and (later) how it travels between hub and units.

Knows nothing of cameras, networks for faces, or numpy.
"""
