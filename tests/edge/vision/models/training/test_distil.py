"""Training brings a network nearer to its targets, the same way every time."""

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (doorwatch[models])")

from edge.vision.models.build import unpacked  # noqa: E402 (behind the check for torch)
from edge.vision.models.card import FOLDER  # noqa: E402
from edge.vision.models.graph import read_graph, write_graph  # noqa: E402
from edge.vision.models.training import views  # noqa: E402
from edge.vision.models.training.distil import (  # noqa: E402
    Lessons,
    distil,
    fit_last,
    loss,
    pixels,
    rate,
)
from edge.vision.models.training.leaky import one_slope_each  # noqa: E402
from edge.vision.models.training.network import Network  # noqa: E402
from edge.vision.models.training.recipe import Recipe  # noqa: E402
from edge.vision.models.training.stagewise import fit_stages  # noqa: E402
from edge.vision.models.training.target import unit  # noqa: E402

FEW = Recipe(steps=25, batch=6, rate=5e-3)


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def lessons() -> Lessons:
    """Give patterns in place of faces, and what to answer them with."""
    rng = np.random.default_rng(6)
    coarse = rng.integers(0, 256, (6, 13, 13, 3)).astype(np.uint8)
    canvases = np.repeat(np.repeat(coarse, views.CANVAS // 13, axis=1), views.CANVAS // 13, axis=2)
    looks = tuple(views.plain(i % 6) for i in range(12))
    targets = unit(rng.normal(0, 1, (6, 192)).astype(np.float32))
    return Lessons(canvases, looks, np.concatenate([targets, targets]))


@pytest.fixture
def source() -> bytes:
    return unpacked((FOLDER / "embed-float.tflite").read_bytes())


@pytest.fixture
def network(source: bytes) -> Network:
    model = read_graph(source)
    one_slope_each(model)
    return Network(write_graph(model))


def test_pixels_are_normalised_as_the_source_wants_them() -> None:
    chip = np.zeros((4, 4, 3), np.uint8)
    chip[..., 2] = 255
    made = pixels([chip, chip])
    assert tuple(made.shape) == (2, 3, 4, 4)
    assert made[0, 0].unique().tolist() == [-127.5 / 128]
    assert made[1, 2].unique().tolist() == [127.5 / 128]


def test_the_last_layer_is_fitted_to_the_targets(network: Network, lessons: Lessons) -> None:
    assert fit_last(network, lessons) > 0.9


@pytest.mark.slow
def test_training_comes_nearer_and_repeats_itself(source: bytes, lessons: Lessons) -> None:
    made = []
    for _ in range(2):
        model = read_graph(source)
        one_slope_each(model)
        network = Network(write_graph(model))
        seen: list[float] = []
        distil(network, lessons, FEW, lambda _, likeness, seen=seen: seen.append(likeness))
        made.append((seen, network.file()))
    assert made[0] == made[1]
    assert len(made[0][0]) == FEW.steps
    assert np.mean(made[0][0][-3:]) > np.mean(made[0][0][:3]) + 0.05


@pytest.mark.slow
def test_stages_are_brought_near_the_source(
    network: Network, source: bytes, lessons: Lessons
) -> None:
    given = pixels([lessons.clean(i) for i in range(6)])
    model, told = Network(source), []
    with torch.no_grad():
        wanted = model.run(given)
        before = float((network.run(given) - wanted).square().mean())
    left = fit_stages(network, model, given, Recipe(stage_steps=25), lambda: told.append(1))
    with torch.no_grad():
        after = float((network.run(given) - wanted).square().mean())
    assert after < 0.8 * before
    assert len(told) == len(left) == len(network.stages())


def test_a_perfect_answer_costs_nothing_and_a_wrong_relation_does() -> None:
    wanted = torch.from_numpy(unit(np.random.default_rng(1).normal(0, 1, (5, 8)).astype("f4")))
    assert float(loss(wanted, wanted, 3.0)) == pytest.approx(0, abs=1e-6)
    swapped = wanted[[1, 0, 2, 3, 4]]
    assert float(loss(swapped, wanted, 3.0)) > float(loss(swapped, wanted, 0.0)) > 0


def test_the_rate_starts_low_and_ends_lower() -> None:
    recipe = Recipe(steps=1000)
    rates = [rate(recipe, step) for step in range(1000)]
    assert rates[0] == 0
    assert max(rates) == pytest.approx(recipe.rate, rel=0.05)
    assert rates[-1] < 0.01 * recipe.rate


def test_a_batch_shows_views_as_a_door_does(lessons: Lessons) -> None:
    rows = np.arange(6)
    one, other = (lessons.batch(rows, np.random.default_rng(seed)) for seed in (1, 1))
    clean = pixels([lessons.clean(i) for i in rows])
    assert torch.equal(one, other)
    assert not torch.equal(one, clean)


def test_views_are_chosen_from_all_over(lessons: Lessons) -> None:
    assert lessons.spread(4).tolist() == [0, 3, 6, 9]
    assert lessons.spread(100).tolist() == list(range(12))
