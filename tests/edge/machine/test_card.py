"""A card's wear and what is written to it, of the disk that a folder really lies on."""

import os
from pathlib import Path

import pytest

from edge.machine.card import SECTOR, Card, read_card_of

STAT = "  500 1 4000 20  700 9  2048 30 0 40 50 0 0 0 0 0 0\n"


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """The fake folder of a disk; its second partition is the one that the test's files lie on."""
    disk = tmp_path / "devices" / "mmcblk0"
    (disk / "device").mkdir(parents=True)
    (disk / "stat").write_text(STAT)
    (disk / "mmcblk0p2").mkdir()
    (disk / "mmcblk0p2" / "partition").write_text("2\n")
    return disk


@pytest.fixture
def blocks(tmp_path: Path, disk: Path) -> Path:
    blocks = tmp_path / "block"
    blocks.mkdir()
    number = tmp_path.stat().st_dev
    (blocks / f"{os.major(number)}:{os.minor(number)}").symlink_to(disk / "mmcblk0p2")
    return blocks


def test_what_was_written_is_told_of_the_whole_card(tmp_path: Path, blocks: Path) -> None:
    assert read_card_of(tmp_path, blocks) == Card(None, 2048 * SECTOR)


@pytest.mark.parametrize(
    ("told", "wear"),
    [
        (("0x01 0x01\n", "0x01\n"), 10),
        (("0x03 0x07\n", "0x01\n"), 70),
        (("0x01 0x01\n", "0x03\n"), 90),
        (("0x0b 0x01\n", "0x01\n"), 100),
        (("0x00 0x00\n", "0x00\n"), None),
        (("nonsense", ""), None),
    ],
)
def test_the_worse_of_both_memories_counts(
    tmp_path: Path, blocks: Path, disk: Path, told: tuple[str, str], wear: int | None
) -> None:
    (disk / "device" / "life_time").write_text(told[0])
    (disk / "device" / "pre_eol_info").write_text(told[1])
    assert read_card_of(tmp_path, blocks).wear == wear


def test_a_disk_without_partitions_is_read_itself(tmp_path: Path, blocks: Path, disk: Path) -> None:
    (disk / "mmcblk0p2" / "partition").unlink()
    (disk / "mmcblk0p2" / "stat").write_text(STAT.replace("2048", "4"))
    assert read_card_of(tmp_path, blocks).written_bytes == 4 * SECTOR


def test_a_disk_that_is_no_card_is_not_judged_as_one(
    tmp_path: Path, blocks: Path, disk: Path
) -> None:
    disk.rename(disk.with_name("nvme0n1"))
    for listed in blocks.iterdir():
        listed.unlink()
        listed.symlink_to(tmp_path / "devices" / "nvme0n1" / "mmcblk0p2")
    assert read_card_of(tmp_path, blocks) == Card()


def test_memory_and_missing_folders_are_no_card(tmp_path: Path) -> None:
    assert read_card_of(tmp_path, tmp_path / "nothing listed") == Card()
    assert read_card_of(tmp_path / "missing") == Card()
