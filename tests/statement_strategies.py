"""Random statements of every kind, made from the fields that their classes declare."""

from datetime import date
from functools import singledispatch
from typing import Any

from hypothesis import strategies as st

from sync.errors import Refused
from sync.statement import field
from sync.statement.caution import Caution
from sync.statement.head import Head, Manifest
from sync.statement.keybox import KeyBox, KeyRing, Kill
from sync.statement.membership import Registration, Rekey
from sync.statement.part import Nested, Part, Statement, _layout
from sync.statement.proposal import (
    ContestProposal,
    PolicyProposal,
    PutProposal,
    ReinstateProposal,
    RemoveProposal,
)
from sync.statement.record import Expiry, Record
from sync.statement.report import Report
from sync.statement.root import Root

STATEMENTS: tuple[type[Statement], ...] = (
    Root, Record, Expiry, Registration, Rekey, PutProposal, RemoveProposal, ContestProposal,
    ReinstateProposal, PolicyProposal, Head, Manifest, KeyBox, KeyRing, Kill, Report,
    Caution,
)  # fmt: skip
SIGNED = tuple(one for one in STATEMENTS if one not in {Expiry, Registration, Rekey, KeyRing})

SHORT = 40
"""Longest random byte string: what a field allows beyond that is tried by name."""


@singledispatch
def values(one: Any) -> st.SearchStrategy[Any]:
    """Give a strategy for what a field holds."""
    raise NotImplementedError(type(one))


@values.register
def _(one: field.Number) -> st.SearchStrategy[Any]:
    return st.integers(one.least, one.most)


@values.register
def _(one: field.Octets) -> st.SearchStrategy[Any]:
    return st.binary(min_size=one.least, max_size=min(one.most, max(one.least, SHORT)))


@values.register
def _(one: field.Text) -> st.SearchStrategy[Any]:
    letters = st.characters(codec="utf-8").filter(lambda c: not field._UNFIT.search(c))
    return st.text(letters, min_size=one.least, max_size=min(one.most, SHORT))


@values.register
def _(one: field.Pattern) -> st.SearchStrategy[Any]:
    return st.from_regex(one.rule, fullmatch=True)


@values.register
def _(one: field.Flag) -> st.SearchStrategy[Any]:
    return st.booleans()


@values.register
def _(one: field.Choice) -> st.SearchStrategy[Any]:
    return st.sampled_from(one.codes)


@values.register
def _(one: field.Calendar) -> st.SearchStrategy[Any]:
    return st.dates(min_value=date(1, 1, 1)).map(date.isoformat)


@values.register
def _(one: field.Row) -> st.SearchStrategy[Any]:
    return st.tuples(*map(values, one.fields))


@values.register
def _(one: field.Many) -> st.SearchStrategy[Any]:
    inner, most = values(one.field), min(one.most, 4)
    if not one.ascending:
        return st.lists(inner, max_size=most).map(tuple)
    found = st.lists(inner, max_size=most, unique_by=lambda v: repr(one.field.write(v)))
    return found.map(lambda many: tuple(sorted(many, key=one.field.write)))  # type: ignore[arg-type]


@values.register
def _(one: field.Set) -> st.SearchStrategy[Any]:
    return st.frozensets(values(one.field), max_size=min(one.most, 4))


@values.register
def _(one: Nested) -> st.SearchStrategy[Any]:
    return parts(one.part)


def made(part: type[Part], held: list[Any]) -> Part | None:
    """Make one; None where the fields do not go together."""
    try:
        return part(*held)
    except Refused:
        return None


def parts(part: type[Part]) -> st.SearchStrategy[Any]:
    """Give a strategy for a class of fields."""
    fields = [values(one) for _, one in _layout(part)]
    return st.tuples(*fields).map(lambda held: made(part, list(held))).filter(bool)
