"""A metric of a few companies, or of the sectors they are in, side by side over time: as it is, or against its start.

A sector adds up what its companies report where that adds up (money and counts), and takes the median of ratios and
months; a period counts only where every company of the sector has a figure. An index is 100 in the first period that
all of the lines have.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from statistics import median
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.core.fields import decimal_text
from vestry.identity.access import find, theirs
from vestry.kernel.metrics import MetricDefinition as Definition
from vestry.metrics import portfolio, queries, reading, views
from vestry.metrics.matrix import drafts_among
from vestry.metrics.periods import Calendar

PLACES: Final = Decimal("0.01")
Values = list[Decimal | None]


class NotComparable(Invalid):
    """Amounts in several currencies have no common scale."""


def compare(
    session: Session,
    actor: Actor,
    *,
    metric: str,
    company_ids: Sequence[int],
    period: str,
    currency: str | None,
    by: str,
    known_at: datetime | None,
) -> dict[str, Any]:
    """The lines of some companies, or of every sector (``company_ids`` then limits whom the sectors are made of)."""
    for company_id in company_ids:
        find(session, actor, Company, company_id, noun="company")
    definitions = {one.key: one for one in queries.definitions(session, actor, known_at)}
    reading.known_keys(definitions, [metric])
    found = portfolio.report(
        session, actor, currency=currency, period=period, keys=[metric], derived=True, known_at=known_at
    )
    chosen = [one for one in found.companies if not company_ids or one["id"] in company_ids]
    _one_scale(chosen, definitions[metric], currency)
    lines = {one["id"]: _values(found.tables[one["id"]].get(metric, [])) for one in chosen}
    if by == "sector":
        series = _sectors(session, actor, lines, definitions[metric])
    else:
        series = [(one["name"], [one["id"]], lines[one["id"]]) for one in chosen]
    base = _base([values for *_, values in series])
    ends = [one.end for one in found.periods]
    drafts = drafts_among(
        session, actor, list(lines), definitions, reading.asked(Calendar(), period, None, None).kind, ends, known_at
    )
    definition = definitions[metric]
    return {
        "metric": metric,
        "label": definition.label,
        "unit": definition.unit,
        "currency": currency or next((one["currency"] for one in chosen), None),
        "periods": [views.period_out(Calendar(), one) for one in found.periods],
        "base": None if base is None else Calendar().label(found.periods[base]),
        "series": [
            {
                "name": name,
                "company_id": None if by == "sector" else those[0],
                "companies": len(those),
                "values": [None if value is None else decimal_text(value) for value in values],
                "index": _index(values, base),
                "drafts": [
                    value is not None and any(metric in drafts.get((one, end), ()) for one in those)
                    for end, value in zip(ends, values, strict=False)
                ],
            }
            for name, those, values in series
        ],
    }


def _one_scale(companies: Sequence[Any], definition: Definition, currency: str | None) -> None:
    several = {one["currency"] for one in companies}
    if definition.unit == "money" and currency is None and len(several) > 1:
        raise NotComparable(
            f"They report in {', '.join(sorted(several))}.", field="currency", mend="Name one currency for all."
        )


def _values(texts: Sequence[str | None]) -> Values:
    return [None if text is None else Decimal(text) for text in texts]


def _sectors(
    session: Session, actor: Actor, lines: dict[int, Values], definition: Definition
) -> list[tuple[str, list[int], Values]]:
    query = select(Company.id, Company.sector).where(theirs(actor, Company), Company.id.in_(lines))
    members: dict[str, list[int]] = {}
    for row in session.execute(query.order_by(Company.sector)):
        if any(value is not None for value in lines[row.id]):
            members.setdefault(row.sector or "no sector", []).append(row.id)
    adds_up = definition.unit in ("money", "count") and definition.kind != "derived"
    return [
        (name, those, [_together(values, adds_up) for values in zip(*(lines[one] for one in those), strict=True)])
        for name, those in members.items()
    ]


def _together(values: Sequence[Decimal | None], adds_up: bool) -> Decimal | None:
    there = [value for value in values if value is not None]
    if len(there) < len(values):
        return None
    return sum(there, Decimal(0)) if adds_up else median(there)


def _base(lines: Sequence[Values]) -> int | None:
    """The first period in which every line has a figure above nought, for an index to begin at."""
    places = zip(*(values for values in lines if values), strict=False)
    return next((at for at, row in enumerate(places) if all(value is not None and value > 0 for value in row)), None)


def _index(values: Values, base: int | None) -> list[str | None] | None:
    start = values[base] if base is not None and base < len(values) else None
    if not start:
        return None
    return [
        None if value is None else decimal_text((value / start * 100).quantize(PLACES, ROUND_HALF_EVEN))
        for value in values
    ]
