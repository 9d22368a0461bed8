"""Who this unit is in its consortium: its keys, sealed at rest, and its certificates.

One folder, closed to everybody else. ``identity`` and ``draft`` are sealed under the unit's key
provider, as the gallery is; the TLS key is an encrypted PEM file whose password stands in the
identity. The identity is written last: with it, joining is complete. Whoever takes the card alone
finds no key that opens anything; whoever has the key as well has the unit (and it is revoked).
"""

import contextlib
import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from edge.errors import ConsortiumError
from edge.gallery.keys import KeyProvider
from edge.gallery.seal import Sealer
from edge.keys.place import give_like
from sync.authority import write_private
from sync.durable import sync_folder
from sync.seal import BoxKey, SigningKey
from sync.tls import Tls
from sync.unit.keys import UnitKeys

PATIENCE_S = 10.0
"""Seconds to wait for another process that works for this unit."""

IDENTITY = "identity"
"""Name of the file that makes a unit a member."""

LAST_WORD = "last-word"
"""Name of the file with the report that everything here is destroyed."""

_SEALED = (IDENTITY, "draft")
_MOVED = ".moved"
_LARGEST = 65_536
Kept = TypeVar("Kept", bound=Struct)


class Draft(Struct, frozen=True):
    """Keys made for joining; kept, so that the same ones can be shown again if an answer is lost.

    Attributes:
        signing_seed: Of the Ed25519 key, 32 bytes.
        box_seed: Of the HPKE key, 96 bytes.
        tls_key: The TLS key as encrypted PEM.
        tls_password: What opens that.
        invitation: Digest of the invitation that they were made for.
    """

    signing_seed: bytes
    box_seed: bytes
    tls_key: bytes
    tls_password: bytes
    invitation: bytes


class Identity(Struct, frozen=True):
    """Everything a member knows of itself.

    Attributes:
        list_id: Whose list, 32 hexadecimal digits.
        unit_id: 16 hexadecimal digits.
        name: What the hub calls this unit.
        venue_id: At whose door it stands.
        venue: That venue's name.
        mailbox: Its own topic, and its name at the broker.
        host: Where the broker is.
        port: And its TCP port.
        signing_seed: Of the Ed25519 key, 32 bytes.
        box_seed: Of the HPKE key, 96 bytes.
        tls_password: Opens the TLS key.
        desk_host: Where the hub took this unit in; nothing where it was not kept.
        desk_port: And its TCP port.
    """

    list_id: str
    unit_id: str
    name: str
    venue_id: str
    venue: str
    mailbox: str
    host: str
    port: int
    signing_seed: bytes
    box_seed: bytes
    tls_password: bytes
    desk_host: str = ""
    desk_port: int = 0

    def keys(self) -> UnitKeys:
        """Give what the unit signs with and opens its key boxes with."""
        return UnitKeys(
            list_id=self.list_id,
            unit_id=self.unit_id,
            venue_id=self.venue_id,
            mailbox=self.mailbox,
            signer=SigningKey(self.signing_seed),
            box=BoxKey(self.box_seed),
        )


class IdentityFolder:
    """The folder in which a unit keeps who it is.

    Attributes:
        file: What makes the unit a member.
        provider: Gives the key under which it is sealed.
    """

    def __init__(self, folder: Path, provider: KeyProvider) -> None:
        """Use ``folder``, sealed by the key of ``provider``; nothing is read or made yet."""
        self._folder, self.provider = folder, provider
        self.file = folder / IDENTITY

    @property
    def joined(self) -> bool:
        """Whether this unit has joined a consortium."""
        return self.file.exists()

    @property
    def written(self) -> tuple[int, int] | None:
        """What changes when the unit joins or joins anew; None while it has not joined."""
        try:
            found = self.file.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only process that works for this unit: sync, or joining anew.

        Raises:
            ConsortiumError: Another one does not let go, or the folder cannot be written.
        """
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            _locked(lock)
            yield
        finally:
            os.close(lock)  # and with it goes the lock, also if the process is killed

    def keep_last_word(self, payload: bytes) -> None:
        """Keep the sealed report that everything here is destroyed, until the broker has it.

        Raises:
            ConsortiumError: The folder cannot be written.
        """
        self._write(LAST_WORD, payload)

    def last_word(self) -> bytes | None:
        """Give that report, if it is still to be sent."""
        try:
            return (self._folder / LAST_WORD).read_bytes()
        except OSError:
            return None

    def forget_last_word(self) -> None:
        """Forget that report: the broker has it."""
        (self._folder / LAST_WORD).unlink(missing_ok=True)

    def resign(self) -> None:
        """Be no member any more; a running sync process then ends its work."""
        self.file.unlink(missing_ok=True)

    def load(self) -> Identity:
        """Read who this unit is.

        Raises:
            ConsortiumError: It has not joined, or its folder is damaged.
            KeyProviderError: There is no key.
        """
        if not self.joined:
            raise ConsortiumError(
                "this unit belongs to no consortium: ask its administrator for an invitation, "
                "then run doorwatch join"
            )
        return self._read(IDENTITY, Identity)

    def tls(self, identity: Identity) -> Tls:
        """Name the files that the unit shows to the broker."""
        name = identity.mailbox
        return Tls(
            self._folder / f"{name}.ca",
            self._folder / f"{name}.crt",
            self._folder / f"{name}.key",
            identity.tls_password,
        )

    def drafted(self, invitation: bytes) -> Draft | None:
        """Give the keys that were made for an invitation (its digest) before, if there are any."""
        try:
            draft = self._read("draft", Draft)
        except ConsortiumError:
            return None
        return draft if draft.invitation == invitation else None

    def draft(self, draft: Draft) -> None:
        """Keep keys until joining is complete.

        Raises:
            ConsortiumError: The folder cannot be written.
            KeyProviderError: There is no key and none can be made.
        """
        self._write("draft", self._seal("draft", draft))

    def keep(self, identity: Identity, draft: Draft, certificate: bytes, authority: bytes) -> None:
        """Become ``identity``; files of a former one go.

        Raises:
            ConsortiumError: The folder cannot be written.
        """
        name = identity.mailbox
        self._write(f"{name}.ca", authority)
        self._write(f"{name}.crt", certificate)
        self._write(f"{name}.key", draft.tls_key)
        self._write(IDENTITY, self._seal(IDENTITY, identity))
        for file in self._folder.iterdir():
            if file.name not in {IDENTITY, "lock"} and file.stem != name:
                file.unlink(missing_ok=True)

    def seal_also(self, provider: KeyProvider) -> None:
        """Keep what is sealed here under another key beside it, until :meth:`settle`.

        Raises:
            ConsortiumError: Something does not open, or the folder cannot be written.
            KeyProviderError: There is no key.
        """
        for name in _SEALED:
            if (self._folder / name).exists():
                sealer = Sealer(provider.kek(), "unit", damaged=_damaged)
                self._write(name + _MOVED, sealer.seal("unit", name, self._opened(name)))
                give_like(self._folder / (name + _MOVED), self._folder / name)

    def settle(self) -> None:
        """Keep what opens under this key, and forget what stands under another beside it.

        Raises:
            ConsortiumError: The folder cannot be written.
        """
        if not self._folder.is_dir():
            return
        try:
            for name in _SEALED:
                moved = self._folder / (name + _MOVED)
                if not moved.exists():
                    continue
                if self._opens(name, name):
                    moved.unlink()
                elif self._opens(name, moved.name):
                    moved.replace(self._folder / name)
            sync_folder(self._folder)
        except OSError as error:
            raise self._unwritable(error) from error

    def _seal(self, name: str, value: Struct) -> bytes:
        sealer = Sealer(self.provider.provision(), "unit", damaged=_damaged)
        return sealer.seal("unit", name, msgspec.msgpack.encode(value))

    def _read(self, name: str, kind: type[Kept]) -> Kept:
        try:
            return msgspec.msgpack.decode(self._opened(name), type=kind)
        except msgspec.DecodeError as error:
            raise _damaged("unit", name) from error

    def _opened(self, name: str) -> bytes:
        """Open one file; while the key moves, the one beside it as well."""
        sealed = self._sealed(name)  # first: a unit that joins for the first time has no key yet
        sealer = Sealer(self.provider.kek(), "unit", damaged=_damaged)
        try:
            return sealer.unseal("unit", name, sealed)
        except ConsortiumError:
            if not (self._folder / (name + _MOVED)).exists():
                raise
        return sealer.unseal("unit", name, self._sealed(name + _MOVED))

    def _opens(self, name: str, file: str) -> bool:
        sealer = Sealer(self.provider.kek(), "unit", damaged=_damaged)
        try:
            sealer.unseal("unit", name, self._sealed(file))
        except ConsortiumError:
            return False
        return True

    def _sealed(self, name: str) -> bytes:
        try:
            with (self._folder / name).open("rb") as file:
                return file.read(_LARGEST)
        except OSError as error:
            raise ConsortiumError(
                f"cannot read who this unit is ({error.strerror}): join again"
            ) from error

    def _write(self, name: str, content: bytes) -> None:
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._folder / name, content)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> ConsortiumError:
        return ConsortiumError(
            f"cannot write who this unit is into {self._folder}: {error.strerror}"
        )


def _locked(lock: int) -> None:
    """Take a lock, waiting a while for who has it."""
    until_s = time.monotonic() + PATIENCE_S
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if time.monotonic() > until_s:
                raise ConsortiumError(
                    "another doorwatch sync or join is at work on this unit: end it first"
                ) from error
            time.sleep(0.05)
        else:
            return


def new_password() -> bytes:
    """Make the password of a TLS key; nobody ever types it."""
    return secrets.token_hex(32).encode()


def _damaged(table: str, row_id: str) -> ConsortiumError:
    return ConsortiumError(
        f"what this {table} keeps as its {row_id} does not open: ask for a new invitation and join "
        "again, or put folder and key back from one copy"
    )
