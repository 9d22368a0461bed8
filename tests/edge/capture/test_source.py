import threading
import time

import numpy as np

from edge.capture.source import Frame, Reader, Slot, SourceEndedError
from edge.errors import SourceError

PIXELS = np.zeros((4, 4, 3), np.uint8)


class Scripted:
    """A source that gives a few frames and then does what the script says."""

    def __init__(self, frames: int, then: Exception) -> None:
        self.left, self.then, self.closed = frames, then, False

    def read(self) -> Frame:
        if not self.left:
            raise self.then
        self.left -= 1
        return Frame(PIXELS, time.monotonic(), self.left)

    def close(self) -> None:
        self.closed = True


def test_the_newest_frame_wins_and_the_others_are_counted() -> None:
    slot = Slot()
    for number in range(5):
        slot.put(Frame(PIXELS, 0.0, number))
    taken = slot.take(0)
    assert taken is not None
    assert taken.number == 4
    assert slot.dropped == 4
    assert slot.take(0.01) is None


def test_whoever_waits_gets_a_frame_as_soon_as_it_comes() -> None:
    slot = Slot()
    threading.Timer(0.05, slot.put, (Frame(PIXELS, 0.0, 1),)).start()
    began = time.monotonic()
    assert slot.take(10) is not None
    assert time.monotonic() - began < 5


def test_a_source_that_is_not_believed_is_closed_and_opened_again() -> None:
    opened: list[Scripted] = []

    def opening() -> Scripted:
        opened.append(Scripted(10**6, SourceError("")))
        return opened[-1]

    reader = Reader(opening)
    assert reader.slot.take(10)
    reader.reopen()
    _until(reader, "losses")
    deadline = time.monotonic() + 10
    while len(opened) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    reader.close()
    assert [one.closed for one in opened] == [True, True]


def _until(reader: Reader, true_of: str) -> None:
    deadline = time.monotonic() + 10
    while not getattr(reader, true_of) and time.monotonic() < deadline:
        time.sleep(0.01)


def test_a_lost_source_is_closed_and_opened_again() -> None:
    opened: list[Scripted] = []

    def opening() -> Scripted:
        if len(opened) == 1:
            opened.append(Scripted(0, SourceError("")))
            raise SourceError("still unplugged")
        then = SourceEndedError("over") if opened else SourceError("unplugged")
        opened.append(Scripted(1, then))
        return opened[-1]

    reader = Reader(opening)
    _until(reader, "trouble")
    assert reader.trouble == "unplugged"
    assert opened[0].closed
    _until(reader, "ended")
    assert reader.ended
    assert len(opened) == 3
    assert reader.trouble == "over"
    newest = reader.slot.take(0)
    assert newest is not None
    assert newest.number == 1
    reader.close()


def test_a_reader_closes_its_source_when_told_to_stop() -> None:
    source = Scripted(10**9, SourceError("never"))
    reader = Reader(lambda: source)
    reader.close()
    assert source.closed


def _read(frames: list[Frame], then: Exception) -> Reader:
    """Read some frames from a source that then fails, until it has failed."""

    class Given(Scripted):
        def read(self) -> Frame:
            return frames.pop(0) if frames else super().read()

    opened: list[Scripted] = []

    def opening() -> Scripted:
        opened.append(Given(0, then if not opened else SourceEndedError("over")))
        return opened[-1]

    reader = Reader(opening)
    _until(reader, "ended")
    reader.close()
    return reader


def test_a_driver_that_fails_in_its_own_way_ends_no_capture() -> None:
    reader = _read([Frame(PIXELS, time.monotonic(), 0)], ZeroDivisionError("in the driver"))
    assert reader.ended


def test_a_source_that_is_lost_after_it_gave_frames_is_counted() -> None:
    assert _read([Frame(PIXELS, time.monotonic(), 0)], SourceError("unplugged")).losses == 1
    assert _read([], SourceError("never there")).losses == 0


def test_a_frame_that_is_no_picture_is_the_loss_of_the_camera() -> None:
    flat = np.zeros((0, 4, 3), np.uint8)
    grey = np.zeros((4, 4), np.uint8)
    for wrong in (flat, grey, PIXELS.astype(np.float32)):
        reader = _read([Frame(wrong, time.monotonic(), 0)], SourceError("unplugged"))
        assert reader.slot.take(0) is None


def test_a_frame_that_is_not_newer_than_the_last_is_passed_over() -> None:
    now = time.monotonic()
    reader = _read([Frame(PIXELS, now, 0), Frame(PIXELS, now, 1)], SourceError("unplugged"))
    taken = reader.slot.take(0)
    assert taken is not None
    assert (taken.number, reader.slot.dropped) == (0, 0)


def test_no_frame_is_from_the_future() -> None:
    reader = _read([Frame(PIXELS, time.monotonic() + 3600, 0)], SourceError("unplugged"))
    newest = reader.slot.take(0)
    assert newest is not None
    assert newest.taken_at <= time.monotonic()
