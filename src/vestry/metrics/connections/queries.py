"""Every SELECT about connections, limited to what the actor may see."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing
from vestry.core.outbox import CANCELLED, Job
from vestry.identity.access import find, visible
from vestry.metrics.connections.models import MetricConnection

SHOWN = ("id", "company_id", "name", "provider", "address", "account", "nightly", "last_fetch", "version")
_SORTS = {"id": MetricConnection.id, "name": MetricConnection.name_key}


def list_connections(session: Session, actor: Actor, company_id: int) -> Listing:
    """The live connections of a company."""
    find(session, actor, Company, company_id, noun="company")
    rows = visible(actor, MetricConnection).where(MetricConnection.company_id == company_id)
    columns = [getattr(MetricConnection, name) for name in SHOWN]
    shown = rows.with_only_columns(
        *columns,
        MetricConnection.secret_sealed.is_not(None).label("has_key"),
    )
    return Listing(shown, _SORTS, MetricConnection.id, "name")


def find_connection(
    session: Session, actor: Actor, company_id: int, connection_id: int, *, lock: bool = False
) -> MetricConnection:
    """One live connection of a company."""
    mine = visible(actor, MetricConnection, to_change=lock).where(
        MetricConnection.id == connection_id, MetricConnection.company_id == company_id
    )
    found = session.scalars(mine.with_for_update() if lock else mine).one_or_none()
    if found is None:
        raise NotFound("connection")
    return found


def stopped(session: Session, actor: Actor, company_id: int) -> set[int]:
    """The jobs of a company's fetches that somebody stopped before they ended."""
    mine = visible(actor, MetricConnection).where(MetricConnection.company_id == company_id)
    told = session.scalars(mine.with_only_columns(MetricConnection.last_fetch)).all()
    waiting = [one["job_id"] for one in told if one is not None and one["state"] == "waiting"]
    jobs = select(Job.id).where(Job.firm_id == actor.firm_id, Job.id.in_(waiting), Job.state == CANCELLED)
    return set(session.scalars(jobs)) if waiting else set()


def nightly(session: Session, actor: Actor) -> list[MetricConnection]:
    """The connections that are asked every night, of companies that are not archived, by who set them."""
    live = select(Company.id).where(Company.firm_id == actor.firm_id, Company.archived_at.is_(None))
    wanted = visible(actor, MetricConnection).where(
        MetricConnection.nightly,
        MetricConnection.company_id.in_(live),
        or_(MetricConnection.user_id.is_not(None), MetricConnection.token_id.is_not(None)),
    )
    return list(session.scalars(wanted.order_by(MetricConnection.id)))
