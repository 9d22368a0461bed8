"""Where the hub's key comes from: a credential that systemd opens for it, else its key file."""

from collections.abc import Mapping
from pathlib import Path

from edge.keys.credential import Credential
from edge.keys.file import KeyFile
from edge.keys.provider import FoundKey
from sync.hub.config import SYSTEM_FOLDER, HubConfig, HubPlaces

CREDENTIAL = "hub.key"
"""What systemd calls it: ``LoadCredentialEncrypted=hub.key``."""

SEALED_KEY = Path("/etc/credstore.encrypted") / CREDENTIAL
"""Where systemd looks for the sealed key of the hub that is a service of the machine."""


def hub_key(
    places: HubPlaces, config: HubConfig, environ: Mapping[str, str] | None = None
) -> FoundKey:
    """Make what gives the hub its key; nothing is read or made yet.

    Args:
        places: Where the hub keeps things.
        config: Names the key file.
        environ: The environment; the process's own by default.
    """
    systems = places.folder == SYSTEM_FOLDER
    sealed = SEALED_KEY if systems else places.folder / "hub.credential"
    credential = Credential(sealed, CREDENTIAL, environ)
    return FoundKey([credential, KeyFile(places.key_file(config))])
