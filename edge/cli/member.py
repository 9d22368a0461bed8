"""How the unit stands with its consortium, in words. Pure."""

from edge.door import SyncView

_DAY_S, _HOUR_S, _MINUTE_S = 86_400, 3_600, 60


def consortium_rows(view: SyncView | None, now: float) -> list[tuple[str, str]]:
    """Say how the unit stands with its consortium, row by row.

    Args:
        view: What the sync process told; None while it does not answer.
        now: Seconds since the epoch.
    """
    if view is None:
        return [("consortium", "the sync process does not answer: is `doorwatch run` up?")]
    rows = [
        ("consortium", f"{view.name} at {view.venue}, list {view.list_id[:8]}"),
        ("hub", _hub_words(view)),
        ("change", _change_words(view)),
        ("confirmed", _confirmed_words(view, now)),
    ]
    if view.waiting:
        rows.append(("waiting", f"{view.waiting} made here, not at the hub yet"))
    if view.refusals:
        counted = ", ".join(f"{count} {code}" for code, count in sorted(view.refusals.items()))
        rows.append(("refused", counted))
    if view.starts_until_ms is not None:
        rows.append(("restart", _restart_words(view.starts_until_ms, now)))
    if view.clock_leapt:
        rows.append(("clock", "the wall clock is wrong; the hub's time counts"))
    return rows


def span(seconds: float) -> str:
    """Say how long, in the unit that fits."""
    for size, name in ((_DAY_S, "days"), (_HOUR_S, "hours"), (_MINUTE_S, "minutes")):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {name}"
    return f"{max(seconds, 0):.0f} seconds"


def _hub_words(view: SyncView) -> str:
    if view.locked == "destroyed":
        return "LOCKED: the consortium had everything here destroyed; ask for an invitation"
    if view.locked:
        return "LOCKED: this unit was revoked; ask the consortium's administrator"
    if view.live:
        return "reachable"
    if view.connected:
        return "the broker is reached, the hub does not answer yet"
    return f"out of reach: {view.problem}"


def _change_words(view: SyncView) -> str:
    here, most = view.pages
    if most:
        return f"{view.seq}; fetching the whole list: {here} of {most} pages are here"
    if view.head_seq > view.seq:
        return f"{view.seq}, {view.head_seq - view.seq} behind; {view.held} entries"
    return f"{view.seq}, the newest known; {view.held} entries"


def _restart_words(until_ms: int, now: float) -> str:
    left = until_ms / 1000 - now
    if left <= 0:
        return "needs the hub, or the staff token (doorwatch unlock)"
    return f"works without the hub for {span(left)} more; then it needs the hub or the staff token"


def _confirmed_words(view: SyncView, now: float) -> str:
    if not view.issued_ms:
        return "not by the hub yet: the door shows FAULT until the list is here"
    ago, left = now - view.issued_ms / 1000, view.lease_ms / 1000 - now
    fresh = f"fresh for {span(left)} more" if left > 0 else "OUT OF DATE"
    return f"by the hub {span(ago)} ago; {fresh}"
