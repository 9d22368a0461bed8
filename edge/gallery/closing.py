"""What has a file open closes it at the end of a ``with`` block."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closing(ABC):
    """Something that is open: ``with`` gives it and closes it."""

    @abstractmethod
    def close(self) -> None:
        """Close it; it cannot be used afterwards."""

    def __enter__(self) -> Self:
        """Give the thing itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()
