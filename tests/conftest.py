"""Fixtures that every folder of tests may use."""

from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("shared machine", deadline=None)  # a busy machine is no failure
settings.load_profile("shared machine")

DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def faces_root() -> Path:
    """Give the folder of evaluation photographs, or skip where the machine has none."""
    if not (DATA / "lfw-dev").is_dir():
        pytest.skip("the evaluation photographs (../shared/data) are not on this machine")
    return DATA
