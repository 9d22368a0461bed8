"""Draw edge/DECISION.md from the tables of edge/decision.py: ``python deploy/draw_decision.py``."""

from pathlib import Path

from edge.decision import LEADS_TO, TABLE, VERDICT_OF, Finding

DRAWN = Path(__file__).parents[1] / "edge" / "DECISION.md"


def text() -> str:
    """Give the page: the rules, then the states of one encounter as a Mermaid picture."""
    return "\n".join(
        [
            "# What the door is told, and why",
            "",
            "Drawn from the tables of `decision.py` by `python deploy/draw_decision.py`.",
            "",
            "What the evidence about one person says: the first row that applies wins.",
            "k, m, n and patience are `usable_for_clear`, `stop_hits`, `stop_window` and",
            "`patience_s` of the configuration.",
            "",
            "| | when | finding | verdict | said to staff |",
            "| --- | --- | --- | --- | --- |",
            *(_row(number) for number in range(len(TABLE))),
            "",
            "An entry is held back for the rest of the night if staff marked it *not them* on two",
            "alerts at this door, or if the hub names it in a caution. It hides no other entry: a",
            "face that is also to be stopped for somebody else is a STOP.",
            "",
            "How the finding about one person may change while they stand there. A fault replaces",
            "every verdict but STOP, and leaves the finding under it as it was.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> UNDECIDED",
            *(f"    {finding.name}: {_label(finding)}" for finding in Finding),
            *(arrow for finding in Finding for arrow in _arrows(finding)),
            "```",
            "",
        ]
    )


def _row(number: int) -> str:
    row = TABLE[number]
    verdict = VERDICT_OF[row.finding]
    told = verdict.name if verdict else "none"
    return f"| {number + 1} | {row.words} | {row.finding.name} | {told} | {row.finding.value} |"


def _label(finding: Finding) -> str:
    verdict = VERDICT_OF[finding]
    return f"{verdict.name if verdict else 'no verdict'} ({finding.name.lower().replace('_', ' ')})"


def _arrows(finding: Finding) -> list[str]:
    others = (after for after in LEADS_TO[finding] if after is not finding)
    return [f"    {finding.name} --> {after.name}" for after in others]


if __name__ == "__main__":
    DRAWN.write_text(text(), encoding="utf-8")
