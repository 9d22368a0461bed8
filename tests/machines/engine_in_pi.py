"""A stand-in for the engine in the emulated Pi, which is too slow for networks.

It feeds lamps and watchdog as the engine does, by the same code, for a frame that never is: one
person after the other, so fast that green does not end. While the file ``/opt/hangs`` is there it
hangs.
"""

import time
from itertools import count
from pathlib import Path

from edge.decision import Signal, Verdict
from edge.indicator.lamp import LampFeed
from edge.process import Notifier

feed, notifier = LampFeed(Path("/run/doorwatch/lamp/sock")), Notifier()
notifier.ready()
for frame in count():
    while Path("/opt/hangs").exists():
        time.sleep(0.1)
    feed.send(Signal(Verdict.CLEAR, encounter=1 + frame // 5), frame)
    notifier.alive()
    time.sleep(0.1)
