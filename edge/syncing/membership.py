"""``doorwatch join``: an invitation in, a member of a consortium out.

The unit makes its own keys and keeps them before it shows their public halves to anybody, so
that joining can be tried again with the same ones until it is complete: the hub then gives the
same answer. The order is: keys, hub, gallery, identity. A unit that is cut off in between is
either no member yet, or becomes one by the same invitation.
"""

from hashlib import sha256

from edge.gallery.keys import KeyProvider
from edge.gallery.shelf import GalleryShelf
from edge.places import Places
from edge.syncing.identity import Draft, Identity, IdentityFolder, new_password
from sync.authority import new_key, request
from sync.invitation import Invitation
from sync.joining import Joined, join
from sync.ledger import Ledger
from sync.seal import BoxKey, SigningKey
from sync.unit.shelf import Trusted


def become_member(
    invitation: Invitation,
    places: Places,
    provider: KeyProvider,
    keys: KeyProvider | None = None,
) -> Identity:
    """Join the consortium that invites.

    What a former consortium put into the gallery is erased; entries of this unit alone stay.

    Args:
        invitation: As the administrator gave it.
        places: The unit's files.
        provider: Gives the key under which all is sealed.
        keys: Gives the key of the gallery, where that is another.

    Raises:
        TransportError: The hub cannot be reached, or what answers there is not the hub.
        Refused: By the hub, or its answer is not believed.
        ConsortiumError: The folder of the identity cannot be written.
        GalleryError: The gallery cannot be opened or written.
    """
    folder = IdentityFolder(places.unit, provider)
    draft = _draft(invitation, folder)
    joined = join(
        invitation,
        request(draft.tls_key, draft.tls_password),
        SigningKey(draft.signing_seed),
        BoxKey(draft.box_seed),
    )
    identity = _identity(joined, draft, invitation)
    folder.resign()  # so that a sync process of the former membership lets go of the gallery
    with folder.alone():
        with GalleryShelf.open(places.gallery, keys or provider, anew=True) as shelf:
            shelf.join(_first_trust(joined))
        folder.keep(identity, draft, joined.certificate, joined.authority)
    return identity


def _draft(invitation: Invitation, folder: IdentityFolder) -> Draft:
    """Take the keys that were made for this invitation, or make and keep some."""
    digest = sha256(invitation.encode()).digest()
    kept = folder.drafted(digest)
    if kept is not None:
        return kept
    password = new_password()
    draft = Draft(
        signing_seed=SigningKey.generate().seed,
        box_seed=BoxKey.generate().seed,
        tls_key=new_key(password),
        tls_password=password,
        invitation=digest,
    )
    folder.draft(draft)
    return draft


def _first_trust(joined: Joined) -> Trusted:
    """Believe the root, the keys and the time of the answer; the list is yet to come."""
    issued_ms = joined.box.issued_ms
    return Trusted(
        root=joined.root,
        keyrings=(joined.keyring,),
        ledger=Ledger.empty(joined.root.list_id),
        box_ms=issued_ms,
        floor_ms=max(issued_ms, joined.root.issued_ms),
    )


def _identity(joined: Joined, draft: Draft, invitation: Invitation) -> Identity:
    told = joined.registration
    return Identity(
        list_id=joined.root.list_id,
        unit_id=told.unit_id,
        name=told.name,
        venue_id=told.venue_id,
        venue=joined.venue,
        mailbox=told.mailbox,
        host=joined.host,
        port=joined.port,
        signing_seed=draft.signing_seed,
        box_seed=draft.box_seed,
        tls_password=draft.tls_password,
        desk_host=invitation.host,
        desk_port=invitation.port,
    )
