import io
import socket
from collections.abc import Iterator

import pytest

from edge.config import Config
from edge.demo import evening
from edge.demo.evening import DemoError, Evening, free_port
from edge.pin import hash_pin


@pytest.fixture
def unit() -> Iterator[Evening]:
    with Evening('video:a "clip".mp4', loop=True, port=8099, log=io.StringIO()) as made:
        yield made


def test_the_configuration_is_one_that_the_unit_reads(unit: Evening) -> None:
    settings = Config.load(unit.config_file)
    assert settings.camera.source == 'video:a "clip".mp4'
    assert settings.camera.loop
    assert settings.indicator.pins == "mock"
    assert (settings.page.host, settings.page.port) == ("127.0.0.1", 8099)


def test_the_evening_s_pin_is_one_that_the_page_takes(unit: Evening) -> None:
    assert hash_pin(unit.pin)


def test_nothing_of_the_evening_is_left(unit: Evening) -> None:
    folder = unit.config_file.parent
    assert folder.stat().st_mode & 0o077 == 0
    unit._stack.close()
    assert not folder.exists()


def test_a_command_that_refuses_says_why_in_its_own_words(unit: Evening) -> None:
    unit.config_file.write_text("[camra]\n")
    with pytest.raises(DemoError, match="did you mean camera"):
        unit.command("status")


def test_a_taken_port_gives_the_next_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert free_port(port) > port


def test_no_free_port_at_all_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(evening, "TRIED_PORTS", 1)
        with pytest.raises(DemoError, match="--port"):
            free_port(taken.getsockname()[1])
