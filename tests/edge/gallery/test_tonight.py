"""Entries for tonight: in force at once, marked, gone at noon, or made ordinary ones."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
import pytest

from edge.door import Completion
from edge.errors import GalleryError
from edge.gallery.store import Store
from edge.gallery.tonight import TonightShelf, completed
from edge.keys.file import KeyFile
from edge.vision.face import FloatArray
from sync.entries import DAY_S, Category, Entry, Reason

PHOTO = b"\xff\xd8 a picture of somebody"
DAY = datetime.fromtimestamp(1_900_000_000).astimezone()
SAID = Completion(
    reason=Reason.THREATS,
    incident_on=DAY.date().isoformat(),
    evidence="incident book, page 12",
    last_day=(DAY.date() + timedelta(days=30)).isoformat(),
    declared=True,
)


def templates() -> FloatArray:
    rows = np.random.default_rng(3).normal(size=(2, 64)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "gallery.db", KeyFile(tmp_path / "gallery.key")) as opened:
        yield opened


@pytest.fixture
def tonight(tmp_path: Path, store: Store) -> Iterator[TonightShelf]:
    with TonightShelf.open(tmp_path / "gallery.db", KeyFile(tmp_path / "gallery.key")) as shelf:
        yield shelf


def added(shelf: TonightShelf, entry_id: str = "00ff00ff00ff00ff", hours: float = 9) -> Entry:
    now = shelf.time().ms / 1000
    entry = Entry(entry_id, Category.BANNED, Reason.VIOLENCE, now, now + hours * 3600)
    shelf.add(entry, PHOTO, templates(), "net-1")
    return entry


def test_an_entry_for_tonight_is_compared_with_at_once_and_marked(
    store: Store, tonight: TonightShelf
) -> None:
    reader, before = store.reader("net-1"), store.head()
    entry = added(tonight)
    now = store.time().ms / 1000
    while (head := reader.read(now)) is None:
        pass
    assert reader.tonight == {entry.entry_id}
    assert reader.entries == {entry.entry_id: entry}
    assert (head.expires_at, head.issued_at) == (before.expires_at, before.issued_at)
    (reference,) = store.references()
    assert reference.standing.tonight
    assert not reference.standing.provisional
    assert store.photo(entry.entry_id) == PHOTO


def test_at_its_end_it_is_over_and_every_byte_goes(store: Store, tonight: TonightShelf) -> None:
    entry = added(tonight)
    assert tonight.entries() == [entry]
    assert store.erase_over(entry.valid_until) == 1
    assert tonight.entries() == []
    assert store.references() == []


def test_it_is_given_with_its_photo_and_dropped_again(store: Store, tonight: TonightShelf) -> None:
    entry = added(tonight)
    kept = tonight.kept(entry.entry_id)
    assert (kept.entry, kept.photo_jpeg, kept.model_id) == (entry, PHOTO, "net-1")
    assert np.allclose(kept.templates, templates(), atol=0.02)
    tonight.drop(entry.entry_id)
    assert store.references() == []
    with pytest.raises(GalleryError, match="not for tonight any more"):
        tonight.drop(entry.entry_id)


def test_completed_it_is_an_ordinary_entry_with_its_grounds(
    store: Store, tonight: TonightShelf
) -> None:
    entry = added(tonight)
    reader, now = store.reader("net-1"), store.time().ms / 1000
    while reader.read(now) is None:
        pass
    said = msgspec.structs.replace(
        SAID,
        incident_on=datetime.fromtimestamp(now).astimezone().date().isoformat(),
        last_day=datetime.fromtimestamp(now + 30 * DAY_S).astimezone().date().isoformat(),
    )
    after = completed(entry, said, now)
    tonight.complete(after, said.incident_on, said.evidence)
    (reference,) = store.references()
    assert reference.entry == after
    assert (reference.standing.tonight, reference.standing.evidence) == (False, SAID.evidence)
    assert store.photo(entry.entry_id) == PHOTO
    while reader.read(now) is None:
        pass
    assert reader.tonight == frozenset()
    assert reader.entries == {entry.entry_id: after}
    with pytest.raises(GalleryError, match="not for tonight any more"):
        tonight.kept(entry.entry_id)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"declared": False}, "declaration"),
        ({"evidence": "  "}, "say where it is kept"),
        ({"incident_on": "yesterday"}, "2031-01-31"),
        ({"incident_on": "2100-01-01"}, "lies in the future"),
        ({"last_day": "2001-01-01"}, "over already"),
        ({"last_day": "2099-01-01"}, "365 days at most"),
    ],
)
def test_an_entry_without_grounds_is_not_completed(changed: dict[str, object], why: str) -> None:
    now = DAY.timestamp()
    entry = Entry("00ff00ff00ff00ff", Category.BANNED, Reason.VIOLENCE, now, now + 3600)
    with pytest.raises(GalleryError, match=why):
        completed(entry, msgspec.structs.replace(SAID, **changed), now)


def test_grounds_may_change_the_reason_and_with_it_the_category() -> None:
    now = DAY.timestamp()
    entry = Entry("00ff00ff00ff00ff", Category.BANNED, Reason.VIOLENCE, now, now + 3600)
    said = msgspec.structs.replace(SAID, reason=Reason.VULNERABLE, evidence="")
    after = completed(entry, said, now)
    assert (after.category, after.reason) == (Category.WELFARE, Reason.VULNERABLE)
    assert after.created_at == entry.created_at


def test_a_wrong_entry_or_template_never_gets_on_the_list(
    store: Store, tonight: TonightShelf
) -> None:
    with pytest.raises(GalleryError, match="end before it begins"):
        added(tonight, hours=-1)
    now = tonight.time().ms / 1000
    entry = Entry("00ff00ff00ff00ff", Category.BANNED, Reason.VIOLENCE, now, now + 3600)
    with pytest.raises(GalleryError, match="finite"):
        tonight.add(entry, PHOTO, np.full((1, 64), np.nan, np.float32), "net-1")
    assert store.references() == []
