"""A machine whose power can be cut in the middle of anything, again and again.

The machine is started once and its memory kept as it waits, its disk unseen. Each round wakes it
from there, which takes seconds, and ends by the death of QEMU. What the disk itself had only in
its cache then, everything since the last flush, is lost as well, for a part drawn by lot: a card
writes in the order that it likes.
"""

import random
import shutil
import struct
import subprocess
from pathlib import Path

from machines.debian_arm64 import CHECKOUT, in_memory, root, wheels
from machines.guest import QEMU, Guest, archive, until, write

TOOLS = {**QEMU, "mkfs.ext4": "e2fsprogs"}
DISK_MB = 96
HEAVY = (
    "ai_edge_litert*",
    "numkong*",
    "pip*",
    "PIL",
    "pillow*",
    "hypothesis*",
    "_pytest",
    "pi_heif*",
)
MODULES = ("virtio_pci", "ext4")
"""Loaded before the machine waits; ``virtio_blk`` only once it has been woken."""

INIT = """\
#!/bin/sh
export PATH=/usr/bin:/usr/sbin PYTHONPATH=/opt/lib PYTHONDONTWRITEBYTECODE=1 HOME=/
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
for module in {modules}; do modprobe $module; done
exec python3 /opt/cut_worker.py </dev/console >/dev/console 2>&1
"""

SYSTEMCTL = """\
#!/bin/sh
# Stands in for systemd: lamp and engine run and give signs of life, but in a version that is dead.
[ "$1" = show ] || exit 0
case $2 in *-lamp.*|*-engine.*) ;; *) exit 0 ;; esac
state=active
case $(readlink /state/opt/current) in *dead) state=failed ;; esac
read -r up _ </proc/uptime
echo "ActiveState=$state"
echo NRestarts=0
echo InvocationID=1
echo "WatchdogTimestampMonotonic=${up%.*}${up#*.}0000"
echo StatusText=screening
"""


class Machine:
    """One machine and its disk, through all its power cuts.

    Attributes:
        disk: The image of the disk, as the last cut left it.
    """

    def __init__(self, folder: Path) -> None:
        """Prepare it: start it once, and keep its memory."""
        self.disk, self._folder = folder / "disk", folder
        self._memory, self._log = folder / "memory", folder / "log"
        _make_disk(self.disk)
        _pack(folder)
        with self._start() as guest:
            guest.wait_for("@@ready", 900)
            guest.monitor("migrate", uri=f"exec:cat >{self._memory}")
            until(lambda: "completed" in guest.monitor("query-migrate"), 300, "kept memory")

    def woken(self) -> Guest:
        """Wake it; it waits for the word."""
        guest = self._start("-incoming", f"exec:cat {self._memory}")
        until(lambda: "'status': 'running'" in guest.monitor("query-status"), 300, "memory")
        return guest

    def lose_cache(self, seed: int) -> tuple[int, int]:
        """Take from the disk what only its cache had, for a part that the seed draws.

        Returns:
            How many writes were not flushed, and how many of them are lost.
        """
        chance, held = random.Random(seed), _Writes(self._log)
        kept = [one for one in held.pending if chance.random() < 0.5]
        with self.disk.with_suffix(".before").open("r+b") as image:
            for offset, content in [*held.flushed, *kept]:
                image.seek(offset)
                image.write(content)
        self.disk.with_suffix(".before").replace(self.disk)
        return len(held.pending), len(held.pending) - len(kept)

    def _start(self, *more: str) -> Guest:
        shutil.copyfile(self.disk, self.disk.with_suffix(".before"))
        self._log.write_bytes(b"")
        (self._folder / "qmp").unlink(missing_ok=True)
        image, initrd = root() / "boot/vmlinuz", self._folder / "memory.cpio"
        command = ["qemu-system-aarch64", "-machine", "virt", "-cpu", "cortex-a72", "-m", "1536"]
        command += ["-kernel", str(image), "-initrd", str(initrd), "-nic", "none"]
        command += [
            "-append",
            "console=ttyAMA0 quiet rootfstype=ramfs init_on_free=1 rdinit=/opt/init",
        ]
        for name, path in (("disk-file", self.disk), ("log-file", self._log)):
            command += ["-blockdev", f"driver=file,node-name={name},filename={path}"]
        logged = "driver=blklogwrites,node-name=logged,file=disk-file,log=log-file"
        command += ["-blockdev", logged, "-device", "virtio-blk-pci,drive=logged"]
        return Guest([*command, *more], self._folder)


class _Writes:
    """What QEMU logged of a disk: in the format of the kernel's dm-log-writes.

    Attributes:
        flushed: Offset and content of each write that a flush has made safe.
        pending: Those that came after the last flush.
    """

    MAGIC = 0x6A736677736872
    FLUSH, FUA, DISCARD = 1, 2, 4

    def __init__(self, log: Path) -> None:
        self.flushed: list[tuple[int, bytes]] = []
        self.pending: list[tuple[int, bytes]] = []
        content = log.read_bytes()
        magic, _, self._count, self._sector = struct.unpack_from("<QQQI", content)
        assert magic == self.MAGIC, "QEMU logged nothing"
        self._read(content)

    def _read(self, content: bytes) -> None:
        at = self._sector
        while at + self._sector <= len(content):
            sector, sectors, flags, _ = struct.unpack_from("<QQQQ", content, at)
            at += self._sector
            if not (sector or sectors or flags):
                return
            size = 0 if flags & self.DISCARD else sectors * self._sector
            if flags & self.FLUSH:
                self.flushed += self.pending
                self.pending = []
            if size:
                written = self.flushed if flags & self.FUA else self.pending
                written.append((sector * self._sector, content[at : at + size]))
            at += size


def _make_disk(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(DISK_MB << 20)
    subprocess.run(["mkfs.ext4", "-q", "-E", "nodiscard", str(path)], check=True)


def _pack(folder: Path) -> None:
    """Lay out what the machine has in memory: Debian, packages, the unit, the worker."""
    system = folder / "system"
    heavy = shutil.ignore_patterns(*HEAVY, "*.tflite", "*.npz")
    shutil.copytree(wheels(), system / "opt/lib", ignore=heavy)
    for package in ("edge", "sync", "tests/simulator"):
        target = system / "opt/lib" / Path(package).name
        shutil.copytree(CHECKOUT / package, target, ignore=heavy)
    shutil.copytree(CHECKOUT / "deploy/switch", system / "opt/switch")
    shutil.copyfile(Path(__file__).parent / "cut_worker.py", system / "opt/cut_worker.py")
    write(system / "opt/init", INIT.format(modules=" ".join(MODULES)), mode=0o755)
    write(system / "opt/stand-in/systemctl", SYSTEMCTL, mode=0o755)
    _modules(system)
    archive(system, folder / "unit.cpio")
    with (folder / "memory.cpio").open("wb") as whole:
        for part in (in_memory(), folder / "unit.cpio"):
            whole.write(part.read_bytes())


def _modules(system: Path) -> None:
    """Add the drivers of the disk and its file system, and what the kernel knows of them."""
    (release,) = (root() / "usr/lib/modules").iterdir()
    wanted = system / release.relative_to(root())
    for part in ("drivers/virtio", "drivers/block", "fs/ext4", "fs/jbd2", "crypto", "lib"):
        shutil.copytree(release / "kernel" / part, wanted / "kernel" / part)
    shutil.copy(release / "kernel/fs/mbcache.ko", wanted / "kernel/fs")
    for index in release.glob("modules.*"):
        shutil.copy(index, wanted)
