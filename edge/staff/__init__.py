"""The door's page: what staff see on a phone or a desk, and the few things they may press.

Owns the words of the page, its sign-in, its stream of snapshots and its pictures. It gets the
door's frozen snapshot and a handful of calls (:class:`edge.staff.board.Door`) and must not know
cameras, networks, the gallery or the pins.
"""
