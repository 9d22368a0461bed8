"""The key of one person in a file, closed by a passphrase: officers and venues' managers.

The file is text: a line that names it, the public key in hexadecimal, and the sealed key in
base64. The passphrase is stretched by Argon2id (RFC 9106: 64 MiB, 3 passes, 4 lanes, about 0.15
s) into an AES-256-GCM key; PKCS #8 as ``cryptography`` writes it would stretch by PBKDF2, which
needs no memory and is guessed at many times faster. The public key is the associated data.
"""

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sync.durable import sync_folder
from sync.errors import KeyFileError
from sync.seal import KEY_SIZE, SigningKey

SHORTEST_PASSPHRASE = 8
"""Characters; a shorter one is refused when a key is made."""

_TITLE = "doorwatch key 1"
_SALT_SIZE, _NONCE_SIZE, _TAG_SIZE = 16, 12, 16
_LARGEST_FILE = 4_096
_LONGEST_LINE = 4_096
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_key_file(path: Path, passphrase: str) -> SigningKey:
    """Make a new key and write it to a new file that nobody else can read.

    Raises:
        KeyFileError: The file exists or cannot be written, or the passphrase is too short.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise KeyFileError(
            f"the passphrase is too short: give {SHORTEST_PASSPHRASE} characters or more"
        )
    key = SigningKey.generate()
    try:
        _write(path, _text(key, passphrase))
    except OSError as error:
        if isinstance(error, FileExistsError) and path.exists():
            raise KeyFileError(
                f"there is a file {path} already: name another, a key is never overwritten"
            ) from None
        raise KeyFileError(f"cannot write the key file {path}: {error.strerror}") from error
    return key


def open_key_file(path: Path, passphrase: str) -> SigningKey:
    """Open the key in a file.

    Raises:
        KeyFileError: It is missing, damaged or open to others, or the passphrase is wrong.
    """
    public, sealed = _read(path)
    salt, nonce = sealed[:_SALT_SIZE], sealed[_SALT_SIZE : _SALT_SIZE + _NONCE_SIZE]
    try:
        cipher = AESGCM(_stretched(passphrase, salt))
        key = SigningKey(cipher.decrypt(nonce, sealed[_SALT_SIZE + _NONCE_SIZE :], public))
    except (InvalidTag, ValueError) as error:
        raise KeyFileError(
            f"the passphrase does not open {path}: try again, or put the file back from your copy"
        ) from error
    if key.public != public:
        raise _damaged(path)
    return key


def public_key_of(path: Path) -> bytes:
    """Read the public key (32 bytes) of a key file, which needs no passphrase.

    Raises:
        KeyFileError: It is missing, damaged or open to others.
    """
    return _read(path)[0]


def passphrase_in(file: Path) -> str:
    """Read the passphrase in a file: its first line, without the line's end.

    Raises:
        KeyFileError: The file cannot be read or is no text, or its first line is empty.
    """
    try:
        with file.open("rb") as opened:
            line = opened.readline(_LONGEST_LINE).decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise KeyFileError(f"cannot read the passphrase file {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise KeyFileError(f"the passphrase file {file} is not UTF-8 text: save it so") from error
    if not line:
        raise KeyFileError(f"the first line of the passphrase file {file} is empty: write it there")
    return line


def _text(key: SigningKey, passphrase: str) -> bytes:
    salt, nonce = secrets.token_bytes(_SALT_SIZE), secrets.token_bytes(_NONCE_SIZE)
    sealed = AESGCM(_stretched(passphrase, salt)).encrypt(nonce, key.seed, key.public)
    lines = (_TITLE, key.public.hex(), base64.b64encode(salt + nonce + sealed).decode(), "")
    return "\n".join(lines).encode()


def _stretched(passphrase: str, salt: bytes) -> bytes:
    secret = passphrase.encode("utf-8", "surrogatepass")
    return hash_secret_raw(secret, salt, 3, 65_536, 4, KEY_SIZE, Type.ID)


def _write(path: Path, content: bytes) -> None:
    """Write a new file and make it survive a power cut."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:  # half a key would stand in the way of the next try
        path.unlink()
        raise
    sync_folder(path.parent)


def _read(path: Path) -> tuple[bytes, bytes]:
    """Give the public key and the sealed one."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LARGEST_FILE)
    except FileNotFoundError as error:
        raise KeyFileError(f"there is no key file {path}: check the name") from error
    except OSError as error:
        raise KeyFileError(f"cannot read the key file {path}: {error.strerror}") from error
    if mode & _OTHERS:
        raise KeyFileError(f"the key file {path} is open to other users: run chmod 600 {path}")
    return _parsed(path, content)


def _parsed(path: Path, content: bytes) -> tuple[bytes, bytes]:
    try:
        title, public, sealed, end = content.decode("ascii").split("\n")
        parsed = bytes.fromhex(public), base64.b64decode(sealed, validate=True)
    except (ValueError, binascii.Error):
        raise _damaged(path) from None
    sizes = len(parsed[0]), len(parsed[1])
    whole = KEY_SIZE, _SALT_SIZE + _NONCE_SIZE + KEY_SIZE + _TAG_SIZE
    if (title, end) != (_TITLE, "") or sizes != whole:
        raise _damaged(path)
    return parsed


def _damaged(path: Path) -> KeyFileError:
    return KeyFileError(f"{path} is no key file, or is damaged: put it back from your copy")
