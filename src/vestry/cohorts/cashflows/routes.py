"""Cash flows of cohorts over HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import Query, Response
from sqlalchemy.orm import Session

from vestry.cohorts.cashflows import breaches, cells, figures, schemas, tables
from vestry.cohorts.cashflows.books import Books, books_of
from vestry.cohorts.cashflows.predictions import prediction_of
from vestry.cohorts.cashflows.stamp import stamp_of
from vestry.cohorts.cashflows.together import together
from vestry.cohorts.months import PERIOD_MAX, Month
from vestry.cohorts.rounds.dated import Moved, moved_of
from vestry.core import clock, encoding
from vestry.core.actor import Actor
from vestry.core.fields import Day, Id, Instant
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, FileForm, Form, file, filed
from vestry.identity.door import Ask, Work, asks, may
from vestry.identity.hidden import hide
from vestry.identity.standing import Standing, stand

router = make_router("cohorts")
AsOf = Annotated[Day | None, Query(description="only what was paid up to this day; everything when left out")]
MonthsForm = Annotated[Form, Query(alias="format", description="a file has a row a cohort and month")]
KnownAt = Annotated[Instant | None, Query(description="as the books were known then; now when left out")]


@router.get(
    "/companies/{company_id}/cashflows",
    operation_id="get_cashflows",
    response_model=schemas.Cashflows,
    responses=FILES,
)
async def get_cashflows(
    company_id: Id,
    ask: Annotated[Ask, asks("cohort.read")],
    form: MonthsForm = "json",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """What every cohort paid and the fund collects, month by month."""

    def make(session: Session, actor: Actor) -> bytes:
        books = books_of(session, actor, company_id, as_of=as_of, known_at=known_at)
        moved = moved_of(session, actor, books.company, as_of=as_of, known_at=known_at)
        made = figures.shown(books, figures.computed(books), moved)
        return encoding.dumps(made | {"cohorts": hide(actor, "cohort", made["cohorts"])})

    # What was known at an instant is made of versions that the stamp does not name; a day to come may be refused later.
    stands = known_at is None and (as_of is None or as_of <= clock.now().date())
    stamp = partial(stamp_of, company_id=company_id) if stands else None
    standing = Standing(("cashflows", company_id, as_of), make, stamp)
    if form == "json":
        return await stand(ask, standing)
    answered = await standing.asked(ask.operation).answer(ask.request)
    return await asyncio.to_thread(_months, form, f"cashflows-{company_id}", orjson.loads(answered.body))


@router.post(
    "/companies/{company_id}/cashflows/predicted",
    operation_id="predict_cashflows",
    response_model=schemas.Predicted,
    responses=FILES,
)
def predict_cashflows(
    company_id: Id,
    body: schemas.PredictIn,
    work: Annotated[Work, may("cohort.predict")],
    form: MonthsForm = "json",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """The same with the months to come; what was paid is never replaced. Nothing is stored."""
    books = books_of(work.session, work.actor, company_id, as_of=as_of, known_at=known_at)
    assumed = prediction_of(work.session, books, **body.model_dump())
    result = figures.computed(books, assumed)
    made = figures.shown(books, result, _moved(work, books))
    if form != "json":
        # What goes out may be JSON already, cohort by cohort.
        return _months(form, f"projections-{company_id}", orjson.loads(encoding.dumps(made)))
    return Json(made | {"together": together(books, result)})


@router.get(
    "/companies/{company_id}/cashflows/explain", operation_id="explain_cashflow", response_model=schemas.Explained
)
def explain_cashflow(
    company_id: Id,
    work: Annotated[Work, may("cohort.read")],
    cohort_month: Annotated[Month, Query()],
    period: Annotated[int, Query(ge=0, le=PERIOD_MAX)],
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Json:
    """One month of a cohort opened: which payments, which share and why."""
    books = books_of(work.session, work.actor, company_id, as_of=as_of, known_at=known_at)
    return Json(cells.cell(work.session, work.actor, books, cohort_month, period))


@router.get(
    "/companies/{company_id}/cohorts_table",
    operation_id="get_cohorts_table",
    response_model=schemas.CohortTable,
    responses=FILES,
)
def get_cohorts_table(
    company_id: Id,
    work: Annotated[Work, may("cohort.read")],
    show: Annotated[tables.Show, Query()] = "absolute",
    form: Annotated[Form, Query(alias="format")] = "json",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """What every cohort paid by period: absolute, as a part of spend, cumulative, or per customer."""
    books = books_of(work.session, work.actor, company_id, as_of=as_of, known_at=known_at)
    made = tables.table(books, show)
    if form == "json":
        return Json(made)
    return file(form, f"cohorts-{company_id}-{show}", tables.headings(made), tables.rows(made))


@router.get("/companies/{company_id}/owed", operation_id="get_owed", response_model=schemas.Owed, responses=FILES)
def get_owed(
    company_id: Id,
    work: Annotated[Work, may("cohort.read")],
    month: Annotated[Month | None, Query(description="this month when left out")] = None,
    form: Annotated[Form, Query(alias="format", description="a file has a row a cohort")] = "json",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """What a company owes the fund for a calendar month, cohort by cohort, with the steps."""
    books = books_of(work.session, work.actor, company_id, as_of=as_of, known_at=known_at)
    made = cells.owed(books, month or clock.today(work.session).replace(day=1))
    if form == "json":
        return Json(made)
    return filed(form, schemas.OwedCohort, f"owed-{company_id}-{made['month']:%Y-%m}", made["cohorts"])


@router.get(
    "/companies/{company_id}/threshold-breaches",
    operation_id="get_threshold_breaches",
    response_model=schemas.Breaches,
    responses=FILES,
)
def get_threshold_breaches(
    company_id: Id,
    work: Annotated[Work, may("cohort.read")],
    form: Annotated[Form, Query(alias="format", description="a file has a row a breach")] = "json",
    as_of: AsOf = None,
    known_at: KnownAt = None,
) -> Response:
    """The months that missed their minimum, and what the fund collects with the minimums and overrides and without."""
    made = breaches.breaches(books_of(work.session, work.actor, company_id, as_of=as_of, known_at=known_at))
    if form == "json":
        return Json(made)
    return filed(form, schemas.Breach, f"threshold-breaches-{company_id}", made["breaches"])


def _moved(work: Work, books: Books) -> dict[int, Moved]:
    return moved_of(work.session, work.actor, books.company, as_of=books.as_of, known_at=books.known_at)


def _months(form: FileForm, name: str, made: dict[str, Any]) -> Response:
    """Every month of every cohort as a row, with what is the same for all months of the cohort."""

    def rows() -> Iterator[dict[str, Any]]:
        for cohort in made["cohorts"]:
            for period in cohort["periods"]:
                yield cohort | period

    return filed(form, schemas.CohortPeriod, name, rows())
