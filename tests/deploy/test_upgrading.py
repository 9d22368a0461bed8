"""The machine that is in force looks at a bundle before anything of it is run."""

import contextlib
import hashlib
import importlib
import io
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SWITCH = Path(__file__).parents[2] / "deploy" / "switch"
MODULES = ("versions", "bundles", "upgrading")
INSTALLER = 'echo "$*" >>"$DOORWATCH_OPT/ran"; ls "$(dirname "$0")" >"$DOORWATCH_OPT/lay-there"\n'
WHEEL = "wheels/doorwatch-{}-py3-none-any.whl"

Change = Callable[[dict[str, bytes]], None]
"""Changes what is to be packed, after it was signed."""


class Machine:
    """A machine with version 1.0 in force, and whoever makes bundles for it."""

    def __init__(self, folder: Path, upgrading: ModuleType, bundles: ModuleType) -> None:
        self.folder, self.opt, self.signers = folder, folder / "opt", folder / "allowed_signers"
        self.upgrading, self.bundles = upgrading, bundles
        bundles.SIGNERS = upgrading.SIGNERS = self.signers
        upgrading.NEEDED_BYTES = 0
        (self.opt / "versions" / "1.0-aaaaaaaa").mkdir(parents=True)
        (self.opt / "current").symlink_to("versions/1.0-aaaaaaaa")
        (self.opt / "roles").write_text("hub\nunit\n")

    def trusts(self, key: Path) -> None:
        self.signers.write_text(f"doorwatch {key.with_suffix('.pub').read_text()}")

    def carry(
        self, number: str = "1.1", key: Path | None = None, change: Change = lambda _: None
    ) -> Path:
        """Make a bundle, sign it, and alter it on the way."""
        files = {"install.sh": INSTALLER.encode(), WHEEL.format(number): b"wheel"}
        sums = "".join(f"{_digest(held)}  ./{name}\n" for name, held in sorted(files.items()))
        files["SHA256SUMS"] = sums.encode()
        if key is not None:
            files["SHA256SUMS.sig"] = _signature(key, sums.encode())
        change(files)
        file = self.folder / "doorwatch.tar"
        with tarfile.open(file, "w") as packed:
            for name, held in files.items():
                entry = tarfile.TarInfo(f"doorwatch-{number}/{name}")
                entry.size = len(held)
                packed.addfile(entry, io.BytesIO(held))
        return file

    def refuses(self, file: Path, words: str) -> None:
        """It says so in one line, has run nothing, and leaves nothing behind."""
        with pytest.raises(self.bundles.RefusalError, match=words) as refusal:
            self.upgrading.upgrade(file)
        assert "\n" not in str(refusal.value)
        assert self.ran == []
        assert {path.name for path in self.opt.iterdir()} == {"versions", "current", "roles"}

    @property
    def ran(self) -> list[str]:
        told = self.opt / "ran"
        return told.read_text().splitlines() if told.exists() else []


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the maker's key, and somebody else's."""
    folder = tmp_path_factory.mktemp("keys")
    return _new_key(folder / "maker"), _new_key(folder / "stranger")


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setenv("DOORWATCH_OPT", str(tmp_path / "opt"))
    monkeypatch.syspath_prepend(str(SWITCH))
    loaded = {name: sys.modules.pop(name, None) for name in MODULES}
    parts = {name: importlib.import_module(name) for name in MODULES}
    yield Machine(tmp_path, parts["upgrading"], parts["bundles"])
    for name, module in loaded.items():
        sys.modules.pop(name, None)
        if module is not None:
            sys.modules[name] = module


def test_a_bundle_of_the_maker_is_unpacked_for_root_alone_and_its_installer_run(
    machine: Machine, keys: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    machine.trusts(keys[0])
    assert machine.upgrading.upgrade(machine.carry(key=keys[0]), again=True) == 0
    assert machine.ran == ["hub --again"]
    assert "install.sh" in (machine.opt / "lay-there").read_text().split()
    assert not (machine.opt / ".upgrade").exists()
    assert "signed by somebody" in capsys.readouterr().out


def test_where_nobody_is_named_it_says_that_only_damage_was_looked_for(
    machine: Machine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert machine.upgrading.upgrade(machine.carry()) == 0
    assert "by whomever" in capsys.readouterr().out
    machine.signers.symlink_to("/nowhere")
    (machine.opt / "ran").unlink()
    (machine.opt / "lay-there").unlink()
    machine.refuses(machine.carry(), "not signed")


def _altered_installer(files: dict[str, bytes]) -> None:
    files["install.sh"] += b"# and more\n"


def _altered_with_its_digest(files: dict[str, bytes]) -> None:
    before = _digest(files["install.sh"]).encode()
    files["install.sh"] += b"# and more\n"
    after = _digest(files["install.sh"]).encode()
    files["SHA256SUMS"] = files["SHA256SUMS"].replace(before, after)


def _altered_wheel(files: dict[str, bytes]) -> None:
    files[WHEEL.format("1.1")] = b"weasel"


def _one_more(files: dict[str, bytes]) -> None:
    files["wheels/numpy-9-py3-none-any.whl"] = b"wheel"


def _one_less(files: dict[str, bytes]) -> None:
    del files["install.sh"]


def _unsigned(files: dict[str, bytes]) -> None:
    del files["SHA256SUMS.sig"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_altered_installer, "missing or altered"),
        (_altered_with_its_digest, "not signed by anybody"),
        (_altered_wheel, "missing or altered"),
        (_one_more, "not of it"),
        (_one_less, "missing or altered"),
        (_unsigned, "not signed, and"),
    ],
)
def test_a_bundle_that_was_altered_on_its_way_is_refused_before_any_of_it_runs(
    machine: Machine, keys: tuple[Path, Path], change: Change, words: str
) -> None:
    machine.trusts(keys[0])
    machine.refuses(machine.carry(key=keys[0], change=change), words)


def test_a_bundle_of_somebody_else_is_refused(machine: Machine, keys: tuple[Path, Path]) -> None:
    machine.trusts(keys[0])
    machine.refuses(machine.carry(key=keys[1]), "not signed by anybody")


def test_who_makes_bundles_cannot_be_seen_without_the_program_for_it(
    machine: Machine, keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.trusts(keys[0])
    file = machine.carry(key=keys[0])
    monkeypatch.setenv("PATH", "/nowhere")
    machine.refuses(file, "apt-get install openssh-client")


def test_an_older_version_is_taken_only_if_it_is_meant(machine: Machine) -> None:
    machine.refuses(machine.carry("0.9"), "older than 1.0, .*--older")
    assert machine.upgrading.upgrade(machine.carry("0.9"), older=True) == 0
    assert machine.upgrading.upgrade(machine.carry("1.0")) == 0


def test_versions_are_sorted_as_people_count(machine: Machine) -> None:
    mixed = ["1.10", "1.0", "2", "1.0rc1", "0.9", "1.9", "1.0.1", "1.0.dev3"]
    mixed += ["1.0rc10", "1.0rc9", "1.0.post1", "1.0+site"]
    told = sorted(mixed, key=machine.upgrading._order)
    assert told[:6] == ["0.9", "1.0.dev3", "1.0rc1", "1.0rc9", "1.0rc10", "1.0"]
    assert told[6:] == ["1.0+site", "1.0.post1", "1.0.1", "1.9", "1.10", "2"]
    assert machine.upgrading._order("1.0") == machine.upgrading._order("1")


def test_one_upgrade_at_a_time(machine: Machine) -> None:
    with machine.upgrading._alone():
        with pytest.raises(machine.bundles.RefusalError, match="under way"):
            machine.upgrading.upgrade(machine.carry())
        assert (machine.opt / ".upgrade").exists()


def test_no_room_is_said_before_the_disk_is_full(machine: Machine) -> None:
    machine.upgrading.NEEDED_BYTES = 2**60
    machine.refuses(machine.carry(), "make room")


def _packed(folder: Path, *entries: tuple[str, bytes, int]) -> Path:
    """Write a tar of entries, each a name, a kind and the size that it claims."""
    file = folder / "made.tar"
    with tarfile.open(file, "w") as packed:
        for name, kind, size in entries:
            entry = tarfile.TarInfo(name)
            entry.type, entry.size, entry.linkname = kind, size, "/etc/passwd"
            packed.addfile(entry, io.BytesIO(bytes(size)))
    return file


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ([("d/../../x", tarfile.REGTYPE, 1)], "cannot be read"),
        ([("/d/x", tarfile.REGTYPE, 1)], "cannot be read"),
        ([("d/.hidden", tarfile.REGTYPE, 1)], "cannot be read"),
        ([("d/x", tarfile.SYMTYPE, 0)], "cannot be read"),
        ([("d/x", tarfile.LNKTYPE, 0)], "cannot be read"),
        ([("d/x", tarfile.CHRTYPE, 0)], "cannot be read"),
        ([("d/x", tarfile.FIFOTYPE, 0)], "cannot be read"),
        ([("x", tarfile.REGTYPE, 1)], "cannot be read"),
        ([("d/x", tarfile.REGTYPE, 1), ("d/x", tarfile.REGTYPE, 1)], "twice"),
        ([("d/x", tarfile.REGTYPE, 1), ("d/x/y", tarfile.REGTYPE, 1)], "twice"),
        ([("d/x", tarfile.REGTYPE, 1), ("e/y", tarfile.REGTYPE, 1)], "2 folders"),
        ([("d", tarfile.DIRTYPE, 0)], "0 folders"),
        ([("d/SHA256SUMS", tarfile.REGTYPE, 2**20 + 1)], "cannot be read"),
    ],
)
def test_nothing_but_plain_files_under_one_folder_comes_out_of_a_bundle(
    machine: Machine, tmp_path: Path, entries: list[tuple[str, bytes, int]], words: str
) -> None:
    machine.refuses(_packed(tmp_path, *entries), words)


def test_a_file_that_says_it_is_endless_fills_neither_disk_nor_memory(
    machine: Machine, tmp_path: Path
) -> None:
    file = tmp_path / "made.tar"
    huge = tarfile.TarInfo("d/x")
    huge.size = 2**50
    file.write_bytes(huge.tobuf(tarfile.GNU_FORMAT) + bytes(10_240))
    machine.refuses(file, "cannot be read")
    header = tarfile.TarInfo("d/x")
    header.type, header.size = tarfile.XHDTYPE, 2**31
    file.write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(10_240))
    machine.refuses(file, "cannot be read")
    file.write_bytes((header.tobuf(tarfile.GNU_FORMAT)[:124] + b"00000000000\0").ljust(512) * 5_000)
    machine.refuses(file, "cannot be read")


def test_more_files_than_any_bundle_has_are_not_unpacked(machine: Machine, tmp_path: Path) -> None:
    machine.bundles.MOST_FILES = 20
    machine.refuses(
        _packed(tmp_path, *((f"d/{number}", tarfile.REGTYPE, 0) for number in range(21))),
        "cannot be read",
    )


def test_what_is_no_file_or_no_bundle_is_said(machine: Machine, tmp_path: Path) -> None:
    machine.refuses(tmp_path / "nowhere.tar", "name the .tar")
    machine.refuses(tmp_path, "name the .tar")
    (tmp_path / "x.tar.xz").write_bytes(b"\xfd7zXZ\0" + bytes(600))
    machine.refuses(tmp_path / "x.tar.xz", "cannot be read")


def test_where_nothing_is_installed_there_is_nothing_to_upgrade(machine: Machine) -> None:
    file = machine.carry()
    (machine.opt / "roles").unlink()
    with pytest.raises(machine.bundles.RefusalError, match="nothing is installed"):
        machine.upgrading.upgrade(file)


@settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    changes=st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 255)), min_size=1, max_size=9)
)
def test_bytes_that_a_stick_has_spoiled_end_in_one_line(
    machine: Machine, keys: tuple[Path, Path], changes: list[tuple[int, int]]
) -> None:
    machine.trusts(keys[0])
    file = machine.carry(key=keys[0])
    content = bytearray(file.read_bytes())
    for place, byte in changes:
        content[place] = byte
    file.write_bytes(content)
    with contextlib.suppress(machine.bundles.RefusalError):
        assert machine.upgrading.upgrade(file) == 0


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _new_key(file: Path) -> Path:
    made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)]
    subprocess.run(made, check=True)
    return file


def _signature(key: Path, content: bytes) -> bytes:
    sign = ["ssh-keygen", "-q", "-Y", "sign", "-f", str(key), "-n", "doorwatch"]
    return subprocess.run(sign, input=content, capture_output=True, check=True).stdout
