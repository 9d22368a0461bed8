"""Photographs through an engine, to figures."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest

from edge.decision import Rules
from edge.evaluate.acquire import acquire, each
from edge.evaluate.finding import WIDTHS_PX, blurred_ground, pasted, pasted_into
from edge.evaluate.lists import enrolled, pool
from edge.evaluate.night import Guests, Plan, simulate, steps
from edge.evaluate.photographs import EvaluationError, by_person, listed_pairs_of
from edge.evaluate.recognition import (
    Identification,
    compared,
    compared_pairs,
    differences,
    searched,
    summed_up,
    verified,
)
from edge.evaluate.report import Report, page, setting
from edge.evaluate.rows import percent
from edge.vision import load_engine

Paint = Callable[..., Path]


def test_templates_and_failures_are_in_the_photographs_order(
    people: Paint, engine: Any, tmp_path: Path
) -> None:
    folder = people("set", images={1: 2, 2: 1})
    cv2.imwrite(str(folder / "01" / "9.png"), np.full((50, 50, 3), 128, np.uint8))
    (folder / "02" / "9.jpg").write_bytes(b"no photo")
    told: list[None] = []
    found = acquire(by_person(folder).paths, [engine, engine], lambda: told.append(None))
    assert list(found.acquired) == [True, True, False, True, False]
    assert (found.failures, found.unreadable, found.flawed) == (2, 1, 0)
    assert found.templates[0] == pytest.approx(found.templates[1])
    assert not found.templates[2].any()
    assert list(found.usable) == list(found.acquired)
    assert len(told) == 5
    counted = summed_up(by_person(folder), found)
    assert (counted.images, counted.people, counted.failures_to_acquire) == (5, 2, 2)


def test_no_two_threads_share_an_engine() -> None:
    busy: set[int] = set()

    def work(engine: Any, item: int) -> int:
        assert engine not in busy
        busy.add(engine)
        busy.discard(engine)
        return item * 2

    engines: Any = [1, 2, 3]
    assert list(each(range(50), engines, work)) == [item * 2 for item in range(50)]


def test_people_of_different_colours_are_told_apart(people: Paint, engine: Any) -> None:
    shown = by_person(people("set", images=dict.fromkeys(range(8), 3)))
    found = acquire(shown.paths, [engine])
    every = compared(shown, found, seed=1)
    verification = verified(every, seed=1)
    assert (verification.mated, verification.non_mated) == (24, 252)
    assert [(one.tmr, one.interval) for one in differences(every, every, 1)] == [(0, (0, 0))]
    assert verification.at[0].tmr == 1.0
    identification = searched(shown.person, found, 3, seed=1)
    assert (identification.gallery, identification.mated_probes) == (3, 6)
    assert identification.non_mated_probes == 15
    assert identification.at == ()


def test_a_gallery_of_everybody_leaves_nobody_outside(people: Paint, engine: Any) -> None:
    shown = by_person(people("set", images={0: 2, 1: 2}))
    found = acquire(shown.paths, [engine])
    with pytest.raises(EvaluationError, match="smaller --gallery"):
        searched(shown.person, found, 2, seed=1)


def test_one_person_alone_cannot_be_compared(people: Paint, engine: Any) -> None:
    shown = by_person(people("set", images={3: 2}))
    with pytest.raises(EvaluationError, match="nothing to compare"):
        compared(shown, acquire(shown.paths, [engine]), seed=1)


def test_listed_pairs_are_judged(people: Paint, engine: Any, tmp_path: Path) -> None:
    folder = people("set", images={1: 2, 2: 2})
    file = tmp_path / "pairs.csv"
    file.write_text(
        "a,b,same\n01/0.png,01/1.png,1\n02/0.png,02/1.png,1\n01/0.png,02/0.png,0\n"
        "01/1.png,02/1.png,0\n"
    )
    pairs = listed_pairs_of(file, folder)
    found = verified(compared_pairs(pairs, acquire(pairs.photographs.paths, [engine])), seed=1)
    assert (found.mated, found.non_mated, found.accuracy.value) == (2, 2, 1.0)


def test_a_pasted_face_is_found_where_it_was_put(people: Paint, sharp_engine: Any) -> None:
    paths = by_person(people("set", images={1: 2, 6: 2})).paths
    found = pasted(paths, 3, 1, [sharp_engine])
    assert [one.width for one in found] == list(WIDTHS_PX)
    assert all((one.found.events, one.found.trials) == (3, 3) for one in found)


def test_nothing_to_paste_is_refused(tmp_path: Path, engine: Any) -> None:
    cv2.imwrite(str(tmp_path / "grey.png"), np.full((50, 50, 3), 128, np.uint8))
    with pytest.raises(EvaluationError, match="no face"):
        pasted([tmp_path / "grey.png"], 1, 1, [engine])


def test_what_reaches_past_a_frame_is_cut_off() -> None:
    frame = blurred_ground(np.zeros((40, 40, 3), np.uint8))
    photo = np.full((400, 400, 3), 250, np.uint8)
    left, top = pasted_into(frame, photo, 4.0, np.random.default_rng(1))
    assert (left, top) == (-160, -440)
    assert frame[360, 640, 0] == 250


PLAN = Plan(gallery=2, nights=2, budget=1e-3, frames=5, seed=3)


def test_a_simulated_night_stops_the_listed_and_clears_the_others(
    people: Paint, engine: Any, tmp_path: Path
) -> None:
    listed = people("listed", images={1: 2, 2: 2, 4: 2, 7: 2, 0: 1})
    strangers = by_person(people("others", images={0: 2, 6: 1})).paths
    guests = Guests(tuple(pool([listed], 1)), strangers, ("a", "a", "b"))
    told: list[None] = []
    found = simulate(PLAN, guests, [engine], Rules(0.97, 0.98), lambda: told.append(None))
    assert len(told) == steps(PLAN, guests) == 11
    assert (found.strangers, found.listed, found.refused_enrolments) == (3, 4, 0)
    assert [one.who for one in found.false_alerts] == ["all", "a", "b"]
    assert found.false_alerts[0].stops.events == 0
    assert found.missed.stopped == 4
    assert found.verdicts["clear"] == 1.0
    assert found.split == 0


def test_people_of_all_folders_take_turns_on_the_list(people: Paint) -> None:
    one = people("one", images={1: 2, 2: 2, 3: 2})
    other = people("other", images={1: 3, 2: 1})
    names = [person.reference.parts[-3] for person in pool([one, other], 5)]
    assert names == ["one", "other", "one", "one"]
    with pytest.raises(EvaluationError, match="two photographs"):
        pool([people("lonely", images={1: 1})], 5)


def test_whoever_is_refused_is_replaced_until_nobody_is_left(people: Paint, engine: Any) -> None:
    listed = people("listed", images={1: 2, 2: 2, 4: 2})
    cv2.imwrite(str(listed / "01" / "0.png"), np.full((50, 50, 3), 128, np.uint8))
    everybody = pool([listed], 1)
    lists, refused = enrolled(everybody, [2], [engine])
    assert refused <= 1
    assert len(lists[0].index) == len(set(lists[0].entry_ids)) == 2
    with pytest.raises(EvaluationError, match="2 people can be enrolled and 3 are needed"):
        enrolled(everybody, [3], [engine])


def test_the_report_stands_alone_and_names_its_setting(
    people: Paint, engine: Any, tmp_path: Path
) -> None:
    folder = people("<set>", images=dict.fromkeys(range(8), 6))
    shown = by_person(folder)
    acquisition = acquire(shown.paths, [engine])
    report = Report(
        setting(folder, engine.model_id, 1, 2.0),
        summed_up(shown, acquisition),
        verified(compared(shown, acquisition, 1), 1),
        searched(shown.person, acquisition, 2, 1),
        pasted(shown.paths, 1, 1, [engine]),
    )
    text = page(report)
    for words in ("&lt;set&gt;", "painted-0", "gallery of 2", "<svg", "96 px", "95 % interval"):
        assert words in text
    assert "http" not in text
    read = msgspec.json.decode(msgspec.json.encode(report.identification), type=Identification)
    assert read == report.identification


@pytest.mark.parametrize(("share", "words"), [(0.0123, "1.23 %"), (0.987, "98.7 %"), (0, "0.00 %")])
def test_shares_are_shown_in_percent(share: float, words: str) -> None:
    assert percent(share) == words


@pytest.mark.faces
def test_real_people_are_told_apart(faces_root: Path) -> None:
    shown = by_person(faces_root / "portrait-pairs", limit=15)
    found = acquire(shown.paths, [load_engine(threads=1)])
    assert found.failures == 0
    assert verified(compared(shown, found, seed=1), seed=1).at[0].tmr > 0.9
