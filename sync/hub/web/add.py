"""Adding a person: photos first, judged at once; then why, where and until when; then the doors.

The most important page of the hub: the worst harm so far came from entries made in a hurry.
"""

import asyncio
import time
from contextlib import suppress

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from edge.errors import PhotoError
from sync.errors import HubError, Refused
from sync.hub import notes
from sync.hub.accounts.person import Person
from sync.hub.drafts import MOST_PHOTOS, Draft
from sync.hub.hubclock import now_ms
from sync.hub.terms import drafted, rephotographed
from sync.hub.web import addterms, addview
from sync.hub.web.addjudged import Judged, judge
from sync.hub.web.holding import Publish
from sync.hub.web.intake import Form, read_form
from sync.hub.web.may import Act, require
from sync.hub.web.office import Office
from sync.hub.web.pages import Faults, back, render, say
from sync.hub.web.seeing import Pictured, embedded, entry_id_of, pictured, seen_card
from sync.hub.web.texts import t
from sync.statement.proposal import PutProposal

_LONGEST_CHOICE = 8
"""Characters of the number of a photo and of one of its faces."""


class Add:
    """The room where entries are made and get better photos."""

    def __init__(self, office: Office) -> None:
        """Work for an office."""
        self._office = office
        self._saving = asyncio.Lock()
        self._readying: asyncio.Task[None] | None = None

    def routes(self) -> list[Route]:
        """Give the routes of its pages."""
        return [
            Route("/add", self.start),
            Route("/add", self.begin, methods=["POST"]),
            Route("/entries/{entry_id}/photo", self.start_photo),
            Route("/entries/{entry_id}/photo", self.begin_photo, methods=["POST"]),
            Route("/add/{draft_id}", self.show),
            Route("/add/{draft_id}/{number:int}.jpg", self.preview),
            Route("/add/{draft_id}/photos", self.photos, methods=["POST"]),
            Route("/add/{draft_id}/face", self.face, methods=["POST"]),
            Route("/add/{draft_id}/drop", self.drop, methods=["POST"]),
            Route("/add/{draft_id}/discard", self.discard, methods=["POST"]),
            Route("/add/{draft_id}/save", self.save, methods=["POST"]),
            Route("/add/{draft_id}/saved", self.saved),
            Route("/add/{draft_id}/waits", self.waits),
        ]

    # --- photos ------------------------------------------------------------------------------
    async def start(self, request: Request) -> Response:
        """Ask for the first photo."""
        require(request.state.person, Act.ADD_ENTRY)
        self._make_ready()
        return render(request, "add/start.html", most=MOST_PHOTOS, replaced=None, refusals=[])

    async def begin(self, request: Request) -> Response:
        """Take the first photo of a new entry."""
        require(request.state.person, Act.ADD_ENTRY)
        return await self._begun(request, None)

    async def start_photo(self, request: Request) -> Response:
        """Ask for a better photo of somebody on the list."""
        replaced = await self._office.ask(lambda: self._changeable(request))
        self._make_ready()
        return render(request, "add/start.html", most=MOST_PHOTOS, replaced=replaced, refusals=[])

    async def begin_photo(self, request: Request) -> Response:
        """Take the first new photo of somebody on the list."""
        replaced = await self._office.ask(lambda: self._changeable(request))
        return await self._begun(request, replaced)

    async def show(self, request: Request) -> Response:
        """Show a draft: photos with their verdicts, then the form."""
        return await self._page(request, self._draft(request), {})

    async def preview(self, request: Request) -> Response:
        """Send a photo of a draft, to its owner alone."""
        draft = self._draft(request)
        number = request.path_params["number"]
        for shot in draft.shots:
            if shot.number == number:
                return Response(shot.examined.preview, media_type="image/jpeg")
        raise HTTPException(404)

    async def photos(self, request: Request) -> Response:
        """Take further photos."""
        draft, form = await self._sent(request, addterms.ABOUT_PHOTOS)
        await self._examine(draft, form.files("photos"))
        return back(f"/add/{draft.draft_id}")

    async def face(self, request: Request) -> Response:
        """Take the choice of a face where a photo shows several."""
        draft, form = await self._sent(request, addterms.ABOUT_PHOTOS)
        number, _, index = form.text("face")[:_LONGEST_CHOICE].partition(".")
        if number.isdecimal() and index.isdecimal():
            draft.choose(int(number), int(index))
        return back(f"/add/{draft.draft_id}#photo-{number}")

    async def drop(self, request: Request) -> Response:
        """Forget a photo."""
        draft, form = await self._sent(request, addterms.ABOUT_PHOTOS)
        draft.drop(form.number("drop") or 0)
        return back(f"/add/{draft.draft_id}")

    async def discard(self, request: Request) -> Response:
        """Forget the whole draft."""
        draft, _ = await self._sent(request)
        self._office.drafts.end(draft)
        say(request, t("add.discarded"))
        return back(f"/entries/{draft.replaces}/photo" if draft.replaces else "/add")

    # --- saving ------------------------------------------------------------------------------
    async def save(self, request: Request) -> Response:
        """Make the entry, or say by each field what is wrong."""
        draft, _ = await self._sent(request)
        async with self._saving:  # a double click sends the form twice at once
            if self._is_saved(draft):
                return back(f"/add/{draft.draft_id}/saved")
            return await self._saved_now(request, draft)

    async def _saved_now(self, request: Request, draft: Draft) -> Response:
        person = request.state.person
        judged = await self._office.ask(lambda: judge(self._office, person, draft))
        faults = addterms.faults_of_photos(draft, judged.found)
        if not draft.replaces:
            faults |= addterms.faults_of_words(draft.typed, judged.policy, now_ms())
        if faults:
            return await self._page(request, draft, faults, judged)
        try:
            await self._publish(person, draft, judged)
        except (HubError, Refused) as error:
            return await self._page(request, draft, {}, judged, trouble=str(error))
        return back(f"/add/{draft.draft_id}/saved")

    async def saved(self, request: Request) -> Response:
        """Say that it is on its way; once it is published, its own page shows the doors."""
        draft = self._draft(request)
        held = self._office.holding.about(draft.entry_id) if draft.entry_id else None
        if held is None:
            gone = f"/entries/{draft.entry_id}#reach" if draft.published else ""
            return back(gone or f"/add/{draft.draft_id}")
        reference = draft.reference()
        photo = embedded(reference.photo_jpeg) if reference else ""
        return render(request, "add/saved.html", draft=draft, waiting=held, photo=photo)

    async def waits(self, request: Request) -> Response:
        """Show again how long it can still be undone; then go where the doors are shown."""
        draft = self._draft(request)
        held = self._office.holding.about(draft.entry_id) if draft.entry_id else None
        if held is None:
            return Response(headers={"HX-Redirect": f"/add/{draft.draft_id}/saved"})
        return render(request, "add/waits.html", draft=draft, waiting=held)

    async def _publish(self, person: Person, draft: Draft, judged: Judged) -> None:
        put, note = await self._office.ask(lambda: self._proposal(person, draft, judged))
        if person.signer is None:
            raise HTTPException(403)
        office = self._office

        def finish() -> None:
            if note:
                notes.write(office.service.desk, put.entry_id, note, person.who, now_ms())
            draft.published = True

        publish = Publish(
            together=finish,
            undone=f"/add/{draft.draft_id}",
            shown=f"/entries/{put.entry_id}#reach",
        )
        words = t("add.held.photo" if draft.replaces else f"add.held.{put.category}")
        await office.hold(person, put.signed(person.signer), words, publish)
        draft.entry_id = put.entry_id

    def _proposal(self, person: Person, draft: Draft, judged: Judged) -> tuple[PutProposal, str]:
        """Make the proposal, and give the note that stays here; on the office's thread."""
        service, reference = self._office.service, judged.found.reference
        if reference is None:
            raise AssertionError("photos without a reference are a fault by now")
        if draft.replaces:
            old = service.content(draft.replaces, person.who, now_ms())
            return rephotographed(old, reference), ""
        reason = addterms.reason_of(draft.typed)
        if reason is None:
            raise AssertionError("no reason is a fault by now")
        terms = addterms.terms_of(draft.typed, reason, judged.policy, now_ms())
        put = drafted(terms, reference, person.venue_id, service.list_id, now_ms())
        return put, draft.typed.get("note", "")

    def _is_saved(self, draft: Draft) -> bool:
        """Tell whether it is held or published already: a second press adds nobody twice."""
        held = bool(draft.entry_id) and self._office.holding.about(draft.entry_id) is not None
        return held or draft.published

    # --- drafts ------------------------------------------------------------------------------
    async def _begun(self, request: Request, replaced: Pictured | None) -> Response:
        form = await read_form(request)
        replaces = replaced.card.entry_id if replaced else ""
        owner = request.state.person.account_id
        draft = self._office.drafts.begin(owner, time.monotonic(), replaces)
        await self._examine(draft, form.files("photos"))
        if draft.shots:
            return back(f"/add/{draft.draft_id}")
        self._office.drafts.end(draft)
        refusals = draft.refusals or [t("add.fault.photo")]
        return render(
            request, "add/start.html", 422, most=MOST_PHOTOS, replaced=replaced, refusals=refusals
        )

    def _make_ready(self) -> None:
        """Have the networks loaded while somebody looks for a photo."""

        def start() -> None:
            with suppress(HubError):  # the photo itself will meet it, and say so
                self._office.examiner.start()

        self._readying = asyncio.create_task(asyncio.to_thread(start))

    async def _examine(self, draft: Draft, contents: list[bytes]) -> None:
        for content in contents:
            if len(draft.shots) == MOST_PHOTOS:
                draft.refusals.append(t("add.fault.enough", most=MOST_PHOTOS))
                break
            try:
                draft.add(await asyncio.to_thread(self._office.examiner.examine, content))
            except PhotoError as refusal:
                draft.refusals.append(str(refusal))
            except HubError as refusal:
                draft.refusals.append(str(refusal))
                break

    async def _sent(self, request: Request, but: tuple[str, ...] = ()) -> tuple[Draft, Form]:
        """Read the form of a draft, and keep what was typed so far, ``but`` for some fields."""
        draft = self._draft(request)
        form = await read_form(request)
        typed = addterms.typed_of(form.typed)
        draft.typed = {name: words for name, words in typed.items() if name not in but}
        return draft, form

    def _draft(self, request: Request) -> Draft:
        person: Person = request.state.person
        require(person, Act.ADD_ENTRY)
        draft_id = request.path_params["draft_id"]
        draft = self._office.drafts.of(draft_id, person.account_id, time.monotonic())
        if draft is None:
            raise HTTPException(404, t("add.over"))
        return draft

    def _changeable(self, request: Request) -> Pictured:
        """Give the entry whose photo is to be replaced; on the office's thread."""
        person = request.state.person
        card = seen_card(self._office, person, entry_id_of(request))
        require(person, Act.CHANGE_ENTRY, scope=card.scope, venue_id=card.venue_id)
        return pictured(self._office, person, [card])[0]

    async def _page(
        self,
        request: Request,
        draft: Draft,
        faults: Faults,
        judged: Judged | None = None,
        trouble: str = "",
    ) -> Response:
        person, now = request.state.person, now_ms()
        if judged is None:
            judged = await self._office.ask(lambda: judge(self._office, person, draft))
        refusals, draft.refusals = draft.refusals, []
        reference = judged.found.reference
        return render(
            request,
            "add/draft.html",
            422 if faults or trouble else 200,
            draft=draft,
            judged=judged,
            shots=addview.shots(draft),
            view=addview,
            photo=embedded(reference.photo_jpeg) if reference else "",
            wrongs={name: t(key) for name, key in faults.items()},
            trouble=trouble,
            refusals=refusals,
            typed=draft.typed,
            looked=addterms.looked_at(draft, judged.found),
            most=MOST_PHOTOS,
            spans=addterms.spans(now),
            reasons=addterms.reasons(judged.policy, now),
            today=addterms.today(now),
            longest_note=notes.LONGEST_NOTE,
        )
