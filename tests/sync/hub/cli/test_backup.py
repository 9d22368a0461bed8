"""Copies of the hub, and the way back from one."""

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from consortium import Consortium
from sync.hub import backup, drill
from sync.hub.config import HubPlaces
from sync.hub.copies import Copies
from sync.hub.hubkey import hub_key
from sync.hub.service import Service


def copied(consortium: Consortium, *more: str) -> Path:
    return Path(consortium.tells("backup", str(consortium.folder / "copies"), *more)["backup"])


def kept_key(consortium: Consortium) -> str:
    key = consortium.folder / "key in a safe"
    key.write_bytes((consortium.hub / "hub.key").read_bytes())
    return str(key)


def test_a_copy_holds_the_hub_but_not_its_key(consortium: Consortium) -> None:
    copy = copied(consortium)
    assert sorted(path.name for path in copy.iterdir()) == ["ca", "hub.db", "hub.toml"]
    assert stat.S_IMODE(copy.stat().st_mode) == 0o700
    key = (consortium.hub / "hub.key").read_bytes().strip()
    for path in copy.rglob("*"):
        assert path.is_dir() or key not in path.read_bytes()


def test_only_the_newest_copies_stay(consortium: Consortium) -> None:
    made = [copied(consortium, "--keep", "2") for _ in range(4)]
    assert [copy.exists() for copy in made] == [False, False, True, True]
    assert "1 at least" in consortium.refuses("backup", "copies", "--keep", "0")
    assert "16 at most" in consortium.refuses("drill", "copies", "--keep", "17")


def test_a_copy_becomes_the_same_hub(consortium: Consortium) -> None:
    entry_id = consortium.add(1, "North", "South")
    copy, key = copied(consortium), kept_key(consortium)
    consortium.hub = consortium.folder / "second"
    told = consortium.says("restore", str(copy), "--key", key)
    assert "appends nothing until" in told
    assert consortium.tells("entry", "show", entry_id)["standing"] == "live"
    assert stat.S_IMODE((consortium.hub / "hub.key").stat().st_mode) == 0o600
    assert "--yes" in consortium.refuses("resume")
    consortium.says("resume", "--yes")
    assert "nothing to resume" in consortium.refuses("resume", "--yes")
    consortium.add(2, "South", "North")
    consortium.says("audit", "verify")


@pytest.mark.usefixtures("mosquitto")
def test_what_was_erased_since_is_erased_in_the_copy(consortium: Consortium) -> None:
    entry_id = consortium.propose(1, "North", "--scope", "venue")
    copy, key = copied(consortium), kept_key(consortium)
    consortium.says("entry", "lift", entry_id, "--key", consortium.key("North"), "--yes")
    consortium.start()
    consortium.stop()
    consortium.hub = consortium.folder / "second"
    consortium.says("restore", str(copy), "--key", key)
    assert consortium.run("entry", "show", entry_id, "--details")[0] != 0


@pytest.mark.parametrize(
    ("what", "says"),
    [("nowhere", "no backup of a hub"), ("officers", "no backup of a hub")],
)
def test_what_is_no_copy_is_not_restored(consortium: Consortium, what: str, says: str) -> None:
    consortium.hub = consortium.folder / "second"
    assert says in consortium.refuses("restore", str(consortium.folder / what), "--key", "k")
    assert not consortium.hub.exists()


def test_a_hub_that_stands_is_never_restored_over(consortium: Consortium) -> None:
    copy, key = str(copied(consortium)), kept_key(consortium)
    assert "not empty" in consortium.refuses("restore", copy, "--key", key)
    assert consortium.tells("venue", "list")


def test_without_the_right_key_nothing_is_left_behind(consortium: Consortium) -> None:
    copy, wrong = str(copied(consortium)), consortium.folder / "wrong"
    wrong.write_text("00" * 32 + "\n")
    consortium.hub = consortium.folder / "second"
    assert "key" in consortium.refuses("restore", copy, "--key", str(wrong))
    assert list(consortium.hub.iterdir()) == []
    assert "No such file" in consortium.refuses("restore", copy, "--key", "nowhere")
    assert list(consortium.hub.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(consortium: Consortium) -> None:
    (consortium.folder / "file").write_text("")
    assert "cannot be written" in consortium.refuses("backup", str(consortium.folder / "file"))


def drilled(consortium: Consortium) -> dict[str, object]:
    told: dict[str, object] = consortium.tells("drill", str(consortium.folder / "copies"))
    return told


def copies(consortium: Consortium) -> list[Path]:
    return sorted((consortium.folder / "copies").glob("*"))


def test_a_drill_restores_a_copy_and_finds_the_same_hub(
    consortium: Consortium, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (memory := tmp_path / "memory").mkdir()
    monkeypatch.setattr(drill, "MEMORY", memory)
    consortium.add(1, "North", "South")
    found = drilled(consortium)
    told = consortium.says("drill", str(consortium.folder / "copies"))
    assert (found["entries"], found["record"]) == (1, 1)
    assert "becomes this hub again: record 1 with the same Merkle root" in told
    assert not list(memory.iterdir())
    assert [line["did"] for line in consortium.tells("audit", "show")][-1] == "drill"
    consortium.says("audit", "verify")


def test_a_hub_that_goes_on_during_the_drill_is_compared_with_its_past(
    consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    consortium.add(1, "North", "South")
    restore = drill.backup.restore_beside

    def busy(*given: object) -> None:
        restore(*given)  # type: ignore[arg-type]
        consortium.add(2, "South", "North")

    monkeypatch.setattr(drill.backup, "restore_beside", busy)
    assert drilled(consortium)["entries"] == 1
    monkeypatch.undo()
    assert drilled(consortium)["entries"] == 2


def test_a_copy_that_is_not_the_hub_is_removed_and_displaces_none(
    consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    consortium.add(1, "North", "South")
    for _ in range(3):
        drilled(consortium)
    kept = copies(consortium)
    restore = drill.backup.restore_beside

    def overwritten(copy: Path) -> None:
        with sqlite3.connect(copy / "hub.db") as database:
            database.execute("UPDATE content SET sealed = zeroblob(64)")
        database.close()

    def without_settings(copy: Path) -> None:
        (copy / "hub.toml").write_text("[[[")

    for spoil in (overwritten, without_settings):

        def spoilt(copy: Path, *given: object, spoil: Callable[[Path], None] = spoil) -> None:
            spoil(copy)
            restore(copy, *given)  # type: ignore[arg-type]

        monkeypatch.setattr(drill.backup, "restore_beside", spoilt)
        refusal = consortium.refuses("drill", str(consortium.folder / "copies"))
        assert "does not become this hub again" in refusal
        assert copies(consortium) == kept


def test_an_older_copy_in_the_place_of_a_new_one_is_noticed(
    consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    consortium.add(1, "North", "South")
    other = consortium.folder / "other"
    shutil.copytree(consortium.hub, other)
    consortium.add(2, "North", "South")
    here, consortium.hub = consortium.hub, other
    consortium.add(3, "North", "South")  # the same record number, of another past
    consortium.hub = here
    restore = drill.backup.restore_beside

    def swapped(copy: Path, *given: object) -> None:
        shutil.copy(other / "hub.db", copy / "hub.db")
        restore(copy, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(drill.backup, "restore_beside", swapped)
    assert "is a different one" in consortium.refuses("drill", str(consortium.folder / "copies"))


def test_without_room_in_memory_nothing_is_copied(
    consortium: Consortium, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drill.shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    assert "MiB of memory" in consortium.refuses("drill", str(consortium.folder / "copies"))
    assert not copies(consortium)


def killed(consortium: Consortium, owner: object, name: str, moment: str, *words: str) -> None:
    """Run a command in a process that is gone before or after it calls one function."""
    whole = getattr(owner, name)

    def cut(*given: object, **named: object) -> None:
        if moment == "after":
            whole(*given, **named)
        os._exit(9)

    child = os.fork()
    if child == 0:
        try:
            setattr(owner, name, cut)
            consortium.run(*words)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9


@pytest.mark.parametrize(
    ("owner", "name", "moment", "kept"),
    [
        (backup, "_copy_database", "after", 1),
        (drill, "_compared", "before", 1),
        (backup, "sync_folder", "before", 2),
        (Copies, "drop_oldest", "before", 2),
    ],
)
def test_a_drill_that_is_killed_leaves_no_copy_that_was_not_tried(  # noqa: PLR0913, PLR0917
    consortium: Consortium,
    monkeypatch: pytest.MonkeyPatch,
    owner: object,
    name: str,
    moment: str,
    kept: int,
) -> None:
    (memory := consortium.folder / "memory").mkdir()
    monkeypatch.setattr(drill, "MEMORY", memory)
    drilled(consortium)
    (before,) = copies(consortium)
    killed(consortium, owner, name, moment, "drill", str(consortium.folder / "copies"))
    whole = [one for one in copies(consortium) if not one.name.startswith(".")]
    assert (len(whole), before in whole) == (kept, True)
    for left in set(copies(consortium)) - set(whole):
        assert "never finished" in consortium.refuses("restore", str(left), "--key", "k")
    drilled(consortium)
    assert len(copies(consortium)) == len(whole) + 1
    assert not list(memory.iterdir())
    for copy in copies(consortium):
        assert str(copy / "hub.db") in known(consortium)


def known(consortium: Consortium) -> tuple[str, ...]:
    """The copies that the hub erases in."""
    places = HubPlaces(consortium.hub)
    with Service.open(places.database, hub_key(places, places.load())) as service:
        return service.desk.store.state.copies


def test_half_of_a_copy_that_is_taken_away_is_no_copy(consortium: Consortium) -> None:
    oldest = copied(consortium)
    words = ("backup", str(oldest.parent), "--keep", "1")
    killed(consortium, shutil, "rmtree", "before", *words)
    assert not oldest.exists()
    newest = copied(consortium, "--keep", "1")
    assert copies(consortium) == [newest]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_restore_that_is_killed_leaves_no_hub_that_would_not_ask_its_doors(
    consortium: Consortium, moment: str
) -> None:
    copy, key = copied(consortium), kept_key(consortium)
    consortium.hub = consortium.folder / "second"
    words = ("restore", str(copy), "--key", key)
    killed(consortium, backup, "_mark_restored", moment, *words)
    for words in (("run",), ("unit", "list")):
        assert "there is no hub in" in consortium.refuses(*words)
    assert "not empty" in consortium.refuses("restore", str(copy), "--key", key)
