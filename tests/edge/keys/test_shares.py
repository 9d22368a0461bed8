"""The gallery's key from two of three shares: who gets it, for how long, and who never."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from edge.config import Config
from edge.errors import KeyAwaitedError, KeyProviderError
from edge.keys.file import KeyFile
from edge.keys.grace import HOUR_MS
from edge.keys.pairs import Share, wrapped
from edge.keys.shares import SharedKeys, gallery_keys
from edge.keys.token import token_text

if TYPE_CHECKING:
    from edge.places import Places

KEK, HUB, TOKEN = bytes([1]) * 32, bytes([2]) * 32, bytes([3]) * 16
CODE = token_text(Share.TOKEN, TOKEN)
NOW_MS = 1_800_000_000_000


class Unit:
    """The files of one unit; each call of ``keys`` is a process that has just been started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.device = folder, KeyFile(folder / "device.key")
        self.device.provision()
        self.wall_ms = NOW_MS

    def keys(self, grace_hours: float = 72) -> SharedKeys:
        files = self.folder / "gallery.pairs", self.folder / "gallery.grace"
        return SharedKeys(self.device, files, grace_hours, lambda: self.wall_ms)

    def divide(self) -> None:
        shares = {Share.DEVICE: self.device.kek(), Share.HUB: HUB, Share.TOKEN: TOKEN}
        self.keys().write(wrapped(KEK, shares, "ab" * 8), KEK)


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return Unit(tmp_path)


def test_without_pairs_the_devices_key_opens_the_gallery(unit: Unit) -> None:
    keys = unit.keys()
    assert not keys.shared
    assert not keys.waits
    assert keys.kek() == keys.provision() == unit.device.kek()


def test_the_devices_key_alone_opens_nothing_and_makes_no_other(unit: Unit) -> None:
    unit.divide()
    keys = unit.keys()
    assert keys.waits
    with pytest.raises(KeyAwaitedError, match="none is kept here"):
        keys.kek()
    with pytest.raises(KeyAwaitedError):
        keys.provision()


def test_the_hubs_share_opens_now_and_at_the_next_starts(unit: Unit) -> None:
    unit.divide()
    keys = unit.keys()
    keys.take_hub_share(HUB, NOW_MS)
    assert keys.kek() == KEK
    assert unit.keys().kek() == KEK
    unit.wall_ms += 72 * HOUR_MS - 1
    assert unit.keys().kek() == KEK


def test_when_the_grace_is_over_a_start_waits_and_what_runs_goes_on(unit: Unit) -> None:
    unit.divide()
    keys = unit.keys()
    keys.take_hub_share(HUB, NOW_MS)
    unit.wall_ms += 72 * HOUR_MS
    assert keys.kek() == KEK
    with pytest.raises(KeyAwaitedError, match="the grace of the one that was kept is over"):
        unit.keys().kek()


def test_a_clock_that_is_set_back_gives_no_grace_back(unit: Unit) -> None:
    unit.divide()
    unit.keys().take_hub_share(HUB, NOW_MS)
    unit.keys().touch(NOW_MS + 72 * HOUR_MS, hub=False)
    unit.wall_ms = 0
    assert unit.keys().waits


def test_a_share_whose_grace_is_over_is_destroyed(unit: Unit) -> None:
    """Who is root on a unit that he stole judges no hours: what is not there he cannot read."""
    unit.divide()
    unit.keys().take_hub_share(HUB, NOW_MS)
    unit.keys().touch(NOW_MS + 71 * HOUR_MS, hub=False)
    assert unit.keys().grace() is not None
    unit.keys().touch(NOW_MS + 72 * HOUR_MS, hub=False)
    assert unit.keys().grace() is None
    assert not (unit.folder / "gallery.grace").exists()
    unit.keys().take_hub_share(HUB, NOW_MS)
    unit.keys().touch(NOW_MS + 80 * HOUR_MS, hub=True)
    assert unit.keys().grace() is not None


def test_the_grace_begins_anew_whenever_the_hub_is_heard(unit: Unit) -> None:
    unit.divide()
    unit.keys().take_hub_share(HUB, NOW_MS)
    unit.keys().touch(NOW_MS + 71 * HOUR_MS, hub=True)
    unit.wall_ms += 100 * HOUR_MS
    assert unit.keys().kek() == KEK


def test_without_a_grace_nothing_of_the_hub_is_kept(unit: Unit) -> None:
    unit.divide()
    unit.keys().take_hub_share(HUB, NOW_MS)
    keys = unit.keys(0)
    keys.touch(NOW_MS, hub=True)
    assert keys.grace() is None
    keys.take_hub_share(HUB, NOW_MS)
    assert keys.kek() == KEK
    assert keys.grace() is None
    assert unit.keys(0).waits


def test_the_token_opens_until_the_next_start(unit: Unit) -> None:
    unit.divide()
    keys = unit.keys()
    assert keys.take_token(CODE) == keys.kek() == KEK
    assert unit.keys().waits


def test_hub_and_token_open_without_the_devices_key(unit: Unit) -> None:
    unit.divide()
    (unit.folder / "device.key").unlink()
    keys = unit.keys()
    assert keys.take_token(f"{CODE} {token_text(Share.HUB, HUB)}") == KEK
    assert keys.kek() == KEK


def test_another_device_opens_it_with_neither_of_the_other_shares_alone(unit: Unit) -> None:
    unit.divide()
    (unit.folder / "device.key").unlink()
    unit.device.provision()
    keys = unit.keys()
    with pytest.raises(KeyProviderError, match="do not open this gallery"):
        keys.take_token(CODE)
    with pytest.raises(KeyProviderError, match="do not open this gallery"):
        keys.take_hub_share(HUB, NOW_MS)


def test_another_process_gives_the_right_key_or_is_refused(unit: Unit) -> None:
    with pytest.raises(KeyProviderError, match="not the key of this gallery"):
        unit.keys().take_key(KEK)
    unit.divide()
    keys = unit.keys()
    with pytest.raises(KeyProviderError, match="not the key of this gallery"):
        keys.take_key(bytes(32))
    assert keys.waits
    keys.take_key(KEK)
    assert keys.kek() == KEK


def test_a_key_of_before_does_not_outlive_the_next_division(unit: Unit) -> None:
    unit.divide()
    keys = unit.keys()
    keys.take_token(CODE)
    shares = {Share.DEVICE: unit.device.kek(), Share.HUB: HUB, Share.TOKEN: bytes(16)}
    unit.keys().write(wrapped(bytes(32), shares, "ab" * 8), bytes(32))
    assert keys.waits
    with pytest.raises(KeyProviderError, match="do not open"):
        keys.take_token(CODE)


def test_when_all_is_forgotten_nothing_is_left(unit: Unit) -> None:
    unit.divide()
    keys = unit.keys()
    keys.take_hub_share(HUB, NOW_MS)
    keys.forget()
    assert not keys.shared
    assert keys.kek() == unit.device.kek()
    assert [path.name for path in unit.folder.iterdir()] == ["device.key"]


def test_damaged_pairs_and_a_missing_device_key_are_said_and_are_no_waiting(unit: Unit) -> None:
    unit.divide()
    (unit.folder / "gallery.pairs").write_text("{}")
    keys = unit.keys()
    assert not keys.waits
    with pytest.raises(KeyProviderError, match="is damaged"):
        keys.kek()
    unit.divide()
    (unit.folder / "device.key").unlink()
    unit.keys().forget_grace()
    with pytest.raises(KeyProviderError):
        unit.keys().take_token(CODE)


def test_a_unit_keeps_them_beside_its_gallery(tmp_path: Path) -> None:
    settings = Config.parse(f"[paths]\nstate = '{tmp_path}'\n[keys]\ngrace_hours = 1\n", tmp_path)
    places: Places = settings.places()
    keys = gallery_keys(settings, places, KeyFile(places.key_file))
    keys.provision()
    assert not keys.shared
    places.pairs.write_text("{}")
    assert keys.shared
