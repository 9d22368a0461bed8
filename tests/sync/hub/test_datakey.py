"""A new data key for the hub's database, with which hub and pages go on working."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from edge.errors import KeyProviderError
from edge.gallery.rotation import begin, finish, seal_again
from edge.keys.place import one_at_a_time
from simulator.office import Office
from sync.errors import HubError
from sync.hub.config import HubPlaces
from sync.hub.datakey import COLUMNS
from sync.hub.nudge import Nudges
from sync.hub.service import Service
from sync.hub.store import KEYS, Store


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """A hub with something in most tables."""
    made = Office(tmp_path)
    people = [made.ban() for _ in range(3)]
    made.lift(people[0].entry_id)
    door = made.door()
    assert door.registration is not None
    made.service.release(door.registration.mailbox, made.now_ms, certified=True)
    made.service.content(people[1].entry_id, "manager", made.now_ms)
    yield made
    made.service.close()


def sealed(path: Path) -> set[bytes]:
    """Everything sealed that stands in the file, and how the data key is wrapped."""
    with closing(sqlite3.connect(path)) as raw:
        found = set(raw.execute("SELECT data_key, state FROM hub").fetchone())
        for table in KEYS:
            query = f"SELECT sealed FROM {table}"  # noqa: S608 - names of our own tables
            found |= {one for (one,) in raw.execute(query)}
    return found


def on_disk(path: Path) -> bytes:
    return b"".join(one.read_bytes() for one in path.parent.glob("hub.db*"))


def rotate(office: Office) -> int:
    done = office.service.rotate_data_key(office.keys.kek(), "test", office.now_ms)
    assert done.closed == 0
    return done.sealed_again


def check_whole(service: Service) -> None:
    service.verify_audit()
    store = service.desk.store
    for table, name in KEYS.items():
        for (key,) in store.rows(f"SELECT {name} FROM {table}"):  # noqa: S608 - the same
            assert store.take(table, key) is not None


def test_everything_comes_under_the_new_key_and_nothing_of_the_old_stays(office: Office) -> None:
    before = sealed(office.path)
    (old,) = office.service.desk.store.sealer.data_keys
    assert rotate(office) > len(before) - 3  # the audit line of it, too; the hub's own row has two
    (new,) = office.service.desk.store.sealer.data_keys
    assert new != old
    raw = on_disk(office.path)
    assert [one for one in before if one[:16] in raw or one[-16:] in raw] == []
    assert sum(one[:16] in raw for one in sealed(office.path)) == len(before) + 1
    assert office.reopened().desk.store.sealer.data_keys == (new,)
    check_whole(office.service)
    assert [line.did for line in office.service.audit()][-1] == "rotate-data-key"


def test_every_table_with_sealed_rows_is_among_those_that_are_sealed_again(office: Office) -> None:
    tables = office.service.desk.store.rows(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%sealed BLOB%'"
    )
    assert {name for (name,) in tables} == {table for table, _, _, _ in COLUMNS}


def test_whoever_has_the_hub_open_reads_and_writes_at_every_stage(office: Office) -> None:
    pages = Service.open(office.path, office.keys)
    store, keks = Store.open(office.path, office.keys), [office.keys.kek()]

    def work() -> None:
        """What hub and pages do, each with what it opened at the start."""
        one = office.ban()
        assert pages.content(one.entry_id, "manager", office.now_ms).entry_id == one.entry_id
        assert len(office.service.entries()) == len(pages.entries())
        for service in (office.service, pages):
            check_whole(service)

    with closing(store), pages:
        work()
        for _ in range(2):
            for step in (
                lambda: begin(store, keks),
                lambda: seal_again(store, COLUMNS),
                lambda: finish(store, keks),
            ):
                step()
                work()


def test_rows_that_were_read_before_the_old_key_went_still_open(office: Office) -> None:
    with Service.open(office.path, office.keys) as slow:
        lines = slow.audit()
        assert next(iter(lines)).did == "create"
        rotate(office)
        assert slow.desk.store.state.audited == office.service.desk.store.state.audited
        assert next(iter(lines)).did == "root"


def test_one_rotation_at_a_time_as_one_would_drop_the_key_that_another_began_with(
    office: Office,
) -> None:
    before = sealed(office.path)
    with (
        one_at_a_time(HubPlaces(office.path.parent).authority),
        pytest.raises(KeyProviderError, match="wait until it has ended"),
    ):
        rotate(office)
    assert sealed(office.path) == before
    rotate(office)


def test_a_hub_that_runs_is_no_rotation(office: Office) -> None:
    before = sealed(office.path)
    with closing(Nudges(HubPlaces(office.path.parent).nudge)):
        rotate(office)
    assert not before & sealed(office.path)


class Cut(Exception):  # noqa: N818 - no error of the program
    """The power goes."""


@pytest.mark.parametrize("after", [0, 1, 2, 20])
def test_a_rotation_cut_short_leaves_a_hub_that_opens_and_is_ended_by_the_next(
    office: Office, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    left, whole, before = after, Store.change, sealed(office.path)

    @contextmanager
    def cut(self: Store) -> Iterator[None]:
        nonlocal left
        with whole(self):
            yield
            if not left:
                raise Cut
            left -= 1

    with monkeypatch.context() as patched:
        patched.setattr(Store, "change", cut)
        with pytest.raises(Cut):
            rotate(office)
    office.ban()
    service = office.reopened()
    check_whole(service)
    keys = service.desk.store.sealer.data_keys
    assert len(keys) == (1 if after < 2 else 2)
    rotate(office)
    assert office.service.desk.store.sealer.data_keys[0] == keys[0] or after < 2
    assert len(office.service.desk.store.sealer.data_keys) == 1
    raw = on_disk(office.path)
    assert [one for one in before if one[:16] in raw] == []
    check_whole(office.service)


def test_a_row_that_does_not_open_stays_closed_and_is_counted(office: Office) -> None:
    with closing(sqlite3.connect(office.path)) as raw, raw:
        raw.execute("UPDATE share SET sealed = zeroblob(284)")
    done = office.service.rotate_data_key(office.keys.kek(), "test", office.now_ms)
    assert done.closed == 1
    with pytest.raises(HubError, match="does not open"):
        check_whole(office.service)
