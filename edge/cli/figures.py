"""Shows figures of evaluations and benchmarks as tables."""

from rich.console import Console
from rich.table import Table

from edge.evaluate.alerts import Missed, Realised
from edge.evaluate.fusing import FMR, FRAMES
from edge.evaluate.night import Nights
from edge.evaluate.report import METHOD, Beside, Report
from edge.evaluate.rows import (
    FUSED_HEAD,
    GROUP_HEAD,
    Rows,
    accuracy_words,
    acquisition_rows,
    cost_rows,
    counted,
    detection_rows,
    difference_rows,
    fused_rows,
    group_rows,
    identification_rows,
    percent,
    present_rows,
    spanned,
    verification_rows,
)
from edge.evaluate.within import Within

_INTERVAL = "95 % interval"


def show_report(console: Console, report: Report) -> None:
    """Show one evaluation of photographs."""
    where, pairs = report.setting, report.verification
    console.print(f"{where.dataset}: {where.network}, seed {where.seed}, {where.machine}")
    _show(console, "Photographs", ("", ""), acquisition_rows(report.acquired))
    title = (
        f"Verification: {pairs.mated:,} mated, {pairs.non_mated:,} non-mated pairs, "
        f"accuracy {accuracy_words(pairs)}"
    )
    _show(console, title, ("FMR", "TMR", _INTERVAL, "threshold"), verification_rows(pairs))
    if (found := report.identification) is not None:
        title = (
            f"Open set, gallery of {found.gallery:,}: {found.mated_probes:,} mated, "
            f"{found.non_mated_probes:,} non-mated probes"
        )
        head = ("FPIR", "FNIR", _INTERVAL, "threshold")
        rows = identification_rows(found) or [("too few probes to tell", "", "", "")]
        _show(console, title, head, rows)
    if report.within is not None:
        _show_within(console, report.within)
    if report.beside is not None:
        _show_beside(console, report.beside)
    if report.fused:
        title = (
            f"Several templates, {report.fused[0].people:,} people, {FRAMES} degraded frames each, "
            f"FMR {FMR:.0e}"
        )
        _show(console, title, FUSED_HEAD, fused_rows(report.fused))
    if report.detection:
        columns = ("face width", "found in one frame of 1280 by 720", _INTERVAL)
        _show(console, "Finding", columns, detection_rows(report.detection))
    console.print(METHOD, style="dim")


def _show_beside(console: Console, found: Beside) -> None:
    """Show another network on the same photographs."""
    title = f"Beside {found.network}, accuracy {accuracy_words(found.verification)}"
    head = ("FMR", "its TMR", "ahead, points", _INTERVAL)
    _show(console, title, head, difference_rows(found.verification, found.differences))
    if found.within is not None:
        _show_within(console, found.within)


def _show_within(console: Console, found: Within) -> None:
    """Show false matches within groups of strangers."""
    head = ("group", "photographs", "no face", "usable")
    _show(console, "Strangers by group", head, present_rows(found.present))
    for each in found.at:
        title = f"Within groups: {each.where}, score {each.found.threshold:.3f}"
        _show(console, title, GROUP_HEAD, group_rows(each.found))
    title = (
        f"The worst group decides ({found.left_out:,} pairs of one person left out, "
        f"{found.undecided:,} undecided)"
    )
    costly = ("FMR in it", "group", "threshold", "TMR", _INTERVAL)
    _show(console, title, costly, cost_rows(found.cost))


def show_nights(console: Console, nights: Nights) -> None:
    """Show simulated nights."""
    plan = nights.plan
    console.print(
        f"{plan.nights} nights, gallery of {plan.gallery} (one reference each), "
        f"{nights.strangers:,} strangers, {plan.frames} frames each, seed {plan.seed}; "
        f"thresholds: check {nights.check:.3f}, stop {nights.stop:.3f}"
    )
    head = (
        "who",
        "people",
        "STOP, first night",
        _INTERVAL,
        "STOP, all",
        _INTERVAL,
        "CHECK",
        "kept",
    )
    title = f"False alerts; promised: STOP for {percent(plan.budget)} of people"
    _show(console, title, head, [_realised(one) for one in nights.false_alerts])
    shares: Rows = [(name, percent(share)) for name, share in nights.verdicts.items()]
    _show(console, "What strangers were shown", ("verdict", "share"), shares)
    title = f"People on the list: {nights.listed:,} walked up"
    _show(console, title, ("", "", _INTERVAL), _missed(nights.missed))
    console.print(
        f"{nights.refused_enrolments} reference photos were refused and others taken; "
        f"{nights.split} strangers were taken for two people. FPIR holds for this gallery's "
        "size. Photographs are not a door.",
        style="dim",
    )


def _realised(one: Realised) -> tuple[str, ...]:
    return (
        one.who,
        f"{one.people:,}",
        counted(one.first),
        spanned(one.first.interval),
        counted(one.stops),
        spanned(one.stops.interval),
        percent(one.checks.value),
        "yes" if one.kept else "NO",
    )


def _missed(missed: Missed) -> Rows:
    return [
        ("no right STOP (FNIR)", counted(missed.fnir_stop), spanned(missed.fnir_stop.interval)),
        (
            "no right STOP or CHECK",
            counted(missed.fnir_check),
            spanned(missed.fnir_check.interval),
        ),
        ("right STOP", f"{missed.stopped:,}", ""),
        ("right CHECK", f"{missed.checked:,}", ""),
        ("face not seen", f"{missed.not_seen:,}", ""),
        ("alert about somebody else", f"{missed.wrong:,}", ""),
    ]


def _show(console: Console, title: str, head: tuple[str, ...], rows: Rows) -> None:
    """Show one table, numbers to the right."""
    table = Table(title=title, title_justify="left", show_header=any(head))
    for number, name in enumerate(head):
        table.add_column(name, justify="right" if number else "left")
    for row in rows:
        table.add_row(*row)
    console.print(table)
