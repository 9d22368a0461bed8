"""Figures as the rows of tables, for a terminal and for a page alike."""

from edge.evaluate.finding import Pasted
from edge.evaluate.fusing import Fused
from edge.evaluate.recognition import Acquired, Difference, Identification, Verification
from edge.evaluate.within import Cost, Present
from edge.intervals import Interval, Rate
from edge.vision.models.groups import Fairness

Rows = list[tuple[str, ...]]


def percent(value: float) -> str:
    """Show a share in percent, with as many decimals as say something."""
    return f"{value * 100:.2f} %" if value < 0.0999 else f"{value * 100:.1f} %"


def spanned(interval: Interval) -> str:
    """Show an interval of a share in percent."""
    return f"{interval[0] * 100:.2f} to {interval[1] * 100:.2f} %"


def counted(rate: Rate) -> str:
    """Show a rate with its counts."""
    return f"{percent(rate.value)} ({rate.events:,} of {rate.trials:,})"


def acquisition_rows(found: Acquired) -> Rows:
    """Tell what became of the photographs."""
    flaws = ", ".join(f"{flaw} {count:,}" for flaw, count in found.flaws.items())
    usable = found.images - found.failures_to_acquire
    lost = found.failures_to_acquire / found.images
    return [
        ("photographs, people", f"{found.images:,}, {found.people:,}"),
        ("failures to acquire", f"{found.failures_to_acquire:,} ({percent(lost)})"),
        ("of these not readable", f"{found.unreadable:,}"),
        ("not usable at the door", f"{found.not_usable:,} of {usable:,}"),
        *([("why", flaws)] if flaws else []),
    ]


def verification_rows(found: Verification) -> Rows:
    """Tell the true match rates."""
    return [
        (f"{at.fmr:.0e}", percent(at.tmr), spanned(at.interval), f"{at.threshold:.3f}")
        for at in found.at
    ]


def identification_rows(found: Identification) -> Rows:
    """Tell the misses."""
    return [
        (
            f"{at.asked_fpir:.0e}",
            counted(at.fnir),
            spanned(at.fnir.interval),
            f"{at.threshold:.3f}",
        )
        for at in found.at
    ]


def difference_rows(other: Verification, differences: tuple[Difference, ...]) -> Rows:
    """Tell what another network makes of it, and how much the first is ahead, in points."""
    tmr = {at.fmr: at.tmr for at in other.at}
    return [
        (f"{one.fmr:.0e}", percent(tmr[one.fmr]), *_ahead(one.tmr, one.interval))
        for one in differences
    ]


GROUP_HEAD = (
    "group",
    "people",
    "of 10,000 comparisons",
    "95 % interval",
    "counted",
    "95 % interval",
    "without undecided",
)
"""What ``group_rows`` tells, column by column."""


def group_rows(found: Fairness) -> Rows:
    """Tell false matches by group: by its curve, as counted, and without undecided pairs."""
    rows = [
        (
            one.group,
            f"{one.people:,}",
            f"{one.curve * 10_000:.1f}",
            _of_10_000(one.curve_interval),
            f"{one.rate.value * 10_000:.1f}",
            _of_10_000(one.rate.interval),
            f"{one.settled * 10_000:.1f}",
        )
        for one in found.groups
    ]
    kinds = (found.curves, found.counted, found.settled)
    mean, ratio = (
        [f"{one.mean * 10_000:.1f}" for one in kinds],
        [f"{one.ratio:.2f}" for one in kinds],
    )
    low, high = found.ratio_interval
    by_chance = f"{found.chance:.2f} by chance"
    return [
        *rows,
        ("mean", "", mean[0], "", mean[1], "", mean[2]),
        ("worst / mean", "", ratio[0], f"{low:.2f} to {high:.2f}", ratio[1], by_chance, ratio[2]),
    ]


def _of_10_000(interval: Interval) -> str:
    return f"{interval[0] * 10_000:.1f} to {interval[1] * 10_000:.1f}"


def cost_rows(found: tuple[Cost, ...]) -> Rows:
    """Tell what still matches where the worst group has its false match rate."""
    return [
        (
            f"{one.fmr:.0e}{', 95 % bound' if one.bound else ''}",
            one.group,
            f"{one.threshold:.3f}",
            percent(one.tmr.value),
            spanned(one.tmr.interval),
        )
        for one in found
    ]


def present_rows(found: tuple[Present, ...]) -> Rows:
    """Tell who could be compared."""
    return [
        (
            one.group,
            f"{one.photographs:,}",
            f"{one.photographs - one.acquired:,}",
            percent(one.usable / one.photographs),
        )
        for one in found
    ]


FUSED_HEAD = ("way", "templates", "TMR", "95 % interval", "ahead, points", "95 % interval")
"""What ``fused_rows`` tells, column by column."""


def fused_rows(found: tuple[Fused, ...]) -> Rows:
    """Tell what more templates of one person bring, and how many the door has to make."""
    return [
        (
            one.way.name,
            f"{one.way.templates}",
            percent(one.tmr),
            spanned(one.interval),
            *_ahead(one.ahead, one.ahead_interval),
        )
        for one in found
    ]


def _ahead(points: float, interval: Interval) -> tuple[str, str]:
    """Show a difference of two shares, in points."""
    low, high = interval
    return f"{points * 100:+.2f}", f"{low * 100:+.2f} to {high * 100:+.2f}"


def accuracy_words(found: Verification) -> str:
    """Tell the accuracy with its standard error."""
    return f"{found.accuracy.value * 100:.2f} ± {found.accuracy.error * 100:.2f} %"


def detection_rows(found: tuple[Pasted, ...]) -> Rows:
    """Tell the faces found by width."""
    return [(f"{one.width} px", counted(one.found), spanned(one.found.interval)) for one in found]
