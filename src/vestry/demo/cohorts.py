"""The demo firm's cohort fund: companies whose customers it helped to win, in every state a trade can be in, with the
monthly rounds of the newest months.

The story is told back from the month in which it is loaded, so that there always is a month under way; the same seed
on the same day tells the same one. Everything is recorded as a user would: spends, terms and a file of payments each.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.cohorts import facts
from vestry.cohorts.cashflows import figures
from vestry.cohorts.cashflows.books import books_of
from vestry.cohorts.facts import Noun
from vestry.cohorts.months import first_day, index_of
from vestry.cohorts.scenarios.service import SCENARIO, declare
from vestry.cohorts.spends.service import SPEND
from vestry.cohorts.terms.service import TERMS
from vestry.cohorts.thresholds.service import OVERRIDE, THRESHOLD
from vestry.cohorts.uploads import service as uploads
from vestry.companies import service as companies
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.demo.rounds import load_rounds
from vestry.funds import service as funds
from vestry.funds.models import Vehicle

SEED: Final = 20240301
NAME: Final = "Cobalt Customer Value I"
MONTHS: Final = 15  # cohorts of each company, the last of them under way
CAP: Final = Decimal("1.35")  # of the outlay
SCENARIOS: Final = (("worst", "0.8", "1.6"), ("average", "1", "1"), ("best", "1.15", "0.7"))  # times m0, times churn
MINIMA: Final = ((1, "0.08"), (3, "0.05"))


@dataclass(frozen=True, slots=True)
class Outline:
    """One company. ``m0``: the first month's payments as a fraction of spend; ``churn`` a month; months are counted
    from the first cohort.

    ``unspent``: cohorts without a spend. ``funded``: from which cohort on there are trades. ``sours``: from which
    cohort on half of the customers leave each month. ``outage``: the month in which hardly anybody could pay.
    ``recall``: the month in which one cohort's money goes back. ``silent``: how many months have no payments yet.
    """

    name: str
    sector: str
    price: float
    customers: int
    m0: float
    churn: float
    sharing: str = "0.5"
    cap: Decimal | None = CAP
    refunds: float = 0.0
    funded: int = 3
    unspent: tuple[int, ...] = ()
    sours: int = MONTHS
    outage: int | None = None
    recall: int | None = None
    silent: int = 0


OUTLINES: Final = (
    Outline("Quill Ledger", "Software", 240, 12, 0.17, 0.05),
    Outline("Tideline Fitness", "Consumer", 60, 12, 0.17, 0.06, outage=9),
    Outline("Sable Courses", "Consumer", 380, 12, 0.3, 0.05, cap=Decimal("1.2")),
    Outline("Marlow Meals", "Consumer", 90, 12, 0.17, 0.07, sours=9),
    Outline("Pavo Apparel", "Consumer", 130, 12, 0.18, 0.06, refunds=0.12, recall=8),
    Outline("Nimbus Games", "Software", 45, 12, 0.16, 0.08, cap=None, unspent=(0, 1, 5), silent=3),
    Outline("Orchid Care", "Health care", 150, 12, 0.16, 0.06, funded=MONTHS - 1),
)


def load_cohort_fund(session: Session, actor: Actor, *, seed: int = SEED) -> int:
    """Make the fund with its companies; returns its id."""
    today = clock.today(session)
    first = index_of(today) - MONTHS + 1
    began = first_day(first)
    fund = funds.create_fund(
        session, actor, name=NAME, currency="USD", strategy="cohort", vintage_year=began.year, started_on=began
    )
    vehicle_id = session.scalars(select(Vehicle.id).where(Vehicle.fund_id == fund.id)).one()
    for number, outline in enumerate(OUTLINES):
        chance = np.random.default_rng([seed, 11, number])
        _company(session, actor, vehicle_id, outline, chance, today)
    return fund.id


def _company(
    session: Session, actor: Actor, vehicle_id: int, outline: Outline, chance: np.random.Generator, today: date
) -> None:
    company = companies.create_company(
        session, actor, name=outline.name, currency="USD", sector=outline.sector, country="United States"
    )
    first = index_of(today) - MONTHS + 1
    paid = [row for row in payments(outline, first, chance) if row[1] <= today]
    months = [first_day(first + cohort) for cohort in range(MONTHS)]
    m0, churn = (Decimal(str(one)) for one in (outline.m0, outline.churn))

    def record(noun: Noun[Any], every: Iterable[dict[str, Any]]) -> None:
        facts.record_all(session, actor, noun, company.id, every)

    record(
        SPEND,
        (
            {"cohort_month": month, "spend": _spend(outline, chance)}
            for cohort, month in enumerate(months)
            if cohort not in outline.unspent
        ),
    )
    record(TERMS, (_terms(outline, month, vehicle_id) for month in months[outline.funded :]))
    record(
        THRESHOLD,
        ({"payment_period_month": at, "minimum_payment_percent": Decimal(minimum)} for at, minimum in MINIMA),
    )
    record(
        SCENARIO,
        (
            {"name": name, "m0": m0 * Decimal(of_m0), "churn": churn * Decimal(of_churn)}
            for name, of_m0, of_churn in SCENARIOS
        ),
    )
    last = max(on for _, on, _ in paid)
    uploads.upload(session, actor, company.id, _file(paid), f"{outline.name.lower().replace(' ', '-')}.csv")
    if not outline.silent:
        through = first_day(index_of(last) - 1)
        declare(session, actor, company.id, version=None, complete_through=through, timing="end_of_month")
    if outline.outage is not None:
        _set_aside(session, actor, company.id)
    load_rounds(session, actor, company.id, outline.name, _planned(outline))


def _planned(outline: Outline) -> Decimal:
    return Decimal(round(outline.customers * outline.price / outline.m0 / 10) * 10)


def _spend(outline: Outline, chance: np.random.Generator) -> Decimal:
    spent = outline.customers * outline.price / outline.m0 * float(chance.uniform(0.95, 1.05))
    return Decimal(round(spent / 10) * 10)


def _terms(outline: Outline, month: date, vehicle_id: int) -> dict[str, Any]:
    """Terms as they were agreed: for a planned spend, from which the actual one differs a little."""
    planned = _planned(outline)
    sharing = Decimal(outline.sharing)
    return {
        "cohort_month": month,
        "sharing_percentage": sharing,
        "cash_cap": None if outline.cap is None else (planned * sharing * outline.cap).quantize(Decimal("0.01")),
        "planned_spend": planned,
        "target_irr": None,
        "vehicle_id": vehicle_id,
    }


def payments(outline: Outline, first: int, chance: np.random.Generator) -> Iterator[tuple[str, date, Decimal]]:
    """What every customer paid and got back: customer, day, amount; also of days to come in the month under way."""
    for cohort in range(MONTHS):
        churn = 0.5 if cohort >= outline.sours else outline.churn
        for number in range(outline.customers):
            customer, period = f"{outline.name[:2].upper()}-{cohort:02d}{number:03d}", 0
            while (month := cohort + period) < MONTHS - outline.silent:
                amount = _cents(outline.price * float(chance.lognormal(-0.02, 0.2)))
                day = first_day(first + month).replace(day=int(chance.integers(1, 29)))
                if outline.outage != month or not period or chance.random() < 0.1:
                    yield customer, day, amount
                if period and month == outline.recall and cohort == outline.recall - 2:
                    yield customer, day, _cents(-2.5 * outline.price)
                elif chance.random() < outline.refunds:
                    yield customer, day, -amount
                if chance.random() < churn:
                    break
                period += 1


def _file(paid: list[tuple[str, date, Decimal]]) -> io.BytesIO:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["customer_id", "payment_date", "amount", "reference_id"])
    writer.writerows((*row, f"{row[0]}/{number}") for number, row in enumerate(paid))
    return io.BytesIO(text.getvalue().encode())


def _set_aside(session: Session, actor: Actor, company_id: int) -> None:
    """An override for every breach of a company."""
    result = figures.computed(books_of(session, actor, company_id))
    every = (
        {
            "cohort_month": first_day(int(result.matrix.months[row])),
            "payment_period_month": period,
            "reason": "The payment provider was down for most of the month",
            "approved_by": "Investment committee",
        }
        for row, period in np.argwhere(result.failed).tolist()
    )
    facts.record_all(session, actor, OVERRIDE, company_id, every)


def _cents(amount: float) -> Decimal:
    return Decimal(str(round(amount, 2)))
