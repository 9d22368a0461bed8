"""One track per person, on made-up people who walk, cross, hide and come back."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.vision.embed import unit
from edge.vision.face import Face, Flaw, FloatArray, Quality
from edge.vision.fusion import Fusion
from edge.vision.track import MEMORY_S, PATIENCE_S, Track, Tracker

_D = 64
_STEP = 0.1


def _person(seed: int) -> FloatArray:
    """Make a person's template; two people's are all but at right angles."""
    axis = np.zeros(_D, np.float32)
    axis[seed] = 1
    return axis


def _face(  # noqa: PLR0913 - each part of a face matters to some test
    person: FloatArray | None,
    x: float,
    *,
    y: float = 300,
    width: float = 100,
    quality: float = 0.8,
    flaws: tuple[Flaw, ...] = (),
    noise: float = 0.3,
    seed: int = 0,
) -> Face:
    template = None
    if person is not None:
        rough = np.random.default_rng(seed).normal(0, noise / _D**0.5, _D)
        template = unit((person + rough).astype(np.float32))
    box = (x - width / 2, y - width / 2, x + width / 2, y + width / 2)
    landmarks = np.zeros((5, 2), np.float32)
    return Face(box, landmarks, 0.9, Quality(quality, flaws), template)


def _follow(frames: Sequence[Sequence[Face]]) -> list[tuple[Track, ...]]:
    tracker = Tracker()
    return [tracker.update(faces, i * _STEP) for i, faces in enumerate(frames)]


def _numbers(given_tracks: Sequence[tuple[Track, ...]]) -> set[int]:
    return {track.number for tracks in given_tracks for track in tracks}


def test_nobody_gives_no_track() -> None:
    assert _follow([[], []]) == [(), ()]


def test_a_person_walking_up_is_one_track_with_every_usable_face_in_it() -> None:
    seen = _follow([[_face(_person(0), 300 + 20 * i, width=60 + 5 * i, seed=i)] for i in range(20)])
    assert _numbers(seen) == {1}
    (last,) = seen[-1]
    assert (last.usable, last.first_seen, last.lost) == (20, 0.0, False)
    assert last.fused is not None
    assert float(last.fused @ _person(0)) > 0.98


def test_unusable_faces_keep_a_track_but_do_not_count() -> None:
    blurred = [_face(_person(1), 300, flaws=(Flaw.BLURRED,)) for _ in range(10)]
    (track,) = _follow([[face] for face in blurred])[-1]
    assert (track.usable, track.fused) == (0, None)


def test_a_better_face_weighs_more() -> None:
    fusion = Fusion().plus(_face(_person(0), 0, quality=0.9, noise=0))
    fused = fusion.plus(_face(_person(1), 0, quality=0.1, noise=0)).template
    assert fused is not None
    assert float(fused[0] / fused[1]) == pytest.approx(9, rel=1e-4)


def test_a_short_loss_keeps_the_number() -> None:
    frames = [
        [_face(None, 300, flaws=(Flaw.DARK,))] if i not in range(5, 10) else [] for i in range(15)
    ]
    assert _numbers(_follow(frames)) == {1}


def test_a_person_who_left_is_given_as_lost_once() -> None:
    seen = _follow([[_face(_person(0), 300)]] + [[]] * 30)
    lost = [i for i, tracks in enumerate(seen) for track in tracks if track.lost]
    assert len(lost) == 1
    assert lost[0] * _STEP == pytest.approx(PATIENCE_S + _STEP)
    assert seen[-1] == ()


def test_a_person_who_comes_back_is_not_counted_twice() -> None:
    frames = [[_face(_person(0), 200)]] * 3 + [[]] * 30 + [[_face(_person(0), 900, seed=5)]] * 3
    seen = _follow(frames)
    assert _numbers(seen) == {1}
    assert not seen[-1][0].lost
    assert seen[-1][0].usable == 6


def test_after_the_memory_has_gone_it_is_a_new_encounter() -> None:
    tracker = Tracker()
    tracker.update([_face(_person(0), 200)], 0.0)
    (track,) = tracker.update([_face(_person(0), 200)], MEMORY_S + 0.1)
    assert track.number == 2


def test_who_steps_into_anothers_place_gets_a_track_of_their_own() -> None:
    frames = [[_face(_person(0), 300, seed=i)] for i in range(8)]
    frames += [[_face(_person(1), 305, seed=i)] for i in range(8)]
    last = _follow(frames)[-1]
    assert {track.number: track.usable for track in last} == {1: 8, 2: 8}
    assert last[1].fused is not None
    assert float(last[1].fused @ _person(1)) > 0.95


def test_one_stray_template_makes_no_encounter_and_is_not_fused() -> None:
    frames = [[_face(_person(0) if i != 5 else _person(7), 300, seed=i)] for i in range(25)]
    seen = _follow(frames)
    assert _numbers(seen) == {1}
    assert seen[-1][0].usable == 24


def test_people_who_cross_do_not_swap() -> None:
    frames = [
        [_face(_person(0), 200 + 30 * i, seed=i), _face(_person(1), 800 - 30 * i, seed=50 + i)]
        for i in range(20)
    ]
    frames[10] = frames[10][:1]
    seen = _follow(frames)
    assert _numbers(seen) == {1, 2}
    first, second = seen[-1]
    assert first.fused is not None
    assert second.fused is not None
    assert float(first.fused @ _person(0)) > 0.97
    assert float(second.fused @ _person(1)) > 0.97


def test_strangers_far_apart_are_never_one_track_without_templates() -> None:
    one, other = (_face(None, x, flaws=(Flaw.DARK,)) for x in (100, 900))
    assert len(_numbers(_follow([[one], [one], [other], [other]]))) == 2


def test_a_face_that_cannot_be_used_counts_nobody_until_it_is_seen_again() -> None:
    glimpse = _face(None, 100, flaws=(Flaw.TOO_SMALL,))
    assert _numbers(_follow([[glimpse], [], []])) == set()
    assert len(_numbers(_follow([[glimpse], [glimpse]]))) == 1


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(-3, 3)), min_size=1, max_size=4),
    st.integers(0, 2**32 - 1),
    st.floats(0, 0.3),
)
def test_as_many_tracks_as_people_whatever_the_order_and_the_gaps(
    people: list[tuple[int, int]], chance: int, missing: float
) -> None:
    rng = np.random.default_rng(chance)
    frames = []
    for i in range(30):
        faces = [
            _face(_person(n), 200 + 220 * n + speed * i, seed=i * 7 + n)
            for n, (start, speed) in enumerate(people)
            if i >= min(start, 20) and (i == min(start, 20) or rng.random() >= missing)
        ]
        frames.append([faces[k] for k in rng.permutation(len(faces))])
    seen = _follow(frames)
    assert len(_numbers(seen)) == len(people)
    for tracks in seen:
        numbers = [track.number for track in tracks]
        assert numbers == sorted(set(numbers))
        for track in tracks:
            if track.fused is not None:
                assert np.linalg.norm(track.fused) == pytest.approx(1, abs=1e-5)
                assert float(np.abs(track.fused).max()) > 0.9
