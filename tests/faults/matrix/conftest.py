from pathlib import Path

import pytest

from edge.demo.samples import SamplesError, fetch_samples
from fault_matrix.scene import paint


@pytest.fixture(scope="module")
def scenery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the pictures of the scene in it."""
    folder = tmp_path_factory.mktemp("scenery")
    try:
        samples = fetch_samples(Path(__file__).parents[3] / ".demo" / "samples", print)
    except SamplesError as error:
        pytest.skip(str(error))
    paint(samples, folder / "pictures.npy")
    return folder
