"""How a form's link becomes an actor: the narrowest there is, who sees one company and acts for its recipient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core.actor import UNKNOWN, Actor, Scope
from vestry.core.db import Database
from vestry.core.errors import Conflict, NotFound, VestryError
from vestry.identity.access import visible
from vestry.identity.secrets import digest
from vestry.identity.signin import delays
from vestry.requests.models import CANCELLED, WITH_COMPANY, DataRequest, FormLink

FREE_TRIES, DELAY_SECONDS_MAX = 20, 300
ROLE: Final = "company_contact"


class FormUnknown(NotFound):
    """No form has this link: never made, garbled, or made by nobody we know."""

    def __init__(self) -> None:
        VestryError.__init__(
            self,
            "This link opens no form.",
            mend="Check that the whole link was copied, or ask whoever sent it for a new one.",
        )


class FormExpired(Conflict):
    """The link is too old."""


class FormReplaced(Conflict):
    """A newer link to the form was sent."""


class FormClosed(Conflict):
    """The firm needs these figures no more."""


class FormSubmitted(Conflict):
    """The form was sent already."""


@dataclass(frozen=True, slots=True)
class Entered:
    """Who acts by a link, and which link it is."""

    actor: Actor
    link_id: int


def enter(database: Database, secret: str, address: str) -> Entered:
    """Who acts by this link. An unknown one counts as a failed try of its network, which after some has to wait."""
    with database.reading(UNKNOWN) as session:
        link = session.scalars(select(FormLink).where(FormLink.secret_hash == digest(secret))).one_or_none()
    if link is not None:
        sees = Scope(companies=frozenset({link.company_id}))
        return Entered(Actor("job", link.firm_id, ROLE, name=link.email or "a form", scope=sees), link.id)
    tries = delays.Counted(f"form\0{delays.network_of(address)}", free=FREE_TRIES, most=DELAY_SECONDS_MAX)
    with database.transaction(UNKNOWN) as session:
        delays.reserve(session, tries)
    raise FormUnknown


def held(session: Session, entered: Entered, *, lock: bool = False) -> tuple[FormLink, DataRequest]:
    """The link and its request; refused when the link opens nothing any more. A spent link of a form that is with the
    firm is given all the same: it opens the receipt."""
    link = session.scalars(visible(entered.actor, FormLink).where(FormLink.id == entered.link_id)).one_or_none()
    if link is None:
        raise FormUnknown
    query = visible(entered.actor, DataRequest, to_change=lock).where(DataRequest.id == link.data_request_id)
    request = session.scalars(query.with_for_update() if lock else query).one()
    if link.expires_at <= session.info["now"]:
        raise FormExpired(
            f"This link expired on {link.expires_at:%Y-%m-%d}.", mend="Ask whoever sent it for a new one."
        )
    if request.state == CANCELLED:
        raise FormClosed("These figures are not asked for any more.", mend="There is nothing to do.")
    if link.spent_at is not None and request.state in WITH_COMPANY:
        raise FormReplaced(
            "The form came back for a correction, and a newer link was mailed.",
            mend="Open the link of the newest mail.",
        )
    return link, request


def to_fill_in(session: Session, entered: Entered) -> tuple[FormLink, DataRequest]:
    """The same for whoever saves or sends; refused once it was sent."""
    link, request = held(session, entered, lock=True)
    if request.state not in WITH_COMPANY:
        raise FormSubmitted(
            f"The form was sent on {request.submitted_at:%Y-%m-%d} (receipt {request.receipt}).",
            mend="To correct something, ask the firm to send it back to you.",
        )
    return link, request
