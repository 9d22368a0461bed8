"""What arrives about trust and the list, judged and carried out: the unit's mind, without talk.

Each method takes what came in, decides by the pure modules beside it, lets the books carry out
what is believed, and gives the reports of it. It raises ``Refused`` and changes nothing otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sync import canonical, frames
from sync.cautions import check_caution
from sync.errors import Code, Refused
from sync.signing import Signed
from sync.statement.caution import Caution
from sync.statement.head import Head, Manifest
from sync.statement.keybox import KeyBox, Kill
from sync.transfer import LARGEST_BLOB
from sync.unit import heads, records
from sync.unit.adoption import adoption, staged_rows
from sync.unit.channel import Source
from sync.unit.contents import Opener
from sync.unit.keys import UnitKeys, check_kill, with_box
from sync.unit.roots import read_roots, with_roots
from sync.unit.shelf import Step, Trusted
from sync.unit.snapshots import Snapshots
from sync.unit.standing import Locked
from sync.unit.urgent import lifted, voided

if TYPE_CHECKING:
    from sync.clock import Now
    from sync.signing import Verify
    from sync.unit.books import Books
    from sync.unit.channel import Message
    from sync.unit.reports import Written
    from sync.unit.shelf import Shelf


class Intake:
    """Decides what is believed."""

    def __init__(self, books: Books, shelf: Shelf, keys: UnitKeys, verify: Verify) -> None:
        """Go on with what the books hold and the shelf has staged."""
        self._books, self._keys, self._verify = books, keys, verify
        self.snapshots = Snapshots(shelf, verify, books.refuse)
        self.opener = Opener(books.trusted.keyrings)
        self.snapshots.resume(books.trusted, self.opener)
        self.lacking = False
        """Rows are missing that the ledger says should be here; see ``look``."""
        self.locked = Locked.NO
        self.last_words: Written | None = None
        """The report that says that all is destroyed, once it is."""
        self.last_heard = False
        self._unsigned: bytes | None = None

    def look(self, now: Now) -> None:
        """See whether all entries that this unit could open are in its rows, and count there."""
        if (step := voided(self._books.trusted)) is not None:
            self._books.apply(step, now)
        self.lacking = self._books.lacking(self.opener.rings, now)

    # --- keys ---------------------------------------------------------------------------------
    def key(self, payload: bytes, now: Now) -> list[Message]:
        """Take what lies in the unit's key topic: a key box or a kill order.

        One that the present hub key did not sign is looked at again after the next root: this
        unit may have been away while that key changed.
        """
        keys = self._keys
        wire = frames.open_in_key_topic(keys.box.public, keys.list_id, keys.unit_id, payload)
        try:
            return self._box_or_kill(wire, now)
        except Refused as refusal:
            if refusal.code is Code.BAD_SIGNATURE:
                self._unsigned = payload
            raise

    def _box_or_kill(self, wire: bytes, now: Now) -> list[Message]:
        match canonical.decode(wire, KeyBox.LARGEST + 4096):
            case [KeyBox.KIND, *_]:
                trusted = self._books.trusted
                carried = Signed.parse(wire, KeyBox.KIND)
                self._use(with_box(trusted, carried, self._keys, self._verify), now)
                return []
            case [Kill.KIND, *_]:
                carried = Signed.parse(wire, Kill.KIND)
                check_kill(self._books.trusted, carried, self._keys, self._verify)
                self.locked, self.last_words = Locked.DESTROYED, self._books.destroy(now)
                return [("report", self.last_words.wire)]
            case _:
                raise Refused(Code.MALFORMED, "neither a key box nor a kill order")

    def _use(self, trusted: Trusted, now: Now) -> None:
        """Open contents with the keys of a new box from now on."""
        if trusted == self._books.trusted:
            return
        self._books.believe(trusted)
        self.opener = Opener(trusted.keyrings)
        self.snapshots.resume(trusted, self.opener)
        self.look(now)

    # --- roots and heads ----------------------------------------------------------------------
    def roots(self, raw: object, now: Now) -> list[Message]:
        """Follow the officers; under a new root, snapshots and key boxes are judged anew."""
        trusted = with_roots(self._books.trusted, read_roots(raw), self._verify)
        if trusted.root == self._books.trusted.root:
            return []
        self.snapshots.forget()
        self._books.believe(trusted)
        payload, self._unsigned = self._unsigned, None
        return self.key(payload, now) if payload is not None else []

    def head(self, wire: bytes, now: Now) -> list[Message]:
        """Take a head that came alone."""
        carried = Head.open(wire)[0]
        self._believe(heads.with_head(self._books.trusted, carried, self._verify, now))
        return self._adopt(now)

    def _believe(self, trusted: Trusted) -> None:
        trusted = self._reached(trusted)
        if trusted != self._books.trusted:
            self._books.believe(trusted)

    def _reached(self, trusted: Trusted) -> Trusted:
        """Take the lease of a head only with all of its rows."""
        return trusted if self.lacking else heads.reached(trusted)

    # --- records ------------------------------------------------------------------------------
    def urgent(self, raw: object, now: Now) -> list[Message]:
        """Act on lifts and contests, ahead of everything else."""
        step, refused = lifted(self._books.trusted, raw, self.opener, self._verify, now)
        for code in refused:
            self._books.refuse(code)
        return self._books.apply(step, now) if step is not None else []

    def caution(self, wire: bytes, now: Now) -> None:
        """Show the entries that ring wrongly tonight as CHECK; the same word again is no news."""
        trusted, carried = self._books.trusted, Signed.parse(wire, Caution.KIND)
        if trusted.caution is not None and carried.body == trusted.caution.encode():
            return
        caution = check_caution(carried, trusted.caution, trusted.root, self._verify, now)
        self._books.believe(replace(trusted, caution=caution))

    def blob(self, source: Source, blob: bytes, now: Now) -> list[Message]:
        """Take a whole transfer: records, or a part of a snapshot."""
        match source, canonical.decode(blob, LARGEST_BLOB):
            case Source.LIST, ["burst", bytes(head), raw]:
                before = self._books.trusted
                return self._run(head, raw, now) or self._covered(before, now)
            case Source.INBOX, ["range", bytes(head), raw]:
                return self._run(head, raw, now)
            case Source.INBOX, ["manifest", bytes(wire), bytes(digests)]:
                return self._announced(wire, digests, now)
            case Source.INBOX, ["snapshot", str(name), int(number), bytes(page)]:
                self.snapshots.arrived(name, number, page, now.ms)
                return self._adopt(now)
            case _:
                raise Refused(Code.MALFORMED, "a transfer of an unknown kind")

    def _run(self, head: bytes, raw: object, now: Now) -> list[Message]:
        """Take a run of records with its head; the records wait while a snapshot is fetched."""
        carried = Head.open(head)[0]
        trusted = heads.with_head_of_run(self._books.trusted, carried, self._verify, now)
        items = records.following(trusted, self.opener.items(raw))
        if not items or self.snapshots.active:
            self._believe(trusted)
            return self._adopt(now)
        run = records.run(trusted, items, self.opener.rings, self._verify, now)
        if self._keys.unit_id in run.revoked:
            self.locked = Locked.REVOKED
        step = replace(run.step, trusted=self._reached(run.step.trusted))
        return self._books.apply(step, now)

    def _covered(self, before: Trusted, now: Now) -> list[Message]:
        """Answer a burst without records as one with records, so that both look the same."""
        fresh = self._books.trusted.head != before.head
        return self._books.report(now) if fresh else []

    # --- snapshots ----------------------------------------------------------------------------
    def _announced(self, wire: bytes, digests: bytes, now: Now) -> list[Message]:
        """Begin to fetch a snapshot, if this unit has use for it."""
        carried, manifest = Manifest.open(wire)
        trusted = self._books.trusted
        behind = manifest.seq > trusted.ledger.seq or not trusted.ledger.chain.confirmed
        if behind or self.lacking:
            self.snapshots.announced(carried, digests, trusted, self.opener)
        return self._adopt(now)

    def _adopt(self, now: Now) -> list[Message]:
        """Make a snapshot the list once all of it is here; one that is no such list is given up."""
        if not self.snapshots.complete:
            return []
        try:
            ledger = self.snapshots.ledger()
            step = adoption(self._books.trusted, ledger, self._books.held, now)
        except Refused:
            self.snapshots.forget()
            raise
        reports = self._books.adopt(step, staged_rows(ledger), now)
        self.snapshots.adopted()
        self.look(now)
        return reports

    # --- time ---------------------------------------------------------------------------------
    def expire(self, now: Now) -> list[Message]:
        """Erase the rows whose own term is over, hub or no hub."""
        ended = self._books.ended(now)
        return self._books.apply(Step(self._books.trusted, erase=ended), now) if ended else []
