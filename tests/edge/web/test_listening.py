"""The socket of a page."""

import socket

import pytest

from edge.errors import DoorwatchError
from edge.web.listening import listen


def test_a_port_in_use_is_one_line_that_says_what_to_do() -> None:
    with listen("127.0.0.1", 0, "stop it") as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DoorwatchError, match=rf"port {port} \(Address already in use\): stop"):
            listen("127.0.0.1", port, "stop it")


def test_an_address_of_another_machine_is_one_line() -> None:
    with pytest.raises(DoorwatchError, match=r"cannot listen at 192\.0\.2\.1"):
        listen("192.0.2.1", 8080, "stop it")


def test_a_name_without_an_address_is_one_line() -> None:
    with pytest.raises(DoorwatchError, match=r"cannot listen at nowhere\.invalid"):
        listen("nowhere.invalid", 8080, "stop it")


def test_the_end_of_an_answer_waits_for_nothing() -> None:
    with listen("127.0.0.1", 0, "stop it") as listener:
        with socket.create_connection(listener.getsockname()):
            connection, _ = listener.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
