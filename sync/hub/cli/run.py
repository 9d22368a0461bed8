"""The running hub on the command line."""

from cyclopts import App

from edge.process import begin, keep_memory_private, until_signalled
from sync.hub.certificates import Certificates
from sync.hub.cli.opening import Hub
from sync.hub.config import HubPlaces
from sync.hub.daemon import HubDaemon
from sync.hub.hubkey import hub_key
from sync.hub.service import Service


def register(app: App) -> None:
    """Add the command of this file."""
    app.command(run)


def run(*, with_broker: bool = False, hub: Hub = None) -> None:
    """Run the hub: tell the doors what changes, hear what they hold, take new units in.

    Args:
        with_broker: Start mosquitto as well, and start it again whenever it is gone. Without
            it, mosquitto is run elsewhere with the configuration in the hub's folder.
        hub: The hub's folder.
    """
    places = HubPlaces.find(hub)
    config = places.load()
    begin()
    keep_memory_private()
    stopping = until_signalled()
    provider = hub_key(places, config)
    with Service.open(places.database, provider) as service:
        certificates = Certificates(places.authority, provider.kek())
        HubDaemon(places, config, certificates, service).run(stopping, with_broker=with_broker)
