"""How fast the hub's pages answer when many managers work on a long list at once.

The pages run as they do at a consortium: ``doorwatch-hub web`` in a process of its own, over TLS.
Those who ask are a process of their own as well, on the same machine, so their work takes away
from the pages' processors.
"""

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from sync import pagecertificate
from sync.bench import town
from sync.bench.errands import Sights
from sync.bench.figures import Percentile, percentiles
from sync.bench.meter import used
from sync.bench.rig import HOST, Rig, answers, free_port, running
from sync.bench.town import Town
from sync.bench.visitors import Answer, Browser, Visit
from sync.errors import HubError
from sync.hub.accounts.stretching import STRONG, Costs

_START_S = 120.0
_GRACE_S = 120.0

Say = Callable[[str], None]
"""Told what is done next."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How much is asked of the pages.

    Attributes:
        entries: People on the list.
        managers: Managers at work at once; an administrator and an auditor come on top.
        arriving_s: Seconds in which they sign in.
        seconds: How long they work after that.
        thinking_s: Mean seconds between an answer and the next request of one person.
        photo: JPEG of a face that managers send in to be examined; empty for none.
        costs: What a guess at a password costs.
    """

    entries: int
    managers: int
    arriving_s: float
    seconds: float
    thinking_s: float
    photo: bytes = b""
    costs: Costs = STRONG


@dataclass(frozen=True, slots=True)
class Page:
    """How fast one kind of page was.

    Attributes:
        name: Which.
        runs: How many answers.
        p50: Half of them were faster.
        p95: 95 of 100 were faster.
        most_ms: The slowest.
        failed: Answers that were refusals or none at all.
        kib: Its mean size.
    """

    name: str
    runs: int
    p50: Percentile
    p95: Percentile
    most_ms: float
    failed: int
    kib: float


@dataclass(frozen=True, slots=True)
class Busy:
    """What was found.

    Attributes:
        entries: People on the list.
        managers: At work at once.
        thinking_s: Between an answer and a request.
        start_s: Seconds until the pages answered.
        requests_a_second: In all.
        cpu: Processors that the pages' process kept busy on average.
        mib: Its memory at the end.
        others: Processes that waited for a processor on average, over the last minute, ours
            included: a machine that does other work makes pages slow.
        pages: Each kind of page, the slowest first.
    """

    entries: int
    managers: int
    thinking_s: float
    start_s: float
    requests_a_second: float
    cpu: float
    mib: float
    others: float
    pages: tuple[Page, ...]


def busy(asked: Asked, say: Say) -> Busy:
    """Fill a hub, start its pages, and send people there.

    Raises:
        HubError: The pages do not start, or those who ask fail.
    """
    with TemporaryDirectory(prefix="doorwatch-") as folder, Rig(Path(folder)) as rig:
        say(f"filling the hub: {asked.entries:,} entries, {asked.managers} accounts")
        made, port = town.build(rig, asked.entries, asked.managers, asked.costs), free_port()
        words = ["sync.hub.cli", "web", "--hub", str(rig.places.folder), "--port", str(port)]
        log = Path(folder) / "web.log"
        with log.open("ab") as written, running(words, written) as pages:
            say("the pages start")
            visit = _visit(rig, made, asked, port)
            start_s = _started(pages, visit, log)
            say(f"{len(made.visitors)} people work for {asked.seconds:.0f} s")
            before, began = used(pages.pid).cpu_s, time.monotonic()
            told = _sent(visit)
            lasted, after = time.monotonic() - began, used(pages.pid)
            return Busy(
                entries=asked.entries,
                managers=asked.managers,
                thinking_s=asked.thinking_s,
                start_s=start_s,
                requests_a_second=len(told) / lasted,
                cpu=(after.cpu_s - before) / lasted,
                mib=after.memory_mib,
                others=os.getloadavg()[0],
                pages=summed_up(told),
            )


def summed_up(answers: list[Answer]) -> tuple[Page, ...]:
    """Sum up answers by page, the slowest first."""
    by_page: dict[str, list[Answer]] = {}
    for answer in answers:
        by_page.setdefault(answer.page, []).append(answer)
    pages = [_page(name, found) for name, found in by_page.items()]
    return tuple(sorted(pages, key=lambda one: -one.p95.value_ms))


def _page(name: str, answers: list[Answer]) -> Page:
    p50, p95 = percentiles([one.seconds for one in answers], (0.50, 0.95))
    return Page(
        name,
        len(answers),
        p50,
        p95,
        1000 * max(one.seconds for one in answers),
        sum(1 for one in answers if not one.came),
        sum(one.size for one in answers) / len(answers) / 1024,
    )


def _visit(rig: Rig, made: Town, asked: Asked, port: int) -> Visit:
    return Visit(
        host=HOST,
        port=port,
        authority=str(pagecertificate.authority_file(rig.places.authority)),
        visitors=made.visitors,
        sights=Sights(made.entries, made.own, made.waiting, made.doors, made.requests),
        arriving_s=asked.arriving_s,
        seconds=asked.seconds,
        thinking_s=asked.thinking_s,
        photo=asked.photo,
    )


def _started(pages: subprocess.Popen[bytes], visit: Visit, log: Path) -> float:
    """Wait until the first page has come; gives the seconds that took.

    Raises:
        HubError: They do not.
    """
    began = time.monotonic()
    while not answers(visit.port):
        if pages.poll() is not None or time.monotonic() - began > _START_S:
            raise HubError(f"the pages do not start: {log.read_text('utf-8')[-400:]}")
        time.sleep(0.05)
    first = Browser(visit, ssl.create_default_context(cafile=visit.authority))
    first.get("first", "/sign-in")
    first.close()
    return time.monotonic() - began


def _sent(wanted: Visit) -> list[Answer]:
    """Run those who ask in a process of their own.

    Raises:
        HubError: It fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", "sync.bench.visitors"],
        input=msgspec.msgpack.encode(wanted),
        capture_output=True,
        timeout=wanted.arriving_s + wanted.seconds + _GRACE_S,
        check=False,
    )
    if done.returncode:
        raise HubError(f"those who ask the pages failed: {done.stderr.decode()[-400:]}")
    return msgspec.json.decode(done.stdout, type=list[Answer])
