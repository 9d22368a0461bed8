"""For tests of shares: a unit that has joined, and a hub that gives its share or does not."""

from pathlib import Path

from edge.config import Config
from edge.gallery.shelf import GalleryShelf
from edge.keys.file import KeyFile
from edge.syncing.identity import Draft, Identity, IdentityFolder
from simulator.shelf_samples import LIST_ID, VENUE, trusted
from sync.authority import new_key
from sync.errors import TransportError
from sync.hub.hubclock import now_ms
from sync.releasing import Released
from sync.tls import Tls


class ShareHub:
    """The hub's desk without a network.

    Attributes:
        share: What it gives.
        problem: What it says instead.
        asked: Where it was asked.
    """

    def __init__(self) -> None:
        self.share = bytes(range(32))
        self.problem: Exception | None = None
        self.asked: list[tuple[str, int]] = []

    def __call__(self, place: tuple[str, int], host: str, tls: Tls) -> Released:
        self.asked.append(place)
        if self.problem:
            raise self.problem
        return Released(self.share, now_ms())

    def cut(self) -> None:
        """Be out of reach from now on."""
        self.problem = TransportError("the hub cannot be reached: check the network")


class Member:
    """A unit that has joined."""

    def __init__(self, folder: Path, grace_hours: float = 72) -> None:
        text = f"[paths]\nstate = '{folder}/state'\n[keys]\ngrace_hours = {grace_hours}\n"
        self.settings = Config.parse(text, folder)
        self.places = self.settings.places()
        self.places.prepare()
        self.device = KeyFile(self.places.key_file)
        self.device.provision()
        with GalleryShelf.open(self.places.gallery, self.device, anew=True) as shelf:
            shelf.join(trusted())
        self.folder = IdentityFolder(self.places.unit, self.device)
        self.become(LIST_ID)

    def become(self, list_id: str) -> None:
        """Write who the unit is."""
        who = Identity(
            list_id, "12" * 8, "Door", VENUE, "The Blue Note", "56" * 8, "hub.example.org", 8883,
            bytes(range(32)), bytes(range(96)), b"password", "desk.example.org", 9000,
        )  # fmt: skip
        draft = Draft(bytes(32), bytes(96), new_key(b"password"), b"password", b"")
        self.folder.keep(who, draft, b"certificate", b"authority")
