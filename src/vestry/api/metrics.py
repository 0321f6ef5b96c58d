"""What a Prometheus server asks for: requests, jobs, mail and the pool, as this process sees them.

Served at ``/metrics`` only where ``VESTRY_METRICS_TOKEN`` is set, to whoever brings it. Labels are operations, never
addresses: no id or name of a record leaves this way.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.metrics_core import GaugeMetricFamily
from prometheus_client.registry import Collector
from sqlalchemy import func, select

from vestry import __version__
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import Unauthenticated
from vestry.core.outbox import OPEN, STATES, Job
from vestry.identity.door import UNKNOWN
from vestry.identity.models import Firm
from vestry.integrations.mail.models import STATES as MAIL_STATES
from vestry.integrations.mail.models import MailDelivery

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

router = APIRouter()


class Metrics:
    """The counters of one application."""

    def __init__(self, database: Database, token: str) -> None:
        self.token = token
        self.registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=self.registry)
        labels = ("method", "operation", "status")
        self.requests = Counter("vestry_requests", "Requests answered", labels, registry=self.registry)
        self.seconds = Histogram(
            "vestry_request_seconds",
            "Time to answer",
            ("method", "operation"),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.registry.register(_Ledger(database))

    def observe(self, method: str, operation: str, status: int, seconds: float) -> None:
        """Count one request."""
        self.requests.labels(method, operation, str(status)).inc()
        self.seconds.labels(method, operation).observe(seconds)


class _Ledger(Collector):
    """What is asked of the database when somebody looks."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def describe(self) -> list[GaugeMetricFamily]:
        return []  # nothing is asked of the database before somebody looks

    def collect(self) -> Iterator[GaugeMetricFamily]:
        build = GaugeMetricFamily("vestry_build", "The version that runs", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        jobs = dict.fromkeys(STATES, 0)
        mails = dict.fromkeys(MAIL_STATES, 0)
        oldest = 0.0
        with self.database.reading(UNKNOWN) as session:
            firms = list(session.scalars(select(Firm.id)))
        for firm_id in firms:
            with self.database.reading(Actor("job", firm_id, "", name="metrics")) as session:
                own = Job.firm_id == firm_id
                for state, count in session.execute(select(Job.state, func.count()).where(own).group_by(Job.state)):
                    jobs[state] += count
                query = select(MailDelivery.state, func.count()).where(MailDelivery.firm_id == firm_id)
                for state, count in session.execute(query.group_by(MailDelivery.state)):
                    mails[state] += count
                due = session.scalar(select(func.min(Job.due_at)).where(own, Job.state.in_(OPEN)))
                if due is not None:
                    oldest = max(oldest, (session.info["now"] - due).total_seconds())
        yield _gauge("vestry_jobs", "Jobs by state; failed ones wait for a person", "state", jobs)
        yield _gauge("vestry_mails", "Messages by state", "state", mails)
        yield GaugeMetricFamily("vestry_oldest_due_job_seconds", "How long the oldest due job has waited", value=oldest)
        yield _gauge(
            "vestry_pool_connections",
            "Database connections in use",
            "pool",
            {
                "writer": self.database.writer.pool.checkedout(),  # type: ignore[attr-defined]
                "reader": self.database.reader.pool.checkedout(),  # type: ignore[attr-defined]
            },
        )


def _gauge(name: str, text: str, label: str, values: dict[str, int]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


@router.get("/metrics", include_in_schema=False)
def metrics(request: Request) -> Response:
    """The figures, to whoever brings the token of the settings."""
    found: Metrics = request.app.state.metrics
    given = request.headers.get("authorization", "").removeprefix("Bearer ").encode()
    if not secrets.compare_digest(given, found.token.encode()):
        raise Unauthenticated(
            "The metrics are for who brings their token.", mend="Send VESTRY_METRICS_TOKEN as Bearer."
        )
    return Response(generate_latest(found.registry), media_type=CONTENT_TYPE_LATEST)
