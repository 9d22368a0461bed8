"""Each network by itself."""

from pathlib import Path

import numpy as np
import pytest

from edge import runtime
from edge.bench import library, networks
from edge.bench.networks import BURST, NetworksJob, measured, roles
from edge.errors import ModelError
from edge.vision.models.card import read_card

LIBRARIES = ("fast.interpreter", "slow.interpreter")


class FakeNetwork:
    """Notes that it was run."""

    def __init__(self, name: str, seen: list[str]) -> None:
        self.card = read_card(name.partition(" ")[0])
        self._name, self._seen = name, seen

    def run(self, batch: np.ndarray) -> None:  # type: ignore[type-arg]
        assert batch.shape == self.card.input.shape
        assert batch.dtype == np.float32
        self._seen.append(self._name)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what is run, in its order."""
    ran: list[str] = []

    def opened(role: str, **_: object) -> FakeNetwork:
        (chosen,) = runtime.LIBRARIES
        if (role, chosen) == ("mesh", "slow.interpreter"):
            raise ModelError("too new")
        return FakeNetwork(f"{role} {chosen}", ran)

    monkeypatch.setattr(networks.runtime, "open_network", opened)
    return ran


def test_networks_take_turns_every_other_time_the_other_way_round(seen: list[str]) -> None:
    answer = measured(NetworksJob(LIBRARIES[:1], 1, 4, ("embed", "mesh")))
    assert [(one.role, len(one.seconds)) for one in answer.runs] == [("embed", 4), ("mesh", 4)]
    turns = [name[0] for name in seen[::BURST]]
    assert "".join(turns) == "emmeemmeemmeem"  # three of these rounds are to warm up


def test_each_turn_is_the_quickest_of_a_few_runs(
    seen: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter(np.cumsum([0, 5, 0, 2, 0, 9] * 10))  # runs of 5, 2 and 9 seconds
    monkeypatch.setattr(networks, "clock_for", lambda _: lambda: float(next(clock)))
    answer = measured(NetworksJob(LIBRARIES[:1], 1, 2, ("embed",)))
    assert answer.runs[0].seconds == [2, 2]


def test_a_network_that_a_library_cannot_run_is_left_out_with_the_reason(seen: list[str]) -> None:
    answer = measured(NetworksJob(LIBRARIES, 1, 1, ("embed", "mesh")))
    assert [(one.engine, one.role) for one in answer.runs] == [
        ("fast", "embed"),
        ("fast", "mesh"),
        ("slow", "embed"),
    ]
    assert answer.refusals == ["mesh on slow: too new"]


def test_the_libraries_that_the_unit_knows_stay_as_they_were(seen: list[str]) -> None:
    before = runtime.LIBRARIES
    measured(NetworksJob(LIBRARIES, 1, 1, ("embed",)))
    assert before == runtime.LIBRARIES


def test_every_network_that_ships_is_timed_and_what_is_no_network_is_not() -> None:
    assert {"embed", "detect-full", "detect-short", "mesh"} <= set(roles())
    assert "covered" not in roles()


def test_a_yardstick_without_its_file_is_no_network_here(tmp_path: Path) -> None:
    card = (networks.FOLDER / "mesh.toml").read_text("utf-8")
    (tmp_path / "mesh.toml").write_text(card, "utf-8")
    assert roles(tmp_path) == ()
    (tmp_path / "mesh.tflite").touch()
    assert roles(tmp_path) == ("mesh",)


def test_a_library_that_is_not_here_is_named_as_its_package(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime, "LIBRARIES", ("json", "no_such_library.interpreter"))
    here, absent = library.present()
    assert here == ("json",)
    assert absent[0].startswith("no-such-library cannot be imported here: ")
    assert library.named("numpy.linalg") == f"numpy {np.__version__}"
