"""The audit log in pages and files: whole, newest first, and harmless in a spreadsheet."""

import csv
import io
import json

import pytest

from simulator.office import Office
from sync.hub import auditpages
from sync.hub.auditpages import PAGE_LINES, Wanted, as_csv, as_jsonl, page


@pytest.fixture
def office_with_lines(office: Office) -> Office:
    desk = office.service.desk
    with desk.change():
        for number in range(250):
            did = "look" if number % 50 == 0 else "put"
            desk.note(office.now_ms + number, "user ana", did, f"{number:016x}", "x")
    return office


def every(office: Office, wanted: Wanted) -> list[int]:
    store, before, found = office.service.desk.store, 0, list[int]()
    while True:
        one = page(store, wanted, before)
        found += [line.number for line in one.lines]
        before = one.before
        if not before:
            return found


def test_pages_cover_the_log_without_gap_or_repeat(office_with_lines: Office) -> None:
    newest = office_with_lines.service.desk.store.state.audited
    assert every(office_with_lines, Wanted()) == list(range(newest, 0, -1))
    assert len(page(office_with_lines.service.desk.store, Wanted()).lines) == PAGE_LINES


def test_a_search_goes_back_as_far_as_the_log(
    office_with_lines: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auditpages, "SEARCHED_AT_ONCE", 60)
    lines = list(office_with_lines.service.audit())
    looks = [line.number for line in lines if line.did == "look"]
    assert every(office_with_lines, Wanted(did="look")) == looks[::-1]
    one = next(line for line in lines if line.what == f"{77:016x}")
    assert every(office_with_lines, Wanted(words=f"{77:X}".rjust(16, "0"))) == [one.number]


def test_a_search_by_day_takes_its_first_moment_and_not_its_last(
    office_with_lines: Office,
) -> None:
    start = office_with_lines.now_ms
    found = every(office_with_lines, Wanted(words="ana", from_ms=start + 10, until_ms=start + 12))
    assert len(found) == 2


def test_the_files_hold_every_line_and_no_formula(office_with_lines: Office) -> None:
    desk = office_with_lines.service.desk
    with desk.change():
        desk.note(office_with_lines.now_ms, "=cmd|' /C calc'!A0", "put", "+1", "@sum")
    lines = list(office_with_lines.service.audit())
    rows = list(csv.DictReader(io.StringIO("".join(as_csv(lines)))))
    assert [int(row["number"]) for row in rows] == [line.number for line in lines]
    assert rows[-1]["who"].startswith("'=")
    assert rows[-1]["what"] == "'+1"
    records = [json.loads(line) for line in as_jsonl(lines)]
    assert records[-1]["who"] == "=cmd|' /C calc'!A0"
    assert records[0]["chain"] == lines[0].chain.hex()


def test_the_words_to_choose_from_are_those_in_the_log(office_with_lines: Office) -> None:
    assert {"look", "put"} <= set(auditpages.words_used(office_with_lines.service.desk.store))
