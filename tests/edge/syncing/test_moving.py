"""The unit's key moves: a new one each time, and a unit that starts wherever it is cut short."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.config import Config, Keys, Paths
from edge.errors import ConsortiumError, GalleryError, KeyProviderError
from edge.gallery.inspection import damaged_rows
from edge.gallery.rotation import rotate
from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from edge.keys.provider import KeptKey, kept_keys, key_provider
from edge.syncing import moving
from edge.syncing.identity import Draft, Identity, IdentityFolder
from edge.syncing.moving import move_key, opened_gallery
from simulator.shelf_samples import putting, trusted

DRAFT = Draft(bytes(32), bytes(96), b"pem", b"password", b"invitation")
IDENTITY = Identity(
    "ab" * 16, "12" * 8, "Door", "34" * 8, "The Anchor", "56" * 8, "localhost", 8883,
    bytes(32), bytes(96), b"password",
)  # fmt: skip


class Unit:
    """A member with people on its list, and ways to keep its key that cost no time."""

    def __init__(self, folder: Path) -> None:
        self.settings = Config(paths=Paths(state=str(folder)), keys=Keys())
        self.places = self.settings.places({})
        self.places.prepare()
        provider = key_provider(self.settings, self.places, {})
        provider.provision()
        with GalleryShelf.open(self.places.gallery, provider) as shelf:
            shelf.join(trusted())
            shelf.commit(putting(shelf.trusted(), range(3)))
        folder_of = IdentityFolder(self.places.unit, provider)
        folder_of.draft(DRAFT)
        folder_of.keep(IDENTITY, DRAFT, b"certificate", b"authority")

    @property
    def ways(self) -> dict[str, KeptKey]:
        """Files of keys, in the places of the real ways and in their order."""
        real = kept_keys(self.settings, self.places, {})
        return {name: KeyFile(way.path) for name, way in real.items()}

    @property
    def found(self) -> KeptKey:
        """Where a unit that starts now finds its key."""
        return next(way for way in self.ways.values() if way.there)

    def starts(self) -> bytes:
        """See that everything opens by the key that is found; gives the newest data key."""
        assert IdentityFolder(self.places.unit, self.found).load() == IDENTITY
        with opened_gallery(self.places, self.found) as file:
            assert damaged_rows(file) == []
            assert file.head().entries == 3
            return file.sealer.data_keys[0]


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return Unit(tmp_path / "state")


@pytest.mark.parametrize("to", ["credential", "tpm", "passphrase"])
def test_the_key_that_opens_everything_afterwards_is_new_and_the_only_one(
    unit: Unit, to: str
) -> None:
    old, old_data = unit.found, unit.starts()
    old_key = old.kek()
    assert move_key(unit.places, unit.ways, to) == (old.path,)
    assert unit.found.path == unit.ways[to].path
    assert unit.found.kek() != old_key
    assert unit.starts() != old_data
    assert [way.path for way in unit.ways.values() if way.there] == [unit.found.path]
    old.path.write_text(old_key.hex())
    old.path.chmod(0o600)
    with pytest.raises(ConsortiumError, match="does not open"):
        IdentityFolder(unit.places.unit, old).load()
    with pytest.raises(KeyProviderError, match="does not open"), opened_gallery(unit.places, old):
        pass


def test_there_and_back_again_leaves_nothing_of_the_way(unit: Unit) -> None:
    before = {path.name for path in unit.places.state.rglob("*")}
    move_key(unit.places, unit.ways, "tpm")
    move_key(unit.places, unit.ways, "file")
    move_key(unit.places, unit.ways, "file")
    unit.starts()
    assert {path.name for path in unit.places.state.rglob("*")} - {"lock"} == before - {"lock"}


class Cut(Exception):  # noqa: N818 - no error of the program
    """The power goes."""


def steps(patched: pytest.MonkeyPatch, left: int) -> Callable[[], int]:
    """Cut the power before the n-th step that changes anything; tells how many were made."""
    made = 0

    def counted(name: str, whole: Callable[..., object]) -> Callable[..., object]:
        def step(*words: object, **named: object) -> object:
            nonlocal made
            if made == left:
                raise Cut(name)
            made += 1
            return whole(*words, **named)

        return step

    for owner, names in (
        (moving.rotation, ("begin", "seal_again", "finish")),
        (moving, ("destroy", "replace_for_good")),
        (KeyFile, ("provision",)),
        (Path, ("rename", "replace", "unlink")),
    ):
        for name in names:
            patched.setattr(owner, name, counted(name, getattr(owner, name)))
    return lambda: made


def cut_and_ended(folder: Path, source: str, to: Sequence[tuple[str, int]], last: str) -> None:
    """Move the key again and again with the power going each time; see that the unit starts."""
    unit = Unit(folder)
    if source != "file":
        move_key(unit.places, unit.ways, source)
    for way, left in to:
        with pytest.MonkeyPatch.context() as patched, suppress(Cut):
            steps(patched, left)
            move_key(unit.places, unit.ways, way)
        unit.starts()
    move_key(unit.places, unit.ways, last)
    unit.starts()
    assert [way.path for way in unit.ways.values() if way.there] == [unit.ways[last].path]
    names = {path.suffix for path in unit.places.state.rglob("*")}
    assert names.isdisjoint({".moved", ".moving", ".new"})
    with opened_gallery(unit.places, unit.found) as file:
        assert len(file.sealer.data_keys) == 1


@pytest.mark.parametrize("left", [2, 6, 9])
def test_a_unit_starts_where_the_move_is_cut_and_the_next_ends_it(
    tmp_path: Path, left: int
) -> None:
    cut_and_ended(tmp_path, "file", [("tpm", left)], "tpm")


@pytest.mark.parametrize("left", [1, 3, 4, 5, 9])
def test_a_move_that_was_cut_can_be_given_up(tmp_path: Path, left: int) -> None:
    cut_and_ended(tmp_path, "file", [("tpm", left)], "file")


def test_what_a_move_that_was_given_up_left_takes_no_identity_away(unit: Unit) -> None:
    with pytest.MonkeyPatch.context() as patched:
        steps(patched, 4)
        with pytest.raises(Cut):
            move_key(unit.places, unit.ways, "tpm")
    assert (unit.places.unit / "identity.moved").exists()
    copy = unit.ways["credential"].path  # the same key, sealed by hand
    copy.write_text(unit.found.kek().hex())
    copy.chmod(0o600)
    assert move_key(unit.places, unit.ways, "credential") == (unit.ways["file"].path,)
    unit.starts()
    assert not unit.ways["tpm"].path.with_suffix(".tpm.moving").exists()


def test_half_a_key_that_a_cut_left_does_not_stand_in_the_way(unit: Unit) -> None:
    half = unit.places.state / "gallery.tpm.moving"
    half.write_text("ab")
    half.chmod(0o600)
    move_key(unit.places, unit.ways, "tpm")
    unit.starts()
    assert not half.exists()


@pytest.mark.parametrize("cuts", [(6, 3), (5, 5)])
def test_a_renewal_that_is_cut_twice_keeps_what_the_unit_is(
    tmp_path: Path, cuts: tuple[int, int]
) -> None:
    cut_and_ended(tmp_path, "file", [("file", left) for left in cuts], "file")


@pytest.mark.parametrize("last", ["file", "tpm", "credential"])
def test_a_move_that_was_cut_is_ended_before_the_next_begins_elsewhere(
    tmp_path: Path, last: str
) -> None:
    cut_and_ended(tmp_path, "file", [("tpm", 7), ("credential", 3)], last)


WAYS = st.sampled_from(["file", "tpm", "credential"])


@pytest.mark.faults
@settings(max_examples=150, deadline=None)
@given(
    source=WAYS,
    cuts=st.lists(st.tuples(WAYS, st.integers(0, 17)), max_size=3),
    last=WAYS,
)
def test_a_unit_starts_wherever_the_move_is_cut_however_often(
    tmp_path_factory: pytest.TempPathFactory,
    source: str,
    cuts: list[tuple[str, int]],
    last: str,
) -> None:
    cut_and_ended(tmp_path_factory.mktemp("unit"), source, cuts, last)


def test_a_key_is_renewed_where_it_lies(unit: Unit) -> None:
    before = unit.found.kek()
    for _ in range(2):
        assert move_key(unit.places, unit.ways, "file") == ()
        unit.starts()
        assert unit.found.kek() != before
        before = unit.found.kek()


def test_a_list_whose_rotation_was_cut_comes_along(unit: Unit) -> None:
    with opened_gallery(unit.places, unit.found) as file:
        moving.rotation.begin(file, [unit.found.kek()])
    move_key(unit.places, unit.ways, "tpm")
    unit.starts()
    with opened_gallery(unit.places, unit.found) as file:
        rotate(file, [unit.found.kek()])
    unit.starts()


def test_a_key_that_does_not_open_everything_destroys_no_other(unit: Unit) -> None:
    KeyFile(unit.ways["tpm"].path).provision()
    before = unit.ways["file"].kek()
    with pytest.raises((ConsortiumError, GalleryError), match="does not open"):
        move_key(unit.places, unit.ways, "tpm")
    assert unit.ways["file"].kek() == before


def test_a_new_unit_gets_its_first_key_where_it_is_wanted(tmp_path: Path) -> None:
    places = Config(paths=Paths(state=str(tmp_path))).places({})
    ways = {"credential": KeyFile(places.credential), "file": KeyFile(places.key_file)}
    assert move_key(places, ways, "credential") == ()
    assert ways["credential"].there
    assert not ways["file"].there


def test_while_shares_rest_on_the_key_it_stays(unit: Unit) -> None:
    unit.places.pairs.write_text("{}")
    with pytest.raises(KeyProviderError, match="run doorwatch token remove first"):
        move_key(unit.places, unit.ways, "tpm")


def test_where_each_process_is_a_user_only_systemd_can_hand_the_key_out(unit: Unit) -> None:
    unit.places.state.chmod(0o2771)
    with pytest.raises(KeyProviderError, match="move it to a credential"):
        move_key(unit.places, unit.ways, "tpm")
    move_key(unit.places, unit.ways, "credential")
    unit.starts()


def test_a_sync_process_at_work_keeps_the_key_where_it_is(
    unit: Unit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.syncing.identity.PATIENCE_S", 0.1)
    with (
        IdentityFolder(unit.places.unit, unit.found).alone(),
        pytest.raises(ConsortiumError, match="another doorwatch sync"),
    ):
        move_key(unit.places, unit.ways, "tpm")
    unit.starts()
