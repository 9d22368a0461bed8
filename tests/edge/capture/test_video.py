from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge.capture.source import SourceEndedError
from edge.capture.video import VideoFile
from edge.errors import SourceError

MakeClip = Callable[..., Path]


class Clock:
    """Stands for the module of the clock; nobody waits."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_frames_come_in_order_as_red_green_blue_and_then_end(make_clip: MakeClip) -> None:
    clip = VideoFile(make_clip(frames=5, fps=100))
    frames = [clip.read() for _ in range(5)]
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    assert frames[4].pixels[..., 0].mean() == pytest.approx(120, abs=8)
    assert frames[4].pixels[..., 2].mean() < 10
    with pytest.raises(SourceEndedError):
        clip.read()
    clip.close()


def test_a_clip_plays_at_its_own_pace(make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("edge.capture.video.time", clock)
    clip = VideoFile(make_clip(frames=11, fps=20))
    taken = [clip.read().taken_at for _ in range(11)]
    assert np.diff(taken) == pytest.approx([0.05] * 10, abs=0.002)
    clip.close()


def test_a_clip_catches_up_with_a_reader_that_was_late(
    make_clip: MakeClip, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("edge.capture.video.time", clock)
    clip = VideoFile(make_clip(frames=11, fps=20))
    began = clip.read().taken_at
    clock.now += 0.12
    taken = [clip.read().taken_at for _ in range(10)]
    assert taken[-1] - began == pytest.approx(0.5, abs=0.002)
    clip.close()


def test_a_loop_goes_on_counting(make_clip: MakeClip) -> None:
    clip = VideoFile(make_clip(frames=3, fps=100), loop=True)
    assert [clip.read().number for _ in range(8)] == list(range(8))
    clip.close()


def test_a_missing_file_and_one_that_is_no_video_are_one_line_each(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="there is no video file"):
        VideoFile(tmp_path / "none.mp4")
    (tmp_path / "text.mp4").write_text("not a video")
    with pytest.raises(SourceError, match="not a video that can be played"):
        VideoFile(tmp_path / "text.mp4")
