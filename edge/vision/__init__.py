"""Faces in pixels: find, align, judge, make templates, follow.

Owns what can be said about faces in images; knows nothing of lists, lamps or people.
"""
