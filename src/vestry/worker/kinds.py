"""Every kind of job there is. Only this door registers them."""

from __future__ import annotations

from typing import Final

from vestry.alerts import jobs as alerts
from vestry.cohorts.uploads import jobs as cohorts
from vestry.companies import jobs as companies
from vestry.core.running import Kind
from vestry.identity import jobs as identity
from vestry.imports import jobs as imports
from vestry.integrations.mail import service as mail
from vestry.jobs import upkeep
from vestry.market import jobs as market
from vestry.metrics.connections import jobs as connections
from vestry.requests import jobs as requests

KINDS: Final[dict[str, Kind]] = {
    kind.name: kind
    for kind in (
        *mail.KINDS,
        *identity.KINDS,
        *upkeep.KINDS,
        *imports.KINDS,
        *market.KINDS,
        *companies.KINDS,
        *cohorts.KINDS,
        *alerts.KINDS,
        *requests.KINDS,
        *connections.KINDS,
    )
}
