"""Exchange rates over HTTP."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Depends, Query

from vestry.core import clock, outbox
from vestry.core.fields import Amount, CurrencyCode, Day, Id, Instant, decimal_text
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.paging import Page, page, slice_rows
from vestry.core.versions import if_match
from vestry.identity.access import find
from vestry.identity.corrections import Reason, versions_of
from vestry.identity.door import Work, may
from vestry.market import jobs, queries, schemas, service
from vestry.market.models import FxRate
from vestry.market.rates import Quoted, WrongPeriod

router = make_router("market")

KnownAt = Annotated[Instant | None, Query(description="as the rates were known then; now when left out")]
Reading = Annotated[Work, may("fx_rate.read")]
Changing = Annotated[Work, may("fx_rate.change")]
From = Annotated[Day | None, Query(description="from this day on")]
Until = Annotated[Day | None, Query(description="up to this day")]
YEAR = timedelta(days=365)


@router.get("/fx/rates", operation_id="list_fx_rates", response_model=schemas.FxRatePage)
def list_rates(
    work: Reading,
    page: Annotated[Page, Depends(page)],
    kind: Annotated[schemas.RateKind | None, Query()] = None,
    base: Annotated[CurrencyCode | None, Query(description="published rates have the base EUR")] = None,
    quote: Annotated[CurrencyCode | None, Query()] = None,
    start: From = None,
    end: Until = None,
    known_at: KnownAt = None,
) -> Json:
    """Published and own rates, the latest first. Crosses are not listed: ask for a series or a conversion."""
    wanted = queries.Wanted(kind, base, quote, start, end, page.q)
    reference = queries.reference(work.session, known_at)
    rows = queries.RateList(reference, queries.own_rates(work.session, work.actor, known_at), wanted, page.sort)
    items, following = slice_rows(work.session, rows, page, "fx rates", wanted, known_at, page.sort)
    return Json({"items": [_row(one) for one in items], "next": following, "total": len(rows)})


@router.post("/fx/rates", operation_id="create_fx_rate", status_code=201)
def create_rate(body: schemas.FxRateIn, work: Changing) -> schemas.FxRateOut:
    """Record a manual or contractual rate; a second manual one of a pair and day is refused (409)."""
    return _rate(service.record_rate(work.session, work.actor, **body.model_dump()))


@router.post("/fx/refresh", operation_id="refresh_fx_rates", status_code=202)
def refresh(work: Changing) -> schemas.RefreshOut:
    """Fetch the newest published rates now, as the clock does every day; the answer names the job that does it."""
    job = outbox.ask(work.session, jobs.REFRESH, {}, title=jobs.TITLE)
    return schemas.RefreshOut(job_id=job.id)


@router.get("/fx/rates/{rate_id}", operation_id="get_fx_rate")
def get_rate(rate_id: Id, work: Reading) -> schemas.FxRateOut:
    """One rate of the firm's own."""
    return _rate(find(work.session, work.actor, FxRate, rate_id, noun="rate"))


@router.put("/fx/rates/{rate_id}", operation_id="update_fx_rate")
def update_rate(
    rate_id: Id, body: schemas.FxRateIn, work: Changing, version: Annotated[int | None, Depends(if_match)]
) -> schemas.FxRateOut:
    """Supersede a rate; what was known before stays known."""
    return _rate(service.update_rate(work.session, work.actor, rate_id, version=version, **body.model_dump()))


@router.post("/fx/rates/{rate_id}/void", operation_id="void_fx_rate", status_code=204)
def void_rate(rate_id: Id, body: Reason, work: Changing) -> None:
    """Take a rate back."""
    service.void_rate(work.session, work.actor, rate_id, reason=body.reason)


@router.get("/fx/rates/{rate_id}/versions", operation_id="list_fx_rate_versions", response_model=list[dict[str, Any]])
def list_rate_versions(rate_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """What was recorded of a rate over time, the oldest first."""
    return Json([dict(row) for row in versions_of(work.session, work.actor, FxRate, rate_id, noun="rate")])


@router.get("/fx/convert", operation_id="convert_amount", response_model=schemas.ConvertedOut)
def convert(
    work: Reading,
    amount: Annotated[Amount, Query()],
    base: Annotated[CurrencyCode, Query(alias="from")],
    quote: Annotated[CurrencyCode, Query(alias="to")],
    on: Annotated[Day | None, Query(description="the day, or the last of the period; today when left out")] = None,
    start: Annotated[Day | None, Query(description="the first day of the period to take the average of")] = None,
    rule: Annotated[schemas.Rule | None, Query(description="`closing` when left out")] = None,
    rate_id: Annotated[Id | None, Query(description="which contractual rate")] = None,
    known_at: KnownAt = None,
) -> Json:
    """An amount in another currency, with the rate, its day and rule, and the ladder that leads to it."""
    day = on or clock.today(work.session)
    rates = queries.fx_rates(work.session, work.actor, known_at=known_at)
    found = rates.quoted(base, quote, day, start=start, rule=rule, rate_id=rate_id)
    made = found.convert(amount)
    return Json(
        {
            "amount": decimal_text(amount, 2),
            "from": base,
            "to": quote,
            "on": day,
            "start": start,
            "known_at": known_at,
            "converted": f"{made.amount:f}",
            "exact": decimal_text(made.exact),
            **_rated(found),
            "explain": asdict(found.explain(made)),
        }
    )


@router.get("/fx/series", operation_id="get_fx_series", response_model=schemas.FxSeriesOut)
def series(
    work: Reading,
    base: Annotated[CurrencyCode, Query()],
    quote: Annotated[CurrencyCode, Query()],
    start: Annotated[Day | None, Query(description="a year before the end when left out")] = None,
    end: Annotated[Day | None, Query(description="today when left out")] = None,
    known_at: KnownAt = None,
) -> Json:
    """The closing rates of a pair, one for each day that has its own."""
    last = end or clock.today(work.session)
    first = start or last - YEAR
    if last < first:
        raise WrongPeriod(f"The period ends on {last}, before it starts on {first}.", field="start")
    rates = queries.fx_rates(work.session, work.actor, known_at=known_at)
    items = [
        {"on": one.rate.published_on, "rate": decimal_text(one.rate.value), "source": one.source}
        for one in rates.series(base, quote, first, last)
    ]
    return Json({"base": base, "quote": quote, "start": first, "end": last, "items": items})


@router.get("/fx/currencies", operation_id="list_fx_currencies")
def currencies(work: Reading) -> schemas.CurrenciesOut:
    """Which currencies have published rates, from when to when, and when they were last fetched."""
    return schemas.CurrenciesOut(**queries.currencies(work.session))


def _rated(found: Quoted) -> dict[str, Any]:
    rate = found.rate
    return {
        "rate": decimal_text(rate.value),
        "rule": rate.rule,
        "published_on": rate.published_on,
        "age_days": rate.age_days,
        "stale": rate.stale,
        "source": found.source,
        "rate_id": found.rate_id,
        "legs": [{"currency": code, "rate": decimal_text(value)} for code, value in rate.legs],
    }


def _row(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"rate": decimal_text(row["rate"])}


def _rate(row: FxRate) -> schemas.FxRateOut:
    return schemas.FxRateOut(**_row({name: getattr(row, name) for name in schemas.FxRateOut.model_fields}))
