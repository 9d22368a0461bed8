"""Notices a network that no longer looks at what it is given.

Hardware that fails may go on answering, with what it answered last. An embedder that does so
gives everybody the same template, which is nobody's on the list: each of them would be green.
"""

import numpy as np

from edge.errors import ModelError
from edge.vision.detect import Run
from edge.vision.face import FloatArray

REPEATS = 2
"""Answers in a row that may be the same for different questions."""


class Doubted:
    """Runs a network, and doubts answers that repeat themselves to the last bit."""

    def __init__(self, run: Run) -> None:
        """Doubt what ``run`` answers."""
        self._run = run
        self._asked = self._answered = np.empty(0, np.float32)
        self._repeats = 0

    def __call__(self, batch: FloatArray) -> tuple[FloatArray, ...]:
        """Run the network once.

        Raises:
            ModelError: It failed, or gave one answer to ``REPEATS`` + 1 different questions.
        """
        answers = self._run(batch)
        if not np.array_equal(answers[0], self._answered):
            self._repeats = 0
        elif not np.array_equal(batch, self._asked):
            self._repeats += 1
        self._asked, self._answered = batch, answers[0]
        if self._repeats >= REPEATS:
            raise ModelError("a network gives one answer to everything: is its accelerator broken?")
        return answers
