"""How much each unit may ask for: an allowance that refills with time. Pure."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Allowances:
    """One allowance for each sender; all are alike.

    Attributes:
        most: What a sender that was silent for long may spend at once.
        per_s: What comes back to it each second.
        refused: How often each sender wanted more than it had.
    """

    most: float
    per_s: float
    refused: dict[str, int] = field(default_factory=dict)
    _left: dict[str, tuple[float, int]] = field(default_factory=dict)

    def spend(self, sender: str, cost: float, now_ms: int) -> bool:
        """Take ``cost`` from the sender's allowance; False, and nothing taken, if it is short."""
        left, since_ms = self._left.get(sender, (self.most, now_ms))
        elapsed_s = max(0, now_ms - since_ms) / 1000
        left = min(self.most, left + elapsed_s * self.per_s)
        enough = left >= cost
        self._left[sender] = (left - cost if enough else left, now_ms)
        if not enough:
            self.refused[sender] = self.refused.get(sender, 0) + 1
        return enough

    def charge(self, sender: str, cost: float) -> None:
        """Take what an answer turned out to cost, although it may leave the sender in debt."""
        left, since_ms = self._left[sender]
        self._left[sender] = (left - cost, since_ms)
