"""What the engine answers over its socket, question by question."""

import time
from collections.abc import Callable

import structlog

from edge.alerts import AlertBook
from edge.door import Answer, CandidateView, DoorState
from edge.errors import LinkError
from edge.handheld import HandheldCheck
from edge.keys.shares import SharedKeys
from edge.listkeeper import ListKeeper
from edge.putting import Putting
from edge.questions import (
    AlertQuestion,
    AnswerQuestion,
    AnyQuestion,
    AwaitsKeyQuestion,
    CheckQuestion,
    CheckReferenceQuestion,
    CropQuestion,
    KeyQuestion,
    ManagerQuestion,
    QuietQuestion,
    RefreshQuestion,
    SignQuestion,
    StandingQuestion,
    StateQuestion,
    TokenQuestion,
    UnlockQuestion,
)

_LOG = structlog.get_logger("alerts")


class Answers:
    """Joins the parts of the engine that somebody outside may ask about."""

    def __init__(
        self,
        alerts: AlertBook,
        state: Callable[[], DoorState],
        quiet: Callable[[], None],
        keys: SharedKeys,
    ) -> None:
        """Start with what is there from the first moment.

        Args:
            alerts: The alerts.
            state: Gives the newest snapshot.
            quiet: Quiets the buzzer.
            keys: Gives the key of the gallery, once it can be had.
        """
        self._alerts, self._state, self._quiet = alerts, state, quiet
        self._keys = keys
        self._listed: ListKeeper | None = None
        self._handheld: HandheldCheck | None = None
        self._putting: Putting | None = None

    def complete(self, listed: ListKeeper, handheld: HandheldCheck, putting: Putting) -> None:
        """Add what could only be made once the networks were loaded."""
        self._listed, self._handheld, self._putting = listed, handheld, putting

    def __call__(self, question: AnyQuestion) -> object:  # noqa: C901, PLR0911 - one for each question
        """Answer one question.

        Raises:
            DoorwatchError: It is refused; the message is fit for staff.
        """
        match question:
            case StateQuestion():
                return self._state()
            case AlertQuestion():
                return self._about_alert(question)
            case QuietQuestion():
                return self._quiet()
            case CheckQuestion(photo=photo):
                return self._check(photo)
            case CheckReferenceQuestion(entry_id=entry_id, token=token):
                return self._check_reference(entry_id, token)
            case RefreshQuestion():
                return self._refresh()
            case AwaitsKeyQuestion() | KeyQuestion() | TokenQuestion():
                return self._about_key(question)
            case UnlockQuestion(pin=pin):
                return self._managers().door.unlock(pin)
            case ManagerQuestion():
                return self._managers()(question)
            case StandingQuestion() | SignQuestion():
                raise LinkError("the engine knows no hub: ask the sync process")

    def _about_key(self, question: AwaitsKeyQuestion | KeyQuestion | TokenQuestion) -> object:
        match question:
            case AwaitsKeyQuestion():
                return self._keys.waits
            case KeyQuestion(key=key):
                self._keys.take_key(key)
            case TokenQuestion(code=code):
                self._keys.take_token(code)
                _LOG.info("opened by a staff token", code="token-typed")
        return None

    def _about_alert(self, question: AlertQuestion) -> object:
        match question:
            case AnswerQuestion(alert_id=alert_id, answer=answer):
                return self._answer(alert_id, answer)
            case CropQuestion(alert_id=alert_id):
                return self._alerts.crop(alert_id)
        return self._photo(self._alerts.entry_of(question.alert_id))

    def _answer(self, alert_id: str, answer: Answer) -> object:
        view = self._alerts.answer(alert_id, answer, time.monotonic())
        _LOG.info("answered", code="answered", verdict=view.verdict, answer=answer)
        return None

    def _photo(self, entry_id: str) -> bytes:
        if self._listed is None:
            raise LinkError("the list cannot be read at the moment")
        return self._listed.photo(entry_id)

    def _check(self, photo: bytes) -> list[CandidateView]:
        found = self._ready().check(photo)
        self._alerts.hand_held()
        return found

    def _check_reference(self, entry_id: str, token: str) -> bytes:
        self._ready().redeem(entry_id, token)
        return self._photo(entry_id)

    def _refresh(self) -> int:
        if self._listed is None:
            raise LinkError("the unit does not compare yet: see its state")
        return self._listed.refresh()

    def _managers(self) -> Putting:
        if self._putting is None:
            raise LinkError("the unit is not ready to compare: see its state")
        return self._putting

    def _ready(self) -> HandheldCheck:
        if self._handheld is None:
            raise LinkError("the unit is not ready to compare: see its state")
        return self._handheld
