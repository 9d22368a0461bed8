"""Requests, and what people said for the papers: for pages that show some."""

from datetime import timedelta

from hub_site import VENUES, HubSite
from sync.hub.hubclock import day_of, now_ms

SAID = {
    "controller": "Harbour Town Pubwatch Ltd",
    "address": "1 Quay Street, Harbour Town",
    "contact": "data@pubwatch.example",
    "officer": "Rowan Blythe, data protection adviser",
    "registration": "ZA000000",
    "authority": "Information Commissioner's Office",
    "authority_web": "https://ico.org.uk/make-a-complaint",
    "notice_web": "https://pubwatch.example/privacy",
    "appeal": "Write to the secretary, 1 Quay Street",
    "answer_days": "14",
    "banned": "unlawful-acts",
    "self_excluded": "consent",
    "welfare": "safeguarding",
    "entrants": "2400",
    "false_stops": "1",
    "need": "Since May: four assaults, eleven thefts of phones, two spiked drinks. In nine of "
    "these cases the person had been put out of another venue before.",
    "tried": "Photographs at the door desk: copied to private telephones, never taken down.",
    "consulted": "Guests by a poll at the bar (112 answers), staff, the licensing officer.",
    "advice": "Go on with the signs hanging first; look again after three months.",
    f"sign_on-{VENUES['Anchor']}": "2026-11-02",
    f"sign_by-{VENUES['Anchor']}": "Ana",
}


def came(kind: str, asker: str, days_ago: int) -> dict[str, str]:
    """Give the form of a request that came some days ago."""
    return {
        "kind": kind,
        "received_on": str(day_of(now_ms()) - timedelta(days_ago)),
        "asker": asker,
        "words": "I was turned away on Friday and want to know why.",
        "proof": "document",
    }


def ask_about(site: HubSite, entry_id: str) -> None:
    """Fill the papers and log three requests; number 1 is about ``entry_id``."""
    office = site.client("olivia")
    assert office.post("/papers/particulars", SAID).status_code == 303
    signing = {"signed": "Olivia Grant, secretary", "decision": "Go on; look again in May."}
    assert office.post("/papers/assessment/sign", signing).status_code == 303
    changed = SAID | {"entrants": "2600"}
    assert office.post("/papers/particulars", changed).status_code == 303
    for kind, asker, days_ago in (
        ("access", "Jo Fielding, 4 Mill Lane", 24),
        ("erase", "Sam Reed, sam@example.org", 6),
        ("complaint", "P. Ng, by telephone", 27),
    ):
        answer = office.post("/rights/new", came(kind, asker, days_ago))
        assert answer.status_code == 303
    office.post("/rights/1/attach", {"entry_id": entry_id})
    office.post("/rights/2/attach", {"entry_id": entry_id})
    office.post(f"/rights/2/ask/erase/{entry_id}")
