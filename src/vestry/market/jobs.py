"""Fetching reference rates: by the clock, or when somebody asks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from vestry.core import clock
from vestry.core.running import Kind, Running
from vestry.core.settings import settings
from vestry.integrations.fx_rates import ecb
from vestry.market import queries
from vestry.market.models import ReferenceRate
from vestry.market.reference import Reference

REFRESH: Final = "fx.refresh"
TITLE: Final = "Fetching the ECB's reference rates"


def _refresh(running: Running) -> None:
    """Fetch what was published since the newest day known, and keep what is new or was corrected.

    Rates are the same for every firm, so the job of the second firm finds little left to do. A failure changes nothing:
    the job is tried again, and conversions go on with the rates known so far, flagged stale in time.
    """
    told: dict[str, Any] = {}
    folder = settings().fx_rates_url
    if not folder:
        with running.finish(told):
            told["skipped"] = "VESTRY_FX_RATES_URL is empty"
        return
    with running.reading() as session:
        since, today = queries.reference(session).newest_day(), clock.today(session)
    found = ecb.fetch(folder, since=since, today=today)
    with running.finish(told) as session:
        known = queries.reference(session)
        rows = [one for one in found if _known(known, one.currency, one.day) != one.rate]
        now = session.info["now"]
        session.add_all(
            ReferenceRate(currency=one.currency, published_on=one.day, rate=one.rate, known_from=now) for one in rows
        )
        told |= {"fetched": len(found), "stored": len(rows), "newest_on": max(one.day for one in found).isoformat()}


def _known(reference: Reference, currency: str, day: date) -> Decimal | None:
    return reference.series(currency).get(day)


KINDS = (Kind(REFRESH, _refresh, tries=8, delay_seconds=60),)
