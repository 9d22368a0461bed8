"""The list in the words of the command line: for people, and as JSON for scripts."""

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from rich.table import Column, Table

from edge.decision import Candidate
from edge.enrolment import DUPLICATE
from edge.gallery.records import Head, Standing, StoredReference
from edge.until import day
from edge.vision import Face
from sync.statement.proposal import CONSORTIUM


def table_of(references: Sequence[StoredReference], venues: Mapping[str, str]) -> Table:
    """Lay the list out, whoever leaves it next first; ``venues`` gives their names by id."""
    table = Table(Column("id", no_wrap=True), "category", "reason", "until", "templates")
    shared = any(one.standing != Standing() for one in references)
    for name in ("where", "how") if shared else ():
        table.add_column(name)
    order = sorted(references, key=lambda one: (one.entry.valid_until, one.entry.entry_id))
    for entry, templates, _, standing in order:
        ends, count = day(entry.valid_until), str(len(templates))
        more = (where(standing, venues), how(standing)) if shared else ()
        table.add_row(entry.entry_id, entry.category, entry.reason, ends, count, *more)
    return table


def page_of(reference: StoredReference, now: float, venues: Mapping[str, str]) -> Table:
    """Lay one entry out, as it stands at ``now`` (seconds since the epoch)."""
    entry, standing = reference.entry, reference.standing
    table = Table(show_header=False, title=f"entry {entry.entry_id}", title_justify="left")
    table.add_row("category", entry.category)
    table.add_row("reason", entry.reason)
    table.add_row("entered", day(entry.created_at))
    table.add_row("until", day(entry.valid_until) + ("" if entry.in_force(now) else " (over)"))
    table.add_row("templates", f"{len(reference.templates)}, made by {reference.model_id}")
    if standing != Standing():
        table.add_row("where", where(standing, venues))
        table.add_row("how", how(standing))
        table.add_row("entered by", venues.get(standing.venue_id, standing.venue_id))
        table.add_row("incident", standing.incident_on)
    if standing.evidence:
        table.add_row("evidence", standing.evidence)
    return table


def where(standing: Standing, venues: Mapping[str, str]) -> str:
    """Say at which doors an entry counts."""
    if not standing.scope:
        return "this door"
    if standing.scope == CONSORTIUM:
        return "every door"
    return f"the doors of {venues.get(standing.scope, standing.scope)}"


def how(standing: Standing) -> str:
    """Say whether an entry counts, and how firmly."""
    if standing.contested:
        return "contested: compared with nobody"
    if standing.tonight:
        return "in force until noon, unless a manager completes it on the door's page"
    return "in force, on its way to the hub" if standing.provisional else "in force"


def lines_of(number: int, face: Face, candidates: Sequence[Candidate]) -> list[str]:
    """Say what comparing face ``number`` of a photo gave."""
    where = f"face {number} ({face.width:.0f} pixels wide)"
    if not face.quality.usable:
        return [f"{where}: cannot be compared: {', '.join(face.quality.reasons)}"]
    return [
        f"{where}: {words(one.score)} with {one.entry_id} ({one.category}), score {one.score:.2f}"
        for one in candidates
    ] or [f"{where}: nobody on the list looks alike"]


def people(count: int) -> str:
    """Count people."""
    return f"{count} person" if count == 1 else f"{count} people"


def summary(head: Head) -> dict[str, Any]:
    """Show the list's state to a script; times are seconds since the epoch."""
    return {
        "sequence": head.sequence,
        "issued_at": head.issued_at,
        "expires_at": head.expires_at,
        "entries": head.entries,
    }


def words(score: float) -> str:
    """Say a score in words: a photo is compared once, so this is for a person to judge."""
    if score >= DUPLICATE + 0.25:
        return "very strong likeness"
    return "strong likeness" if score >= DUPLICATE + 0.1 else "some likeness"


def record(reference: StoredReference) -> dict[str, Any]:
    """Show an entry to a script; times are seconds since the epoch."""
    entry = reference.entry
    return {
        "entry_id": entry.entry_id,
        "category": entry.category.value,
        "reason": entry.reason.value,
        "created_at": entry.created_at,
        "valid_until": entry.valid_until,
        "templates": len(reference.templates),
        "model_id": reference.model_id,
        "scope": reference.standing.scope,
        "venue_id": reference.standing.venue_id,
        "incident_on": reference.standing.incident_on,
        "contested": reference.standing.contested,
        "provisional": reference.standing.provisional,
        "tonight": reference.standing.tonight,
        "evidence": reference.standing.evidence,
    }


def checked(face: Face, candidates: Sequence[Candidate]) -> dict[str, Any]:
    """Show what comparing one face of a photo gave."""
    return {
        "box": [round(side, 1) for side in face.box],
        "quality": round(float(face.quality), 3),
        "flaws": [flaw.value for flaw in face.quality.reasons],
        "candidates": [scored(candidate) for candidate in candidates],
    }


def scored(candidate: Candidate) -> dict[str, Any]:
    """Show a candidate, its score as a number and in words."""
    return {
        "entry_id": candidate.entry_id,
        "category": candidate.category.value,
        "score": round(candidate.score, 4),
        "likeness": words(candidate.score),
    }


def print_json(content: object) -> None:
    """Print one line of JSON, for a script."""
    sys.stdout.write(msgspec.json.encode(content).decode() + "\n")
