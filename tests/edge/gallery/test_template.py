"""Templates as they are stored."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.errors import GalleryError
from edge.gallery.template import MOST_TEMPLATES, check_templates, pack, unpack
from edge.vision.face import FloatArray


def units(count: int, dimension: int, seed: int = 1) -> FloatArray:
    """Random directions, float32[count, dimension]."""
    raw = np.random.default_rng(seed).normal(size=(count, dimension))
    return (raw / np.linalg.norm(raw, axis=1, keepdims=True)).astype(np.float32)


@given(st.integers(1, 6), st.integers(16, 300), st.integers(0, 2**32 - 1))
def test_what_was_packed_comes_back_as_good_as_the_same(
    count: int, dimension: int, seed: int
) -> None:
    templates = units(count, dimension, seed)
    back = unpack(pack(templates), "it")
    assert back.shape == templates.shape
    assert back.dtype == np.float32
    assert np.allclose(np.linalg.norm(back, axis=1), 1, atol=1e-6)
    assert (np.sum(back * templates, axis=1) > 0.999).all()


def test_storing_moves_a_score_by_less_than_three_thousandths() -> None:
    templates, probes = units(300, 192), units(300, 192, 2)
    moved = unpack(pack(templates[:30]), "it") @ probes.T - templates[:30] @ probes.T
    assert float(np.abs(moved).max()) < 0.003


def broken(value: float) -> FloatArray:
    """Good templates, but for one number."""
    templates = units(2, 32)
    templates[1, 3] = value
    return templates


@pytest.mark.parametrize(
    ("templates", "says"),
    [
        (broken(np.nan), "not finite"),
        (broken(np.inf), "not finite"),
        (broken(-np.inf), "not finite"),
        (broken(3), "unit length"),
        (np.zeros((1, 32), np.float32), "unit length"),
        (np.full((1, 32), 1e-42, np.float32), "unit length"),
        (units(1, 32) * 1.05, "unit length"),
        (units(1, 8), "8 numbers"),
        (units(1, 5000), "5000 numbers"),
        (units(1, 32)[0], "rows"),
        (units(0, 32), "rows"),
        (units(MOST_TEMPLATES + 1, 32), "rows"),
        (units(1, 32).astype(np.float64), "float32"),
        ([[1.0] * 32], "float32"),
    ],
)
def test_templates_that_would_compare_as_nothing_are_refused(
    templates: FloatArray, says: str
) -> None:
    with pytest.raises(GalleryError, match=f"the templates of entry x .*{says}.*enrol again"):
        check_templates(templates, "entry x")


@pytest.mark.parametrize("cut", [0, 3, 4, 40, -1])
def test_packed_templates_that_are_cut_are_refused(cut: int) -> None:
    with pytest.raises(GalleryError, match=r"cut short|wrong length"):
        unpack(pack(units(2, 32))[:cut], "it")


@given(st.binary(max_size=120))
def test_any_bytes_are_templates_or_refused(content: bytes) -> None:
    try:
        found = unpack(content, "it")
    except GalleryError:
        return
    assert np.isfinite(found).all()


@pytest.mark.parametrize("scale", [b"\x7f\xc0\0\0", b"\x7f\x80\0\0", b"\0\0\0\0", b"\x42\0\0\0"])
def test_a_stored_scale_that_is_no_scale_is_refused(scale: bytes) -> None:
    packed = bytearray(pack(units(1, 32)))
    packed[4:8] = scale
    with pytest.raises(GalleryError, match=r"not finite|unit length"):
        unpack(bytes(packed), "it")
