import time
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.capture.source import SourceEndedError
from edge.capture.video import VideoFile
from edge.errors import SourceError

MakeClip = Callable[..., Path]


def test_frames_come_in_order_as_red_green_blue_and_then_end(make_clip: MakeClip) -> None:
    clip = VideoFile(make_clip(frames=5, fps=100))
    frames = [clip.read() for _ in range(5)]
    assert [frame.number for frame in frames] == [0, 1, 2, 3, 4]
    assert frames[4].pixels[..., 0].mean() == pytest.approx(120, abs=8)
    assert frames[4].pixels[..., 2].mean() < 10
    with pytest.raises(SourceEndedError):
        clip.read()
    clip.close()


def test_a_clip_plays_at_its_own_pace(make_clip: MakeClip) -> None:
    clip = VideoFile(make_clip(frames=11, fps=20))
    clip.read()
    began = time.monotonic()
    for _ in range(10):
        clip.read()
    assert 0.4 < time.monotonic() - began < 0.8
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
