"""Faces in pixels: find, align, judge, make templates, follow.

Owns what can be said about faces in images; knows nothing of lists, lamps or people.
"""

from edge.vision.engine import Engine
from edge.vision.face import Face, Flaw, Quality
from edge.vision.load import load_engine
from edge.vision.watch import Watch

__all__ = ["Engine", "Face", "Flaw", "Quality", "Watch", "load_engine"]
