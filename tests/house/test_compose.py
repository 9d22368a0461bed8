"""The hub in containers: as closed as its services, from everything that the package is made of."""

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from sync.hub.cli.main import FAMILIES, commands
from sync.hub.config import HubConfig
from sync.hub.hubkey import CREDENTIAL

CONFIG = HubConfig("any")


@pytest.fixture
def compose(root: Path) -> dict[str, Any]:
    made: dict[str, Any] = yaml.safe_load((root / "deploy/compose.yaml").read_text())
    return made


def test_each_container_runs_a_command_with_options_that_exist(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        word, *options = service["command"]
        assert word in FAMILIES
        taken = commands(word)[word].assemble_argument_collection()
        wanted = {option for option in options if option.startswith("--")}
        assert wanted <= {name for argument in taken for name in argument.names}


def test_each_container_is_closed_but_for_its_ports(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["memswap_limit"] == service["mem_limit"]  # nothing is swapped out
        assert (service["pids_limit"], service["ulimits"]) == (128, {"core": 0})
        assert "privileged" not in service
    published = [port for one in compose["services"].values() for port in one.get("ports", ())]
    ours = (CONFIG.port, CONFIG.join_port, CONFIG.page_port)
    assert published == [f"{port}:{port}" for port in ours]
    asked = str(compose["services"]["hub"]["healthcheck"])
    assert re.findall(r":([0-9A-F]{4}) ", asked) == [f"{port:04X}" for port in ours[:2]]
    assert compose["services"]["backup"]["network_mode"] == "none"


def test_what_a_container_keeps_is_where_the_image_has_a_folder_for_it(
    root: Path, compose: dict[str, Any]
) -> None:
    image = (root / "deploy/Dockerfile").read_text()
    kept = [
        one for one in compose["x-common"]["volumes"] if one.split(":")[0] in compose["volumes"]
    ]
    assert [one for one in kept if one.split(":")[1] not in image] == []
    assert len(kept) == len(compose["volumes"])
    assert "USER doorwatch-hub" in image


def test_an_image_of_this_name_that_somebody_publishes_is_never_fetched(
    compose: dict[str, Any],
) -> None:
    assert {one["pull_policy"] for one in compose["services"].values()} == {"never"}
    assert [name for name, one in compose["services"].items() if "build" in one] == ["hub"]


def test_a_key_from_outside_comes_under_the_name_that_the_hub_looks_for(root: Path) -> None:
    handed = yaml.safe_load((root / "deploy/compose.secret.yaml").read_text())
    assert set(handed["secrets"]) == {CREDENTIAL}
    for service in handed["services"].values():
        assert service["secrets"] == [CREDENTIAL]
        assert service["environment"] == {"CREDENTIALS_DIRECTORY": "/run/secrets"}


def test_everything_that_the_wheel_is_made_from_reaches_the_image(root: Path) -> None:
    ignored = (root / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    wheel = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"][
        "targets"
    ]
    laid = wheel["wheel"]["shared-data"]
    assert {name.partition("/")[0] for name in laid} | {"edge", "sync", "pyproject.toml"} <= let_in
    assert not [name for name in laid if name.startswith("deploy/pictures")]


@pytest.mark.box  # two seconds that make test has no room for
@pytest.mark.skipif(not shutil.which("docker-compose"), reason="apt-get install docker-compose")
def test_compose_itself_takes_the_file(root: Path) -> None:
    file = root / "deploy/compose.yaml"
    done = subprocess.run(
        ["docker-compose", "--file", str(file), "config"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(r"image: doorwatch-hub", done.stdout)) == 3
