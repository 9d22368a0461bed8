"""A site with something on every page, and the list of its pages: for pictures and for checks."""

import io
import random
import time
from dataclasses import dataclass

from PIL import Image

from edge.gallery.template import unpack
from edge.vision.face import Flaw
from hub_nights import many_nights
from hub_requests import ask_about
from hub_site import DAY_MS, VENUES, HubSite, drawn_face
from sync.entries import Reason
from sync.hub.examining import Examined, FoundFace
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
    many_nights(front, 60)
    for number, reason in enumerate(Reason):
        venue, by = ("Anchor", "Cellar") if number % 2 else ("Cellar", "Blue Room")
        site.entry(venue, by=by, reason=reason, days=5 + 2 * number)
    site.entry("Blue Room", "venue", reason=Reason.DAMAGE)
    site.entry("Blue Room", by="-", reason=Reason.SPIKING)
    shown = site.entry("Anchor", by="Cellar", reason=Reason.VIOLENCE, days=180)
    front.report(counts=(("temperature", 47),), rings=((shown, 3, 0, 2),))
    blue.report(counts=(("temperature", 66),), faults=("covered",))
    _begin_draft(site, shown)
    ask_about(site, shown)
    return shown


def _begin_draft(site: HubSite, listed: str) -> None:
    """Leave somebody's new entry half done, at /add/sample: two photos, and a likely duplicate."""
    put = site.do(lambda service: service.content(listed, "furnish", now_ms()))
    drafts, owner = site.office.drafts, site.person("ana").account_id
    draft = drafts.begin(owner, time.monotonic())
    draft.draft_id = "sample"
    drafts._drafts["sample"] = draft
    template = unpack(put.templates, listed)[0].tobytes()
    for quality, flaws in ((0.86, ()), (0.3, (Flaw.DARK,))):
        picture = drawn_face(random.Random(4), 320) if not flaws else shaded(put.photo)
        face = FoundFace(
            (90, 66, 230, 248),
            quality,
            flaws,
            background=False,
            template=template,
            photo_jpeg=picture,
        )
        draft.add(Examined(320, 320, picture, put.model_id, (face,)))
    draft.typed = {"reason": "theft", "until": "3m", "scope": "venue"}


def shaded(jpeg: bytes) -> bytes:
    """Give a photo as it would be in a dark corner."""
    with Image.open(io.BytesIO(jpeg)) as picture:
        dark = picture.resize((320, 320)).point(lambda value: value // 5)
    encoded = io.BytesIO()
    dark.save(encoded, "JPEG")
    return encoded.getvalue()


def pages(entry_id: str) -> list[Page]:
    """Give every page of a furnished site."""
    return [
        Page("sign-in", "", "/sign-in"),
        Page("home", "ana", "/"),
        Page("entries", "ana", "/entries"),
        Page("entry", "ana", f"/entries/{entry_id}"),
        Page("table", "ana", "/entries?view=table&order=ending"),
        Page("lift", "ana", f"/entries/{entry_id}/lift"),
        Page("extend", "ana", f"/entries/{entry_id}/extend"),
        Page("correct", "ana", f"/entries/{entry_id}/correct"),
        Page("approvals", "ana", "/approvals"),
        Page("add", "ana", "/add"),
        Page("draft", "ana", "/add/sample"),
        Page("nights", "ana", "/nights"),
        Page("alarm", "ana", f"/nights/alarms/{entry_id}"),
        Page("doors", "olivia", "/doors"),
        Page("invite", "olivia", "/doors/invite"),
        Page("rights", "olivia", "/rights"),
        Page("new-request", "olivia", "/rights/new"),
        Page("request", "olivia", "/rights/1"),
        Page("copy", "olivia", f"/rights/1/copy/{entry_id}"),
        Page("asked", "ana", f"/rights/2/sign/erase/{entry_id}"),
        Page("retention", "olivia", "/retention"),
        Page("papers", "olivia", "/papers"),
        Page("particulars", "olivia", "/papers/particulars"),
        Page("assessment", "olivia", "/papers/assessment"),
        Page("accuracy", "olivia", "/papers/accuracy"),
        Page("door-sign", "olivia", f"/papers/sign/{VENUES['Anchor']}"),
        Page("notice", "", "/privacy"),
        Page("audit", "ida", "/audit"),
        Page("users", "olivia", "/users"),
        Page("account", "ana", "/account"),
        Page("password", "ana", "/account/password"),
        Page("authenticator", "ana", "/account/authenticator"),
        Page("invite-user", "ana", "/users/invite"),
    ]
