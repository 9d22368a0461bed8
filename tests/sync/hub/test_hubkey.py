"""Where the hub's key comes from."""

from pathlib import Path

from sync.hub.config import HubConfig, HubPlaces
from sync.hub.hubkey import hub_key

CONFIG = HubConfig(name="Town")


def test_a_hub_takes_what_systemd_gives_and_else_its_file(tmp_path: Path) -> None:
    places = HubPlaces(tmp_path)
    made = hub_key(places, CONFIG, {}).provision()
    assert hub_key(places, CONFIG, {}).kek() == made
    assert hub_key(places, CONFIG, {}).found.path == tmp_path / "hub.key"
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "hub.key").write_text("cd" * 32)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "given")}
    assert hub_key(places, CONFIG, environ).kek() == b"\xcd" * 32


def test_the_sealed_key_of_the_machines_own_hub_lies_where_systemd_looks() -> None:
    found = hub_key(HubPlaces(Path("/var/lib/doorwatch-hub")), CONFIG, {})
    assert str(found._places[0].path) == "/etc/credstore.encrypted/hub.key"
