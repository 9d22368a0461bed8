"""A unit whose system is read-only screens, keeps its list, and can be upgraded and taken back."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from machines import results
from machines.box import Box
from machines.installing import wait_until_screening

pytestmark = [pytest.mark.box, pytest.mark.timeout(1200)]

SCRIPT = "/opt/doorwatch/current/share/doorwatch/read-only.sh"
ROOT = Path(__file__).parents[2]
CARD = "/boot/firmware/doorwatch"
PARTITION = "/dev/doorwatch-test"
MOUNTING = f"""[Unit]
DefaultDependencies=no
Before=systemd-tmpfiles-setup.service
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'mknod -m 600 {PARTITION} b 7 $(cat /etc/test-minor)'
ExecStart=mount {PARTITION} /var/lib/doorwatch
[Install]
WantedBy=sysinit.target
"""
"""In place of the line in fstab: systemd leaves those with a disk out in a container."""


@pytest.fixture
def partition(box_machine: None, tmp_path: Path) -> Iterator[int]:
    """Give the number of a loop device that is a small, empty disk."""
    disk = tmp_path / "disk"
    with disk.open("wb") as file:
        file.truncate(64 * 2**20)
    made = subprocess.run(
        ["losetup", "--find", "--show", str(disk)], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip(f"this machine gives no loop device: {made.stderr.strip()}")
    device = made.stdout.strip()
    try:
        yield int(device.removeprefix("/dev/loop"))
    finally:
        subprocess.run(["losetup", "--detach", device], check=False)


def test_a_read_only_unit_screens_keeps_its_list_and_comes_back(
    installed: Box, partition: int
) -> None:
    box = installed
    box.write("/etc/fstab", "overlay / overlay defaults 0 1\n")
    box.copy_in(ROOT / "deploy" / "install.sh", "/root/install.sh")
    box.boot()
    wait_until_screening(box)
    box.run(f"mknod -m 600 {PARTITION} b 7 {partition}")
    assert "no partition" in box.run([SCRIPT, "on", "/dev/null"], check=False).stderr
    assert "read-only from the next start" in box.said([SCRIPT, "on", PARTITION])
    below = "mount --bind / /mnt && ls -A /mnt/var/lib/doorwatch && umount /mnt"
    assert box.said(below) == "", "a list that would be old one day stayed below the partition"
    assert "on already" in box.run([SCRIPT, "on", PARTITION], check=False).stderr
    box.write("/etc/test-minor", str(partition))
    box.write("/etc/systemd/system/test-state.service", MOUNTING)
    box.run("systemctl enable --quiet test-state")
    box.power_off()

    box.boot()
    wait_until_screening(box)
    assert box.run("touch /opt/x /etc/x /usr/x", check=False).returncode
    assert box.said("findmnt --noheadings --output FSTYPE /var/lib/doorwatch") == "ext4"
    box.run(["doorwatch", "affirm"])
    assert "FAULT" not in box.said(["doorwatch", "status"])
    assert box.said("systemctl --failed --no-legend --plain") == ""
    box.run([SCRIPT, "write", "touch", "/opt/x"])
    assert box.run("touch /opt/y", check=False).returncode
    _says_what_it_cannot_do(box)
    box.cut()

    box.boot()
    wait_until_screening(box)
    assert "FAULT" not in box.said(["doorwatch", "status"])
    box.run(["systemctl", "disable", "test-state"], check=False)
    box.run([SCRIPT, "off"])
    box.run("rm /etc/systemd/system/test-state.service")
    box.power_off()

    box.boot()
    wait_until_screening(box)
    box.run("touch /opt/y")
    assert "FAULT" not in box.said(["doorwatch", "status"])
    assert "off" in box.said([SCRIPT, "show"])
    results.keep("box", "read-only", cut_and_screening_again=True, failed_services=0)


def _says_what_it_cannot_do(box: Box) -> None:
    """It is not taken off and uses no card, and says in one line each what to do first."""
    refused = box.run(["/root/install.sh", "remove", "--purge"], check=False)
    assert f"sudo {SCRIPT} off, then sudo reboot" in refused.stderr
    assert refused.stderr.count("\n") == 1
    laid = f"{CARD}/doorwatch.toml"
    box.run([SCRIPT, "write", "install", "-D", "/etc/doorwatch/doorwatch.toml", laid])
    box.run("systemctl start --wait doorwatch-firstboot", check=False)
    told = box.journal("doorwatch-firstboot")
    assert "is read-only, so nothing on the card is used" in told
    assert "Traceback" not in told
    assert box.path(laid).exists()
    box.run([SCRIPT, "write", "systemctl", "start", "--wait", "doorwatch-firstboot"])
    assert "the settings are in force" in box.path(f"{CARD}/result.txt").read_text()
    assert not box.path(laid).exists()
