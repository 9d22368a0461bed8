"""Who may have figures, and that what is not known is not there."""

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families
from starlette.exceptions import HTTPException
from starlette.requests import Request

from edge.web.figures import Figures, admit


def asked(
    host: str = "127.0.0.1", authorization: str = "", name: str = "localhost:8080"
) -> Request:
    headers = [(b"host", name.encode())]
    headers += [(b"authorization", authorization.encode())] if authorization else []
    return Request({"type": "http", "headers": headers, "client": (host, 1), "path": "/metrics"})


@pytest.fixture
def token(tmp_path: Path) -> Path:
    file = tmp_path / "token"
    file.write_text("a long word\n")
    return file


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_without_a_word_this_machine_is_answered(host: str) -> None:
    admit(asked(host), None)


def test_without_a_word_no_other_machine_is_answered() -> None:
    with pytest.raises(HTTPException, match="403"):
        admit(asked("192.168.1.9"), None)


@pytest.mark.parametrize("name", ["localhost:8080", "127.0.0.1:8080", "[::1]:8080"])
def test_this_machine_asks_by_its_own_name(name: str) -> None:
    admit(asked(name=name), None)


@pytest.mark.parametrize("name", ["door.local", "localhost.example", "192.168.1.20:8080", ""])
def test_what_a_proxy_on_this_machine_hands_on_is_not_asked_by_this_machine(name: str) -> None:
    with pytest.raises(HTTPException, match="403"):
        admit(asked(name=name), None)


def test_the_word_opens_from_anywhere(token: Path) -> None:
    admit(asked("192.168.1.9", "Bearer a long word"), token)


@pytest.mark.parametrize(
    "said", ["", "Bearer ", "Bearer a long", "Basic a long word", "a long word"]
)
def test_anything_else_opens_nothing_not_even_here(token: Path, said: str) -> None:
    with pytest.raises(HTTPException, match="401"):
        admit(asked(authorization=said), token)


@pytest.mark.parametrize("content", [None, "", "\n"])
def test_a_file_without_a_word_opens_nothing(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "token"
    if content is not None:
        file.write_text(content)
    with pytest.raises(HTTPException, match="401"):
        admit(asked(authorization="Bearer "), file)


def test_figures_are_written_as_prometheus_reads_them() -> None:
    told = Figures("unit_")
    told.put("fault", "What is wrong.", 1, fault="hot")
    told.put("fault", "What is wrong.", 0, fault="disk")
    told.put("temperature_celsius", "Warm.", 61.5)
    told.put("wear", "Not known here.", None)
    text = bytes(told.answer().body).decode()
    found = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert found == {
        ("unit_fault", "hot"): 1.0,
        ("unit_fault", "disk"): 0.0,
        ("unit_temperature_celsius",): 61.5,
    }
