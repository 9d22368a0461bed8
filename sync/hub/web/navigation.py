"""The way between the rooms: which of them somebody is shown. Pure."""

from dataclasses import dataclass

from sync.hub.accounts.person import Person
from sync.hub.web.may import Act, may


@dataclass(frozen=True, slots=True)
class Way:
    """One link of the navigation.

    Attributes:
        name: Of the room; its words are ``frame.room.<name>``, its picture has the same name.
        href: Its first page.
        act: Who may not do this is not shown the link; None shows it to everybody.
    """

    name: str
    href: str
    act: Act | None = None

    @property
    def icon(self) -> str:
        """Name its picture."""
        return self.name

    def is_at(self, path: str) -> bool:
        """Tell whether a path lies in this room."""
        return path == self.href or (self.href != "/" and path.startswith(self.href + "/"))


_WAYS = (
    Way("home", "/"),
    Way("add", "/add", Act.ADD_ENTRY),
    Way("entries", "/entries", Act.SEE_ENTRY),
    Way("approvals", "/approvals", Act.APPROVE),
    Way("nights", "/nights", Act.SEE_NIGHTS),
    Way("doors", "/doors", Act.SEE_DOORS),
    Way("rights", "/rights", Act.SEE_RIGHTS),
    Way("retention", "/retention", Act.SEE_RETENTION),
    Way("papers", "/papers", Act.SEE_PAPERS),
    Way("audit", "/audit", Act.SEE_AUDIT),
    Way("users", "/users", Act.SEE_USERS),
)


def rooms_for(person: Person) -> list[Way]:
    """Give the links that somebody can use."""
    return [way for way in _WAYS if way.act is None or may(person, way.act)]
