from pathlib import Path

import pytest

from edge.config import Config
from edge.errors import ConfigError

DOCUMENTED = Path(__file__).parents[2] / "deploy" / "doorwatch.toml"
HERE = Path("door.toml")


def test_the_documented_file_says_exactly_the_defaults() -> None:
    assert Config.load(DOCUMENTED) == Config()


def test_every_key_is_documented_with_a_comment_above_it() -> None:
    lines = DOCUMENTED.read_text().splitlines()
    for number, line in enumerate(lines):
        if line and not line.startswith(("#", "[")):
            block = lines[max(0, number - 2) : number]
            assert any(above.startswith("#") for above in block), line


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[camera]\nwidht = 3", "door.toml: unknown key camera.widht: did you mean width?"),
        ("[camra]\n", "door.toml: unknown section [camra]: did you mean camera?"),
        ("[list]\nleasedays = 3", "unknown key list.leasedays: did you mean lease_days?"),
        ("[page]\nzzzz = 1", "unknown key page.zzzz: known here are host, port"),
        ("[camera]\nwidth = 'wide'", "door.toml: camera.width: Expected int, got str"),
        ("[camera]\nwidth = 3", "camera.width: Expected int >= 160"),
        ("[camera]\nrotate = 45", "camera.rotate: Invalid enum value 45"),
        ("camera = 3", "camera: Expected object, got int"),
        ("camera", "is not valid TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place_and_the_nearest_key(
    text: str, sentence: str
) -> None:
    with pytest.raises(ConfigError) as refusal:
        Config.parse(text, HERE)
    assert sentence in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_the_file_is_named_by_the_option_then_by_the_environment(tmp_path: Path) -> None:
    one, other = tmp_path / "one.toml", tmp_path / "other.toml"
    one.write_text("[page]\nport = 1001\n")
    other.write_text("[page]\nport = 1002\n")
    environ = {"DOORWATCH_CONFIG": str(other)}
    assert Config.load(one, environ).page.port == 1001
    assert Config.load(None, environ).page.port == 1002


def test_a_named_file_that_is_missing_or_binary_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot read the configuration"):
        Config.load(tmp_path / "none.toml")
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not UTF-8"):
        Config.load(binary)


def test_places_follow_the_file_then_systemd_then_the_user(tmp_path: Path) -> None:
    systemd = {"STATE_DIRECTORY": "/s:/t", "RUNTIME_DIRECTORY": "/r"}
    assert Config().places(systemd).gallery == Path("/s/gallery.db")
    assert Config().places(systemd).engine_socket == Path("/r/engine/sock")
    named = Config.parse(f"[paths]\nstate = '{tmp_path}'\nkey_file = '/k'", HERE)
    assert named.places(systemd).state == tmp_path
    assert named.places(systemd).key_file == Path("/k")
    assert named.places({}).lamp_socket == tmp_path / "run" / "lamp" / "sock"


def test_a_folder_too_long_for_a_socket_is_refused() -> None:
    config = Config.parse(f"[paths]\nrun = '/{'x' * 120}'", HERE)
    with pytest.raises(ConfigError, match=r"shorter paths\.run"):
        config.places({})


def test_the_folders_are_made_for_nobody_else(tmp_path: Path) -> None:
    places = Config.parse(f"[paths]\nstate = '{tmp_path / 'state'}'", HERE).places({})
    places.prepare()
    assert places.state.stat().st_mode & 0o777 == 0o700
    for socket in (places.engine_socket, places.lamp_socket, places.sync_socket):
        assert socket.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    places = Config.parse(f"[paths]\nstate = '{tmp_path / 'file' / 'state'}'", HERE).places({})
    with pytest.raises(ConfigError, match="cannot make the folder"):
        places.prepare()
