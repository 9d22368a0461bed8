"""Which way the key comes."""

from pathlib import Path

import pytest

from edge.config import Config, Keys, Paths
from edge.errors import KeyProviderError
from edge.keys.file import KeyFile
from edge.keys.provider import FoundKey, kept_keys, key_provider
from edge.places import Places

ORDER = ("credential", "tpm", "passphrase", "file")


def unit(folder: Path, provider: str = "auto") -> tuple[Config, Places]:
    keys = Keys(provider=provider)  # type: ignore[arg-type]
    settings = Config(paths=Paths(state=str(folder)), keys=keys)
    return settings, settings.places({})


def test_a_unit_without_a_key_makes_a_file_and_goes_on_with_it(tmp_path: Path) -> None:
    settings, places = unit(tmp_path)
    provider = key_provider(settings, places, {})
    with pytest.raises(KeyProviderError, match=r"gallery\.key is missing"):
        provider.kek()
    assert provider.provision() == provider.kek() == KeyFile(places.key_file).kek()


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_the_first_place_with_a_key_counts(tmp_path: Path, count: int) -> None:
    settings, places = unit(tmp_path)
    ways = kept_keys(settings, places, {})
    assert tuple(ways) == ORDER
    for name in ORDER[-count:]:
        ways[name].path.touch()
    provider = key_provider(settings, places, {})
    assert isinstance(provider, FoundKey)
    assert provider.found.path == ways[ORDER[-count]].path


def test_what_systemd_gives_a_service_comes_before_everything(tmp_path: Path) -> None:
    settings, places = unit(tmp_path)
    KeyFile(places.key_file).provision()
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "gallery.key").write_text("ab" * 32)
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path / "given")}
    assert key_provider(settings, places, environ).kek() == b"\xab" * 32


def test_a_way_that_is_named_is_the_only_one(tmp_path: Path) -> None:
    settings, places = unit(tmp_path, "tpm")
    KeyFile(places.key_file).provision()
    with pytest.raises(KeyProviderError, match="cannot read the TPM's key file"):
        key_provider(settings, places, {}).kek()


def test_the_sealed_key_of_the_machines_own_unit_lies_where_systemd_looks(tmp_path: Path) -> None:
    own = unit(Path("/var/lib/doorwatch"))[1]
    assert own.credential == Path("/etc/credstore.encrypted/gallery.key")
    assert unit(tmp_path)[1].credential.parent == tmp_path


def test_every_way_can_be_looked_for_at_another_place(tmp_path: Path) -> None:
    settings, places = unit(tmp_path)
    for way in kept_keys(settings, places, {"CREDENTIALS_DIRECTORY": "/run"}).values():
        other = way.at(tmp_path / "elsewhere")
        assert type(other) is type(way)
        assert other.path == tmp_path / "elsewhere"
        assert not other.there
