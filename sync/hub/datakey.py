"""A new data key for the hub's database, while the hub and its pages go on working with it.

The hub's key opens it as before, and what lies in copies stays as it is: each copy has the data
key of its day. A rotation that is cut short is ended by the next.
"""

from edge.gallery.rotation import Rotated, rotate
from edge.keys.place import one_at_a_time
from sync.hub.config import HubPlaces
from sync.hub.desk import Desk
from sync.hub.store import KEYS

COLUMNS = tuple((table, key, "sealed", table) for table, key in KEYS.items())
"""What is sealed in the hub's database, beside its own row."""


def rotate_data_key(desk: Desk, kek: bytes, who: str, now_ms: int) -> Rotated:
    """Seal the whole database under a new data key; nothing of the old one stays in the file.

    Args:
        desk: The hub.
        kek: The hub's key.
        who: For the audit log.
        now_ms: Milliseconds since the epoch.

    Raises:
        HubError: The disk does not write. What was begun is ended by the next call.
        KeyProviderError: Another rotation is under way: one would end what the other began.
    """
    # Not by the folder of it all: that one is locked by the hub that runs, which goes on.
    with one_at_a_time(HubPlaces(desk.store.path.parent).authority):
        with desk.change():
            desk.note(now_ms, who, "rotate-data-key")
        return rotate(desk.store, [kek], COLUMNS)
