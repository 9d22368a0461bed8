"""Something that is done again after a while. Pure."""


class Every:
    """The next time for one thing."""

    def __init__(self) -> None:
        """Begin with being due."""
        self._due_ms = 0

    def due(self, pause_ms: int, now_ms: int) -> bool:
        """Tell whether it is time; if so, it is time again after ``pause_ms``."""
        if now_ms < self._due_ms:
            return False
        self._due_ms = now_ms + pause_ms
        return True

    def soon(self) -> None:
        """Be due at once."""
        self._due_ms = 0
