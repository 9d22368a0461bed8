"""A network that torch trains computes what its file computes, and comes back into one."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (doorwatch[models])")

from edge.errors import ModelError  # noqa: E402 (behind the check for torch)
from edge.vision.face import FloatArray  # noqa: E402
from edge.vision.models.graph import operator_names, write_graph  # noqa: E402
from edge.vision.models.training.leaky import one_slope_each  # noqa: E402
from edge.vision.models.training.network import Network  # noqa: E402

Run = Callable[[Any, Any], FloatArray]


def answers(network: Network, images: FloatArray) -> FloatArray:
    with torch.no_grad():
        made = network.run(torch.from_numpy(images).permute(0, 3, 1, 2))
    return np.asarray(made, np.float32)


def in_file_order(made: FloatArray, images: FloatArray) -> FloatArray:
    """Bring an answer that was flattened channel by channel into the file's order."""
    side = images.shape[1]
    return made.reshape(len(made), -1, side, side).transpose(0, 2, 3, 1).reshape(len(made), -1)


def close(one: FloatArray, other: FloatArray) -> bool:
    return float(np.abs(one - other).max()) <= 1e-4 * float(np.abs(other).max())


def test_torch_computes_what_the_file_does(wild: Any, images: FloatArray, run: Run) -> None:
    made = answers(Network(write_graph(wild)), images)
    assert close(in_file_order(made, images), run(wild, images[:, None]))


def test_one_slope_a_layer_is_computed_alike(wild: Any, images: FloatArray, run: Run) -> None:
    assert min(one_slope_each(wild, range(3))) < 0
    made = answers(Network(write_graph(wild)), images)
    assert close(in_file_order(made, images), run(wild, images[:, None]))


def test_what_is_written_computes_what_was_trained(wild: Any, images: FloatArray, run: Run) -> None:
    network = Network(write_graph(wild))
    with torch.no_grad():
        for parameter in network.parameters:
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=torch.Generator()))
    made = answers(network, images)
    assert close(in_file_order(made, images), run(network.file(), images[:, None]))


def test_an_untouched_network_writes_its_own_weights_again(
    wild: Any, images: FloatArray, run: Run
) -> None:
    made = run(Network(write_graph(wild)).file(), images[:, None])
    assert close(made, run(wild, images[:, None]))


def test_the_source_itself_is_computed_alike_with_its_strides(source: bytes, run: Run) -> None:
    images = np.random.default_rng(1).uniform(-1, 1, (2, 112, 112, 3)).astype(np.float32)
    network = Network(source)
    assert close(answers(network, images), run(source, images[:, None]))
    stages = network.stages()
    assert [step for stage in stages for step in stage] == network.steps
    assert sum(stage[-1].name == "ADD" for stage in stages) == 12
    assert len(stages) == 17


def test_stages_run_one_after_the_other_make_the_whole(wild: Any, images: FloatArray) -> None:
    network = Network(write_graph(wild))
    value = torch.from_numpy(images).permute(0, 3, 1, 2)
    stages = network.stages()
    assert len(stages) > 1
    with torch.no_grad():
        for stage in stages:
            value = network.run(value, stage)
    assert np.array_equal(value.numpy(), answers(network, images))


def test_parameters_of_all_stages_are_those_of_the_network(wild: Any) -> None:
    network = Network(write_graph(wild))
    found = [id(each) for stage in network.stages() for each in network.parameters_of(stage)]
    assert sorted(found) == sorted(map(id, network.parameters))


def test_an_operator_that_cannot_be_trained_is_named(drawn: Any) -> None:
    assert "MUL" in operator_names(drawn)
    with pytest.raises(ModelError, match="the operator RELU cannot be trained"):
        Network(write_graph(drawn))
