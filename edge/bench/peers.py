"""Which other systems are here."""

from edge.bench import dlib_faces, mediapipe_faces, opencv_faces
from edge.bench.peer import Peer


def installed(known: int, yunet: str = "", sface: str = "") -> tuple[list[Peer], list[str]]:
    """Load every peer that is here.

    Args:
        known: Faces that each compares with.
        yunet: File of OpenCV's detector, "" without.
        sface: File of OpenCV's embedder, "" without.

    Returns:
        The peers, and a line about each that is not here.

    Raises:
        BenchError: A file that was given is of no use.
    """
    peers: list[Peer] = []
    absent: list[str] = []
    for found in (
        dlib_faces.installed(known),
        opencv_faces.given(known, yunet, sface),
        mediapipe_faces.installed(),
    ):
        if isinstance(found, str):
            absent.append(found)
        else:
            peers += found
    return peers, absent
