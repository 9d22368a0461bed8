"""Photos are examined by a child: whatever they do to it, the next one is examined."""

import io
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import numpy as np
import PIL.Image
import pytest

from edge.enrolment import joined
from edge.errors import PhotoError
from edge.vision.face import Flaw
from sync.errors import HubError
from sync.hub.examining import Examiner
from sync.statement.proposal import LARGEST_PHOTO

HEIC = Path(__file__).parents[3] / "edge" / "heic"


@pytest.fixture(scope="module")
def examiner() -> Iterator[Examiner]:
    made = Examiner()
    yield made
    made.close()


def worker(body: str) -> list[str]:
    """A child that does something else than examining, once it has been greeted."""
    script = f"""
        import sys, time
        from sync.hub.examining.findings import Unreadable, encoded, read_frame, write_frame
        asked, answers = sys.stdin.buffer, sys.stdout.buffer
        read_frame(asked)
        {body}
    """
    return [sys.executable, "-c", textwrap.dedent(script)]


GREETED = "write_frame(answers, encoded(Unreadable(''))); read_frame(asked); "


def drawn(kind: str, side: int = 64) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (side, side // 2), "green").save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "MPO"])
def test_a_picture_without_a_face_is_told_as_such(examiner: Examiner, kind: str) -> None:
    told = examiner.examine(drawn(kind))
    assert (told.width, told.height, told.faces) == (64, 32, ())
    assert told.preview.startswith(b"\xff\xd8")


@pytest.mark.parametrize("name", ["upright", "turned", "clear", "deep", "two"])
def test_a_phone_s_heic_is_examined(examiner: Examiner, name: str) -> None:
    told = examiner.examine((HEIC / f"{name}.heic").read_bytes())
    assert sorted((told.width, told.height)) == [32, 48]


def test_a_large_picture_is_shown_small(examiner: Examiner) -> None:
    told = examiner.examine(drawn("PNG", 4000))
    assert (told.width, told.height) == (1024, 512)


@pytest.mark.parametrize(
    ("content", "says"),
    [(b"", "empty"), (b"text", "not a JPEG"), (b"\xff\xd8\xff\xe0 cut", "JPEG|damaged")],
)
def test_what_is_no_photo_is_refused_in_one_line(
    examiner: Examiner, content: bytes, says: str
) -> None:
    with pytest.raises(PhotoError, match=says):
        examiner.examine(content)


def test_a_photo_that_ends_its_reader_is_refused_and_the_next_one_is_examined(
    examiner: Examiner,
) -> None:
    with pytest.raises(PhotoError, match=r"cannot be read|damaged"):
        examiner.examine((HEIC / "deadly.heic").read_bytes())
    assert examiner.examine(drawn("JPEG")).width == 64


def test_changed_heic_gives_a_photo_or_a_refusal_and_nothing_else(examiner: Examiner) -> None:
    chance, sample = Random(5), (HEIC / "turned.heic").read_bytes()
    for _ in range(60):
        changed = bytearray(sample)
        for _ in range(chance.randrange(1, 6)):
            changed[chance.randrange(len(changed))] = chance.randrange(256)
        with suppress(PhotoError):
            assert examiner.examine(bytes(changed)).width > 0


def test_a_child_that_hangs_is_ended_in_time() -> None:
    examiner = Examiner(0.3, worker(f"{GREETED} time.sleep(60)"))
    for _ in range(2):
        begun = time.monotonic()
        with pytest.raises(PhotoError, match="cannot be read: send a screenshot"):
            examiner.examine(b"x" * 2**20)
        assert time.monotonic() - begun < 30
    examiner.close()


@pytest.mark.parametrize(
    "answer", ["answers.write(b'\\xff' * 9)", "write_frame(answers, b'\\x93garbage')", "pass"]
)
def test_a_child_that_answers_nonsense_is_ended(answer: str) -> None:
    examiner = Examiner(5, worker(f"{GREETED} {answer}"))
    with pytest.raises(PhotoError, match="cannot be read"):
        examiner.examine(b"photo")
    examiner.close()


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("sys.exit(1)", "installed whole"),
        ("write_frame(answers, encoded(Unreadable('no card')))", "no card"),
    ],
)
def test_a_child_that_cannot_begin_is_the_hub_s_own_trouble(body: str, says: str) -> None:
    examiner = Examiner(5, worker(body))
    with pytest.raises(HubError, match=says):
        examiner.start()
    examiner.close()


def test_a_child_that_ended_between_two_photos_is_started_again_unnoticed() -> None:
    with_child = Examiner()
    with_child.start()
    assert with_child._child is not None
    with_child._child.kill()
    with_child._child.wait()
    assert with_child.examine(drawn("JPEG")).width == 64
    with_child.close()


def test_once_closed_no_child_is_started_any_more() -> None:
    examiner = Examiner()
    examiner.close()
    with pytest.raises(HubError, match="the hub stops"):
        examiner.start()


def test_the_child_can_open_nothing_write_nothing_and_take_little_memory(tmp_path: Path) -> None:
    script = """
        import os, socket, sys
        from sync.hub.examining import child
        kept = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)
        import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        child.give_up_rights(child.MOST_MEMORY)
        for attempt in (lambda: open("/etc/hostname"), socket.socket, os.pipe,
                        lambda: os.write(kept, b"face"), lambda: bytearray(3 * 2**30)):
            try:
                attempt()
            except (OSError, MemoryError):
                continue
            raise SystemExit(f"{attempt} worked")
    """
    code = textwrap.dedent(script)
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "kept")],
        check=False,
        capture_output=True,
    )
    assert ended.returncode == 0, ended.stderr


@pytest.mark.faces
def test_the_faces_of_a_real_photo_are_found_judged_and_fit_to_enrol(
    examiner: Examiner, faces_root: Path
) -> None:
    folder = min((faces_root / "portrait-pairs").iterdir())
    first, second = (examiner.examine((folder / f"{n}.jpg").read_bytes()) for n in (1, 2))
    (face,) = first.faces
    assert face.usable
    assert 0.5 < face.quality <= 1
    x0, y0, x1, y1 = face.box
    assert 0 <= x0 < x1 <= first.width
    assert 0 <= y0 < y1 <= first.height
    assert len(face.photo_jpeg) <= LARGEST_PHOTO
    reference = joined([face.portrait(), second.faces[0].portrait()], first.model_id)
    assert np.linalg.norm(reference.templates, axis=1) == pytest.approx([1, 1], abs=1e-4)


@pytest.mark.faces
def test_people_far_behind_are_told_apart_from_those_in_front(
    examiner: Examiner, faces_root: Path
) -> None:
    people = sorted((faces_root / "portrait-pairs").iterdir())[:2]
    scene = PIL.Image.new("RGB", (640, 400), "grey")
    with PIL.Image.open(people[0] / "1.jpg") as near, PIL.Image.open(people[1] / "1.jpg") as far:
        scene.paste(near.resize((320, 400)), (0, 0))
        scene.paste(far.resize((72, 90)), (480, 60))
    buffer = io.BytesIO()
    scene.save(buffer, "JPEG", quality=95)
    front, behind = examiner.examine(buffer.getvalue()).faces
    assert not front.background
    assert behind.background
    assert Flaw.TOO_SMALL in behind.flaws
    assert not behind.usable


@pytest.mark.faces
def test_rotated_photos_and_screenshots_of_a_phone_work(
    examiner: Examiner, faces_root: Path
) -> None:
    with PIL.Image.open(min((faces_root / "portrait-pairs").iterdir()) / "1.jpg") as portrait:
        upright = portrait.convert("RGB").resize((400, 500))
    exif = PIL.Image.Exif()
    exif[0x0112] = 6  # the camera lay on its side
    lying, screen = io.BytesIO(), io.BytesIO()
    upright.rotate(90, expand=True).save(lying, "JPEG", quality=92, exif=exif)
    screenshot = PIL.Image.new("RGB", (1170, 2532), (250, 250, 252))
    screenshot.paste((30, 30, 32), (0, 0, 1170, 300))
    screenshot.paste(upright.resize((800, 1000)), (185, 700))
    screenshot.save(screen, "PNG")
    for sent in (lying, screen):
        told = examiner.examine(sent.getvalue())
        assert told.height > told.width
        (face,) = told.faces
        assert face.usable, face.flaws
