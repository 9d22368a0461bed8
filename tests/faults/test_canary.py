"""Nothing of a person who is not on the list is ever written anywhere."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.config import Config
from edge.link import Link
from edge.pin import PinFile
from edge.vision import load_engine
from sync.entries import Reason

PIN = "271828"
StartUnit = Callable[..., Any]

pytestmark = [pytest.mark.slow, pytest.mark.faces]

PICTURES = (b"\xff\xd8\xff", b"\x89PNG\r\n", b"RIFF", b"WEBPVP8")
"""How files of pictures begin."""


def _frames(clip: Path) -> Iterator[np.ndarray]:
    reader = cv2.VideoCapture(str(clip))
    while True:
        found, picture = reader.read()
        if not found:
            return
        yield cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _unremembered(folder: Path, traces: set[bytes]) -> None:
    """Look for pictures and traces in every byte that was written below ``folder``."""
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.name == "gallery.db" for path in written)
    for path in written:
        content = path.read_bytes()
        assert not any(content.startswith(mark) for mark in PICTURES), path
        assert not any(trace in content for trace in traces), path


def _traces(clip: Path) -> set[bytes]:
    """Bytes that only somebody who kept a face or a template could have written."""
    engine, traces = load_engine(threads=1), set()
    for frame in list(_frames(clip))[::4]:
        for face in engine.faces(frame):
            x, y = (int(value) for value in face.centre)
            traces.add(frame[y, x : x + 16].tobytes())
            if face.template is not None:
                traces.add(face.template[:8].tobytes())
                traces.add(np.round(face.template[:24] * 127).astype(np.int8).tobytes())
    assert len(traces) > 10
    return traces


def test_no_file_holds_anything_of_the_strangers_who_walked_by(
    unit: StartUnit, faces_root: Path
) -> None:
    clip = faces_root / "clips" / "face-demographics-walking-and-pause.gif"
    door = unit(f"video:{clip}", "run")
    seen = door.until(lambda state: state.counts.get("encounters", 0) >= 2, 40)
    assert seen.encounters
    door.until(lambda state: state.frame > seen.frame + 40, 40)
    assert door.stop() == 0
    _unremembered(door.folder, _traces(clip))


def test_who_is_remembered_for_a_minute_is_in_no_file_and_who_is_taken_rings_and_is_sealed(
    unit: StartUnit, faces_root: Path, tmp_path: Path
) -> None:
    clip = faces_root / "clips" / "face-demographics-walking-and-pause.gif"
    state = tmp_path / "kept"
    state.mkdir()
    PinFile(state / "manager.pin").write(PIN)
    door = unit(f"video:{clip}", "engine", state)
    door.until(lambda state: state.counts.get("encounters", 0) >= 2, 40)
    link = Link(Config.load(door.config).places({}).engine_socket, timeout_s=20.0)
    key = link.unlock(PIN)
    pictures = {one.encounter: link.passer_photo(key, one.encounter) for one in link.passers(key)}
    assert pictures
    view = link.take(key, next(iter(pictures)), Reason.VIOLENCE)
    assert view.one_in is not None
    seen = door.until(lambda state: view.entry_id in state.gallery.tonight, 10)
    door.until(lambda state: view.entry_id in {one.entry_id for one in state.alerts}, 40)
    door.until(lambda state: state.frame > seen.frame + 20, 40)
    assert door.stop() == 0
    inside = {picture[at : at + 24] for picture in pictures.values() for at in (200, 700, 1400)}
    _unremembered(tmp_path, _traces(clip) | inside)
