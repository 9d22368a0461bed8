"""The unit's key moves to another place, as a new key: the old one is never taken along.

What the old key opened is first opened by both; then the new key comes into force by one rename,
the old one is destroyed, and last what it still opened. Wherever this is cut short, the unit
starts as before or with the new key, and the same command goes on where it ended. The list gets
a new data key on the way: an old copy of it, under the old key, may lie in the card's spare cells.
"""

import stat
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from pathlib import Path

from edge.errors import KeyProviderError
from edge.gallery import rotation
from edge.gallery.keys import KeyProvider
from edge.gallery.listfile import ListFile
from edge.keys.place import destroy, one_at_a_time, replace_for_good
from edge.keys.provider import KeptKey
from edge.places import Places
from edge.syncing.identity import IdentityFolder

MOVING = ".moving"
"""Behind the name of a new key that is not in force yet."""


def move_key(places: Places, ways: Mapping[str, KeptKey], to: str) -> tuple[Path, ...]:
    """Move the unit's key, or end a move that was cut short.

    Args:
        places: The unit's files.
        ways: Every way to keep a key, by name.
        to: The one to keep it by from now on; if it is so kept already, it is renewed there.

    Returns:
        The other places where a key was destroyed.

    Raises:
        KeyProviderError: There is no key, the new one cannot be kept, or shares rest on the old;
            or another command changes keys just now.
        ConsortiumError: A sync process is at work, or what the unit is does not open.
        GalleryError: The gallery cannot be opened or written.
    """
    with one_at_a_time(places.state):
        _refuse_unfit(places, to)
        return _moved(places, ways, to)


def _moved(places: Places, ways: Mapping[str, KeptKey], to: str) -> tuple[Path, ...]:
    new = ways[to]
    others = [one for name, one in ways.items() if name != to and one.there]
    with _alone(IdentityFolder(places.unit, new)):
        if not new.there:
            _end(places, others)
        if new.there != bool(others):  # with both, a move was cut short when both opened all
            _open_by_both(places, new if new.there else others[0], new)
        new = new.at(new.path)  # to be read anew, as at the next start
        new.provision()
        _refuse_closed(places, new)
        _destroy(others)
        _settle(places, new)
        _clear(ways.values())
    return tuple(one.path for one in others)


def _end(places: Places, kept: Sequence[KeptKey]) -> None:
    """Leave one key where a move was cut short when two opened all: the one a start finds."""
    if len(kept) > 1:
        _refuse_closed(places, kept[0])
        _destroy(kept[1:])


def _destroy(kept: Iterable[KeptKey]) -> None:
    for one in kept:
        if one.there:
            destroy(one.path)


def _open_by_both(places: Places, old: KeptKey, new: KeptKey) -> None:
    """Make the new key where nobody looks, have both open everything, then put it in force."""
    draft = new.at(_beside(new.path, MOVING))
    if draft.there:
        destroy(draft.path)  # a cut left it, perhaps half of it; nothing rests on it alone
    draft.provision()
    folder = IdentityFolder(places.unit, old)
    folder.settle()  # what a move before put beside may be all that the old key opens
    folder.seal_also(draft)
    if places.gallery.exists():
        with opened_gallery(places, old) as file:
            keks = [draft.kek(), old.kek()]
            rotation.begin(file, keks)
            rotation.seal_again(file)
    _refuse_closed(places, draft.at(draft.path))
    replace_for_good(new.path, draft.path)


def _clear(ways: Iterable[KeptKey]) -> None:
    """Destroy new keys that a move made which was given up."""
    for way in ways:
        if (left := _beside(way.path, MOVING)).exists():
            destroy(left)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _settle(places: Places, new: KeptKey) -> None:
    """Have nothing but the new key open anything."""
    IdentityFolder(places.unit, new).settle()
    if places.gallery.exists():
        with opened_gallery(places, new) as file:
            if len(file.sealer.data_keys) > 1:
                rotation.seal_again(file)
            rotation.finish(file, [new.kek()])


def _refuse_closed(places: Places, provider: KeyProvider) -> None:
    """Make sure that a key opens everything before another one is destroyed."""
    folder = IdentityFolder(places.unit, provider)
    if folder.joined:
        folder.load()
    if places.gallery.exists():
        with opened_gallery(places, provider) as file:
            file.head()


def _refuse_unfit(places: Places, to: str) -> None:
    if places.pairs.exists():
        raise KeyProviderError(
            "this key is one of three shares of the gallery's: run doorwatch token remove first, "
            "then move it, then doorwatch token make"
        )
    shared = places.state.exists() and places.state.stat().st_mode & stat.S_ISGID
    if shared and to != "credential":
        raise KeyProviderError(
            "engine and sync are users of their own here, and only systemd hands the key to both: "
            "move it to a credential"
        )


@contextmanager
def opened_gallery(places: Places, provider: KeyProvider) -> Iterator[ListFile]:
    """Open the gallery's file for the block. Raises: GalleryError."""
    with closing(ListFile(places.gallery, provider, time.time(), 0.0)) as file:
        yield file


def _alone(folder: IdentityFolder) -> AbstractContextManager[None]:
    return folder.alone() if folder.joined else nullcontext()
