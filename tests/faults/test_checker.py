"""The checker bites: each planted wrong in an otherwise right history is named."""

from collections.abc import Callable
from hashlib import sha256

import pytest

from simulator.checker import wrongs
from simulator.history import (
    Cautioned,
    Chained,
    Committed,
    Decided,
    Destroyed,
    Ended,
    Event,
    History,
    Pressed,
    Restored,
    Rooted,
    Told,
)

VENUES = {"door": "a", "gate": "b"}
HUB = b"hub key"
LATE = 10_000_000


def name(*parts: object) -> bytes:
    return sha256(repr(parts).encode()).digest()


class Story:
    """Writes a right history, in which a test then changes one thing."""

    def __init__(self) -> None:
        self.history = History()
        self.at_ms = 0

    def note(self, event: Event) -> None:
        self.at_ms += 1
        self.history.note(event)

    def sign(self, entry: str, kind: str, *venues: str, until_ms: int = 0, needed: int = 2) -> None:
        digest = name(entry, kind)
        self.note(Decided(self.at_ms, entry, kind, digest, frozenset(venues), needed, until_ms))

    def chain(self, seq: int, kind: str, entry: str, until_ms: int = 0) -> None:
        ring = "consortium/banned" if entry else ""
        self.note(
            Chained(self.at_ms, seq, name(seq), kind, entry, ring, 1, name("root", seq), until_ms)
        )

    def told(self, seq: int) -> None:
        self.note(Told(self.at_ms, seq))

    def commit(self, unit: str, seq: int, **changes: object) -> None:
        values: dict[str, object] = {
            "now_ms": self.at_ms, "seq": seq, "record_hash": name(seq), "epoch": 1,
            "live_root": name("root", seq), "root_version": 1, "hub_key": HUB,
        }  # fmt: skip
        self.note(Committed(self.at_ms, unit, **(values | changes)))  # type: ignore[arg-type]

    def put(self, entry: str) -> dict[str, bytes]:
        return {entry: name(entry, "put")}

    def wrongs(self, stolen: frozenset[bytes] = frozenset()) -> list[str]:
        return wrongs(self.history, VENUES, stolen)


@pytest.fixture
def story() -> Story:
    """A ban on two doors; then it is lifted at one of them."""
    story = Story()
    story.note(Rooted(story.at_ms, 1, HUB))
    story.sign("x", "put", "a", until_ms=LATE)
    story.sign("x", "put", "b", until_ms=LATE)
    story.chain(1, "put", "x", LATE)
    story.told(1)
    story.commit("door", 1, put=story.put("x"))
    story.commit("gate", 1, put=story.put("x"))
    story.sign("x", "removed", "a", "b")
    story.chain(2, "remove", "x")
    story.told(2)
    story.commit("door", 2, erase=("x",))
    return story


def test_a_right_history_is_right(story: Story) -> None:
    assert story.wrongs() == []


def test_a_lift_that_travels_ahead_is_right(story: Story) -> None:
    story.commit("gate", 1, erase=("x",))
    assert story.wrongs() == []


def unsigned(story: Story) -> None:
    story.commit("door", 2, put={"y": b"anything"})


def half_signed(story: Story) -> None:
    story.sign("y", "put", "a", until_ms=LATE)
    story.commit("door", 2, put=story.put("y"))


def risen(story: Story) -> None:
    story.commit("door", 2, put=story.put("x"))


def kept(story: Story) -> None:
    story.commit("gate", 2)


def went_back(story: Story) -> None:
    story.commit("door", 1)


def old_root(story: Story) -> None:
    story.commit("door", 2, root_version=0)


def forked(story: Story) -> None:
    story.commit("gate", 2, record_hash=b"other", erase=("x",))


def other_list(story: Story) -> None:
    story.commit("gate", 2, live_root=b"other", erase=("x",))


def dropped(story: Story) -> None:
    story.sign("y", "put", "a", "b", until_ms=LATE)
    story.chain(3, "put", "y", LATE)
    story.commit("door", 3, put=story.put("y"))
    story.commit("door", 3, erase=("y",))


def missing(story: Story) -> None:
    story.sign("y", "put", "a", "b", until_ms=LATE)
    story.chain(3, "put", "y", LATE)
    story.commit("door", 3)


def matched_although_contested(story: Story) -> None:
    story.sign("y", "put", "a", "b", until_ms=LATE)
    story.sign("y", "contest", "a", needed=1)
    story.chain(3, "put", "y", LATE)
    story.chain(4, "contest", "y")
    story.commit("door", 4, put=story.put("y"))


def suspended_for_nothing(story: Story) -> None:
    story.commit("gate", 1, put=story.put("x"), suspended=frozenset({"x"}))


def resumed_for_nothing(story: Story) -> None:
    story.sign("x", "contest", "b", needed=1)
    story.commit("gate", 1, put=story.put("x"), suspended=frozenset({"x"}))
    story.commit("gate", 1, put=story.put("x"))


def lost(story: Story) -> None:
    story.chain(3, "policy", "")
    story.told(3)
    story.note(Restored(story.at_ms, 3))
    story.history.events.append(Chained(story.at_ms, 3, b"other", "policy", "", "", 1, b""))


def told_too_early(story: Story) -> None:
    story.told(3)


def chained_without_signatures(story: Story) -> None:
    story.chain(3, "put", "z", LATE)


def hub_resurrects(story: Story) -> None:
    story.chain(3, "put", "x", LATE)


def destroyed_by_nobody(story: Story) -> None:
    story.note(Destroyed(story.at_ms, "gate"))


def forged_root(story: Story) -> None:
    story.commit("door", 2, root_version=2)


def older_head(story: Story) -> None:
    story.commit("door", 2, head_ms=9)
    story.commit("door", 2, head_ms=8)


def endless_lease(story: Story) -> None:
    story.commit("door", 2, head_ms=9, lease_ms=32 * 86_400_000)


def pressed_once(story: Story) -> None:
    story.note(Pressed(story.at_ms, "door", "x"))
    story.note(Cautioned(story.at_ms, 7, ("x",)))


def held_back_for_nothing(story: Story) -> None:
    story.commit("door", 2, caution=(7, ("x",)))


def older_caution(story: Story) -> None:
    for issued_ms in (7, 8):
        story.note(Cautioned(story.at_ms, issued_ms, ()))
    story.commit("door", 2, caution=(8, ()))
    story.commit("door", 2, caution=(7, ()))


def undead(story: Story) -> None:
    story.note(Ended(story.at_ms, "gate"))
    story.note(Destroyed(story.at_ms, "gate"))
    story.commit("gate", 2)


PLANTED: dict[Callable[[Story], None], str] = {
    unsigned: "which nobody signed",
    half_signed: "which 1 venue signed",
    risen: "again, which was removed",
    kept: "still holds",
    went_back: "went back from 2 to 1",
    old_root: "went back to root",
    forked: "the hub never wrote",
    other_list: "the hub never wrote",
    dropped: "which nobody lifted",
    missing: "lacks y",
    matched_although_contested: "matches the contested",
    suspended_for_nothing: "which nobody contested",
    resumed_for_nothing: "which nobody asked for",
    lost: "another record 3",
    told_too_early: "which the hub does not have",
    chained_without_signatures: "nobody agreed on",
    hub_resurrects: "put the removed x back",
    destroyed_by_nobody: "which nobody ordered",
    forged_root: "no officers signed",
    older_head: "an older head",
    endless_lease: "believes a head for",
    undead: "after its key was destroyed",
    pressed_once: "which nobody marked twice",
    held_back_for_nothing: "which the hub never said",
    older_caution: "an older caution",
}


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_each_planted_wrong_is_named(story: Story, plant: Callable[[Story], None]) -> None:
    plant(story)
    found = story.wrongs()
    assert any(PLANTED[plant] in one for one in found), found


def test_a_caution_of_the_hub_about_what_staff_marked_twice_is_right(story: Story) -> None:
    for unit in ("door", "gate"):
        story.note(Pressed(story.at_ms, unit, "x"))
    story.note(Cautioned(story.at_ms, 7, ("x",)))
    story.commit("door", 2, caution=(7, ("x",)))
    assert story.wrongs() == []


def test_a_thief_with_the_hub_key_may_append_but_not_ban(story: Story) -> None:
    story.commit("gate", 7, record_hash=b"of the thief", live_root=b"too")
    assert story.wrongs(frozenset({HUB})) == []
    story.commit("gate", 8, put={"y": b"anything"})
    assert story.wrongs(frozenset({HUB})) == ["gate holds y, which nobody signed"]


def test_what_only_a_burnt_disk_had_counts_as_lost_to_nobody(story: Story) -> None:
    story.chain(3, "policy", "")
    story.told(3)
    story.note(Restored(story.at_ms, 2))
    story.history.note(Chained(story.at_ms, 3, b"other", "policy", "", "", 1, b""))
    assert story.wrongs() == []
