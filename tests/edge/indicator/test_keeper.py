from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.decision import Signal, Verdict
from edge.indicator.keeper import (
    GREEN_LASTS_S,
    OPEN_LOOKS,
    SILENCE_S,
    STOP_LASTS_S,
    Closed,
    Feed,
    Keeper,
    Quiet,
)
from edge.indicator.pattern import CLEAR_S, SAFE, TEST_STEP_S, Levels, levels
from sync.entries import Category

IDLE, CLEAR = Signal(None), Signal(Verdict.CLEAR, encounter=1)
STOP = Signal(Verdict.STOP, Category.BANNED, encounter=2)
FAULTY = Signal(Verdict.FAULT, faults=True)
FRAME_S = 0.1

signals = st.builds(
    Signal,
    st.none() | st.sampled_from(Verdict),
    st.none() | st.sampled_from(Category),
    st.booleans(),
    st.none() | st.integers(0, 9),
)


@dataclass
class Door:
    """A keeper and an engine that feeds it, in a time of their own."""

    keeper: Keeper = field(default_factory=Keeper)
    now: float = 1000.0
    frame: int = 0
    session: int = 7

    def feed(self, signal: Signal, *, advance: int = 1, late_s: float = 0.0) -> bool:
        self.frame += advance
        message = Feed(self.session, self.frame, self.now - late_s, signal)
        return self.keeper.take(message, self.now)

    def run(self, signal: Signal, seconds: float, *, advance: int = 1) -> list[Levels]:
        """Feed a signal ten times a second, and note what is on fifty times a second."""
        shown = []
        for tick in range(round(seconds * 50)):
            if tick % 5 == 0:
                self.feed(signal, advance=advance)
            shown.append(self.keeper.levels(self.now))
            self.now += 0.02
        return shown

    def silence(self, seconds: float) -> list[Levels]:
        shown = []
        for _ in range(round(seconds * 50)):
            shown.append(self.keeper.levels(self.now))
            self.now += 0.02
        return shown

    def showing(self) -> Signal:
        return self.keeper.signal(self.now)


@pytest.fixture
def door() -> Door:
    """A door that has been fed a little, and is idle."""
    door = Door()
    door.run(IDLE, 0.2)
    return door


def pattern(signal: Signal, seconds: float) -> list[Levels]:
    return [levels(signal, tick * 0.02) for tick in range(round(seconds * 50))]


def test_a_keeper_that_never_heard_anything_shows_a_fault() -> None:
    assert Keeper().signal(0.0) == SAFE
    assert Keeper().levels(0.0) == levels(SAFE, 0.0)


def test_a_cleared_person_gets_one_green_of_its_length(door: Door) -> None:
    greens = [one.green for one in door.run(CLEAR, 4.0)]
    assert sum(greens) * 0.02 == pytest.approx(CLEAR_S, abs=0.05)
    assert greens[0]
    assert not any(greens[round(CLEAR_S * 50) + 2 :])


def test_the_next_person_gets_a_green_of_their_own(door: Door) -> None:
    door.run(CLEAR, 3.0)
    assert door.run(Signal(Verdict.CLEAR, encounter=2), 0.1)[0].green


def test_a_green_is_not_repeated_when_the_newer_of_two_leaves(door: Door) -> None:
    door.run(Signal(Verdict.CLEAR, encounter=5), 3.0)
    door.run(Signal(Verdict.CLEAR, encounter=6), 3.0)
    assert not any(one.green for one in door.run(Signal(Verdict.CLEAR, encounter=5), 3.0))


def test_green_goes_out_when_the_frames_stop(door: Door) -> None:
    door.run(CLEAR, 0.3)
    lit = [one.green for one in door.silence(2.0)]
    assert sum(lit) * 0.02 <= GREEN_LASTS_S + 0.02
    assert door.showing() == SAFE


def test_a_frame_told_twice_feeds_nothing(door: Door) -> None:
    door.run(CLEAR, 0.3)
    shown = door.run(CLEAR, 3.0, advance=0)
    assert not any(one.green for one in shown[round(GREEN_LASTS_S * 50) + 1 :])
    assert door.showing() == SAFE
    assert shown[-50:] != pattern(IDLE, 1.0)


def test_frames_that_count_backwards_feed_nothing(door: Door) -> None:
    door.frame += 100
    door.feed(IDLE)
    assert door.feed(CLEAR, advance=-5) is False
    door.run(CLEAR, 1.2, advance=-1)
    assert door.showing() == SAFE


def test_silence_is_a_fault_after_a_second(door: Door) -> None:
    shown = door.silence(SILENCE_S - 0.1)
    assert door.showing() == IDLE
    assert not any(one.red or one.green for one in shown)
    door.silence(0.2)
    assert door.showing() == SAFE


def test_a_stop_stands_beside_the_fault_for_a_while_when_the_engine_dies(door: Door) -> None:
    door.run(STOP, 1.0)
    door.silence(SILENCE_S + 0.1)
    assert door.showing() == Signal(Verdict.STOP, Category.BANNED, faults=True, encounter=2)
    door.silence(STOP_LASTS_S)
    assert door.showing() == SAFE


def test_a_message_that_lay_about_is_not_believed(door: Door) -> None:
    """A stopped keeper finds old greens in its socket when it goes on."""
    assert door.feed(CLEAR, late_s=SILENCE_S + 0.01) is False
    assert door.feed(CLEAR, late_s=-0.5) is False
    assert door.feed(CLEAR, late_s=float("nan")) is False
    assert door.showing() == IDLE


def test_bad_news_needs_no_newer_frame(door: Door) -> None:
    assert door.feed(FAULTY, advance=0) is True
    assert door.showing() == FAULTY


def test_a_restarted_engine_counts_from_one_again_and_has_to_prove_itself(door: Door) -> None:
    door.frame = 5000
    door.feed(IDLE)
    door.session, door.frame = 8, 0
    assert door.feed(CLEAR) is False
    assert door.feed(CLEAR) is True


def test_two_engines_at_once_are_a_fault(door: Door) -> None:
    for _ in range(20):
        for door.session in (7, 8):
            door.feed(CLEAR)
        door.now += FRAME_S
        door.keeper.levels(door.now)
    assert door.showing() == SAFE


def test_acknowledging_quiets_the_present_stop_and_the_next_person_rings(door: Door) -> None:
    assert any(one.buzzer for one in door.run(STOP, 2.0))
    door.keeper.acknowledge(door.now)
    quiet = door.run(STOP, 3.0)
    assert not any(one.buzzer for one in quiet)
    assert any(one.red for one in quiet)
    second = Signal(Verdict.STOP, Category.BANNED, encounter=3)
    assert any(one.buzzer for one in door.run(second, 1.0))


def test_a_quieted_stop_stays_quiet_when_a_fault_joins_it(door: Door) -> None:
    door.run(STOP, 0.5)
    door.keeper.take(Quiet(), door.now)
    joined = Signal(Verdict.STOP, Category.BANNED, faults=True, encounter=2)
    shown = door.run(joined, 2.0)
    assert not any(one.buzzer for one in shown)
    assert any(one.amber for one in shown)


def test_acknowledging_nothing_quiets_nothing(door: Door) -> None:
    door.keeper.acknowledge(door.now)
    assert any(one.buzzer for one in door.run(STOP, 1.0))


def test_a_stop_that_comes_back_rings_again(door: Door) -> None:
    door.run(STOP, 0.5)
    door.keeper.acknowledge(door.now)
    door.run(IDLE, 0.5)
    assert any(one.buzzer for one in door.run(STOP, 1.0))


def test_the_test_button_tries_every_lamp_once(door: Door) -> None:
    door.keeper.try_lamps(door.now)
    shown = door.run(IDLE, 4 * TEST_STEP_S + 0.1)
    steps = [shown[round((step + 0.5) * TEST_STEP_S * 50)] for step in range(4)]
    assert steps == [
        Levels(red=True), Levels(amber=True), Levels(green=True), Levels(buzzer=True),
    ]  # fmt: skip
    assert not any(one.red or one.green or one.buzzer for one in door.run(IDLE, 2.0))


def test_a_lamp_test_shows_no_green_during_a_fault(door: Door) -> None:
    door.silence(1.2)
    door.keeper.try_lamps(door.now)
    shown = door.silence(2.5)
    assert any(one.red for one in shown)
    assert not any(one.green for one in shown)


def test_a_stop_ends_a_lamp_test(door: Door) -> None:
    door.keeper.try_lamps(door.now)
    assert door.run(STOP, 2.0) == pattern(STOP, 2.0)
    assert not any(one.green for one in door.run(IDLE, 2.0))


@given(
    st.lists(st.tuples(signals, st.integers(-2, 2), st.floats(0, 2), st.booleans()), max_size=30)
)
def test_whatever_is_fed_a_green_has_a_fresh_frame_of_a_clear_behind_it(
    told: list[tuple[Signal, int, float, bool]],
) -> None:
    door, proved_at = Door(), float("-inf")
    for signal, advance, pause_s, again in told:
        door.now += pause_s
        door.session += again
        believed = door.feed(signal, advance=max(advance, -door.frame))
        if believed and signal.verdict is Verdict.CLEAR and not signal.faults:
            proved_at = door.now
        if door.keeper.levels(door.now).green:
            assert door.now - proved_at <= GREEN_LASTS_S


def test_an_opened_box_shows_a_fault_until_it_is_closed_and_a_manager_says_so() -> None:
    door = Door()
    door.run(CLEAR, 0.3)
    for _ in range(OPEN_LOOKS):
        door.keeper.watch_box(is_open=True)
    assert door.showing() == SAFE
    assert not door.keeper.take(Closed(), door.now)
    door.keeper.watch_box(is_open=False)
    assert door.showing() == SAFE
    assert door.keeper.take(Closed(), door.now)
    assert door.showing() == CLEAR


def test_a_stop_shows_beside_an_opened_box() -> None:
    door = Door(Keeper(opened=True))
    door.run(STOP, 0.3)
    assert (door.showing().verdict, door.showing().faults) == (Verdict.STOP, True)


def test_a_wrong_reading_opens_no_box() -> None:
    door = Door()
    door.run(CLEAR, 0.3)
    for _ in range(3):
        for _ in range(OPEN_LOOKS - 1):
            door.keeper.watch_box(is_open=True)
        door.keeper.watch_box(is_open=False)
    assert door.showing() == CLEAR


@given(st.lists(st.booleans(), max_size=40), signals)
def test_an_opened_box_is_never_green(looks: list[bool], signal: Signal) -> None:
    door = Door(Keeper(opened=True))
    for is_open in looks:
        door.keeper.watch_box(is_open=is_open)
        assert not any(lit.green for lit in door.run(signal, 0.04))
