"""Cards: whole, honest about their file, refused when spoilt."""

import hashlib
import shutil
from pathlib import Path

import pytest

from edge.errors import ModelError
from edge.vision.models.card import FOLDER, read_card, read_network

CARDS = sorted(path.stem for path in FOLDER.glob("*.toml"))
SHIPPED_MB = 4.0


@pytest.mark.parametrize("role", CARDS)
def test_every_card_has_its_file(role: str) -> None:
    card = read_card(role)
    assert hashlib.sha256(read_network(FOLDER / card.file, card.sha256)).hexdigest() == card.sha256


@pytest.mark.parametrize("role", CARDS)
def test_every_card_says_where_its_weights_come_from(role: str) -> None:
    card = read_card(role)
    assert len(card.licence) > 40
    assert len(card.trained_on) > 40
    assert card.source.changes


def test_every_network_file_has_a_card() -> None:
    assert {path.stem for path in FOLDER.glob("*.tflite")} <= set(CARDS)


def test_the_networks_of_a_unit_stay_small() -> None:
    shipped = [read_card(role) for role in CARDS if role != "embed-float"]
    files = [card.file for card in shipped] + [card.spread.file for card in shipped if card.spread]
    assert sum((FOLDER / file).stat().st_size for file in files) < SHIPPED_MB * 1e6


def test_two_embedders_never_share_an_id() -> None:
    assert read_card("embed").model_id != read_card("embed-float").model_id


def test_a_card_that_is_missing_is_one_line() -> None:
    with pytest.raises(ModelError, match="no card for the network 'ear'"):
        read_card("ear")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('role = "mesh"', 'role = "mesh"\ncolour = "green"'),
        ("mean = 0.0", 'mean = "none"'),
        ("[source]", "[sauce]"),
        ('role = "mesh"', "role = mesh"),
        ('sha256 = "', 'sha256 = "xyz'),
        ("[input]", "[input"),
    ],
)
def test_a_spoilt_card_is_refused_with_one_line(tmp_path: Path, old: str, new: str) -> None:
    text = (FOLDER / "mesh.toml").read_text("utf-8")
    (tmp_path / "mesh.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ModelError, match="not usable") as refusal:
        read_card("mesh", tmp_path)
    assert "\n" not in str(refusal.value)


def test_bytes_that_are_no_text_are_no_card(tmp_path: Path) -> None:
    (tmp_path / "mesh.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ModelError, match="not usable"):
        read_card("mesh", tmp_path)


def test_a_card_under_another_name_is_refused(tmp_path: Path) -> None:
    shutil.copy(FOLDER / "mesh.toml", tmp_path / "embed.toml")
    with pytest.raises(ModelError, match="name the file after it"):
        read_card("embed", tmp_path)
