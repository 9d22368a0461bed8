"""Searches of galleries in a process of their own (G writes this file; these are the structs)."""

import msgspec


class MatchJob(msgspec.Struct):
    """What to measure."""

    sizes: tuple[int, ...]
    dimension: int
    threads: int
    runs: int


class Matched(msgspec.Struct):
    """One index in one size."""

    system: str
    numbers: str
    templates: int
    seconds: list[float]
    recall: float


class MatchAnswer(msgspec.Struct):
    """What was measured."""

    rows: list[Matched] = []
    absent: list[str] = []
    failure: str = ""
