"""A box is what the tests in it believe it is."""

import pytest

from machines.box import Box, BoxError
from machines.conftest import Boxes

pytestmark = [pytest.mark.box, pytest.mark.timeout(600)]


@pytest.fixture
def box(boxes: Boxes) -> Box:
    made = boxes()
    made.boot()
    return made


def test_systemd_is_process_one_and_content(box: Box) -> None:
    assert box.said("cat /proc/1/comm") == "systemd"
    assert box.said("systemctl is-system-running") == "running"


def test_a_command_that_fails_says_what_it_said(box: Box) -> None:
    with pytest.raises(BoxError, match="no luck today"):
        box.run("echo no luck today; exit 3")


def test_a_service_without_devices_and_network_gets_neither_for_real(box: Box) -> None:
    box.run("mknod --mode=666 /dev/video9 c 81 9")
    see = "ip -oneline link; dd if=/dev/video9 count=1 2>&1; cat /dev/null"
    sandbox = ["--property=DevicePolicy=closed", "--property=PrivateNetwork=yes"]
    freely = box.said(["systemd-run", "--quiet", "--wait", "--pipe", "sh", "-c", see])
    closed = box.said(["systemd-run", "--quiet", "--wait", "--pipe", *sandbox, "sh", "-c", see])
    assert "host0" in freely
    assert "No such device" in freely  # there is no camera, but nobody forbids to look
    assert "host0" not in closed
    assert "Operation not permitted" in closed


def test_what_was_written_outlives_a_cut_and_the_processes_do_not(box: Box) -> None:
    box.run("echo here > /root/note; systemd-run --quiet sleep 1000")
    box.cut()
    assert not box.running
    box.boot()
    assert box.said("cat /root/note") == "here"
    assert "sleep" not in box.said("ps -A -o comm")


def test_two_boxes_do_not_meet(boxes: Boxes) -> None:
    one, two = boxes(), boxes()
    one.boot()
    two.boot()
    one.run("systemctl isolate rescue.target")
    assert two.said("systemctl is-system-running") == "running"
    two.power_off()
    assert one.said("cat /proc/1/comm") == "systemd"
