"""What is held on a person is collected whole, without other people, and its end is proven."""

import base64
import json

from simulator.office import Office
from sync import seal
from sync.hub import words
from sync.hub.alarms import AlarmRow
from sync.hub.facts import Standing
from sync.hub.guarding import Rung
from sync.hub.rights.export import Shortened, as_data, as_json, proof
from sync.hub.rights.held import Doer, Party, collect, doer, signing_keys
from sync.hub.rows import encode
from sync.signing import Signed
from sync.statement.report import Report


def test_everything_that_an_entry_says_is_in_the_copy(office: Office) -> None:
    put, door = office.ban(), office.door()
    office.service.content(put.entry_id, "user ana", office.now_ms)
    held = collect(office.service.desk, put.entry_id, office.now_ms)
    data = as_data(held, Shortened(put.evidence, "", left_out=False), {"why": "x"}, office.now_ms)
    again = json.loads(as_json(data))
    assert again["reason"] == put.reason
    assert again["evidence"] == put.evidence
    assert base64.b64decode(again["photo"]["base64"]) == put.photo
    assert base64.b64decode(again["templates"]["base64"]) == put.templates
    assert len(again["signed_by"]) == 2
    assert [one["door"] for one in again["doors"]] == [door.registration.name]
    assert again["made"] == "2027-01-01T12:00:00Z"


def test_the_copy_names_nobody_who_looked(office: Office) -> None:
    put = office.ban()
    office.service.content(put.entry_id, "user ana", office.now_ms)
    held = collect(office.service.desk, put.entry_id, office.now_ms, history=True)
    assert {one.did for one in held.happenings} == {"put", "look"}
    assert b"ana" not in as_json(
        as_data(held, Shortened("", "", left_out=True), {}, office.now_ms)["history"]
    )


def test_who_did_something_is_told_by_party_alone() -> None:
    venues, doors = {"a": "Anchor", "b": "Blue Room"}, {"d": "front"}
    assert doer("a+b", venues, doors) == Doer(Party.VENUE, "Anchor, Blue Room")
    assert doer("d", venues, doors) == Doer(Party.DOOR, "front")
    assert doer("hub", venues, doors) == Doer(Party.HUB)
    assert doer("login root", venues, doors) == Doer(Party.STAFF)


def test_an_entry_that_waits_is_held_too(office: Office) -> None:
    put = office.people.person()
    office.service.propose(office.signed(put, put.venue_id), office.now_ms)
    held = collect(office.service.desk, put.entry_id, office.now_ms)
    assert held.facts.standing is Standing.WAITING
    assert held.put == put
    assert held.places == ()


def test_the_proof_of_an_erasure_can_be_checked_with_the_keys_in_it(office: Office) -> None:
    put, door = office.ban(), office.door()
    exchange_seq = office.lift(put.entry_id)
    desk = office.service.desk
    assert not collect(desk, put.entry_id, office.now_ms).erased_everywhere
    wire = door.report(office.service, erased=(put.entry_id,))
    with desk.change():
        words.take(desk, desk.book.units[door.registration.unit_id], wire, office.now_ms)
    held = collect(desk, put.entry_id, office.now_ms)
    assert held.erased_everywhere
    assert held.put is None
    told = proof(held, signing_keys(desk, held.receipts), office.now_ms)
    assert told["record"] == exchange_seq
    (receipt,) = told["receipts"]
    carried = Signed.parse(base64.b64decode(receipt["signed_report"]), Report.KIND)
    carried.require(base64.b64decode(receipt["signed_with"]), seal.verify)
    assert put.entry_id in Report.parse(carried.body).erased


def test_where_the_entry_rang_is_told_by_the_names_of_doors(office: Office) -> None:
    put, door = office.ban(), office.door()
    desk, unit_id = office.service.desk, door.registration.unit_id
    row = AlarmRow("2027-01-01", (Rung(unit_id, office.venues[0], 3, 0, 2, 0),), "not-them")
    with desk.change():
        desk.store.put("alarm", put.entry_id, encode(row))
    held = collect(desk, put.entry_id, office.now_ms)
    data = as_data(held, Shortened("", "", left_out=False), {}, office.now_ms)
    assert data["rang"] == [{"door": door.registration.name, "alerts": 3, "said_not_them": 2}]
    assert data["noticed_for_ringing_wrongly"] is True
