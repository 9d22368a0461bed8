"""Phones over the wire: their duty, who is awake, who is on the way."""

import time
from typing import Any

import pytest

from edge.staff.bell import Bell, Duty
from edge.staff.view import bell_view


@pytest.mark.parametrize("duty", ["first", "second", "watch"])
def test_a_phone_says_what_it_is_for(staff: Any, duty: str) -> None:
    said = {"duty": duty, "sound": "on"}
    assert staff.post("/duty", data=said).json() == {"duty": duty}


def test_another_duty_is_refused(staff: Any) -> None:
    assert staff.post("/duty", data={"duty": "third"}).status_code == 400


def test_of_no_open_alert_nobody_is_on_the_way(staff: Any) -> None:
    assert staff.post("/alerts/a1/on-the-way").status_code == 409


@pytest.mark.parametrize(
    ("phones", "line"),
    [
        ({}, "No phone rings."),
        ({"me": Duty.FIRST}, "On duty: 1 first phone."),
        ({"me": Duty.SECOND}, "No first phone is awake: this one rings at once."),
        (
            {"me": Duty.SECOND, "a": Duty.FIRST, "b": Duty.FIRST},
            "On duty: 2 first phones and 1 second phone.",
        ),
        ({"me": Duty.WATCH, "b": Duty.SECOND}, "On duty: 1 second phone."),
    ],
)
def test_each_phone_is_told_who_else_would_ring(phones: dict[str, Duty], line: str) -> None:
    bell = Bell()
    for key, duty in phones.items():
        bell.hear(key, duty, 0.0, audible=True)
    view = bell_view(bell, "me", 0.0)
    assert view["crew"] == line
    assert view["duty"] == phones.get("me")
    assert (view["ring"], view["late"], view["away"]) == ("none", False, [])


def test_a_phone_that_signs_out_rings_no_more(staff: Any) -> None:
    staff.post("/duty", data={"duty": "first", "sound": "on"})
    bell = next(route.endpoint.__self__.bell for route in staff.app.routes if route.path == "/duty")
    assert bell.awake(Duty.FIRST, time.monotonic()) == 1
    assert staff.post("/logout").status_code == 303
    assert bell.awake(Duty.FIRST, time.monotonic()) == 0
