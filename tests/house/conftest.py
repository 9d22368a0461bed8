"""The tree that the house rules are about."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def sources(root: Path) -> list[Path]:
    """Every file of the product."""
    return sorted([*root.glob("edge/**/*.py"), *root.glob("sync/**/*.py")])
