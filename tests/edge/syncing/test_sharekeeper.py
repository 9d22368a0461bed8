"""The sync process gets the second share, hands the key on, and keeps the grace true."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from edge.errors import KeyProviderError, LinkError
from edge.keys.grace import HOUR_MS, LOOK_MS
from edge.keys.shares import SharedKeys, gallery_keys
from edge.link import Link, LinkServer
from edge.questions import AnyQuestion, AwaitsKeyQuestion, KeyQuestion, TokenQuestion
from edge.syncing import daemon, sharekeeper
from edge.syncing.daemon import keep_list
from edge.syncing.resharing import make_token
from edge.syncing.sharekeeper import ShareKeeper
from shared_member import Member, ShareHub
from simulator.shelf_samples import LIST_ID
from sync.clock import Now
from sync.errors import Code, Refused
from sync.hub.hubclock import now_ms


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharekeeper, "LOOK_S", 0.01)
    monkeypatch.setattr(daemon, "RETRY_S", 0.05)
    monkeypatch.setattr(daemon, "WAITING_S", 0.02)


@pytest.fixture
def code(member: Member, hub: ShareHub) -> str:
    """Divide the key; nothing of the hub's share is kept, as after a long time without it."""
    made = make_token(member.settings, member.places, member.device)
    keys_of(member).forget_grace()
    hub.asked.clear()
    return made


@pytest.fixture
def keeper(member: Member, hub: ShareHub, code: str) -> Iterator[ShareKeeper]:
    made = ShareKeeper(member.settings, member.places, member.folder)
    yield made
    made.stop()


def keys_of(member: Member) -> SharedKeys:
    return gallery_keys(member.settings, member.places, member.device)


def until(holds: Callable[[], object], seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


class Engine:
    """An engine that waits for its key."""

    def __init__(self) -> None:
        self.key: bytes | None = None

    def __call__(self, question: AnyQuestion) -> object:
        if isinstance(question, AwaitsKeyQuestion):
            return self.key is None
        assert isinstance(question, KeyQuestion)
        self.key = question.key
        return None


def test_the_hub_is_asked_once_after_each_start_and_the_engine_gets_the_key(
    member: Member, hub: ShareHub, keeper: ShareKeeper
) -> None:
    engine = Engine()
    with closing(LinkServer(member.places.engine_socket, engine)):
        keeper.start()
        until(lambda: engine.key)
        assert engine.key == keeper.keys.kek() == keys_of(member).kek()
        engine.key = None  # it was started anew
        until(lambda: engine.key)
    assert hub.asked == [("desk.example.org", 9000)]


def test_with_a_kept_share_the_hub_is_asked_all_the_same(
    member: Member, hub: ShareHub, keeper: ShareKeeper
) -> None:
    keys_of(member).take_hub_share(hub.share, now_ms())
    assert not keeper.keys.waits
    assert keeper.starts_until_ms is None
    keeper.start()
    until(lambda: hub.asked)
    until(lambda: (keeper.starts_until_ms or 0) > now_ms() + 71 * HOUR_MS)
    keeper.keys.forget()
    until(lambda: keeper.starts_until_ms is None)


def test_a_revoked_unit_forgets_the_share_that_was_kept(
    member: Member, hub: ShareHub, keeper: ShareKeeper
) -> None:
    keys_of(member).take_hub_share(hub.share, now_ms())
    hub.problem = Refused(Code.REVOKED, "the hub says: this unit was revoked")
    keeper.start()
    until(lambda: keeper.problem == "the hub says: this unit was revoked")
    assert keys_of(member).waits


def test_a_hub_that_is_busy_or_away_takes_nothing_and_is_asked_again(
    member: Member, hub: ShareHub, keeper: ShareKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharekeeper, "LONGEST_PAUSE_S", 0.02)
    keys_of(member).take_hub_share(hub.share, now_ms())
    hub.problem = Refused(Code.INVITATION, "the hub says: not just now")
    keeper.start()
    until(lambda: len(hub.asked) > 1)
    hub.cut()
    until(lambda: "cannot be reached" in keeper.problem)
    assert not keys_of(member).waits
    hub.problem = None
    until(lambda: not keeper.problem)


def test_a_share_that_does_not_fit_is_said(hub: ShareHub, keeper: ShareKeeper) -> None:
    hub.share = bytes(32)
    keeper.start()
    until(lambda: "do not open this gallery" in keeper.problem)


def test_a_unit_that_joined_anew_asks_anew(
    member: Member, hub: ShareHub, keeper: ShareKeeper
) -> None:
    keeper.start()
    until(lambda: hub.asked)
    member.become(LIST_ID)
    until(lambda: len(hub.asked) == 2)


def test_while_the_hub_is_heard_the_grace_begins_anew_and_a_lock_ends_it(
    member: Member, hub: ShareHub, keeper: ShareKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharekeeper, "TOUCH_S", 0.02)
    keys_of(member).take_hub_share(hub.share, 1000)
    hub.cut()
    keeper.start()
    later = now_ms() + 10**7
    keeper.heard(Now(later, trusted=False), live=True, locked=False)
    keeper.heard(Now(5000, trusted=True), live=False, locked=False)
    until(lambda: (kept := keys_of(member).grace()) is not None and kept.floor_ms >= 5000)
    kept = keys_of(member).grace()
    assert kept is not None
    assert kept.heard_ms == 1000
    keeper.heard(Now(later, trusted=True), live=True, locked=False)
    until(lambda: (kept := keys_of(member).grace()) is not None and kept.heard_ms >= later)
    keeper.heard(Now(later, trusted=True), live=True, locked=True)
    assert keys_of(member).grace() is None


def _floor_after_a_start(member: Member) -> int:
    started = ShareKeeper(member.settings, member.places, member.folder)
    started.start()
    until(lambda: started.starts_until_ms)
    started.stop()
    kept = keys_of(member).grace()
    assert kept is not None
    return kept.floor_ms


def test_each_start_without_a_time_to_trust_costs_some_of_the_grace(
    member: Member, hub: ShareHub, code: str
) -> None:
    keys_of(member).take_hub_share(hub.share, now_ms())
    hub.cut()
    floors = [_floor_after_a_start(member) for _ in range(3)]
    assert floors[1] - floors[0] >= LOOK_MS
    assert floors[2] - floors[1] >= LOOK_MS


def test_that_the_hub_answered_long_ago_gives_no_grace(
    member: Member, hub: ShareHub, keeper: ShareKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sharekeeper, "STALE_S", 0.0)
    before_ms = now_ms() - HOUR_MS
    keys_of(member).take_hub_share(hub.share, before_ms)
    hub.cut()
    keeper.heard(Now(now_ms(), trusted=True), live=True, locked=False)
    keeper.start()
    until(lambda: (kept := keys_of(member).grace()) is not None and kept.floor_ms > before_ms)
    kept = keys_of(member).grace()
    assert kept is not None
    assert kept.heard_ms == before_ms


def test_a_start_without_the_hub_waits_for_a_token_and_then_keeps_the_list(
    member: Member, hub: ShareHub, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    hub.cut()
    stopping = threading.Event()
    given = (member.settings, member.places, stopping)
    running = threading.Thread(target=keep_list, args=given)
    running.start()
    link = Link(member.places.sync_socket)
    try:
        until(lambda: _refusal(link) and "cannot be reached" in _refusal(link))
        assert "waits" not in _refusal(link)
        with pytest.raises(LinkError, match="is mistyped"):
            link.token("DWT1-nonsense")
        link.token(code)
        until(lambda: "certificate for the broker cannot be used" in capsys.readouterr().out)
    finally:
        stopping.set()
        running.join(10)
    assert not running.is_alive()


def _refusal(link: Link) -> str:
    try:
        link.standing()
    except LinkError as refusal:
        return str(refusal)
    return ""


def test_it_ends_while_it_waits(member: Member, hub: ShareHub, code: str) -> None:
    hub.cut()
    stopping = threading.Event()
    running = threading.Thread(target=keep_list, args=(member.settings, member.places, stopping))
    running.start()
    until(member.places.sync_socket.exists)
    stopping.set()
    running.join(10)
    assert not running.is_alive()


def test_the_running_process_takes_tokens_and_keys_too(
    member: Member, keeper: ShareKeeper, code: str
) -> None:
    desk = sharekeeper.ShareDesk(keeper, lambda _: "the view")
    assert desk(AwaitsKeyQuestion()) == "the view"
    desk(TokenQuestion(code))
    kek = keeper.keys.kek()
    desk(KeyQuestion(kek))
    with pytest.raises(KeyProviderError, match="not the key of this gallery"):
        desk(KeyQuestion(bytes(32)))
