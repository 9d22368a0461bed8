"""The k-th write, sync or read of a list fails, for every k: nothing acknowledged is lost."""

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fault_matrix.disk import CALLS, failing_disk
from fault_matrix.disk_worker import KINDS
from machines.results import keep

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


def outcomes(kind: str, call: str, how: str, tmp_path: Path) -> list[dict[str, Any]]:
    """Change a list on a failing disk, over and over; give what came of each time."""
    folder, switch = tmp_path / "list", tmp_path / "switch"
    folder.mkdir(parents=True)
    environ = failing_disk(folder, switch, tmp_path)
    what = ["-m", "fault_matrix.disk_worker", kind, call, how, str(folder), str(switch)]
    told = subprocess.run(
        [sys.executable, *what], env=environ, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr[-3000:]
    return [json.loads(line) for line in told.stdout.splitlines()]


@pytest.mark.parametrize("kind", KINDS)
def test_whichever_call_fails_nothing_acknowledged_is_lost_or_half_there(
    kind: str, tmp_path: Path
) -> None:
    failed = {}
    for call, how in itertools.product(CALLS, ("once", "ever")):
        found = outcomes(kind, call, how, tmp_path / f"{call}-{how}")
        assert [one["wrong"] for one in found if one["wrong"]] == [], f"{call} {how}"
        said = {line for one in found for line in one["refused"]}
        assert all("\n" not in line and line.startswith("the gallery ") for line in said)
        failed[f"{call} {how}"] = sum(bool(one["refused"]) for one in found)
    assert all(failed.values()), f"a disk that never failed proves nothing: {failed}"
    print(f"{kind}: {failed}")
    keep("faults", f"disk, {kind}", lost=0, half_there=0, refused=failed)
