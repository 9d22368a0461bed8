"""Every kind of fault: what is done to a unit, what it must say, and how it is put right."""

import contextlib
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import psutil

from edge.decision import Fault
from edge.indicator.lamp import LampFeed
from edge.vision.models.card import FOLDER
from fault_matrix.door import Door
from sync.entries import DAY_S

Deed = Callable[[Door], object]


@dataclass(frozen=True)
class Kind:
    """One kind of fault.

    Attributes:
        name: What has happened, as somebody would tell it.
        inject: Makes it happen.
        says: The fault whose sentence the engine must show meanwhile; None where it is no longer
            there to say anything, or lights amber for each person instead.
        mend: What a person, or the passing of the trouble, does about it; None where the unit
            has to get over it on its own, by starting the process again or making the file anew.
        back_s: Seconds after that within which somebody must be let in again.
        own_disk: It can be done only to a disk of the unit's own, which takes root to make.
    """

    name: str
    inject: Deed
    says: Fault | None = None
    mend: Deed | None = lambda door: door.switches.clear()
    back_s: float = 15.0
    own_disk: bool = False


def switch(name: str, value: str = "") -> Deed:
    """Throw a switch."""
    return lambda door: door.switches.on(name, value)


def sent(role: str, number: signal.Signals) -> Deed:
    """Send a signal to one of its processes."""
    return lambda door: door.send(role, number)


def both(*deeds: Deed) -> Deed:
    """Do one after the other."""

    def done(door: Door) -> None:
        for deed in deeds:
            deed(door)

    return done


KILLED = sent("engine", signal.SIGKILL)
MENDED: Deed = both(lambda door: door.switches.clear(), Door.put_back)


def camera(name: str, broken: str, says: Fault = Fault.NO_PICTURE) -> Kind:
    """Make a kind of broken camera."""
    return Kind(f"the camera {name}", switch("camera", broken), says)


CAMERA = (
    camera("is unplugged", "unplugged"),
    camera("hangs in its driver", "hang"),
    camera("has a driver that fails in its own way", "driver"),
    camera("gives a frame every two seconds", "rare"),
    camera("is frozen", "frozen", Fault.FROZEN),
    camera("is black", "black", Fault.BLACK),
    camera("is covered by a hand", "hand", Fault.COVERED),
    camera("is dazzled", "dazzled", Fault.COVERED),
    camera("flickers", "flicker", Fault.FLICKERING),
    camera("has a loose cable", "loose", Fault.FLICKERING),
    camera("gives pictures in grey", "grey"),
    camera("gives empty pictures", "empty"),
    camera("repeats its time stamp", "stamps"),
    camera("gives pictures that are five seconds old", "late"),
)


def all_stopped(door: Door) -> None:
    """Stop every process, as a virtual machine that is paused."""
    for one in door.family():
        one.suspend()


def all_go_on(door: Door) -> None:
    """Let every process go on."""
    for one in door.family():
        one.resume()


def nothing_left(door: Door) -> None:
    """Kill the supervisor: the kernel then tells its children to end."""
    door.family()[0].kill()


def no_memory(door: Door) -> None:
    """Let the engine have no more memory than it has."""
    engine = door.child("engine")
    engine.rlimit(psutil.RLIMIT_AS, (engine.memory_info().vms, engine.memory_info().vms))
    door.switches.on("embed", "memory")


def lamps_deaf(door: Door) -> None:
    """Delete the socket of the lamp keeper."""
    door.places.lamp_socket.unlink()


def noise_for_lamps(door: Door) -> None:
    """Feed the lamp keeper green, as somebody who is not the engine and knows no frame."""
    from edge.decision import Signal, Verdict  # noqa: PLC0415 - only here

    feed = LampFeed(door.places.lamp_socket)
    door.send("engine", signal.SIGSTOP)
    until = time.monotonic() + 4
    while time.monotonic() < until:
        feed.send(Signal(Verdict.CLEAR), 1)
        time.sleep(0.02)
    feed.close()


PROCESSES = (
    Kind("the engine is killed", KILLED, mend=None),
    Kind("the engine stands still", sent("engine", signal.SIGSTOP), mend=all_go_on),
    Kind("the engine crashes", sent("engine", signal.SIGSEGV), mend=None),
    Kind("the engine is asked to end", sent("engine", signal.SIGTERM), mend=None),
    Kind("the lamp keeper is killed", sent("lamp", signal.SIGKILL), mend=None),
    Kind("the lamp keeper stands still", sent("lamp", signal.SIGSTOP), mend=all_go_on),
    Kind("the lamp keeper crashes", sent("lamp", signal.SIGSEGV), mend=None),
    Kind("engine and lamp keeper are killed", both(KILLED, sent("lamp", signal.SIGKILL)), None,
         None),
    Kind("everything stands still", all_stopped, mend=all_go_on),
    Kind("the lamp keeper's socket is deleted", lamps_deaf, mend=None),
    Kind("somebody repeats a green to the lamp keeper", noise_for_lamps, mend=all_go_on),
    Kind("the engine gets no more memory", no_memory, None, back_s=20),
    # last: a supervisor that has just begun takes a part that fails at once for one that refuses
    Kind("the supervisor is killed", nothing_left, mend=Door.start, back_s=30),
)  # fmt: skip


def stage(name: str, value: str, words: str, says: Fault | None = None) -> Kind:
    """Make a kind of a stage that hangs, fails or is too slow."""
    return Kind(words, switch(name, value), says, back_s=25)


STAGES = (
    stage("detect", "hang", "finding faces hangs", Fault.STALLED),
    stage("embed", "hang", "making templates hangs", Fault.STALLED),
    stage("match", "hang", "comparing hangs", Fault.STALLED),
    stage("decide", "hang", "deciding hangs", Fault.STALLED),
    stage("feed", "hang", "feeding the lamps hangs", Fault.STALLED),
    stage("loop", "hang", "the loop hangs between two frames", Fault.STALLED),
    stage("list", "hang", "looking after the list hangs", Fault.GALLERY),
    stage("detect", "slow 1.5", "every frame takes more than a second"),
    stage("detect", "memory", "finding faces has no memory"),
    stage("embed", "bug", "making templates fails in a new way"),
    stage("match", "bug", "comparing fails in a new way"),
    stage("decide", "bug", "deciding fails in a new way"),
    stage("feed", "system", "feeding the lamps fails in a new way"),
    stage("list", "bug", "looking after the list fails in a new way", Fault.GALLERY),
    stage("answers", "fail", "the accelerator is pulled out", Fault.MODEL),
    stage("answers", "nan", "the accelerator answers no numbers"),
    stage("answers", "same", "the accelerator gives one answer to everything", Fault.MODEL),
)


def model(name: str, file: str, told: str) -> Kind:
    """Make a kind of a network that is not what it was; networks are read at a start."""
    broken = both(switch(f"file {file}", told), KILLED)
    return Kind(name, broken, Fault.MODEL, back_s=25)


def altered(door: Door) -> None:
    """Flip one bit in the middle of the embedder."""
    content = bytearray((FOLDER / "embed.tflite").read_bytes())
    content[len(content) // 2] ^= 1
    copy = door.folder / "altered.tflite"
    copy.write_bytes(content)
    door.switches.on("file embed.tflite", str(copy))
    KILLED(door)


def cut_short(door: Door) -> None:
    """Cut the embedder off in the middle."""
    content = (FOLDER / "embed.tflite").read_bytes()
    copy = door.folder / "short.tflite"
    copy.write_bytes(content[: len(content) // 2])
    door.switches.on("file embed.tflite", str(copy))
    KILLED(door)


MODELS = (
    model("the embedder is missing", "embed.tflite", "missing"),
    Kind("the embedder is truncated", cut_short, Fault.MODEL, back_s=25),
    Kind("one bit of the embedder is another", altered, Fault.MODEL, back_s=25),
    model("the embedder is swapped", "embed.tflite", str(FOLDER / "mesh.tflite")),
    model("the face detector is missing", "detect-full.tflite", "missing"),
    model("the embedder's card is missing", "embed.toml", "missing"),
    model("the embedder's card is another's", "embed.toml", str(FOLDER / "mesh.toml")),
    model("what spreads templates is missing", "embed-spread.npz", "missing"),
)


def statement(text: str) -> Deed:
    """Change the list in a way that no change of the list does."""

    def done(door: Door) -> None:
        with contextlib.closing(sqlite3.connect(door.places.gallery)) as list_file:
            list_file.execute(text)
            list_file.commit()

    return done


def overwritten(content: bytearray) -> None:
    """Turn all of it into noise."""
    content[:] = np.random.default_rng(3).bytes(len(content))


def halved(content: bytearray) -> None:
    """Lose the second half."""
    del content[len(content) // 2 :]


def emptied(content: bytearray) -> None:
    """Lose all of it."""
    content.clear()


def swapped(change: Callable[[bytearray], None]) -> Deed:
    """Have another file in the place of the list."""
    return lambda door: door.changed(change)


def cut_off(door: Door) -> None:
    """Cut the list off where it lies."""
    with door.places.gallery.open("r+b") as file:
        file.truncate(door.places.gallery.stat().st_size // 2)


def deleted(door: Door) -> None:
    """Delete the list."""
    for path in door.places.gallery.parent.glob("gallery.db*"):
        path.unlink()


def forked(door: Door) -> None:
    """Put the head of an earlier list over the rows of a later one."""
    with contextlib.closing(sqlite3.connect(door.places.gallery)) as list_file:
        (head,) = list_file.execute("SELECT head FROM list").fetchone()
        with door.store() as store:
            store.lift(f"{7:016x}")
        list_file.execute("UPDATE list SET head = ?", (head,))
        list_file.commit()


LIST = (
    Kind("the list is forked", forked, Fault.GALLERY, MENDED),
    Kind("the list is deleted", deleted, Fault.LIST_EXPIRED, MENDED),
    Kind("the list is noise", swapped(overwritten), Fault.GALLERY, MENDED),
    Kind("the list is half there", swapped(halved), Fault.GALLERY, MENDED),
    Kind("the list is cut off", cut_off, Fault.GALLERY, MENDED),
    Kind("the list is empty", swapped(emptied), Fault.LIST_EXPIRED, MENDED),
    Kind("an entry was taken out of the list", statement("DELETE FROM entry WHERE rowid = 3"),
         Fault.GALLERY, MENDED),
    Kind("an entry of the list is another's",
         statement("UPDATE entry SET templates = (SELECT templates FROM entry WHERE rowid = 5), "
                   "changed = changed + 100 WHERE rowid = 4"), Fault.GALLERY, MENDED),
    Kind("the list's head is altered",
         statement("UPDATE list SET head = zeroblob(length(head))"),
         Fault.GALLERY, MENDED),
    Kind("the list is of a newer version", both(statement("PRAGMA user_version = 99"), KILLED),
         Fault.GALLERY, MENDED, 25),
)  # fmt: skip


def affirmed(door: Door) -> None:
    """Have a person say that list and clock are right."""
    door.switches.clear()
    with door.store() as store:
        store.affirm(time.time())


def clock(name: str, told: str, says: Fault = Fault.CLOCK, mend: Deed = affirmed) -> Kind:
    """Make a kind of a clock that lies."""
    return Kind(f"the clock {name}", switch("clock", told), says, mend)


CLOCKS = (
    clock("says 1970", "1970"),
    clock("is set back a year", str(-365 * DAY_S)),
    clock("is set back an hour", "-3600"),
    clock("jumps to and fro", "jumping"),
    clock("is set ahead a year", str(365 * DAY_S), Fault.LIST_EXPIRED),
    clock("passes the end of the list's term", str(8 * DAY_S), Fault.LIST_EXPIRED),
)


def key(content: bytes | None, mode: int = 0o600) -> Deed:
    """Have another key, or none, and the engine start anew."""

    def done(door: Door) -> None:
        door.places.key_file.unlink()
        if content is not None:
            door.put(door.places.key_file, content)
            door.places.key_file.chmod(mode)
        KILLED(door)

    return done


def key_for_all(door: Door) -> None:
    """Let everybody read the key, and the engine start anew."""
    door.places.key_file.chmod(0o644)
    KILLED(door)


KEYS = (
    Kind("the key is missing", key(None), Fault.GALLERY, MENDED, 25),
    Kind("the key is another list's", key(b"ab" * 32 + b"\n"), Fault.GALLERY, MENDED, 25),
    Kind("the key is no key", key(b"once upon a time"), Fault.GALLERY, MENDED, 25),
    Kind("anybody may read the key", key_for_all, Fault.GALLERY, MENDED, 25),
)


def hot(door: Door) -> None:
    """Heat the box."""
    door.warm(91)


def cooled(door: Door) -> None:
    """Cool the box."""
    door.warm(45)


MACHINE = (Kind("the box is too hot", hot, Fault.HOT, cooled, 40),)


def failing(how: str) -> Deed:
    """Have reading fail in the engine, and the list change, so that it has to read."""

    def done(door: Door) -> None:
        (door.folder / "disk").write_text(how)
        with door.store() as store:
            store.affirm(time.time())

    return done


def sound(door: Door) -> None:
    """Have the disk read and write again."""
    (door.folder / "disk").unlink()


def full(door: Door) -> None:
    """Fill the disk."""
    free = psutil.disk_usage(str(door.state_folder)).free
    (door.state_folder / "filling").write_bytes(bytes(free))


def emptier(door: Door) -> None:
    """Make room."""
    (door.state_folder / "filling").unlink()


def read_only(door: Door) -> None:
    """Make the disk read-only; the kernel does so only while nobody has a file open to write."""
    supervisor, engine = door.family()[0], door.child("engine")
    supervisor.suspend()
    engine.kill()
    door.until(lambda: engine.status() == "zombie", 5)
    door.remount("ro")
    supervisor.resume()


def writable(door: Door) -> None:
    """Make the disk writable again."""
    door.remount("rw")


DISK = (
    Kind("the disk does not read any more", failing("read 1 ever"), Fault.GALLERY, sound),
    Kind("the disk hangs", failing("read 1 hang"), Fault.GALLERY, sound),
    Kind("the disk is full", full, Fault.DISK, emptier, own_disk=True),
    Kind("the disk is read-only", read_only, Fault.DISK, writable, own_disk=True),
)

AROUND = (*CAMERA, *PROCESSES, *CLOCKS, *MACHINE, *DISK)
WITHIN = (*STAGES, *MODELS, *LIST, *KEYS)
"""Each half is put to a unit of its own, at the same time."""

KINDS = (*AROUND, *WITHIN)
