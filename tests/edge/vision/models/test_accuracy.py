"""What int8 costs on real faces, on a few of them: whole sets are for the measure command."""

from pathlib import Path

import numpy as np
import pytest

from edge.vision import load_engine
from edge.vision.models.faces import Templates, chips, photos, template_of
from edge.vision.models.measure import compare

PEOPLE = 40


def templates(folder: Path, role: str) -> Templates:
    """Make templates of the first people who have several photos."""
    engine = load_engine(embedder=role, threads=1)
    several = [one for one in sorted(folder.iterdir()) if len(list(one.iterdir())) > 1]
    files = [file for one in several[:PEOPLE] for file in photos(one)]
    found = [(file, values) for file in files if (values := template_of(engine, file)) is not None]
    return Templates(tuple(file for file, _ in found), np.stack([values for _, values in found]))


@pytest.mark.faces
@pytest.mark.slow
def test_the_int8_embedder_recognises_people_nearly_as_well_as_the_float_one(
    faces_root: Path,
) -> None:
    passed: dict[str, float] = {}
    for role in ("embed", "embed-float"):
        found = compare(templates(faces_root / "lfw-dev", role), 0)
        limit = np.quantile(found.non_mated, 0.999)
        passed[role] = float(np.mean(found.mated > limit))
    assert passed["embed"] >= 0.96
    assert passed["embed"] >= passed["embed-float"] - 0.015


@pytest.mark.faces
def test_chips_come_from_all_over_a_folder(faces_root: Path) -> None:
    cut = list(chips(faces_root / "portrait-pairs", 5))
    assert [chip.shape for chip in cut] == [(112, 112, 3)] * 5
    spread = [chip.astype(np.float32) for chip in cut]
    assert all(float(np.abs(spread[0] - other).mean()) > 5 for other in spread[1:])
