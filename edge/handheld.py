"""The hand-held check: one photo, at most one candidate, nothing kept."""

import secrets
import threading
import time
from collections.abc import Callable

from edge.alerts import score_words
from edge.attempts import CHECKS, CHECKS_WITHIN_S, Allowance
from edge.door import CandidateView
from edge.errors import LinkError, PhotoError
from edge.photo import read_photo
from edge.pipeline import InForce
from edge.vision import Engine, Face
from edge.vision.face import Image

TOKEN_S = 20.0
"""Seconds in which the reference photo of a candidate may be asked for, once."""

MOST_TOKENS = 16
"""Tokens that wait; the oldest goes first."""


class HandheldCheck:
    """Compares photos that staff take, on the engine that also screens."""

    def __init__(self, engine: Engine, turn: threading.Lock, listed: Callable[[], InForce]) -> None:
        """Share an engine.

        Args:
            engine: Finds and encodes the face.
            turn: Held while the engine works.
            listed: Gives what is in force.
        """
        self._engine, self._turn, self._listed = engine, turn, listed
        self._tokens: dict[str, tuple[str, float]] = {}
        self._guard = threading.Lock()
        self._unpacking = threading.Lock()  # a small file may take 600 MB for a moment
        self._allowance = Allowance(CHECKS, CHECKS_WITHIN_S)

    def check(self, photo: bytes) -> list[CandidateView]:
        """Compare the largest face of a photo.

        Args:
            photo: Bytes of an image file.

        Returns:
            The best candidate, or nothing.

        Raises:
            PhotoError: It is no photo, or shows no face that can be compared.
            LinkError: There is no list to compare against, or too many photos were compared.
        """
        in_force = self._listed()
        if in_force.index is None:
            raise LinkError("the list cannot be read at the moment: check by hand")
        self._spend()
        with self._unpacking:
            pixels = read_photo(photo)
        face = self._face(pixels)
        candidate = None if face.template is None else in_force.best(face.template)
        entry = in_force.entries.get(candidate.entry_id) if candidate else None
        if candidate is None or entry is None:
            return []
        rules = in_force.rules
        return [
            CandidateView(
                entry_id=entry.entry_id,
                category=entry.category,
                reason=entry.reason,
                valid_until=entry.valid_until,
                score=candidate.score,
                score_words=score_words(candidate.score, check=rules.check, stop=rules.stop),
                token=self._issue(entry.entry_id),
            )
        ]

    def redeem(self, entry_id: str, token: str) -> None:
        """Use up a token.

        Raises:
            LinkError: It is not one of ours, is used, or too old.
        """
        with self._guard:
            owner, until = self._tokens.pop(token, ("", 0.0))
        if owner != entry_id or time.monotonic() > until:
            raise LinkError("the reference photo was shown once already, or too long ago")

    def _spend(self) -> None:
        with self._guard:
            now = time.monotonic()
            if self._allowance.left(now) <= 0:
                raise LinkError(f"no checks left: {CHECKS} in twelve hours is the most")
            self._allowance.use(now)

    def _face(self, pixels: Image) -> Face:
        with self._turn:
            faces = self._engine.faces(pixels)
        if not faces:
            raise PhotoError("no face in the photo: go closer and take it again")
        if not faces[0].quality.usable:
            flaws = ", ".join(faces[0].quality.reasons)
            raise PhotoError(f"the face cannot be compared ({flaws}): take the photo again")
        return faces[0]

    def _issue(self, entry_id: str) -> str:
        token = secrets.token_urlsafe(16)
        with self._guard:
            self._tokens[token] = entry_id, time.monotonic() + TOKEN_S
            while len(self._tokens) > MOST_TOKENS:
                del self._tokens[next(iter(self._tokens))]
        return token
