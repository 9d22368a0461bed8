"""Notes stay at the hub, sealed, and go with their entry."""

import pytest

from simulator.office import Office
from sync.errors import HubError
from sync.hub import notes
from sync.hub.notes import LONGEST_NOTE
from sync.hub.register import Register


def write(office: Office, entry_id: str, words: str) -> None:
    notes.write(office.service.desk, entry_id, words, "user ana", office.now_ms)


def noted(office: Office) -> int:
    return office.service.desk.store.rows("SELECT COUNT(*) FROM note")[0][0]


def test_a_note_is_on_the_card_until_it_is_changed_or_taken_back(office: Office) -> None:
    entry_id, register = office.ban().entry_id, Register(office.service.desk)
    for words in ("limps", "limps, red coat", "", "limps again"):
        write(office, entry_id, words)
        assert register.card(entry_id).note == words


def test_notes_of_several_entries_are_told_apart(office: Office) -> None:
    register, names = Register(office.service.desk), [office.ban().entry_id for _ in range(3)]
    for name in names:
        write(office, name, f"about {name}")
    office.lift(names[2])
    newest = office.ban().entry_id
    write(office, newest, "the newest")
    assert [register.card(name).note for name in names[:2]] == [f"about {n}" for n in names[:2]]
    assert register.card(newest).note == "the newest"


@pytest.mark.parametrize("end", ["lift", "expiry", "withdrawal", "neglect"])
def test_a_note_goes_with_its_entry_from_the_backups_too(office: Office, end: str) -> None:
    waits = end in {"withdrawal", "neglect"}
    put = office.people.person()
    signers = (put.venue_id,) if waits else ()
    office.service.propose(office.signed(put, *signers), office.now_ms)
    write(office, put.entry_id, "limps")
    if end == "lift":
        office.lift(put.entry_id)
    elif end == "withdrawal":
        office.service.withdraw(put.entry_id, "test", office.now_ms)
    else:
        office.service.expire(put.valid_until_ms + 20 * 86_400_000)
    assert not noted(office)
    subject = f"note/{put.entry_id}"
    due = office.service.desk.store.rows("SELECT 1 FROM outbox WHERE subject = ?", (subject,))
    assert due, "backups are told to erase it"


def test_a_change_that_is_withdrawn_leaves_the_note_of_what_still_counts(office: Office) -> None:
    put = office.ban()
    write(office, put.entry_id, "limps")
    removal = office.people.removal(put.entry_id)
    office.service.propose(office.signed(removal, removal.venue_id), office.now_ms)
    office.service.withdraw(put.entry_id, "test", office.now_ms)
    assert notes.read(office.service.desk.store, put.entry_id).words == "limps"


def test_the_audit_log_says_that_somebody_noted_and_not_what(office: Office) -> None:
    entry_id = office.ban().entry_id
    write(office, entry_id, "limps")
    write(office, entry_id, "limps")
    lines = [line for line in office.service.audit() if line.did == "note"]
    assert [(line.who, line.what, line.detail) for line in lines] == [("user ana", entry_id, "")]


def test_a_note_lies_sealed_in_the_database(office: Office) -> None:
    write(office, office.ban().entry_id, "limps on the left")
    office.service.close()
    files = [path.read_bytes() for path in office.path.parent.iterdir() if path.is_file()]
    assert not any(b"limps" in content for content in files)


@pytest.mark.parametrize("words", ["x" * (LONGEST_NOTE + 1), "a\0b", "a\x1b[31m", "a\u202eb"])
def test_a_note_that_is_too_long_or_no_plain_text_is_refused(office: Office, words: str) -> None:
    entry_id = office.ban().entry_id
    with pytest.raises(HubError, match="note"):
        write(office, entry_id, words)
    assert not noted(office)
