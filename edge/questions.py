"""What the engine may be asked over its socket, and the sync process over its own.

Nothing here can fetch a frame or a template, nor a picture without an open alert or a manager's
PIN.
"""

from typing import Annotated

from msgspec import Meta, Struct

from edge.door import Answer, Completion
from sync.entries import Reason

Id = Annotated[str, Meta(min_length=1, max_length=64)]
Secret = Annotated[str, Meta(max_length=64)]
Passphrase = Annotated[str, Meta(max_length=1024)]


class Question(Struct, frozen=True, tag_field="op", forbid_unknown_fields=True):
    """Something the engine may be asked."""


class StateQuestion(Question, frozen=True, tag="state"):
    """The newest snapshot."""


class AlertQuestion(Question, frozen=True):
    """Something about one open alert."""

    alert_id: Id


class CropQuestion(AlertQuestion, frozen=True, tag="crop"):
    """Its live crop."""


class ReferenceQuestion(AlertQuestion, frozen=True, tag="reference"):
    """Its reference photo."""


class AnswerQuestion(AlertQuestion, frozen=True, tag="answer"):
    """Staff's decision about it."""

    answer: Answer


class QuietQuestion(Question, frozen=True, tag="quiet"):
    """Quiet the buzzer."""


class CheckQuestion(Question, frozen=True, tag="check"):
    """Compare one photo by hand; nothing of it is kept."""

    photo: bytes


class CheckReferenceQuestion(Question, frozen=True, tag="reference_of_check"):
    """The reference photo of a candidate of a hand-held check, once."""

    entry_id: Id
    token: Id


class RefreshQuestion(Question, frozen=True, tag="refresh"):
    """Look at the list at once; answered when what was on the disk by then is in force."""


class StandingQuestion(Question, frozen=True, tag="standing"):
    """How the unit stands with its consortium; asked of the sync process."""


class AwaitsKeyQuestion(Question, frozen=True, tag="awaits_key"):
    """Whether the engine waits for the key of its gallery."""


class KeyQuestion(Question, frozen=True, tag="key"):
    """Take this key of the gallery, from another process of this unit; written nowhere."""

    key: Annotated[bytes, Meta(min_length=32, max_length=32)]


class TokenQuestion(Question, frozen=True, tag="token"):
    """Open the gallery by the code of a staff token; asked of the engine and the sync process."""

    code: Annotated[str, Meta(max_length=256)]


class UnlockQuestion(Question, frozen=True, tag="unlock"):
    """The manager's PIN for a key that opens, for some minutes, what only a manager may do."""

    pin: Secret


class ManagerQuestion(Question, frozen=True):
    """What is answered to a manager only: with the key that the PIN gave."""

    key: Id


class PassersQuestion(ManagerQuestion, frozen=True, tag="passers"):
    """Who was in front of the camera within the last minute."""


class PasserPhotoQuestion(ManagerQuestion, frozen=True, tag="passer_photo"):
    """The crop of one of them."""

    encounter: int


class TakeQuestion(ManagerQuestion, frozen=True, tag="take"):
    """Put one of them on this door's list, for tonight."""

    encounter: int
    reason: Reason


class TonightQuestion(ManagerQuestion, frozen=True, tag="tonight"):
    """The entries for tonight."""


class TonightPhotoQuestion(ManagerQuestion, frozen=True, tag="tonight_photo"):
    """The reference photo of an entry for tonight."""

    entry_id: Id


class DropQuestion(ManagerQuestion, frozen=True, tag="drop"):
    """Take an entry for tonight off again."""

    entry_id: Id


class CompleteQuestion(ManagerQuestion, frozen=True, tag="complete"):
    """Make an entry for tonight an ordinary one; on a unit on its own."""

    entry_id: Id
    said: Completion


class BoxClosedQuestion(ManagerQuestion, frozen=True, tag="box_closed"):
    """The box was opened, and the manager has seen to it."""


class SignQuestion(Question, frozen=True, tag="sign"):
    """The same on a unit of a consortium: asked of the sync process.

    The passphrase opens the key of the venue's manager that lies on the unit; it is the right
    to do so, and no PIN is asked beside it.
    """

    entry_id: Id
    said: Completion
    passphrase: Passphrase


AnyQuestion = (
    StateQuestion
    | CropQuestion
    | ReferenceQuestion
    | AnswerQuestion
    | QuietQuestion
    | CheckQuestion
    | CheckReferenceQuestion
    | RefreshQuestion
    | StandingQuestion
    | AwaitsKeyQuestion
    | KeyQuestion
    | TokenQuestion
    | UnlockQuestion
    | PassersQuestion
    | PasserPhotoQuestion
    | TakeQuestion
    | TonightQuestion
    | TonightPhotoQuestion
    | DropQuestion
    | CompleteQuestion
    | BoxClosedQuestion
    | SignQuestion
)
