"""A unit as a member of a consortium: joining, the sync process, checking the list, local entries.

The only part of the unit with a network beside the staff page; it knows no camera and no pins.
"""
