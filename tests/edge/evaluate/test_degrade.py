"""Frames of somebody walking up."""

import numpy as np

from edge.evaluate.degrade import walk_up
from edge.vision.face import Image


def photo() -> Image:
    y, x = np.mgrid[:200, :160]
    return np.stack([x + 40, y // 2 + 60, np.full_like(x, 180)], axis=2).astype(np.uint8)


def test_the_same_seed_makes_the_same_frames_and_another_does_not() -> None:
    first, again, other = (walk_up(photo(), 3, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert all(np.array_equal(one, two) for one, two in zip(first, again, strict=True))
    assert any(
        one.shape != two.shape or (one != two).any() for one, two in zip(first, other, strict=True)
    )


def test_frames_grow_and_are_never_brighter_than_the_photo() -> None:
    for seed in range(5):
        frames = walk_up(photo(), 5, np.random.default_rng(seed))
        sides = [len(frame) for frame in frames]
        assert sides == sorted(sides)
        assert all(frame.dtype == np.uint8 and frame.shape[2] == 3 for frame in frames)
        assert all(frame.mean() < photo().mean() + 8 for frame in frames)


def test_a_small_and_a_large_photo_both_fit_the_frame() -> None:
    small = np.full((24, 30, 3), 200, np.uint8)
    large = np.full((1500, 900, 3), 200, np.uint8)
    for picture in (small, large):
        assert all(
            190 <= len(frame) <= 400 for frame in walk_up(picture, 2, np.random.default_rng(4))
        )
