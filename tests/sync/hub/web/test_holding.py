"""The undo: a change waits a few seconds before any door is told."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from hub_site import VENUES, HubSite
from sync.errors import HubError, Refused
from sync.hub.accounts.powers import Console
from sync.hub.drafts import IDLE_S
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms
from sync.hub.web.holding import Publish
from sync.hub.web.serve import _beat, tidied
from sync.statement.proposal import RemoveProposal, Why


def lift(site: HubSite, entry_id: str, venue: str = "Anchor") -> RemoveProposal:
    list_id = site.office.service.list_id
    return RemoveProposal(list_id, entry_id, VENUES[venue], Why.LIFTED, now_ms())


@pytest.fixture
def entry(site: HubSite) -> Iterator[str]:
    yield site.entry("Anchor", "venue")
    for held in site.office.holding.of(site.person("ana").account_id):
        site.office.holding.undo(held.held_id, held.account_id)


def hold(site: HubSite, entry_id: str, seconds: float, publish: Publish | None = None) -> str:
    """Hold a lift by Ana and give its name."""
    signed = lift(site, entry_id).signed(site.keys["Anchor"])
    person = site.person("ana")
    site.run(site.office.hold(person, signed, "Lift it.", publish, seconds=seconds))
    return site.office.holding.of(person.account_id)[-1].held_id


def standing(site: HubSite, entry_id: str) -> Standing:
    return site.do(lambda service: service.entry(entry_id).standing)


def test_what_is_held_reaches_nobody_until_its_time(site: HubSite, entry: str) -> None:
    hold(site, entry, 0.3)
    assert standing(site, entry) is Standing.LIVE
    assert site.office.holding.about(entry) is not None
    deadline = time.monotonic() + 10
    while standing(site, entry) is not Standing.GONE:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_undo_leaves_everything_as_it_was(site: HubSite, entry: str) -> None:
    held = hold(site, entry, 60, Publish(undone="/entries"))
    ana = site.client("ana")
    assert "Undo" in ana.get("/").text
    answer = ana.post(f"/held/{held}/undo")
    assert (answer.status_code, answer.headers["location"]) == (303, "/entries")
    assert standing(site, entry) is Standing.LIVE
    assert "Undone: Lift it." in ana.get("/").text


def test_now_publishes_without_waiting(site: HubSite, entry: str) -> None:
    held = hold(site, entry, 60, Publish(shown=f"/entries/{entry}"))
    answer = site.client("ana").post(f"/held/{held}/now")
    assert answer.headers["location"] == f"/entries/{entry}"
    assert standing(site, entry) is Standing.GONE


def test_nobody_undoes_or_hurries_what_somebody_else_did(site: HubSite, entry: str) -> None:
    held = hold(site, entry, 60)
    ben = site.client("ben")
    assert "Undo" not in ben.get("/").text
    ben.post(f"/held/{held}/undo")
    ben.post(f"/held/{held}/now")
    assert site.office.holding.about(entry) is not None
    assert standing(site, entry) is Standing.LIVE


def test_a_change_that_would_be_refused_is_refused_at_once(site: HubSite, entry: str) -> None:
    signed = lift(site, entry).signed(site.keys["Blue Room"])
    with pytest.raises(Refused):
        site.run(site.office.hold(site.person("ana"), signed, "Lift it."))
    assert site.office.holding.about(entry) is None


def test_what_belongs_to_a_change_is_written_with_it_or_not_at_all(
    site: HubSite, entry: str
) -> None:
    def fail() -> None:
        raise Refused("rule", "the note cannot be kept")  # type: ignore[arg-type]

    held = hold(site, entry, 60, Publish(together=fail))
    ana = site.client("ana")
    ana.post(f"/held/{held}/now")
    assert standing(site, entry) is Standing.LIVE
    assert "Not sent to the doors: Lift it. the note cannot be kept" in ana.get("/").text


def test_a_hub_that_stops_publishes_what_it_holds(site: HubSite, entry: str) -> None:
    hold(site, entry, 60)
    site.run(site.office.holding.publish_all())
    assert standing(site, entry) is Standing.GONE


def test_nothing_goes_out_for_an_account_that_has_ended(site: HubSite) -> None:
    entry, cleo = site.entry("Cellar", "venue"), site.person("cleo")
    signed = lift(site, entry, "Cellar").signed(site.keys["Cellar"])
    site.run(site.office.hold(cleo, signed, "Lift it.", seconds=60))
    site.do(lambda _: site.office.accounts.end(cleo.account_id, Console("test"), now_ms()))
    site.run(site.office.holding.publish_all())
    assert standing(site, entry) is Standing.LIVE


def test_what_was_sent_is_said_and_cannot_be_undone_any_more(site: HubSite, entry: str) -> None:
    held = hold(site, entry, 60, Publish(shown="/entries"))
    ana = site.client("ana")
    ana.post(f"/held/{held}/now")
    assert 'Sent to the doors: Lift it. <a href="/entries">' in ana.get("/held").text
    answer = ana.post(f"/held/{held}/undo")
    assert answer.headers["location"] == "/"
    assert "on its way to the doors already" in ana.get("/").text
    assert standing(site, entry) is Standing.GONE


def test_the_bar_asks_again_only_while_something_waits(site: HubSite, entry: str) -> None:
    ana = site.client("ana")
    held = hold(site, entry, 60)
    assert "hx-get" in ana.get("/held").text
    ana.post(f"/held/{held}/undo")
    assert "hx-get" not in ana.get("/held").text


def test_a_change_that_fails_for_whatever_reason_is_said_and_stops_no_other(
    site: HubSite, entry: str
) -> None:
    def fail() -> None:
        raise RuntimeError

    other = site.entry("Anchor", "venue")
    hold(site, entry, 60, Publish(together=fail))
    hold(site, other, 60)
    site.run(site.office.holding.publish_all())
    assert (standing(site, entry), standing(site, other)) == (Standing.LIVE, Standing.GONE)
    assert "Not sent to the doors: Lift it." in site.client("ana").get("/").text


def test_what_failed_is_forgotten_in_the_end_with_the_face_in_it(
    site: HubSite, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise RuntimeError

    holding = site.office.holding
    held = hold(site, entry, 60, Publish(together=fail))
    site.run(holding.publish_all())
    holding.forget_done()
    assert holding._held[held].trouble
    monkeypatch.setattr("sync.hub.web.holding.TROUBLE_S", -61.0)
    holding.forget_done()
    assert held not in holding._held


def test_a_double_click_is_one_change(site: HubSite, entry: str) -> None:
    assert hold(site, entry, 60) == hold(site, entry, 60)


def test_faces_go_in_time_though_nobody_asks_for_a_page(
    site: HubSite, entry: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    office, held = site.office, hold(site, entry, 60)
    site.run(office.holding.publish_all())
    office.drafts.begin("ana", time.monotonic() - IDLE_S)
    site.run(tidied(office))
    assert len(office.drafts) == 0
    assert held in office.holding._held
    monkeypatch.setattr("sync.hub.web.holding.SAID_S", -1.0)
    site.run(tidied(office))
    assert held not in office.holding._held


def test_another_thread_may_ask_while_changes_come_and_go(site: HubSite, entry: str) -> None:
    kept, other = site.office.holding._held, site.office.holding._held[hold(site, entry, 60)]
    some = {str(number): other for number in range(99)}
    done = threading.Event()

    def come_and_go() -> None:
        while not done.is_set():
            kept.update(some)
            for name in some:
                del kept[name]

    changing, before = threading.Thread(target=come_and_go), sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    changing.start()
    try:
        for _ in range(500):
            site.office.holding.about("y")
    finally:
        done.set()
        changing.join()
        sys.setswitchinterval(before)


class Watchdog:
    """Stands for systemd's, and tells when it was fed a second time."""

    def __init__(self) -> None:
        self.times, self.again = 0, asyncio.Event()

    def alive(self) -> None:
        self.times += 1
        if self.times > 1:
            self.again.set()


def test_a_database_that_is_busy_for_a_while_ends_nobodys_session(
    site: HubSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(_now_ms: int) -> None:
        raise HubError("the hub is busy")

    async def beat() -> None:
        fed = Watchdog()
        beating = asyncio.create_task(_beat(site.office, fed))  # type: ignore[arg-type]
        async with asyncio.timeout(10):
            await fed.again.wait()
        beating.cancel()

    monkeypatch.setattr(site.office.accounts, "tidy", busy)
    monkeypatch.setattr("sync.hub.web.serve.BEAT_S", 0.01)
    site.run(beat())
