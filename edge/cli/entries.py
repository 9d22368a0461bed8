"""The list on the command line: enrol, list, show, lift, check, affirm."""

import secrets
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter
from rich.console import Console
from rich.prompt import Confirm

from edge.cli.configured import ConfigFile
from edge.cli.listing import (
    checked,
    lines_of,
    page_of,
    people,
    print_json,
    record,
    scored,
    summary,
    table_of,
)
from edge.cli.locally import NOBODY, Manager, enter
from edge.config import Config
from edge.decision import Candidate
from edge.enrolment import DUPLICATE, Reference, enrol, likely_duplicates
from edge.errors import EnrolmentError, GalleryError, NotConfirmedError
from edge.gallery.index import Index
from edge.gallery.records import StoredReference
from edge.gallery.store import Store
from edge.heic import read_phone_photo
from edge.keys.provider import key_provider
from edge.keys.shares import gallery_keys
from edge.until import day, until
from edge.vision import Engine, Face, load_engine
from sync.entries import Category, Entry, EntryRefusedError, Reason, category_of, check_entry


def register(app: App) -> None:
    """Add the commands of this file."""
    app.command(enrol_person, name="enrol")
    app.command(list_entries, name="list")
    app.command(show)
    app.command(lift)
    app.command(check)
    app.command(affirm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Why, and until when, somebody goes on the list.

    Attributes:
        reason: Why: a code of the closed list.
        until: The last day, as 2031-01-31, or a term: 30d, 6w, 6m, 1y.
        category: How a match is shown at the door; by default what the reason belongs to.
    """

    reason: Reason
    until: str
    category: Category | None = None

    def entry(self, now: float) -> Entry:
        """Make the entry, under a fresh id. Raises: EnrolmentError."""
        category = self.category or category_of(self.reason)
        ends = until(self.until, now)
        entry = Entry(secrets.token_hex(8), category, self.reason, now, ends)
        try:
            check_entry(entry)
        except EntryRefusedError as error:
            raise EnrolmentError(str(error)) from error
        return entry


def enrol_person(
    *photos: Path,
    terms: Annotated[Terms, Parameter(name="*")],
    manager: Annotated[Manager, Parameter(name="*")] = NOBODY,
    yes: bool = False,
    json: bool = False,
    config: ConfigFile = None,
) -> None:
    """Put one person on the list, from one photo or several.

    On a unit of a consortium the entry counts at this venue's doors, needs its manager's key
    (--key), and is in force at this door at once, also while the hub is out of reach.

    Args:
        photos: Photos of that person alone: JPEG, PNG, WebP, GIF or HEIC.
        terms: Why, and until when.
        manager: On a unit of a consortium: who enters, and what the entry rests on.
        yes: Enrol also where somebody on the list looks alike.
        json: Print one JSON object for a script.
        config: Configuration file.
    """
    if not photos:
        raise EnrolmentError("name at least one photo of the person")
    settings = Config.load(config)
    with _store(settings) as store:
        now = store.time().ms / 1000
        entry = terms.entry(now)
        pixels = [read_phone_photo(photo) for photo in photos]
        names = [repr(photo.name) for photo in photos]
        reference = enrol(pixels, _engine(settings), names)
        alike = _alike(store, reference, now)
        if alike and not yes:
            _ask_about(alike)
        if manager.key is None:
            store.add(entry, reference.photo_jpeg, reference.templates, reference.model_id)
    if manager.key is not None:
        enter(settings, manager, entry, reference)
    _say_enrolled(entry, reference, alike, json=json)


def list_entries(*, json: bool = False, config: ConfigFile = None) -> None:
    """List everybody who is on the list at the moment.

    Args:
        json: Print a JSON array for a script.
        config: Configuration file.
    """
    with _store(Config.load(config)) as store:
        now, head, venues = store.time().ms / 1000, store.head(), store.venues()
        found = [r for r in store.references() if r.entry.in_force(now)]
    if json:
        print_json([record(reference) for reference in found])
        return
    if found:
        Console().print(table_of(found, venues))
    if not head.expires_at:
        _say(f"{people(len(found))} on the list, which the hub has not confirmed yet.")
        return
    fresh = "counts until" if now < head.expires_at else "ran out on"
    _say(f"{people(len(found))} on the list, which {fresh} {day(head.expires_at)}.")


def show(entry_id: str, /, *, json: bool = False, config: ConfigFile = None) -> None:
    """Show one entry; its photo is shown at the door only, beside the person.

    Args:
        entry_id: Its id, as the list shows it.
        json: Print one JSON object for a script.
        config: Configuration file.
    """
    with _store(Config.load(config)) as store:
        reference = _found(store, entry_id)
        now, venues = store.time().ms / 1000, store.venues()
    if json:
        print_json(record(reference))
        return
    Console().print(page_of(reference, now, venues))


def lift(entry_id: str, /, *, yes: bool = False, config: ConfigFile = None) -> None:
    """Take one person off the list and erase photo, templates and all.

    Args:
        entry_id: The entry's id, as the list shows it.
        yes: Don't ask.
        config: Configuration file.
    """
    with _store(Config.load(config)) as store:
        if not yes:
            _confirm(f"Lift {entry_id} and erase all that is kept about that person?")
        store.lift(entry_id)
    _say(f"{entry_id} is off the list; nothing is kept.")


def check(photo: Path, /, *, json: bool = False, config: ConfigFile = None) -> None:
    """Compare the faces of a photo with the list; nothing of it is kept.

    Args:
        photo: JPEG, PNG, WebP, GIF or HEIC.
        json: Print a JSON array for a script: one object for each face.
        config: Configuration file.
    """
    settings = Config.load(config)
    with _store(settings) as store:
        now = store.time().ms / 1000
        engine = _engine(settings)
        index = Index.build(_compared(store), engine.model_id)
    faces = engine.faces(read_phone_photo(photo))
    if not faces:
        raise EnrolmentError(f"{photo.name!r} shows no face: take one from the front")
    found = [_candidates(face, index, now) for face in faces]
    if json:
        print_json([checked(face, who) for face, who in zip(faces, found, strict=True)])
        return
    for number, (face, candidates) in enumerate(zip(faces, found, strict=True), 1):
        _say(*lines_of(number, face, candidates))


def affirm(*, days: float | None = None, json: bool = False, config: ConfigFile = None) -> None:
    """Say that the list, and this unit's clock, are right: the list counts as fresh again.

    Args:
        days: For how long; by default what the configuration says.
        json: Print one JSON object for a script.
        config: Configuration file.
    """
    if days is not None and not 0 < days <= 365:
        raise GalleryError("--days must lie between 0 and 365")
    now = time.time()
    with _store(Config.load(config)) as store:
        head = store.affirm(now, days)
    if json:
        print_json(summary(head))
        return
    _say(
        f"The clock says {day(now)}. The list of {people(head.entries)} counts until "
        f"{day(head.expires_at)}."
    )


def _store(settings: Config) -> Store:
    places = settings.places()
    places.prepare()
    keys = gallery_keys(settings, places, key_provider(settings, places))
    return Store.open(places.gallery, keys, lease_days=settings.entry_list.lease_days)


def _engine(settings: Config) -> Engine:
    return load_engine(settings.vision.accelerator, settings.vision.threads or None)


def _found(store: Store, entry_id: str) -> StoredReference:
    for reference in store.references():
        if reference.entry.entry_id == entry_id:
            return reference
    raise GalleryError(f"there is no entry {entry_id!r} on the list: doorwatch list shows them")


def _compared(store: Store) -> list[StoredReference]:
    """Give the references that anybody may be compared with: contested ones are left alone."""
    return [one for one in store.references() if not one.standing.contested]


def _alike(store: Store, reference: Reference, now: float) -> tuple[Candidate, ...]:
    """Find likely duplicates among what the same model made; others can't be compared."""
    model_id = reference.model_id
    known = [one for one in _compared(store) if one.model_id == model_id]
    return likely_duplicates(reference, Index.build(known, model_id), now)


def _ask_about(alike: Sequence[Candidate]) -> None:
    who = ", ".join(f"{one.entry_id} (score {one.score:.2f})" for one in alike)
    _confirm(f"Somebody on the list looks alike: {who}. Enrol all the same?")


def _confirm(question: str) -> None:
    """Ask on a terminal; elsewhere only --yes goes on."""
    if not sys.stdin.isatty():
        raise NotConfirmedError(f"{question} Nothing was changed: say so with --yes")
    if not Confirm.ask(question, default=False, console=Console(stderr=True)):
        raise NotConfirmedError("nothing was changed")


def _candidates(face: Face, index: Index, now: float) -> tuple[Candidate, ...]:
    if face.template is None or not face.quality.usable:
        return ()
    return index.search(face.template, now, threshold=DUPLICATE)


def _say_enrolled(
    entry: Entry, reference: Reference, alike: Sequence[Candidate], *, json: bool
) -> None:
    if json:
        stored = StoredReference(entry, reference.templates, reference.model_id)
        qualities = [round(float(quality), 3) for quality in reference.qualities]
        duplicates = [scored(candidate) for candidate in alike]
        print_json({**record(stored), "qualities": qualities, "alike": duplicates})
        return
    count = len(reference.qualities)
    _say(
        f"{entry.entry_id} is on the list as {entry.category} ({entry.reason}) until "
        f"{day(entry.valid_until)}, from {count} photo{'s' * (count > 1)}, "
        f"quality {max(reference.qualities):.2f}."
    )


def _say(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
