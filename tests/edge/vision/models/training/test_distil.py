"""Training brings a network nearer to what is wanted, the same way every time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (doorwatch[models])")

from edge.errors import ModelError  # noqa: E402 (behind the check for torch)
from edge.vision.embed import Spread  # noqa: E402
from edge.vision.face import FloatArray  # noqa: E402
from edge.vision.models.graph import read_graph, write_graph  # noqa: E402
from edge.vision.models.training import views  # noqa: E402
from edge.vision.models.training.distil import apart, distil, loss, rate  # noqa: E402
from edge.vision.models.training.leaky import one_slope_each  # noqa: E402
from edge.vision.models.training.lessons import Lessons, lessons, pixels, views_of  # noqa: E402
from edge.vision.models.training.network import Network  # noqa: E402
from edge.vision.models.training.recipe import Recipe  # noqa: E402
from edge.vision.models.training.source import answers, opened, unit  # noqa: E402
from edge.vision.models.training.stagewise import fit_stages  # noqa: E402

FEW = Recipe(steps=20, batch=6, rate=2e-3, spoilt=0.2)
NO_SPREAD = Spread(np.zeros(192, np.float32), np.eye(192, dtype=np.float32))


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def given(source: bytes) -> Lessons:
    """Give patterns in place of faces, and what the source answers to them."""
    coarse = np.random.default_rng(6).integers(0, 256, (6, 13, 13, 3)).astype(np.uint8)
    fine = views.CANVAS // 13
    canvases = np.repeat(np.repeat(coarse, fine, axis=1), fine, axis=2)
    looks = views_of(6, 6, seed=1)
    wanted = answers(opened(source), canvases, looks, lambda: None)
    return Lessons(canvases, looks, wanted, NO_SPREAD)


def leaky(content: bytes, layers: Any = FEW.leaky) -> Network:
    model = read_graph(content)
    one_slope_each(model, layers)
    return Network(write_graph(model))


def likeness(network: Network, given: Lessons) -> float:
    with torch.no_grad():
        made = network.run(given.clean(range(6))).numpy()
    return float((unit(made) * given.wanted[:6]).sum(axis=1).mean())


def test_pixels_are_normalised_as_the_source_wants_them() -> None:
    chip = np.zeros((4, 4, 3), np.uint8)
    chip[..., 2] = 255
    made = pixels([chip, chip])
    assert tuple(made.shape) == (2, 3, 4, 4)
    assert made[0, 0].unique().tolist() == [-127.5 / 128]
    assert made[1, 2].unique().tolist() == [127.5 / 128]


@pytest.mark.slow
def test_training_comes_nearer_and_repeats_itself(source: bytes, given: Lessons) -> None:
    made, before = [], likeness(leaky(source), given)
    for _ in range(2):
        network, seen = leaky(source), []
        distil(network, given, FEW, lambda done, _, seen=seen: seen.append(done))
        assert seen == list(range(1, FEW.steps + 1))
        made.append((likeness(network, given), network.file()))
    assert made[0] == made[1]
    assert made[0][0] > before + 0.02


@pytest.mark.slow
def test_stages_are_brought_near_the_source(source: bytes, given: Lessons) -> None:
    network, model, told = leaky(source), Network(source), []
    before = likeness(network, given)
    shown = given.clean(range(6))
    left = fit_stages(network, model, shown, Recipe(stage_steps=25), lambda: told.append(1))
    assert likeness(network, given) > before + 0.02
    assert len(told) == len(left) == len(network.stages())


def test_a_network_whose_slopes_all_stay_is_the_source(source: bytes, given: Lessons) -> None:
    shown = given.clean([0, 1])
    with torch.no_grad():
        one, other = (each.run(shown) for each in (leaky(source, layers=()), Network(source)))
    assert torch.equal(one, other)


def test_a_perfect_answer_costs_nothing_and_a_wrong_relation_does() -> None:
    wanted = torch.from_numpy(unit(np.random.default_rng(1).normal(0, 1, (5, 8)).astype("f4")))
    assert float(loss(wanted, wanted, 3.0)) == pytest.approx(0, abs=1e-6)
    swapped = wanted[[1, 0, 2, 3, 4]]
    assert float(loss(swapped, wanted, 3.0)) > float(loss(swapped, wanted, 0.0)) > 0


def test_templates_are_brought_apart_as_the_unit_does() -> None:
    rng = np.random.default_rng(2)
    spread = Spread(
        rng.normal(0, 0.1, 6).astype(np.float32), rng.normal(0, 1, (6, 6)).astype(np.float32)
    )
    templates = unit(rng.normal(0, 1, (4, 6)).astype(np.float32))
    made = apart(torch.from_numpy(templates), spread).numpy()
    for row, template in zip(made, templates, strict=True):
        assert row == pytest.approx(spread.apart(template), abs=1e-5)


def test_the_rate_starts_low_and_ends_lower() -> None:
    recipe = Recipe(steps=1000)
    rates = [rate(recipe, step) for step in range(1000)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(recipe.rate, rel=0.05)
    assert rates[-1] < 0.01 * recipe.rate


def test_a_share_of_the_views_is_shown_as_a_door_would(given: Lessons) -> None:
    rows = list(range(12))
    never, always = (given.spoilt(rows, np.random.default_rng(1), often) for often in (0, 1))
    again = given.spoilt(rows, np.random.default_rng(1), 1)
    assert torch.equal(never, given.clean(rows))
    assert torch.equal(always, again)
    assert not torch.equal(always, never)


def wanted(people: int) -> FloatArray:
    return unit(np.random.default_rng(3).normal(0, 1, (people, 8)).astype(np.float32))


def test_lessons_spread_apart_what_the_faces_as_they_are_were_answered_with() -> None:
    canvases: Any = np.zeros((20, 1, 1, 3), np.uint8)
    made = lessons(canvases, views_of(20, 5, seed=1), wanted(25))
    assert made.spread.centre == pytest.approx(wanted(25)[:20].mean(axis=0), abs=1e-6)
    assert [view.face for view in made.views[:20]] == list(range(20))


def test_too_few_faces_are_refused() -> None:
    canvases: Any = np.zeros((7, 1, 1, 3), np.uint8)
    with pytest.raises(ModelError, match="too few faces to learn from"):
        lessons(canvases, views_of(7, 0, seed=1), wanted(7))
