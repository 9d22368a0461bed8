"""How the machine is, in words for the one who looks after it. Pure."""

from edge.cli.member import span
from edge.machine.view import MachineView

_GB = 1e9
_CLOCKS = {
    "hub": "as the hub told since the unit was switched on",
    "network": "kept by the network",
    "unproven": "nothing has confirmed it since the unit was switched on",
}
_PROCESSORS = {"cpu": "on the processor", "edgetpu": "on the Edge TPU"}


def machine_rows(view: MachineView) -> list[tuple[str, str]]:
    """Say how the machine is, row by row; what it does not tell is left out.

    Args:
        view: As the engine told.
    """
    told = (
        ("temperature", _warmth_words(view)),
        ("power", _power_words(view)),
        ("disk", _disk_words(view)),
        ("clock", _clock_words(view)),
        ("networks", _networks_words(view)),
    )
    return [(name, words) for name, words in told if words]


def _warmth_words(view: MachineView) -> str:
    if view.temperature is None:
        return ""
    limit = f"; screens at most {view.rate_limit:g} frames a second" if view.rate_limit else ""
    return f"{view.temperature:.0f} °C{limit}"


def _power_words(view: MachineView) -> str:
    if view.under_voltage is None:
        return ""
    supply = _now_or_before("too weak", now=view.under_voltage, before=view.under_voltage_before)
    speed = _now_or_before("slowed down", now=view.throttled, before=view.throttled_before)
    return f"supply {supply or 'good'}" + (f"; processor {speed}" if speed else "")


def _now_or_before(words: str, *, now: bool | None, before: bool | None) -> str:
    if now:
        return f"{words.upper()} NOW"
    return f"good now, {words} before, since the start" if before else ""


def _disk_words(view: MachineView) -> str:
    if view.free_bytes is None:
        return ""
    parts = ["READ ONLY" if view.read_only else f"{view.free_bytes / _GB:.1f} GB free"]
    if view.wear is not None:
        parts.append(f"{view.wear} % of the card's life used")
    if view.written_bytes is not None and view.up_s:
        parts.append(f"{view.written_bytes / _GB:.1f} GB written in {span(view.up_s)}")
    return ", ".join(parts)


def _clock_words(view: MachineView) -> str:
    words = _CLOCKS.get(view.clock, "")
    off_s = view.clock_off_s or 0.0
    if not words or abs(off_s) < 1:
        return words
    return f"{words}; the machine's own is {span(abs(off_s))} {'ahead' if off_s > 0 else 'behind'}"


def _networks_words(view: MachineView) -> str:
    where = _PROCESSORS.get(view.accelerator, "")
    return f"{where}, by {view.runtime}" if where else ""
