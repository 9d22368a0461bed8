"""The staff token on the command line."""

import io
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from edge.cli.main import main
from edge.errors import KeyProviderError
from edge.keys.shares import gallery_keys
from edge.link import LinkServer
from edge.questions import AnyQuestion, TokenQuestion
from edge.syncing import sharekeeper
from shared_member import Member, ShareHub


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> ShareHub:
    made = ShareHub()
    monkeypatch.setattr(sharekeeper, "ask_for_share", made)
    return made


@pytest.fixture
def member(tmp_path: Path, hub: ShareHub) -> Member:
    made = Member(tmp_path)
    (tmp_path / "door.toml").write_text(f"[paths]\nstate = '{made.places.state}'\n")
    return made


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def told(*words: str) -> tuple[int, str, str]:
        status = main([*words, "--config", str(tmp_path / "door.toml")])
        said = capsys.readouterr()
        return status, said.out, said.err

    return told


Run = Callable[..., tuple[int, str, str]]


def test_a_token_is_shown_once_and_is_another_each_time(run: Run, member: Member) -> None:
    status, first, _ = run("token", "make")
    assert status == 0
    assert first.startswith("DWT1-")
    assert "doorwatch unlock" in first
    _, second, _ = run("token", "make")
    assert first.split()[0] != second.split()[0]


def test_it_goes_to_a_stick_and_is_taken_back(run: Run, member: Member, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    status, told, _ = run("token", "make", "--out", str(stick))
    assert status == 0
    assert "DWT1" not in told
    assert stick.read_text().startswith("DWT1-")
    keys = gallery_keys(member.settings, member.places, member.device)
    keys.forget_grace()
    status, _, refusal = run("token", "remove")
    assert status == 1
    assert "waiting for the hub's share" in refusal
    assert run("token", "remove", "--old", str(stick))[0] == 0
    assert not keys.shared


def test_what_goes_wrong_is_one_line(
    run: Run, member: Member, hub: ShareHub, tmp_path: Path
) -> None:
    assert "cannot write" in run("token", "make", "--out", str(tmp_path / "no" / "stick"))[2]
    assert not member.places.pairs.exists()
    assert "cannot read the code" in run("unlock", "--file", str(tmp_path / "nothing"))[2]
    hub.cut()
    assert "cannot be reached" in run("token", "make")[2]


def test_no_token_is_written_over_before_another_counts(
    run: Run, member: Member, hub: ShareHub, tmp_path: Path
) -> None:
    stick = tmp_path / "stick"
    run("token", "make", "--out", str(stick))
    code = stick.read_text()
    hub.cut()
    assert run("token", "make", "--out", str(stick))[0] != 0
    assert stick.read_text() == code
    hub.problem = None
    _, _, refusal = run("token", "make", "--out", str(stick), "--old", str(stick))
    assert "name another file" in refusal
    assert stick.read_text() == code
    assert run("token", "make", "--out", str(tmp_path / "new"), "--old", str(stick))[0] == 0


class Process:
    """A process of the unit that waits for a token, or does not run."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def __call__(self, question: AnyQuestion) -> None:
        assert isinstance(question, TokenQuestion)
        if "RIGHT" not in question.code:
            raise KeyProviderError("the code cannot be read")
        self.taken.append(question.code)


@pytest.fixture
def engine(member: Member) -> Iterator[Process]:
    made = Process()
    with closing(LinkServer(member.places.engine_socket, made)):
        yield made


def test_a_code_on_standard_input_opens_where_one_process_runs(
    run: Run, engine: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("DWT1-RIGHT\n"))
    assert run("unlock")[:2] == (0, "The list is open.\n")
    assert engine.taken == ["DWT1-RIGHT\n"]


def test_a_wrong_code_and_a_unit_that_does_not_run_are_one_line(
    run: Run, engine: Process, tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("DWT1-WRONG")
    status, _, refusal = run("unlock", "--file", str(tmp_path / "wrong"))
    assert (status, refusal) == (1, "doorwatch: the code cannot be read\n")


def test_a_code_is_asked_for_on_a_terminal(
    run: Run, engine: Process, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = io.StringIO("DWT1-RIGHT\n")
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    status, said, _ = run("unlock")
    assert status == 0
    assert "Code of the token" in said
