"""What the unit knows of a network before it runs it: one TOML card beside each file."""

import hashlib
from pathlib import Path
from typing import Annotated

import msgspec

from edge.errors import ModelError

FOLDER = Path(__file__).parent
"""Where the cards and files that ship with the unit lie."""

Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 in lower-case hexadecimal."""


class Source(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the weights come from.

    Attributes:
        package: Registry, name and version, as a person would look it up.
        sha256: Hash of the package file.
        member: Path of the network inside the package.
        changes: What was done to it since, in plain words.
    """

    package: str
    sha256: Hash
    member: str
    changes: str


class Input(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a network is given: float32 ``(pixel - mean) / scale``, RGB.

    Attributes:
        shape: N, height, width, channels.
        mean: Taken from each pixel value in 0..255.
        scale: Divides what is left.
    """

    shape: tuple[int, int, int, int]
    mean: float
    scale: float


class Output(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing a network answers.

    Attributes:
        shape: The whole shape, N first.
        meaning: What the numbers are, in which unit.
    """

    shape: tuple[int, ...]
    meaning: str


class Curve(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How often comparisons pass a score, or stay below it, point by point.

    Attributes:
        about: What was compared, how many times, and how the points were found.
        shares: Share of the comparisons, in [0, 1].
        scores: The score that belongs to each share, rising.
    """

    about: str
    shares: tuple[float, ...]
    scores: tuple[float, ...]


class Beside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of numbers that belongs to a network and lies beside its card.

    Attributes:
        file: File name beside the card.
        sha256: Hash of that file; another file is refused.
    """

    file: str
    sha256: Hash


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All that is known of one network.

    Attributes:
        role: The name under which the unit opens it.
        file: File name beside the card.
        sha256: Hash of that file; another file is refused.
        curves: Of an embedder, how its scores are spread: "impostor" and "mated".
        edgetpu_sha256: Hash of the same network compiled for the Edge TPU, where there is one.
        float_kernels_sha256: Hash of what makes of an int8 network the same one for kernels that
            compute in float, where there is that.
        spread: Of an embedder, what its templates are brought apart with, where there is that;
            see ``edge.vision.embed.Spread``.
        crowd: Of an embedder, how strangers are spread; see ``edge.vision.crowd``.
        source: Where it comes from.
        licence: The licence chain, in plain words.
        trained_on: What the weights were trained on, doubts included.
        input: What it is given.
        outputs: What it answers, in the file's order.
        measured: Figures by name, as strings fit to be shown.
    """

    role: str
    file: str
    sha256: Hash
    source: Source
    licence: str
    trained_on: str
    input: Input
    outputs: tuple[Output, ...]
    measured: dict[str, str] = {}
    curves: dict[str, Curve] = {}
    edgetpu_sha256: Hash | None = None
    float_kernels_sha256: Hash | None = None
    spread: Beside | None = None
    crowd: Beside | None = None

    @property
    def model_id(self) -> str:
        """Name of these very weights: templates of two different ones are never compared."""
        if self.spread is None:
            return f"{self.role}-{self.sha256[:12]}"
        both = hashlib.sha256((self.sha256 + self.spread.sha256).encode()).hexdigest()
        return f"{self.role}-{both[:12]}"

    def curve(self, name: str) -> Curve:
        """Give one of the curves.

        Raises:
            ModelError: It has not been measured.
        """
        if name not in self.curves:
            raise ModelError(
                f"the card of the network {self.role!r} has no {name} curve; "
                f"measure it: python -m edge.vision.models.measure DATA --role {self.role}"
            )
        return self.curves[name]


def read_card(role: str, folder: Path = FOLDER) -> Card:
    """Read the card of the network that has ``role``.

    Raises:
        ModelError: The card is missing, not readable as TOML, or not a whole card.
    """
    path = folder / f"{role}.toml"
    try:
        card = msgspec.toml.decode(path.read_bytes(), type=Card)
    except OSError as error:
        raise ModelError(f"no card for the network {role!r}: {path} ({error.strerror})") from error
    except (msgspec.MsgspecError, ValueError) as error:
        raise ModelError(f"the model card {path} is not usable: {error}") from error
    if card.role != role:
        raise ModelError(f"the model card {path} is for {card.role!r}; name the file after it")
    return card


def read_network(file: Path, sha256: str) -> bytes:
    """Read a network's bytes and check them against the hash on its card.

    Raises:
        ModelError: The file cannot be read, or is not the one on the card.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise ModelError(
            f"the network {file} cannot be read ({error.strerror}); "
            "reinstall doorwatch, or build it: python -m edge.vision.models.build"
        ) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ModelError(
            f"the network {file} is not the one on its card (altered or truncated): "
            "it is not run; reinstall doorwatch"
        )
    return content
