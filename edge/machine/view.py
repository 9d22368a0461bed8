"""How the machine is that screens, as everybody shows it: the panel, the page, the hub."""

from enum import StrEnum

from msgspec import Struct


class Note(StrEnum):
    """What somebody should see to soon; the unit screens on. The value is said to staff."""

    UNDER_VOLTAGE = "The power supply is too weak: fit the one that hardware.md names."
    WARM = "The unit is hot and screens more slowly: give it shade and air."
    THROTTLED = "The processor slows itself down: give the unit shade, air and full power."
    COLD = "The unit is below freezing: leave it switched on, or warm its box."
    ACCELERATOR = "The Edge TPU is away and the processor does its work: check its plug."
    SPACE = "The unit's disk is nearly full: have it looked at."
    WORN = "The memory card is nearly worn out: have it replaced."
    WRITES = "Far too much is written to the memory card: have the unit looked at."
    CLOCK = "The clock and the hub disagree: have the unit's clock battery looked at."
    LIST_AGE = "Nobody has confirmed the list for long: check the network, or affirm it."
    UNKNOWN = "The unit cannot tell how it is: have it looked at."

    @property
    def code(self) -> str:
        """The short word for the hub and for figures."""
        return self.name.lower().replace("_", "-")


class MachineView(Struct, frozen=True):
    """How the machine is that screens; None is what it does not tell.

    Attributes:
        read_at: When it was looked at; 0 while nobody has.
        temperature: Degrees Celsius of the warmest sensor.
        under_voltage: The supply is too weak now.
        under_voltage_before: It was, since the machine was switched on.
        throttled: The firmware slows the processor down now.
        throttled_before: It did, since the machine was switched on.
        free_bytes: Room for the list and the log of its changes.
        read_only: Nothing can be written there.
        wear: Percent of the card's life that is used up, in steps of ten.
        written_bytes: Written to the card since the machine was switched on.
        up_s: Seconds since then.
        clock: By what it tells the time: ``hub``, ``network``, ``unproven``, or nothing while
            nobody has looked.
        clock_off_s: Seconds by which the machine's own clock is ahead of the time it goes by.
        lease_used: Part of the list's lease that is over since it was last confirmed.
        accelerator: What runs the networks: ``cpu``, ``edgetpu``, or nothing before they run.
        accelerator_missed: It should be an Edge TPU, and is not.
        runtime: The library that runs them.
        rate_limit: Frames a second to which it keeps itself, to stay cool.
        opened_at: When the box was opened, until a manager has seen to it.
        notes: What somebody should see to soon.
    """

    read_at: float = 0.0
    temperature: float | None = None
    under_voltage: bool | None = None
    under_voltage_before: bool | None = None
    throttled: bool | None = None
    throttled_before: bool | None = None
    free_bytes: int | None = None
    read_only: bool | None = None
    wear: int | None = None
    written_bytes: int | None = None
    up_s: float | None = None
    clock: str = ""
    clock_off_s: float | None = None
    lease_used: float | None = None
    accelerator: str = ""
    accelerator_missed: bool = False
    runtime: str = ""
    rate_limit: float | None = None
    opened_at: float | None = None
    notes: tuple[Note, ...] = ()
