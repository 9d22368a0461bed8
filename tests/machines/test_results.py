"""What a long test measured can be read back, and names the moment and the commit."""

from pathlib import Path

import pytest

from machines import results


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "FOLDER", tmp_path)


def test_a_result_is_read_back_with_its_date_and_machine() -> None:
    results.keep("cuts", "sync", cuts=30, seconds_each=8.5, seconds={"disk full": 0.3})
    kept = results.read("cuts")["sync"]
    assert kept["cuts"] == 30
    assert kept["seconds"] == {"disk full": 0.3}
    assert {"date", "commit", "machine"} <= kept.keys()


def test_a_test_replaces_its_own_section_and_no_other() -> None:
    results.keep("cuts", "sync", cuts=30)
    results.keep("cuts", "upgrade", cuts=9)
    results.keep("cuts", "sync", cuts=31)
    kept = results.read("cuts")
    assert (kept["sync"]["cuts"], kept["upgrade"]["cuts"]) == (31, 9)


def test_what_never_ran_has_no_result() -> None:
    assert results.read("pi") == {}
