"""Trains the network that notices covered faces: python -m edge.vision.models.covered PHOTOS.

PHOTOS is a folder of portraits of one uncovered person each (*.jpg); the published weights come
from 3,600 photographs of FairFace (CC BY 4.0). Every photo is used plain, with something
harmless drawn on and with covers of several kinds drawn on; each goes through the unit's own
detector and alignment, so that the network sees what it will see at the door. The seed is
fixed: the same photos give the same file on the same machine.
"""

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import PIL.Image
from rich.console import Console

from edge.vision import Engine, load_engine
from edge.vision.align import alignment, chip
from edge.vision.cover import features
from edge.vision.face import FloatArray, Image
from edge.vision.models.occluders import COVERS, HARMLESS, Canvas

_SEED = 7
_COVERS_EACH = 4
_HIDDEN = 48
_ROUNDS = 24
_BATCH = 256
_KEEP = 0.7
_PULL = 1e-4
_DOUBTED = 0.03

Example = tuple[FloatArray, tuple[int, int]]


def main(folder: Path) -> None:
    """Draw, train, drop the photos that were covered to begin with, train again, write."""
    values, wanted = _drawn(sorted(folder.glob("*.jpg")))
    weights = _trained(values, wanted)
    plain = wanted.sum(axis=1) == 0
    doubt = np.where(plain, _answers(values, weights).max(axis=1), 0)
    kept = doubt <= np.quantile(doubt[plain], 1 - _DOUBTED)
    hidden, output = _trained(values[kept], wanted[kept])
    target = Path(__file__).with_name("covered.npz")
    np.savez(target, hidden=hidden.astype(np.float16), output=output.astype(np.float16))
    dropped = int((~kept).sum())
    sha256 = hashlib.sha256(target.read_bytes()).hexdigest()
    Console().print(f"{target}: {len(values)} examples less {dropped} in doubt; sha256 = {sha256}")


def _drawn(files: list[Path]) -> tuple[FloatArray, FloatArray]:
    """Make all examples: float32[N, F] features and float32[N, 2] what is covered."""
    rng, engine = np.random.default_rng(_SEED), load_engine("cpu", 1)
    photos = [np.asarray(PIL.Image.open(file).convert("RGB")) for file in files]
    examples: list[Example] = []
    for photo in photos:
        cloth = photos[int(rng.integers(len(photos)))]
        examples += _examples(engine, photo, cloth, rng)
    values = np.stack([example[0] for example in examples])
    return values, np.array([example[1] for example in examples], np.float32)


def _examples(
    engine: Engine, photo: Image, cloth: Image, rng: np.random.Generator
) -> Iterator[Example]:
    """Make the examples of one photo: plain, harmless and covered."""
    found = engine.faces(np.ascontiguousarray(photo), embed=False)
    if not found:
        return
    canvas = Canvas(np.ascontiguousarray(photo), found[0].landmarks, rng, cloth)
    yield from _seen(engine, canvas.rgb, (0, 0), rng)
    yield from _seen(engine, canvas.rgb, (0, 0), rng)
    yield from _seen(engine, HARMLESS[int(rng.integers(len(HARMLESS)))](canvas), (0, 0), rng)
    for kind in rng.choice(len(COVERS), _COVERS_EACH, replace=False):
        draw, covered = COVERS[int(kind)]
        yield from _seen(engine, draw(canvas), covered, rng)


def _seen(
    engine: Engine, rgb: Image, covered: tuple[int, int], rng: np.random.Generator
) -> Iterator[Example]:
    """Pass a photo through a door's light, camera and detector; nothing where no face is found."""
    shot = _worsened(rgb, rng)
    found = engine.faces(shot, embed=False)
    matrix = alignment(found[0].landmarks) if found else None
    if matrix is not None:
        yield features(chip(shot, matrix)), covered


def _worsened(rgb: Image, rng: np.random.Generator) -> Image:
    """Mirror, dim, blur, shrink, add noise and compress, each a little and by chance."""
    shot = np.ascontiguousarray(rgb[:, ::-1] if rng.random() < 0.5 else rgb, np.float32)
    if rng.random() < 0.4:
        scale = float(rng.uniform(0.4, 0.9))
        small = cv2.resize(shot, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        shot = np.asarray(small, np.float32)
    if rng.random() < 0.4:
        shot[:] = cv2.GaussianBlur(shot, (0, 0), float(rng.uniform(0.4, 1.6)))
    light = shot * rng.uniform(0.35, 1.2) * rng.uniform(0.9, 1.1, 3)
    noisy = np.clip(light + rng.normal(0, rng.uniform(0, 6), shot.shape), 0, 255)
    quality = [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(45, 96))]
    encoded = cv2.imencode(".jpg", noisy.astype(np.uint8), quality)[1]
    return np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _trained(values: FloatArray, wanted: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Train by Adam with dropout on the features and on the hidden layer."""
    rng = np.random.default_rng(_SEED)
    weights = [
        rng.normal(0, (2 / n) ** 0.5, (n + 1, m)).astype(np.float32)
        for n, m in ((values.shape[1], _HIDDEN), (_HIDDEN, 2))
    ]
    first = [np.zeros_like(each) for each in weights]
    second = [np.zeros_like(each) for each in weights]
    steps = 0
    for round_number in range(_ROUNDS):
        rate = 1e-3 * 0.5 * (1 + np.cos(np.pi * round_number / _ROUNDS))
        for rows in np.array_split(rng.permutation(len(values)), len(values) // _BATCH):
            steps += 1
            slopes = _slopes(values[rows], wanted[rows], weights, rng)
            for i, slope in enumerate(slopes):
                first[i] = 0.9 * first[i] + 0.1 * slope
                second[i] = 0.999 * second[i] + 0.001 * slope**2
                pace = np.sqrt(1 - 0.999**steps) / (1 - 0.9**steps)
                step = pace * first[i] / (np.sqrt(second[i]) + 1e-8) + _PULL * weights[i] * 10
                weights[i] -= (rate * step).astype(np.float32)
    return weights[0], weights[1]


def _slopes(
    values: FloatArray, wanted: FloatArray, weights: list[FloatArray], rng: np.random.Generator
) -> list[FloatArray]:
    """Give the gradient of the mean cross-entropy over one batch."""
    given = values * (rng.random(values.shape, np.float32) < _KEEP) / np.float32(_KEEP)
    linear = given @ weights[0][:-1] + weights[0][-1]
    open_ = (linear > 0) * (rng.random(linear.shape, np.float32) < _KEEP) / np.float32(_KEEP)
    middle = linear * open_
    answer = 1 / (1 + np.exp(-np.clip(middle @ weights[1][:-1] + weights[1][-1], -30, 30)))
    error = (answer - wanted) / np.float32(len(values))
    back = (error @ weights[1][:-1].T) * open_
    return [
        np.concatenate([given.T @ back, back.sum(axis=0, keepdims=True)]).astype(np.float32),
        np.concatenate([middle.T @ error, error.sum(axis=0, keepdims=True)]).astype(np.float32),
    ]


def _answers(values: FloatArray, weights: tuple[FloatArray, FloatArray]) -> FloatArray:
    """Give float32[N, 2] what the network says of each example."""
    hidden, output = weights
    middle = np.maximum(values @ hidden[:-1] + hidden[-1], 0)
    logits = middle @ output[:-1] + output[-1]
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), np.float32)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
