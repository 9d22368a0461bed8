"""Pictures only while an alert is open, answers once, and a stream that shows the present."""

import asyncio
import json
import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from edge.errors import LinkError
from edge.staff.bell import Bell
from edge.staff.board import PATIENCE_S, Board
from edge.staff.screen import MOST_STREAMS, Screen
from edge.staff.sessions import Session


@pytest.fixture
def board(door: Any, scene: Any) -> Any:
    return Board(door, lambda: datetime.fromtimestamp(scene.now, UTC))


def views(board: Any, count: int = 1, pause_s: float = 0.2) -> Any:
    async def watched() -> Any:
        seen = []
        for _ in range(count):
            seen.append(await board.view())
            await asyncio.sleep(pause_s)
        return seen

    return asyncio.run(watched())


def test_pictures_are_given_while_an_alert_is_open_and_never_stored(
    staff: Any, door: Any, scene: Any
) -> None:
    door.now = scene.state(alerts=(scene.alert(),))
    crop, reference = (staff.get(f"/alerts/a1/{what}.jpg") for what in ("crop", "reference"))
    assert (crop.content, reference.content) == (b"live", b"reference")
    assert crop.headers["content-type"] == "image/jpeg"
    assert crop.headers["cache-control"] == reference.headers["cache-control"] == "no-store"


def test_an_engine_that_was_given_up_is_shown_with_the_reason(door: Any, scene: Any) -> None:
    given_up = "doorwatch-engine was started too often in vain (it hung)"
    told = [None, given_up]
    board = Board(door, lambda: datetime.fromtimestamp(scene.now, UTC), lambda: told.pop(0))
    door.now = None
    silent, explained = views(board, 2)
    assert given_up not in silent["faults"]
    assert explained["faults"] == (*silent["faults"], given_up)


def test_no_picture_is_given_once_an_alert_is_answered(staff: Any, door: Any, scene: Any) -> None:
    door.now = scene.state(alerts=(scene.alert(answer="refused"),))
    answer = staff.get("/alerts/a1/reference.jpg")
    assert (answer.status_code, answer.json()) == (
        409,
        {"error": "this alert is not open any more"},
    )


@pytest.mark.parametrize("said", ["refused", "not them", "let in"])
def test_an_answer_reaches_the_engine(staff: Any, door: Any, scene: Any, said: str) -> None:
    door.now = scene.state(alerts=(scene.alert(),))
    assert staff.post("/alerts/a1/answer", data={"answer": said}).json() == {"noted": said}
    assert door.answers == [("a1", said)]


@pytest.mark.parametrize("said", ["", "arrest", "Refused"])
def test_another_answer_is_refused(staff: Any, door: Any, scene: Any, said: str) -> None:
    door.now = scene.state(alerts=(scene.alert(),))
    assert staff.post("/alerts/a1/answer", data={"answer": said}).status_code == 400
    assert door.answers == []


def test_the_buzzer_is_quieted(staff: Any, door: Any) -> None:
    assert staff.post("/quiet").status_code == 200
    assert door.quieted == 1


def test_an_engine_that_is_away_is_one_line(staff: Any, door: Any) -> None:
    door.now = None
    answer = staff.get("/alerts/a1/crop.jpg")
    assert answer.status_code == 409
    assert "does not answer" in answer.json()["error"]


def test_many_browsers_are_one_question_to_the_engine(board: Any, door: Any) -> None:
    asked = []
    plain = door.state
    door.state = lambda: asked.append(1) or plain()

    async def watched() -> Any:
        await asyncio.gather(*(board.view() for _ in range(10)))

    asyncio.run(watched())
    assert len(asked) == 1


def test_answers_about_reds_are_counted_and_others_are_not(
    board: Any, door: Any, scene: Any
) -> None:
    door.now = scene.state(alerts=(scene.alert("red"), scene.alert("amber", verdict="CHECK")))

    async def answered() -> Any:
        await board.view()
        await board.answer("red", "not them")
        await board.answer("amber", "refused")
        return await board.view()

    assert asyncio.run(answered())["night"] == ("The last red was not right. List 2 hours old.")


def test_an_engine_that_goes_away_turns_a_green_into_a_fault(
    board: Any, door: Any, scene: Any
) -> None:
    door.now = scene.state(verdict="CLEAR", encounters=(scene.encounter(),))
    (green,) = views(board)
    door.now = None
    (gone,) = views(board)
    assert green["tone"] == "clear"
    assert green["light"]["steps"].startswith("1")
    assert gone["tone"] == "fault"
    assert "1" not in gone["light"]["steps"]


def test_an_engine_that_hangs_is_a_fault_within_a_second_and_asked_only_once(
    board: Any, door: Any, scene: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert PATIENCE_S <= 1.0
    monkeypatch.setattr("edge.staff.board.PATIENCE_S", 0.1)
    released, asked = threading.Event(), []

    def hang() -> Any:
        asked.append(1)
        released.wait(60)
        return scene.state(verdict="CLEAR")

    door.state = hang

    async def watched() -> Any:
        began = time.monotonic()
        first = await board.view()
        took = time.monotonic() - began
        await asyncio.sleep(0.2)
        await board.view()
        asked_by_then = len(asked)
        released.set()
        for _ in range(200):  # the thread has to get a processor to answer
            if (later := await board.view())["tone"] != "fault":
                break
            await asyncio.sleep(0.02)
        return first, took, asked_by_then, later

    first, took, asked_by_then, after = asyncio.run(watched())
    assert first["tone"] == "fault"
    assert took < 5  # it waits for so long and no longer, be the machine busy
    assert asked_by_then == 1
    assert after["tone"] == "clear"


def test_light_goes_on_where_it_was_while_a_signal_lasts(board: Any, door: Any, scene: Any) -> None:
    door.now = scene.state(verdict="CLEAR", encounters=(scene.encounter(),))
    first, second = views(board, 2, pause_s=0.4)
    assert first["light"]["steps"].count("1") > second["light"]["steps"].count("1")


def test_a_stream_ends_when_its_session_does(door: Any, board: Any) -> None:
    class Gate:
        left = 2

        def session(self, request: Any) -> Any:
            self.left -= 1
            return Session("a phone", "", 0.0) if self.left >= 0 else None

    screen = Screen(door, board, Bell(), Gate(), None)

    async def heard() -> Any:
        return [message async for message in screen._messages(None)]

    messages = asyncio.run(heard())
    assert json.loads(messages[0].removeprefix("data: "))["word"] == "READY"
    assert messages[-1].startswith("event: signed-out")
    assert len(messages) == 3
    assert screen.streams == 0


def test_a_screen_too_many_is_refused(door: Any, board: Any) -> None:
    screen = Screen(door, board, None, None, None, streams=MOST_STREAMS)
    with pytest.raises(Exception, match="Too many screens"):
        asyncio.run(screen.events(None))


def test_an_answer_that_the_engine_did_not_take_is_not_counted(
    board: Any, door: Any, scene: Any
) -> None:
    door.now = scene.state(alerts=(scene.alert("red"),))

    async def answered() -> Any:
        await board.view()
        door.now = scene.state(alerts=())
        with pytest.raises(LinkError):
            await board.answer("red", "refused")
        return await board.view()

    assert asyncio.run(answered())["night"].startswith("No red has been answered yet.")
