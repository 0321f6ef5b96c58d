"""Fetching figures: asked for by a person or every night, done by a worker, so that no request waits for a source."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.running import Kind, Running
from vestry.identity.access import find
from vestry.integrations import figures
from vestry.metrics.connections import queries, service
from vestry.metrics.connections.models import MetricConnection

NIGHTLY: Final = "figures.nightly"
TITLE: Final = "Fetching companies' figures"


def _fetch(running: Running) -> None:
    """Ask the source outside of any transaction, then record what it says and end the job in one."""
    payload = running.payload
    company_id, connection_id = payload["company_id"], payload["connection_id"]
    asked = figures.Asked(payload["first_month"], payload["last_month"])
    with running.reading() as session:
        find(session, running.actor, Company, company_id, noun="company")
        source = service.source_of(queries.find_connection(session, running.actor, company_id, connection_id))
    lines = figures.fetch(source, asked)
    told: dict[str, Any] = {"connection_id": connection_id, "first_month": asked.first, "last_month": asked.last}
    with running.finish(told) as session:
        told |= service.keep_lines(session, running.actor, company_id, connection_id, asked, lines)
        ended = {"state": "done", "ended_at": session.info["now"].isoformat()}
        service.tell(session, payload, told | ended)


def _failed(session: Session, payload: Mapping[str, Any], reason: str, final: bool) -> None:
    ended = {"state": "failed", "ended_at": clock.now().isoformat()} if final else {"state": "waiting"}
    service.tell(session, payload, ended | {"error": reason})


def _nightly(running: Running) -> None:
    """Ask for a fetch by every connection that is to be asked by itself, as whoever set it: what they may no longer do
    is not done for them."""
    told: dict[str, Any] = {}
    with running.finish(told) as session:
        asked = service.months(clock.today(session))
        found = queries.nightly(session, running.actor)
        for one in found:
            service.ask_for(session, one, asked, _setter(one))
        told |= {"connections": len(found), "first_month": asked.first, "last_month": asked.last}


def _setter(one: MetricConnection) -> Actor:
    """Who set it; which role and grants they have is looked up when the job runs."""
    return Actor(
        "token" if one.user_id is None else "user",
        one.firm_id,
        "",
        user_id=one.user_id,
        token_id=one.token_id,
        name=one.name,
    )


KINDS = (
    Kind(service.FETCH, _fetch, operation="metric.change", tries=6, delay_seconds=60, failed=_failed),
    Kind(NIGHTLY, _nightly),
)
