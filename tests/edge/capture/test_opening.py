import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.capture.opening import check_source, is_live, open_source
from edge.errors import ConfigError, SourceError

MakeClip = Callable[..., Path]


def test_a_clip_is_opened_and_turned_upright(make_clip: MakeClip) -> None:
    clip = make_clip(fps=100)
    for rotate, shape in ((0, (48, 64, 3)), (90, (64, 48, 3)), (180, (48, 64, 3))):
        source = open_source(f"video:{clip}", rotate=rotate)  # type: ignore[arg-type]  # a literal
        assert source.read().pixels.shape == shape
        source.close()


def test_a_file_may_stand_still_and_a_camera_may_not() -> None:
    assert not any(map(is_live, ("video:a.mp4", "folder:a")))
    assert all(map(is_live, ("auto", "picamera", "v4l2:/dev/video0", "rtsp://door/1")))


@pytest.mark.parametrize("words", ["", "webcam", "video:", "v4l2", "folder:", "ftp://x"])
def test_words_that_name_no_source_are_a_configuration_error(words: str) -> None:
    with pytest.raises(ConfigError, match=r"camera\.source"):
        check_source(words)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("v4l2:/dev/video-none", "is it plugged in"),
        ("rtsp://door:secret@127.0.0.1:9/x", "network camera 127.0.0.1:9 does not answer"),
        ("folder:/nowhere-at-all", "there is no folder"),
    ],
)
def test_a_camera_that_is_not_there_is_one_line_without_secrets(words: str, sentence: str) -> None:
    with pytest.raises(SourceError) as refusal:
        open_source(words)
    assert sentence in str(refusal.value)
    assert "secret" not in str(refusal.value)


def test_without_picamera2_the_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(SourceError, match="pip install doorwatch"):
        open_source("picamera")
