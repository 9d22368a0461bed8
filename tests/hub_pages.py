"""A site with something on every page, and the list of its pages: for pictures and for checks."""

from dataclasses import dataclass

from hub_site import DAY_MS, HubSite
from sync.entries import Reason
from sync.hub.hubclock import now_ms

PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 800}


@dataclass(frozen=True)
class Page:
    """One page, and who looks at it.

    Attributes:
        name: For its picture.
        login: Who; "" for somebody who is not signed in.
        path: Its address.
    """

    name: str
    login: str
    path: str


def furnish(site: HubSite) -> str:
    """Put people on the list and units at the doors; gives the entry that pages show."""
    front, blue = site.door("Anchor", "Anchor front"), site.door("Blue Room", "Blue Room")
    late = now_ms() - DAY_MS // 2
    site.door("Cellar", "Cellar stairs", at_ms=late, counts=(("temperature", 39),))
    for number, reason in enumerate(Reason):
        venue, by = ("Anchor", "Cellar") if number % 2 else ("Cellar", "Blue Room")
        site.entry(venue, by=by, reason=reason, days=5 + 2 * number)
    site.entry("Blue Room", "venue", reason=Reason.DAMAGE)
    site.entry("Blue Room", by="-", reason=Reason.SPIKING)
    shown = site.entry("Anchor", by="Cellar", reason=Reason.VIOLENCE, days=180)
    front.report(counts=(("temperature", 47), ("encounters", 312)))
    blue.report(counts=(("temperature", 66),), faults=("covered",))
    return shown


def pages(entry_id: str) -> list[Page]:
    """Give every page of a furnished site."""
    return [
        Page("sign-in", "", "/sign-in"),
        Page("home", "ana", "/"),
        Page("entries", "ana", "/entries"),
        Page("entry", "ana", f"/entries/{entry_id}"),
        Page("lift", "ana", f"/entries/{entry_id}/lift"),
        Page("approvals", "ana", "/approvals"),
        Page("add", "ana", "/add"),
        Page("nights", "ana", "/nights"),
        Page("doors", "olivia", "/doors"),
        Page("invite", "olivia", "/doors/invite"),
        Page("rights", "olivia", "/rights"),
        Page("retention", "olivia", "/retention"),
        Page("papers", "olivia", "/papers"),
        Page("audit", "ida", "/audit"),
        Page("users", "olivia", "/users"),
        Page("account", "ana", "/account"),
        Page("password", "ana", "/account/password"),
        Page("authenticator", "ana", "/account/authenticator"),
        Page("invite-user", "ana", "/users/invite"),
    ]
