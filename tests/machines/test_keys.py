"""The key of an installed unit: sealed by the real systemd, renewed and rotated beside it."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from machines import results
from machines.box import Box
from machines.conftest import box_folder
from machines.installing import wait_until_screening
from machines.roots import debian

pytestmark = [pytest.mark.box, pytest.mark.timeout(900)]

SEALED = "/etc/credstore.encrypted/gallery.key"
IN_MEMORY = "/run/credstore.encrypted/gallery.key"


@pytest.fixture(scope="module")
def box(unit_layer: Path) -> Iterator[Box]:
    made = Box([unit_layer, debian("bookworm")], box_folder())
    try:
        made.boot()
        wait_until_screening(made)
        yield made
    finally:
        made.close()


def asked(box: Box, what: str) -> str:
    """Ask systemd for one thing about the engine: for two it would choose the order."""
    return box.said(f"systemctl show --value --property={what} doorwatch-engine")


def shown(box: Box) -> dict[str, object]:
    found: dict[str, object] = json.loads(box.said("doorwatch key show --json"))
    return found


def test_an_installed_unit_has_its_key_sealed_and_nowhere_else(box: Box) -> None:
    seen = shown(box)
    assert (seen["way"], seen["place"], seen["opens"]) == ("credential", SEALED, True)
    assert seen["also"] == []
    assert box.run("ls /var/lib/doorwatch/gallery.key", check=False).returncode
    key = box.said(f"systemd-creds --name=gallery.key decrypt {SEALED} -")
    assert len(key) == 64
    hits = box.run(f"grep -rl {key} /var/lib /etc /opt /var/log", check=False)
    assert hits.stdout == ""


def test_a_new_data_key_is_given_while_door_and_sync_run(box: Box) -> None:
    before, began = asked(box, "ExecMainStartTimestampMonotonic"), time.monotonic()
    said = box.said("doorwatch key rotate")
    took_s = time.monotonic() - began
    assert "new data key" in said
    for _ in range(10):
        assert asked(box, "ExecMainStartTimestampMonotonic") == before
        assert asked(box, "StatusText").startswith("screening")
        time.sleep(0.5)
    assert (
        box.said("stat -c '%U:%G %a' /var/lib/doorwatch/gallery.db*").count(":doorwatch-list") >= 1
    )
    assert "cannot" not in box.journal("doorwatch-engine").rpartition("screening")[2]
    results.keep("box", "key-rotation", rotation_s=round(took_s, 2), engine_restarts=0)


def test_the_key_is_renewed_and_the_unit_starts_with_it(box: Box) -> None:
    before = box.said(f"systemd-creds --name=gallery.key decrypt {SEALED} -")
    box.run("systemctl stop doorwatch-sync")
    box.run("doorwatch key move --to credential")
    assert box.said(f"systemd-creds --name=gallery.key decrypt {SEALED} -") != before
    box.run("systemctl restart doorwatch-engine doorwatch-sync")
    wait_until_screening(box)
    assert shown(box)["opens"] is True
    refused = box.run("doorwatch key move --to file", check=False)
    assert "move it to a credential" in refused.stderr


def test_a_key_that_is_sealed_into_memory_at_each_start_is_found(box: Box) -> None:
    """As deploy/keys.md says for a key in the board's fuses."""
    box.run(f"mkdir -p {Path(IN_MEMORY).parent} && mv {SEALED} {IN_MEMORY}")
    box.run(f"ln -s {IN_MEMORY} {SEALED}")
    box.run("systemctl restart doorwatch-engine doorwatch-sync")
    wait_until_screening(box)
    assert shown(box)["opens"] is True
    box.run(["doorwatch", "list"])
    box.run(f"rm {SEALED}")  # systemd looks there by itself, also without the link
    box.run("systemctl restart doorwatch-engine")
    wait_until_screening(box)
    box.run(f"mv {IN_MEMORY} {SEALED}")
