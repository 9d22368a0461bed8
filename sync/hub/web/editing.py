"""New versions of an entry in a browser: a later end, or corrected facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sync.entries import REASONS_OF, Reason
from sync.errors import HubError
from sync.hub.accounts.person import Person
from sync.hub.card import Card
from sync.hub.facts import Standing
from sync.hub.hubclock import now_ms
from sync.hub.reach import content
from sync.hub.terms import LONGEST_EVIDENCE, Terms, corrected, extended, terms_of
from sync.hub.web.holding import Publish
from sync.hub.web.intake import Form, read_form
from sync.hub.web.may import Act, require
from sync.hub.web.office import Office
from sync.hub.web.pages import Faults, back, render
from sync.hub.web.seeing import entry_id_of, seen_card, signer_of
from sync.hub.web.texts import t
from sync.statement.policy import DAY_MS, Policy
from sync.statement.proposal import PutProposal

MONTHS = (1, 3, 6, 12)
"""Terms that are offered."""

_OTHER = "day"
"""The choice of a day of one's own."""


@dataclass(frozen=True, slots=True)
class Version:
    """The version of an entry that a new one follows.

    Attributes:
        card: The entry.
        put: Its content.
        policy: The rules in force.
    """

    card: Card
    put: PutProposal
    policy: Policy

    @property
    def second(self) -> bool:
        """Whether another venue has to approve the next one."""
        return self.card.everywhere and self.card.category in self.policy.two_person

    @property
    def last_ms(self) -> int:
        """The latest end that a new decision could give it today."""
        longest = self.policy.longest_days(self.put.reason)
        return now_ms() + longest * DAY_MS


class Editing:
    """The room of new versions."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office

    def routes(self) -> list[Route]:
        """Give the routes of its forms."""
        return [
            Route("/entries/{entry_id}/extend", self.show_extend),
            Route("/entries/{entry_id}/extend", self.extend, methods=["POST"]),
            Route("/entries/{entry_id}/correct", self.show_correct),
            Route("/entries/{entry_id}/correct", self.correct, methods=["POST"]),
        ]

    async def show_extend(self, request: Request) -> Response:
        """Ask for another end."""
        version = await self._version(request)
        return _extending(request, version, {}, {})

    async def extend(self, request: Request) -> Response:
        """Give an entry another end."""
        form, version = await read_form(request), await self._version(request)
        ends, faults = _ends(form, version)
        if faults:
            return _extending(request, version, form.typed, faults)
        words = t("entries.extend.done", reason=_reason(version))
        return await self._hold(request, lambda: extended(version.put, ends, now_ms()), words)

    async def show_correct(self, request: Request) -> Response:
        """Ask for corrected facts."""
        version = await self._version(request)
        put = version.put
        typed = {"reason": put.reason, "incident": put.incident_on, "evidence": put.evidence}
        return _correcting(request, version, typed, {})

    async def correct(self, request: Request) -> Response:
        """Correct reason, incident and evidence."""
        form, version = await read_form(request), await self._version(request)
        terms = _terms(form, version.put)
        faults = _faults(terms, version.policy, ("reason", "incident", "evidence"))
        if version.put.valid_until_ms > _latest_ms(version, terms.reason):
            faults["reason"] = "entries.correct.too_long"
        if faults:
            return _correcting(request, version, form.typed, faults)
        words = t("entries.correct.done", reason=_reason(version))
        return await self._hold(
            request,
            lambda: corrected(version.put, terms.reason, terms.incident, terms.evidence),
            words,
        )

    async def _version(self, request: Request) -> Version:
        """Read the version in force, if this person may make a newer one.

        Raises:
            HTTPException: 404, 403; 409 for an entry that waits or is contested.
        """
        entry_id, person = entry_id_of(request), request.state.person
        return await self._office.ask(lambda: self._read(person, entry_id))

    def _read(self, person: Person, entry_id: str) -> Version:
        card = seen_card(self._office, person, entry_id)
        require(person, Act.CHANGE_ENTRY, scope=card.scope, venue_id=card.venue_id)
        if card.standing is not Standing.LIVE or not card.venue_id:
            raise HTTPException(409, t("entries.change.not_now"))
        if card.asked is not None or self._office.holding.about(entry_id) is not None:
            raise HTTPException(409, t("entries.change.on_its_way"))
        service = self._office.service
        return Version(card, content(service.desk, entry_id), service.policy)

    async def _hold(
        self, request: Request, made: Callable[[], PutProposal], words: str
    ) -> Response:
        person, page = request.state.person, f"/entries/{entry_id_of(request)}"
        signed = made().signed(signer_of(person))
        await self._office.hold(person, signed, words, Publish(undone=page, shown=page))
        return back(page)


def _extending(
    request: Request, version: Version, typed: Mapping[str, str], faults: Faults
) -> Response:
    offers = [(f"{months}m", t("entries.extend.months", count=months)) for months in MONTHS]
    fitting = [(code, words) for code, words in offers if not _too_short_or_long(code, version)]
    return render(
        request,
        "entries/extend.html",
        422 if faults else 200,
        card=version.card,
        second=version.second,
        last_ms=version.last_ms,
        possible=version.last_ms > version.put.valid_until_ms,
        offers=[*fitting, (_OTHER, t("entries.extend.day"))],
        chosen=typed.get("until") or (fitting[0][0] if fitting else _OTHER),
        typed=typed,
        faults=faults,
    )


def _correcting(
    request: Request, version: Version, typed: Mapping[str, str], faults: Faults
) -> Response:
    reasons = [(one.value, t(f"words.reason.{one}")) for one in REASONS_OF[version.card.category]]
    return render(
        request,
        "entries/correct.html",
        422 if faults else 200,
        card=version.card,
        second=version.second,
        reasons=reasons,
        longest_evidence=LONGEST_EVIDENCE,
        typed={name: typed.get(name, "") for name in ("reason", "incident", "evidence")},
        faults=faults,
    )


def _ends(form: Form, version: Version) -> tuple[str, Faults]:
    """Read the end that was asked for; "day" takes the field beside it."""
    chosen = form.text("until")
    field = "day" if chosen == _OTHER else "until"
    ends = form.text("day") if chosen == _OTHER else chosen
    terms = replace(terms_of(version.put), until=ends)
    faults = _faults(terms, version.policy, ("until",))
    if faults:
        return ends, {field: faults["until"]}
    if terms.ends_ms(now_ms()) <= version.put.valid_until_ms:
        return ends, {field: "entries.extend.earlier"}
    return ends, {}


def _too_short_or_long(ends: str, version: Version) -> bool:
    terms = replace(terms_of(version.put), until=ends)
    try:
        return terms.ends_ms(now_ms(), version.policy) <= version.put.valid_until_ms
    except HubError:
        return True


def _terms(form: Form, put: PutProposal) -> Terms:
    """Take the corrected facts; the rest stays as it is."""
    return replace(
        terms_of(put),
        reason=form.choice("reason", Reason) or put.reason,
        incident=form.text("incident"),
        evidence=form.text("evidence"),
    )


def _faults(terms: Terms, policy: Policy, fields: tuple[str, ...]) -> Faults:
    """Give the first thing that is wrong with each of these fields."""
    found = [one for one in terms.problems(now_ms(), policy) if one.field in fields]
    return {one.field: f"words.flaw.{one.flaw}" for one in reversed(found)}


def _latest_ms(version: Version, reason: Reason) -> int:
    """Tell the latest end that an entry of this term may have for this reason."""
    return version.put.created_ms + (version.policy.longest_days(reason) + 1) * DAY_MS


def _reason(version: Version) -> str:
    return t(f"words.reason.{version.put.reason}")
