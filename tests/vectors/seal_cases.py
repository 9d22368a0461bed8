"""Vectors of what is sealed, and of invitations."""

from collections.abc import Iterator
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from paper_hub import (
    LIST,
    NOW_MS,
    entry_name,
)  # fmt: skip
from sync import canonical, seal
from sync.invitation import Invitation
from sync.statement.keybox import KeyRing
from vectors.writing import ENTRY, UNIT, Vector, plain


def frame(message: object, about: str = f"to|{LIST}|{UNIT}") -> bytes:
    """Seal a frame by hand, under a fixed nonce."""
    secret = bytes(range(32))
    content = canonical.encode(message)
    inner = (len(content).to_bytes(4, "big") + content).ljust(2048 - 36, b"\0")
    sealed = AESGCM(seal.derived(secret, "frame")).encrypt(
        bytes(12), inner, f"doorwatch/1 frame|{about}".encode()
    )
    return seal.derived(secret, "frame id")[:8] + bytes(12) + sealed


def seal_vectors() -> Iterator[Vector]:
    secret = bytes(range(32))
    about = {"key": secret.hex(), "list_id": LIST, "seq": 7, "entry_id": ENTRY}
    sealed = seal.seal_content(secret, LIST, 7, ENTRY, b"content")
    yield {
        "name": "content", "what": "content", **about, "content": b"content".hex(),
        "sealed": sealed.hex(), "refusal": None,
    }  # fmt: skip
    for name, changes in {
        "content of another record": {"seq": 8},
        "content of another entry": {"entry_id": entry_name(2)},
        "content of another list": {"list_id": "f" * 32},
        "content under another key": {"key": bytes(32).hex()},
        "content changed": {"sealed": (sealed[:-1] + bytes([sealed[-1] ^ 1])).hex()},
        "content cut short": {"sealed": sealed[:20].hex()},
    }.items():
        vector = {"name": name, "what": "content", **about, "sealed": sealed.hex()}
        yield {**vector, **changes, "refusal": "bad-ciphertext"}
    yield from frame_vectors()
    yield from box_vectors()
    yield from invitation_vectors()


def frame_vectors() -> Iterator[Vector]:
    good = frame(["ping", b"nonce"])
    held = {"what": "frame", "key": bytes(range(32)).hex(), "list_id": LIST, "unit_id": UNIT}
    held["role"] = "to"
    cases = {
        "a frame": (good, None),
        "a frame the other way": (frame(["ping"], f"from|{LIST}|{UNIT}"), "bad-ciphertext"),
        "a frame for another unit": (frame(["ping"], f"to|{LIST}|{'8' * 16}"), "bad-ciphertext"),
        "a frame under another key": (bytes(8) + good[8:], "unknown-key"),
        "a frame without a tag": (frame([1]), "malformed"),
        "a frame of another size": (good + b"\0", "malformed"),
    }  # fmt: skip
    for name, (payload, refusal) in cases.items():
        said = {} if refusal else {"message": ["ping", b"nonce".hex()]}
        yield {"name": name, **held, "payload": payload.hex(), **said, "refusal": refusal}
    yield {"name": "a frame too large", **held, "zeros": 61_441, "refusal": "too-large"}


def invitation_vectors() -> Iterator[Vector]:
    one = Invitation(
        bytes.fromhex(UNIT), "hub.example", 8884, b"a" * 32, b"r" * 32, b"s" * 16, NOW_MS
    )
    text = one.text()
    other = "0" if text[-1] != "0" else "1"
    cases = {
        "an invitation": (text, None),
        "an invitation, mistyped": (text[:-1] + other, "invitation"),
        "half an invitation": (text[: len(text) // 2], "invitation"),
        "something else": ("https://example.org", "invitation"),
    }
    for name, (written, refusal) in cases.items():
        said = {} if refusal else {"fields": plain(one.values())}
        yield {"name": name, "what": "invitation", "text": written, **said, "refusal": refusal}


def box_vectors() -> Iterator[Vector]:
    """Give key boxes; HPKE draws a fresh key for each, so this one was made once and kept."""
    sealed = Path(__file__).with_name("key-box.hex").read_text("ascii").strip()
    ring = KeyRing(1, b"c" * 32, b"h" * 32, "c" * 16, (("consortium/banned", b"k" * 32),))
    held = {"what": "key-box", "seed": bytes(range(96)).hex(), "suite": seal.SUITE}
    held |= {"list_id": LIST, "unit_id": UNIT, "epoch": 1, "sealed": sealed}
    opened = {"opened": ring.encode().hex(), "refusal": None}
    yield {"name": "a key box", **held, **opened}
    for name, changes in {
        "a key box of another epoch": {"epoch": 2},
        "a key box for another unit": {"unit_id": "8" * 16},
        "a key box of another list": {"list_id": "f" * 32},
        "a key box, changed": {"sealed": sealed[:-2] + "00"},
        "a key box of another suite": {"suite": "X25519.HKDF-SHA256.AES-128-GCM"},
    }.items():
        yield {"name": name, **held, **changes, "refusal": "bad-ciphertext"}
