"""Vectors of a gallery's key that two of three shares open."""

from collections.abc import Iterator
from itertools import combinations, count

from edge.keys.pairs import SHARE_BYTES, Share, wrapped
from paper_hub import key
from vectors.writing import UNIT, Vector


def pair_vectors() -> Iterator[Vector]:
    """Give a key in its three wrappings, and what opens it or does not."""
    kek = key("gallery").seed
    shares = {share: key(f"share of the {share}").seed[: SHARE_BYTES[share]] for share in Share}
    nonces = count(1)
    made = wrapped(kek, shares, UNIT, lambda size: next(nonces).to_bytes(size, "big"))
    told = {name: sealed.hex() for name, sealed in made.wrapped.items()}
    hexed = {share.value: content.hex() for share, content in shares.items()}
    card = {"unit_id": UNIT, "key_id": made.key_id, "wrapped": told}
    for two in combinations(hexed, 2):
        given = {name: hexed[name] for name in two}
        yield {
            "name": " and ".join(two), **card, "shares": given, "key": kek.hex(), "refusal": None,
        }  # fmt: skip
    moved = {**told, "device+hub": told["device+token"]}
    device_hub = {name: hexed[name] for name in ("device", "hub")}
    bad: list[tuple[str, Vector, Vector]] = [
        ("one share", card, {"hub": hexed["hub"]}),
        ("the share of another hub", card, {**device_hub, "hub": "00" * 32}),
        ("a share that is too short", card, {**device_hub, "hub": "00" * 16}),
        ("a wrapping in another's place", {**card, "wrapped": moved}, device_hub),
        ("of another unit", {**card, "unit_id": "6" * 16}, device_hub),
    ]
    for name, lies, given in bad:
        yield {"name": name, **lies, "shares": given, "refusal": "bad-ciphertext"}
