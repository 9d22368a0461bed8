"""Who may do what: the one table of rights behind every page. Pure but for the refusal.

ASVS 4.1: decided at the server, in one place, and denied unless a line here allows it.
"""

from enum import StrEnum

from starlette.exceptions import HTTPException

from sync.hub.accounts.person import Person, Role
from sync.statement.proposal import CONSORTIUM


class Act(StrEnum):
    """What somebody may want to do."""

    SEE_ENTRY = "see entry"
    ADD_ENTRY = "add entry"
    CHANGE_ENTRY = "change entry"
    CONTEST_ENTRY = "contest entry"
    APPROVE = "approve"
    SEE_DOORS = "see doors"
    RUN_DOORS = "run doors"
    SEE_NIGHTS = "see nights"
    CLEAR_ALARM = "clear alarm"
    SEE_RIGHTS = "see rights requests"
    RUN_RIGHTS = "run rights requests"
    SEE_RETENTION = "see retention"
    SET_POLICY = "set policy"
    SEE_PAPERS = "see papers"
    WRITE_PAPERS = "write papers"
    SEE_AUDIT = "see audit"
    SEE_USERS = "see users"
    RUN_USERS = "run users"


_SIGNED = frozenset(
    {Act.ADD_ENTRY, Act.CHANGE_ENTRY, Act.CONTEST_ENTRY, Act.APPROVE, Act.SET_POLICY}
)
"""What units believe only under a venue's signature: nobody does it without a venue's key."""

_MANAGER = frozenset(
    {
        Act.SEE_ENTRY,
        Act.ADD_ENTRY,
        Act.CHANGE_ENTRY,
        Act.CONTEST_ENTRY,
        Act.APPROVE,
        Act.SEE_DOORS,
        Act.RUN_DOORS,
        Act.SEE_NIGHTS,
        Act.CLEAR_ALARM,
        Act.SEE_RIGHTS,
        Act.RUN_RIGHTS,
        Act.SEE_RETENTION,
        Act.SET_POLICY,
        Act.SEE_PAPERS,
        Act.SEE_USERS,
        Act.RUN_USERS,
    }
)
_AUDITOR = frozenset(
    {
        Act.SEE_ENTRY,
        Act.SEE_DOORS,
        Act.SEE_NIGHTS,
        Act.SEE_RIGHTS,
        Act.SEE_RETENTION,
        Act.SEE_PAPERS,
        Act.SEE_AUDIT,
        Act.SEE_USERS,
    }
)
_ALLOWED = {
    Role.MANAGER: _MANAGER,
    Role.AUDITOR: _AUDITOR,
    Role.ADMINISTRATOR: frozenset(Act) - {Act.CLEAR_ALARM},
}


def may(person: Person, act: Act, *, scope: str = "", venue_id: str = "") -> bool:
    """Tell whether somebody may do something.

    Args:
        person: Who.
        act: What.
        scope: Of the entry it is done to: "consortium" or a venue's id; "" where it is about none.
        venue_id: Whose entry, proposal or door it is; "" where it is nobody's.
    """
    if act not in _ALLOWED[person.role] or (act in _SIGNED and person.signer is None):
        return False
    own = venue_id in {"", person.venue_id}
    if act is Act.APPROVE:
        return scope in {"", CONSORTIUM} and not (venue_id and own)
    if act is Act.CHANGE_ENTRY:
        return own
    if person.role is not Role.MANAGER:
        return True
    return (
        own if act in {Act.RUN_DOORS, Act.RUN_USERS} else scope in {"", CONSORTIUM, person.venue_id}
    )


def require(person: Person, act: Act, *, scope: str = "", venue_id: str = "") -> None:
    """Refuse what somebody may not do.

    Raises:
        HTTPException: 403; or 404 for an entry that this person may not even know of.
    """
    if may(person, act, scope=scope, venue_id=venue_id):
        return
    if scope and not may(person, Act.SEE_ENTRY, scope=scope):
        raise HTTPException(404)
    raise HTTPException(403)
