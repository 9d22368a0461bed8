"""A hub as it is after a year: a long list, doors, nights, requests and people with accounts."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

import numpy as np
import PIL.Image
import pyotp
from msgspec import Struct

from edge.gallery.template import pack
from edge.vision.models.card import read_card
from sync import seal
from sync.bench.rig import TOGETHER, Rig
from sync.entries import LONGEST_DAYS, Reason, category_of
from sync.hub import words
from sync.hub.accounts.book import Accounts
from sync.hub.accounts.person import Role
from sync.hub.accounts.powers import Console, Wanted
from sync.hub.accounts.second_factor import STEP_MS, new_secret
from sync.hub.accounts.stretching import STRONG, Costs, fresh_recipe, stretched
from sync.hub.accounts.welcomes import Chosen
from sync.hub.hubclock import now_ms
from sync.hub.nights import NightRow
from sync.hub.rights.book import Requests
from sync.hub.rights.request import Kind, Proof, Request
from sync.hub.rows import encode
from sync.statement.policy import DAY_MS
from sync.statement.proposal import CONSORTIUM, PutProposal
from sync.statement.report import Report

DOORS = 6
NIGHTS = 365
REQUESTS = 60
WAITING = 40
PICTURES = 60
"""Different photos; the entries share them."""

_TEMPLATES = (1, 1, 2, 3)
_SIDE = 320
_DECLARED = "a benchmark"


class Visitor(Struct, frozen=True):
    """Somebody with an account, and what only this person knows.

    Attributes:
        login: The name to sign in with.
        password: And the password.
        secret: Of the second factor.
        role: What this person is at the hub for.
        venue_id: For which venue; "" for none.
    """

    login: str
    password: str
    secret: str
    role: str
    venue_id: str


@dataclass(frozen=True, slots=True)
class Town:
    """What there is to visit.

    Attributes:
        visitors: Everybody who signs in.
        entries: Ids of entries that everybody sees.
        own: Ids of entries by the venue that proposed them.
        waiting: Ids of entries that wait for approval.
        doors: Ids of units.
        requests: Numbers of people's requests, by the venue where they came in.
    """

    visitors: tuple[Visitor, ...]
    entries: tuple[str, ...]
    own: dict[str, tuple[str, ...]]
    waiting: tuple[str, ...]
    doors: tuple[str, ...]
    requests: dict[str, tuple[int, ...]]


def build(rig: Rig, entries: int, managers: int, costs: Costs = STRONG) -> Town:
    """Fill a hub.

    Args:
        rig: The hub.
        entries: People on the list.
        managers: Accounts of managers; one administrator and one auditor come on top.
        costs: What a guess at a password costs.
    """
    puts = _puts(rig, entries)
    listed = [put for batch in _batches(puts) for put in _put(rig, batch)]
    waiting = [put for put in islice(_puts(rig, 3 * WAITING), 3 * WAITING) if _is_wide(put)]
    with rig.service.together():
        for put in waiting[:WAITING]:
            signer = rig.people.managers[put.venue_id]
            rig.service.propose(put.signed(signer), now_ms())
    doors = _doors(rig)
    _nights(rig, doors)
    return Town(
        visitors=tuple(_visitors(rig, managers, costs)),
        entries=tuple(put.entry_id for put in listed if _is_wide(put)),
        own={
            venue: tuple(put.entry_id for put in listed if put.venue_id == venue)
            for venue in rig.people.managers
        },
        waiting=tuple(put.entry_id for put in waiting[:WAITING]),
        doors=doors,
        requests=_requests(rig),
    )


def _puts(rig: Rig, count: int) -> Iterator[PutProposal]:
    """Invent people: all reasons and terms, two thirds of them for every door."""
    chance, model_id = rig.chance, read_card("embed").model_id
    pictures = [_picture(number) for number in range(PICTURES)]
    venues, reasons = list(rig.people.managers), list(Reason)
    drawn, now = np.random.default_rng(1), now_ms()
    width = read_card("embed").outputs[0].shape[-1]
    for number in range(count):
        reason, venue_id = reasons[number % len(reasons)], chance.choice(venues)
        rows = drawn.normal(size=(chance.choice(_TEMPLATES), width)).astype(np.float32)
        began = now - chance.randrange(5) * DAY_MS - 1_000
        yield PutProposal(
            list_id=rig.service.list_id,
            entry_id=chance.randbytes(8).hex(),
            revision=1,
            salt=chance.randbytes(16),
            category=category_of(reason),
            reason=reason,
            scope=CONSORTIUM if number % 3 else venue_id,
            venue_id=venue_id,
            created_ms=began,
            valid_until_ms=began + chance.randrange(6, LONGEST_DAYS[reason]) * DAY_MS,
            incident_on="2026-01-01",
            evidence=f"incident book {number}",
            declared=True,
            model_id=model_id,
            templates=pack(rows / np.linalg.norm(rows, axis=1, keepdims=True)),
            photo=chance.choice(pictures),
        )


def _put(rig: Rig, batch: Sequence[PutProposal]) -> Sequence[PutProposal]:
    with rig.service.together():
        for put in batch:
            rig.service.propose(put.signed(*rig.people.managers.values()), now_ms())
    return batch


def _batches(puts: Iterator[PutProposal]) -> Iterator[list[PutProposal]]:
    while batch := list(islice(puts, TOGETHER)):
        yield batch


def _is_wide(put: PutProposal) -> bool:
    return put.scope == CONSORTIUM


def _picture(number: int) -> bytes:
    """Draw a blurred picture of nobody, as heavy as a reference photo."""
    coarse = np.random.default_rng(number).integers(0, 256, (40, 40, 3)).astype(np.uint8)
    picture = PIL.Image.fromarray(coarse).resize((_SIDE, _SIDE), PIL.Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


def _doors(rig: Rig) -> tuple[str, ...]:
    """Let units join, and have each report once: the last one has a fault."""
    made = []
    for number in range(DOORS):
        signer, box = seal.SigningKey.generate(), seal.BoxKey.generate()
        unit_id, secret = rig.invite(f"door {number + 1}")
        rig.service.join(unit_id, secret, signer.public, box.public, now_ms())
        made.append((unit_id, signer))
    with rig.service.together():
        for unit_id, signer in made:
            faults = ("covered",) if unit_id == made[-1][0] else ()
            wire = _report(rig, unit_id, faults).signed(signer).encode()
            words.take(rig.service.desk, rig.service.desk.book.units[unit_id], wire, now_ms())
    return tuple(unit_id for unit_id, _ in made)


def _report(rig: Rig, unit_id: str, faults: tuple[str, ...]) -> Report:
    ledger = rig.service.desk.book.ledger
    return Report(
        list_id=rig.service.list_id,
        unit_id=unit_id,
        counter=1,
        at_ms=now_ms(),
        seq=ledger.seq,
        record_hash=ledger.hash,
        live_root=ledger.live.root,
        held_root=bytes(32),
        held=ledger.live.entries,
        epoch=ledger.epoch,
        model_id=read_card("embed").model_id,
        version="1",
        erased=(),
        faults=faults,
        refusals=(),
        counts=(("temperature", 54),),
        rings=(),
        destroyed=False,
    )


def _nights(rig: Rig, doors: Sequence[str]) -> None:
    """Write a year of nights, as the doors' reports would have left them."""
    today, chance, store = datetime.now(UTC).date(), rig.chance, rig.service.desk.store
    accepted = {"red-budget": 1_000, "check-budget": 16_000, "entrants": 800}
    with rig.service.together():
        for back in range(2, NIGHTS):
            begins_on = (today - timedelta(days=back)).isoformat()
            for unit_id in doors:
                came, reds = chance.randrange(300, 900), chance.randrange(4)
                totals = {"encounters": came, "clear": came - 20, "check": 15, "stop": reds}
                totals |= {"alerts": reds + 4, "reds": reds, "red-not-them": reds // 3}
                row = encode(NightRow(totals, {}, accepted))
                key = f"{begins_on}.{unit_id}"
                store.put("night", key, row, unit_id=unit_id, begins_on=begins_on)


def _requests(rig: Rig) -> dict[str, tuple[int, ...]]:
    """Log people's requests; gives their numbers by the venue where they came in."""
    book, today = Requests(rig.service.desk), datetime.now(UTC).date()
    kinds, venues = list(Kind), list(rig.people.managers)
    numbers: dict[str, tuple[int, ...]] = dict.fromkeys(venues, ())
    with rig.service.together():
        for number in range(REQUESTS):
            received = (today - timedelta(days=number % 40)).isoformat()
            venue_id = venues[number % len(venues)]
            asked = Request(
                kinds[number % len(kinds)], received, "somebody", _DECLARED, Proof.NONE, venue_id
            )
            numbers[venue_id] += (book.open(asked, "bench", now_ms()),)
    return numbers


def _visitors(rig: Rig, managers: int, costs: Costs) -> Iterator[Visitor]:
    """Make accounts as invitations make them, so that each opens its venue's key."""
    accounts, venues = Accounts(rig.service.desk, costs), list(rig.people.managers)
    for number in range(managers):
        wanted = Wanted(f"m{number}", f"Manager {number}", Role.MANAGER, venues[number % 2])
        yield _joined(rig, accounts, wanted)
    for role in (Role.ADMINISTRATOR, Role.AUDITOR):
        yield _joined(rig, accounts, Wanted(str(role), role.title(), role))


def _joined(rig: Rig, accounts: Accounts, wanted: Wanted) -> Visitor:
    signer = rig.people.managers.get(wanted.venue_id)
    token = accounts.invite(wanted, Console("bench", signer), now_ms())
    password, secret = f"{wanted.login} walks four dogs", new_secret()
    closed, now = stretched(password, fresh_recipe(accounts.costs)), now_ms()
    # A code of the step before: that of this one is left for signing in.
    code = pyotp.TOTP(secret).generate_otp(now // STEP_MS - 1)
    accounts.accept(token, Chosen(closed, secret, code), now)
    return Visitor(wanted.login, password, secret, wanted.role, wanted.venue_id)
