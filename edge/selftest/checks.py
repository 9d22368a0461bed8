"""What the self-test looks at, one check after another; one that fails stops none of the others."""

import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from edge.capture.opening import check_source
from edge.config import Config
from edge.errors import DoorwatchError, GalleryError, GalleryLockedError, KeyAwaitedError
from edge.gallery.database import one_clear_line
from edge.gallery.layout import GALLERY
from edge.gallery.store import Store
from edge.indicator.lamp import pins_within_reach
from edge.keys.provider import key_provider
from edge.keys.shares import gallery_keys
from edge.places import Places
from edge.selftest.faces import compare_known_faces
from edge.vision import load_engine

COPY_BEGINS = ".self-test-"
"""How a folder with a copy of the list is called: deploy/switch removes what a power cut left."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to.

    Attributes:
        check: Its name.
        passed: Whether it holds.
        words: What was found, or what is wrong and what to do.
    """

    check: str
    passed: bool
    words: str


class SelfTest:
    """The checks for one unit."""

    def __init__(self, settings: Config, places: Places) -> None:
        """Look at nothing yet."""
        self._settings, self._places = settings, places

    def findings(self) -> Iterator[Finding]:
        """Run one check after another."""
        checks: tuple[tuple[str, Callable[[], str]], ...] = (
            ("settings", self._camera),
            ("networks", self._networks),
            ("list", self._list),
            ("pins", self._pins),
        )
        for name, check in checks:
            try:
                yield Finding(name, passed=True, words=check())
            except DoorwatchError as error:
                yield Finding(name, passed=False, words=str(error))

    def _camera(self) -> str:
        source = self._settings.camera.source
        check_source(source)
        return f"readable; the camera is {source.partition('@')[2] or source}"

    def _networks(self) -> str:
        vision = self._settings.vision
        engine = load_engine(vision.accelerator, vision.threads or None)
        same, other = compare_known_faces(engine)
        return f"{engine.model_id}: one face twice {same:.2f}, two faces {other:.2f}"

    def _list(self) -> str:
        """Open a copy, as this version would; the list itself is only read."""
        gallery = self._places.gallery
        if not gallery.exists():
            return "none yet"
        keys = gallery_keys(
            self._settings, self._places, key_provider(self._settings, self._places)
        )
        try:
            with tempfile.TemporaryDirectory(
                dir=_roomy(gallery.parent), prefix=COPY_BEGINS
            ) as folder:
                copy = Path(folder) / gallery.name
                _copy(gallery, copy)
                with Store.open(copy, keys) as store:
                    head = store.head()
        except KeyAwaitedError:
            return "closed until the hub's share comes, so nobody looked into it"
        except GalleryLockedError:
            return "locked by the consortium: ask for an invitation"
        except OSError as error:
            raise GalleryError(
                f"the list cannot be copied ({error.strerror}): make room"
            ) from error
        return f"{head.entries} entries, change {head.sequence}, opened as a copy"

    def _pins(self) -> str:
        return pins_within_reach(self._settings.indicator)


def _roomy(folder: Path) -> Path | None:
    """Prefer the card to a temporary folder, which may be in memory."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return folder
    except OSError:
        return None


def _copy(gallery: Path, copy: Path) -> None:
    """Copy the list with what is still in its log. Raises: GalleryError."""
    with (
        one_clear_line(gallery, GALLERY),
        closing(sqlite3.connect(gallery)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
    copy.chmod(0o600)
