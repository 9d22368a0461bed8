"""The engine's only way out: a Unix socket that answers a few bounded questions.

Frames on the wire: four bytes of length, big-endian, then MessagePack. One question and one
answer a connection. What may be asked stands in :mod:`edge.questions`.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import structlog
from msgspec import Struct

from edge.door import (
    Answer,
    CandidateView,
    Completion,
    DoorState,
    PasserView,
    SyncView,
    TonightView,
)
from edge.errors import DoorwatchError, LinkError
from edge.questions import (
    AnswerQuestion,
    AnyQuestion,
    AwaitsKeyQuestion,
    BoxClosedQuestion,
    CheckQuestion,
    CheckReferenceQuestion,
    CompleteQuestion,
    CropQuestion,
    DropQuestion,
    KeyQuestion,
    PasserPhotoQuestion,
    PassersQuestion,
    QuietQuestion,
    ReferenceQuestion,
    RefreshQuestion,
    SignQuestion,
    StandingQuestion,
    StateQuestion,
    TakeQuestion,
    TokenQuestion,
    TonightPhotoQuestion,
    TonightQuestion,
    UnlockQuestion,
)
from edge.sharing import file_mode
from sync.entries import Reason

LARGEST_QUESTION = 21 * 2**20
"""Bytes: a hand-held photo of 20 MiB and a little around it."""

LARGEST_ANSWER = 8 * 2**20
"""Bytes: a reference photo is far smaller."""

CONNECTIONS = 8
"""Connections served at once; further ones wait."""

BACKLOG = 64
"""Connections that may wait."""

AGAIN_S = 0.2
"""Seconds until it is tried again to accept somebody, where that could not be done."""

PATIENCE_S = 5.0
"""Seconds the server waits for the rest of a question, or for its answer to be taken."""

_LENGTH = struct.Struct(">I")
_LOG = structlog.get_logger("link")

Kind = TypeVar("Kind")
Answering = Callable[[AnyQuestion], object]
"""The engine's side: a question in, something MessagePack can carry out."""


class Reply(Struct, frozen=True, omit_defaults=True):
    """What goes back: a value, or the sentence of a refusal."""

    value: msgspec.Raw = msgspec.Raw(b"\xc0")
    refusal: str | None = None


class Link:
    """The asking side, for the page and the command line; safe to use from many threads."""

    def __init__(self, socket_path: Path, timeout_s: float = 5.0) -> None:
        """Remember where the engine answers; nothing is opened yet.

        Args:
            socket_path: The engine's socket.
            timeout_s: Seconds one question may take in all.
        """
        self._path = socket_path
        self._timeout_s = timeout_s

    def state(self) -> DoorState:
        """Give the newest snapshot. Raises: LinkError."""
        return self._ask(StateQuestion(), DoorState)

    def crop(self, alert_id: str) -> bytes:
        """Give the live crop (JPEG) of an open alert. Raises: LinkError."""
        return self._ask(CropQuestion(alert_id), bytes)

    def reference(self, alert_id: str) -> bytes:
        """Give the reference photo (JPEG) of an open alert. Raises: LinkError."""
        return self._ask(ReferenceQuestion(alert_id), bytes)

    def answer(self, alert_id: str, answer: Answer) -> None:
        """Tell what staff decided about an alert. Raises: LinkError."""
        self._ask(AnswerQuestion(alert_id, answer), type(None))

    def quiet(self) -> None:
        """Quiet the buzzer. Raises: LinkError."""
        self._ask(QuietQuestion(), type(None))

    def check(self, photo: bytes) -> list[CandidateView]:
        """Compare a photo (bytes of an image file): at most one candidate. Raises: LinkError."""
        return self._ask(CheckQuestion(photo), list[CandidateView])

    def reference_of_check(self, entry_id: str, token: str) -> bytes:
        """Give a candidate's reference photo (JPEG), once for each token. Raises: LinkError."""
        return self._ask(CheckReferenceQuestion(entry_id, token), bytes)

    def refresh(self) -> int:
        """Have the list read at once; gives the number of the change in force. Raises: LinkError.

        It is 0 while there is none, and an older one than hoped for while a long list is read.
        """
        return self._ask(RefreshQuestion(), int)

    def standing(self) -> SyncView:
        """Tell how the unit stands with its consortium. Raises: LinkError."""
        return self._ask(StandingQuestion(), SyncView)

    def awaits_key(self) -> bool:
        """Tell whether the engine waits for the key of its gallery. Raises: LinkError."""
        return self._ask(AwaitsKeyQuestion(), bool)

    def open_with(self, key: bytes) -> None:
        """Give the engine the key of its gallery. Raises: LinkError."""
        self._ask(KeyQuestion(key), type(None))

    def token(self, code: str) -> None:
        """Open the gallery by a staff token. Raises: LinkError."""
        self._ask(TokenQuestion(code), type(None))

    def unlock(self, pin: str) -> str:
        """Give the key that opens, for some minutes, what only a manager may do. Raises: LinkError.

        Without it none of the calls below is answered.
        """
        return self._ask(UnlockQuestion(pin), str)

    def passers(self, key: str) -> list[PasserView]:
        """Tell who was in front of the camera within the last minute. Raises: LinkError."""
        return self._ask(PassersQuestion(key), list[PasserView])

    def passer_photo(self, key: str, encounter: int) -> bytes:
        """Give the crop (JPEG) of one of them. Raises: LinkError."""
        return self._ask(PasserPhotoQuestion(key, encounter), bytes)

    def take(self, key: str, encounter: int, reason: Reason) -> TonightView:
        """Put one of them on this door's list, for tonight. Raises: LinkError."""
        return self._ask(TakeQuestion(key, encounter, reason), TonightView)

    def tonight(self, key: str) -> list[TonightView]:
        """Give the entries for tonight. Raises: LinkError."""
        return self._ask(TonightQuestion(key), list[TonightView])

    def tonight_photo(self, key: str, entry_id: str) -> bytes:
        """Give the reference photo (JPEG) of an entry for tonight. Raises: LinkError."""
        return self._ask(TonightPhotoQuestion(key, entry_id), bytes)

    def drop(self, key: str, entry_id: str) -> None:
        """Take an entry for tonight off again. Raises: LinkError."""
        self._ask(DropQuestion(key, entry_id), type(None))

    def complete(self, key: str, entry_id: str, said: Completion) -> None:
        """Make an entry for tonight an ordinary one. Raises: LinkError."""
        self._ask(CompleteQuestion(key, entry_id, said), type(None))

    def box_closed(self, key: str) -> None:
        """Take back that the box was opened. Raises: LinkError."""
        self._ask(BoxClosedQuestion(key), type(None))

    def sign(self, entry_id: str, said: Completion, passphrase: str) -> None:
        """Make one an entry of the venue; asked of the sync process. Raises: LinkError."""
        self._ask(SignQuestion(entry_id, said, passphrase), type(None))

    def _ask(self, question: AnyQuestion, kind: type[Kind]) -> Kind:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
                connection.settimeout(self._timeout_s)
                connection.connect(str(self._path))
                _send(connection, msgspec.msgpack.encode(question))
                answer = _receive(connection, LARGEST_ANSWER, self._timeout_s)
                reply = msgspec.msgpack.decode(answer, type=Reply)
                if reply.refusal is not None:
                    raise LinkError(reply.refusal)
                return msgspec.msgpack.decode(reply.value, type=kind)
        except OSError as error:
            raise LinkError(
                f"the engine does not answer at {self._path} ({error.strerror or error}): "
                "is `doorwatch run` up?"
            ) from error
        except msgspec.MsgspecError as error:
            raise LinkError(
                f"the engine at {self._path} answered something else than it should ({error}): "
                "are both of the same release?"
            ) from error


class LinkServer:
    """The engine's side: accepts, answers, survives whatever is sent."""

    def __init__(self, socket_path: Path, answering: Answering) -> None:
        """Listen at ``socket_path`` (an old one is replaced) and start answering.

        Raises:
            LinkError: The socket cannot be made.
        """
        self._answering = answering
        self._slots, self._closing = threading.BoundedSemaphore(CONNECTIONS), threading.Event()
        self._path = socket_path
        self._listener = _listen(socket_path)
        self._thread = threading.Thread(target=self._accept, name="link", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop listening; a connection being served ends by itself."""
        self._closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._path.unlink(missing_ok=True)
        self._thread.join(timeout=1.0)

    def _accept(self) -> None:
        while True:
            self._slots.acquire()
            try:
                connection, _ = self._listener.accept()
            except OSError:  # it was closed, or no descriptor is left just now
                self._slots.release()
                if self._closing.wait(AGAIN_S):
                    return
                continue
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        """Answer one connection; the boundary at which nothing a peer sends may pass."""
        try:
            with connection:
                connection.settimeout(PATIENCE_S)
                _send(connection, msgspec.msgpack.encode(self._reply(connection)))
        except OSError as error:
            _LOG.debug("a peer went away", code="peer-gone", why=error.strerror)
        finally:
            self._slots.release()

    def _reply(self, connection: socket.socket) -> Reply:
        try:
            question: Any = msgspec.msgpack.decode(
                _receive(connection, LARGEST_QUESTION, PATIENCE_S), type=AnyQuestion
            )
            return Reply(value=msgspec.Raw(msgspec.msgpack.encode(self._answering(question))))
        except msgspec.MsgspecError:
            return Reply(refusal="the engine does not know this question")
        except DoorwatchError as refusal:
            return Reply(refusal=str(refusal))
        except OSError:
            raise
        except Exception:  # noqa: BLE001 - the thread boundary: one answer must not end the engine
            _LOG.exception("a question could not be answered", code="question-failed")
            return Reply(refusal="the engine could not answer: see its log")


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(file_mode(path.parent))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise LinkError(f"cannot listen at {path}: {error.strerror or error}") from error
    return listener


def _send(connection: socket.socket, payload: bytes) -> None:
    connection.sendall(_LENGTH.pack(len(payload)) + payload)


def _receive(connection: socket.socket, largest: int, within_s: float) -> bytes:
    deadline = time.monotonic() + within_s
    (length,) = _LENGTH.unpack(_exactly(connection, _LENGTH.size, deadline))
    if length > largest:
        raise msgspec.ValidationError(f"{length} bytes announced, {largest} allowed")
    return _exactly(connection, length, deadline)


def _exactly(connection: socket.socket, length: int, deadline: float) -> bytes:
    """Read ``length`` bytes as they come, so that an announced length reserves no memory."""
    parts = bytearray()
    while len(parts) < length:
        connection.settimeout(max(0.001, deadline - time.monotonic()))
        part = connection.recv(min(65_536, length - len(parts)))
        if not part:
            raise ConnectionError("the peer closed in the middle")
        parts += part
    return bytes(parts)
