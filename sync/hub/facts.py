"""What the hub tells about entries, units and their confirmations: values without behaviour.

Pure. Times are milliseconds since the epoch.
"""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """How far an entry has come."""

    WAITING = "waiting"
    LIVE = "live"
    CONTESTED = "contested"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a proposal.

    Attributes:
        entry_id: The entry it is about; "" for a policy.
        seq: Sequence number of its record, None while it waits for somebody's approval.
        waits_for: One line that says who has to approve; "" once it is on the ledger.
    """

    entry_id: str
    seq: int | None
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """How one change stands at one unit.

    Attributes:
        unit_id: The unit.
        name: Its name, for tables.
        confirmed_ms: When the unit's signed statement arrived that first included the change;
            None while it has not confirmed.
        lag_ms: From the record's appending to that statement; None while it has not confirmed,
            and where the statement is too old to be kept singly.
        waiting_ms: How long the unit has not confirmed; 0 once it has.
        lapses_ms: When the unit's lease ends at the latest if it hears nothing more from the hub,
            or the entry's own term if that is sooner; 0 once it has confirmed.
        agrees: Whether the root that the unit last reported is the hub's own at that sequence
            number.
    """

    unit_id: str
    name: str
    confirmed_ms: int | None
    lag_ms: int | None
    waiting_ms: int
    lapses_ms: int
    agrees: bool


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """One entry as the hub knows it, without its photo and templates.

    Attributes:
        entry_id: Which.
        standing: How far it has come.
        ring: Scope and category, "consortium/banned"; "" where not even that is left.
        seq: Sequence number of its newest record; 0 while it waits.
        appended_ms: When that record was appended; 0 while it waits.
        not_after_ms: When it ends by itself.
        waits_for: What it waits for; "" otherwise.
    """

    entry_id: str
    standing: Standing
    ring: str
    seq: int
    appended_ms: int
    not_after_ms: int
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class UnitFacts:
    """One unit as the hub knows it.

    Attributes:
        unit_id: Which.
        venue_id: Where it stands.
        name: Its name, for tables.
        mailbox: Random part of its topics.
        joined_ms: When it joined.
        revoked_ms: When it was revoked; 0 for a unit in good standing.
        destroyed_ms: When its signed word arrived that it destroyed its key; 0 before.
        heard_ms: When its newest report arrived; 0 before the first.
        seq: Sequence number that it last reported.
        behind: How many records it lacks by its last word.
        epoch: Epoch that it last reported.
        live_root: Root over the live set that it last signed for; empty before its first report.
        lag_ms: From the appending of the newest record it confirmed to the statement that first
            included it; None where it confirmed none since it joined.
        agrees: Whether its root is the hub's own at that sequence number.
        held: How many entries it holds by its last word.
        model_id: The network its templates are for.
        version: Its software.
        faults: What it says is wrong with it.
        refusals: What it refused, with counts: signs of an attack or of damage.
        counts: Its counters.
        silent: Whether three of its reports are overdue.
        lapses_ms: When its lease ends at the latest, if it hears nothing more.
        released_ms: When it was last given the hub's share of its key; 0 for never.
    """

    unit_id: str
    venue_id: str
    name: str
    mailbox: str
    joined_ms: int
    revoked_ms: int = 0
    destroyed_ms: int = 0
    heard_ms: int = 0
    seq: int = 0
    behind: int = 0
    epoch: int = 0
    live_root: bytes = b""
    lag_ms: int | None = None
    agrees: bool = False
    held: int = 0
    model_id: str = ""
    version: str = ""
    faults: tuple[str, ...] = ()
    refusals: tuple[tuple[str, int], ...] = ()
    counts: tuple[tuple[str, int], ...] = ()
    silent: bool = False
    lapses_ms: int = 0
    released_ms: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """A unit's signed statement of what it holds after something was erased.

    Attributes:
        unit_id: Who states it.
        heard_ms: When it arrived.
        wire: The signed report, as it came; anyone with the unit's key can check it.
        erased: The entries that it names as erased.
    """

    unit_id: str
    heard_ms: int
    wire: bytes
    erased: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line of the audit log.

    Attributes:
        number: Its place, from 1 on without a gap.
        at_ms: When.
        who: Venue, officer, unit or "hub".
        did: What, one word: "propose", "approve", "revoke".
        what: The entry, unit or other thing it was done to.
        detail: Anything else that an auditor needs; never a name, photo or reason.
        chain: Hash over this line and all before it, 32 bytes.
    """

    number: int
    at_ms: int
    who: str
    did: str
    what: str
    detail: str
    chain: bytes


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a hub that came back from a backup has learnt from its units so far.

    Attributes:
        needed: Whether the hub still refuses to append.
        unheard: Units that have not reported since.
        ahead: Units that hold a longer ledger than the hub, with its sequence number.
        forks: Units whose ledger is a different one, with the sequence number.
        hollow: Live entries whose content the hub no longer has.
    """

    needed: bool
    unheard: tuple[str, ...] = ()
    ahead: tuple[tuple[str, int], ...] = ()
    forks: tuple[tuple[str, int], ...] = ()
    hollow: tuple[str, ...] = ()
