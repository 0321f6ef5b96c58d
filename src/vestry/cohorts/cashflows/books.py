"""What is recorded of a company's cohorts, read as of a day and as known at an instant, and packed for the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, TypeGuard

from sqlalchemy import BigInteger, bindparam, select
from sqlalchemy.orm import Session

from vestry.cohorts.models import (
    AcquisitionSpend,
    CohortBook,
    PaymentThreshold,
    PredictionScenario,
    ThresholdOverride,
    TradeTerms,
)
from vestry.cohorts.months import first_day, index_of
from vestry.cohorts.payments import rollup
from vestry.cohorts.payments.rollup import Cell
from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.asking import day_asked
from vestry.core.errors import Invalid, NotFound
from vestry.core.history import as_known
from vestry.core.model import Fact, table_of
from vestry.core.statements import Rows
from vestry.core.types import MONEY_SCALE
from vestry.identity.access import find, of_firm, theirs
from vestry.kernel.cohorts import CohortMatrix, Terms, Threshold, TradeBook, matrix_from_cells, pack
from vestry.kernel.cohorts.irr import Timing
from vestry.kernel.cohorts.months import Ints
from vestry.kernel.errors import KernelError
from vestry.kernel.money import decimals

Row = dict[str, Any]
# What is read of each kind of fact, and no more.
FIELDS: Final[dict[type[Fact], tuple[str, ...]]] = {
    AcquisitionSpend: ("id", "cohort_month", "spend"),
    TradeTerms: (
        "id",
        "vehicle_id",
        "cohort_month",
        "sharing_percentage",
        "cash_cap",
        "planned_spend",
        "target_irr",
        "allowed_deviation",
        "timing",
    ),
    PaymentThreshold: ("id", "payment_period_month", "minimum_payment_percent"),
    ThresholdOverride: ("id", "cohort_month", "payment_period_month", "reason", "approved_by", "recorded_at"),
    PredictionScenario: ("id", "name", "m0", "churn"),
    CohortBook: ("id", "complete_through", "timing"),
}


class CohortsBeyondReach(Invalid):
    """What is recorded of a company's cohorts spans too many months, or adds up to more than is kept exactly."""


@dataclass(frozen=True, slots=True)
class Whose:
    """The company whose books they are."""

    id: int
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Books:
    """One company's cohorts: the facts, and the kernel's matrix and terms made of them.

    ``rollup``: the fields of a ``Cell`` as rows, the cells as columns; sums in units of the last place of money.
    ``trades``, ``spends``: by counted cohort month. ``overrides``: by (counted cohort month, period). ``scenarios``: by
    name.
    """

    company: Whose
    as_of: date | None
    known_at: datetime | None
    complete_through: date | None
    timing: Timing
    rollup: Ints
    spends: dict[int, Row]
    trades: dict[int, Row]
    thresholds: dict[int, Row]
    overrides: dict[tuple[int, int], Row]
    scenarios: dict[str, Row]
    matrix: CohortMatrix
    terms: TradeBook

    @property
    def digits(self) -> int:
        """Decimals of the company's currency."""
        return decimals(self.company.currency)

    def timing_of(self, cohort: int) -> Timing:
        """When a trade's collections count: as its terms say, else as the company's books do."""
        found: Timing | None = self.trades.get(cohort, {}).get("timing")
        return found or self.timing

    @property
    def cells(self) -> list[Cell]:
        """The sums by cohort and period, one by one."""
        return list(map(Cell._make, self.rollup.T.tolist()))

    def customers(self) -> dict[int, int]:
        """Counted cohort month → its customers."""
        cohort, _, _, _, customers = self.rollup[:, self.rollup[1] == 0].tolist()
        return dict(zip(cohort, customers, strict=True))


def books_of(
    session: Session,
    actor: Actor,
    company_id: int,
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Books:
    """The books of a company's cohorts, for whoever may see the company."""
    company = _whose(session, actor, company_id)
    day = day_asked(session, actor, as_of)
    return _packed(session, actor, company, day, known_at)


def refuse_beyond_reach(session: Session, actor: Actor, company: Company) -> None:
    """Refuse a change after which the company's cohorts could not be computed any more."""
    session.flush()
    try:
        _packed(session, actor, Whose(company.id, company.name, company.currency), None, None)
    except KernelError as error:
        raise CohortsBeyondReach(
            f"{error}.", mend="Correct the date or the amount that is out of all proportion."
        ) from None


def _whose(session: Session, actor: Actor, company_id: int) -> Whose:
    if not actor.sees.whole:
        company = find(session, actor, Company, company_id, noun="company")
        return Whose(company.id, company.name, company.currency)
    for row in _WHOSE.of(session, firm=actor.firm_id, company=company_id):
        return Whose(*row)
    raise NotFound("company")


def _packed(session: Session, actor: Actor, company: Whose, as_of: date | None, known_at: datetime | None) -> Books:
    facts = {model: _facts(session, actor, model, company.id, known_at) for model in FIELDS}
    declared: Row = next(iter(facts[CohortBook]), {"complete_through": None, "timing": "end_of_month"})
    spends = _by_month(facts[AcquisitionSpend], as_of)
    trades = _by_month(facts[TradeTerms], as_of)
    overrides = {
        (index_of(row["cohort_month"]), row["payment_period_month"]): row
        for row in facts[ThresholdOverride]
        if as_of is None or row["cohort_month"] <= as_of
    }
    cells = _cells(session, company.id, as_of, known_at)
    if known_at is None and _ends_month(as_of):
        cells = cells[:, cells[0] + cells[1] <= index_of(as_of)]
    through = _through(declared["complete_through"], as_of)
    digits = decimals(company.currency)
    matrix = _matrix(cells, through, digits).with_cohorts([month for month, _ in overrides])
    matrix, terms = pack(
        matrix,
        [(month, row["spend"]) for month, row in spends.items()],
        [_terms(month, row) for month, row in trades.items()],
        [Threshold(row["payment_period_month"], row["minimum_payment_percent"]) for row in facts[PaymentThreshold]],
        list(overrides),
        _open_from(session, as_of, known_at, through),
    )
    return Books(
        company,
        as_of,
        known_at,
        through,
        declared["timing"],
        cells,
        spends,
        trades,
        {row["payment_period_month"]: row for row in facts[PaymentThreshold]},
        overrides,
        {row["name"]: row for row in facts[PredictionScenario]},
        matrix,
        terms,
    )


def _facts(session: Session, actor: Actor, model: type[Fact], company_id: int, known_at: datetime | None) -> list[Row]:
    names = FIELDS[model]
    if known_at is None and actor.sees.whole:
        found = _OF_NOW[model].of(session, firm=actor.firm_id, company=company_id)
        return [dict(zip(names, row, strict=True)) for row in found]
    known = table_of(model) if known_at is None else as_known(model, known_at)
    live = [known.c.voided_at.is_(None)] if known_at is None else []
    query = select(*(known.c[name] for name in names)).order_by(known.c.id)
    rows = session.execute(query.where(theirs(actor, known), known.c.company_id == company_id, *live))
    return [dict(zip(names, row, strict=True)) for row in rows]


_FIRM, _COMPANY = bindparam("firm", type_=BigInteger), bindparam("company", type_=BigInteger)


def _of_now(model: type[Fact]) -> Rows:
    """What is mostly asked, written once: for a firm and a company, to whoever sees the whole firm."""
    known = table_of(model)
    of_theirs = (of_firm(_FIRM, known), known.c.company_id == _COMPANY, known.c.voided_at.is_(None))
    return Rows(select(*(known.c[name] for name in FIELDS[model])).where(*of_theirs).order_by(known.c.id))


_OF_NOW: Final = {model: _of_now(model) for model in FIELDS}
COMPANY: Final = table_of(Company)
_WHOSE: Final = Rows(
    select(COMPANY.c.id, COMPANY.c.name, COMPANY.c.currency).where(
        of_firm(_FIRM, COMPANY), COMPANY.c.id == _COMPANY, COMPANY.c.archived_at.is_(None)
    )
)


def _cells(session: Session, company_id: int, as_of: date | None, known_at: datetime | None) -> Ints:
    """From the rollup where that knows the answer: for now, and for the ends of months; else counted again."""
    if known_at is None and (as_of is None or _ends_month(as_of)):
        return rollup.columns(session, company_id)
    return rollup.columned(rollup.recount(session, company_id, as_of=as_of, known_at=known_at))


def _ends_month(day: date | None) -> TypeGuard[date]:
    return day is not None and (day + timedelta(days=1)).day == 1


def _by_month(rows: list[Row], as_of: date | None) -> dict[int, Row]:
    return {index_of(row["cohort_month"]): row for row in rows if as_of is None or row["cohort_month"] <= as_of}


def _through(declared: date | None, as_of: date | None) -> date | None:
    """The last month known in full: as declared, and over by the day it is seen from."""
    if declared is None or as_of is None:
        return declared
    over = index_of(as_of + timedelta(days=1)) - 1
    return first_day(min(index_of(declared), over))


def _open_from(session: Session, as_of: date | None, known_at: datetime | None, through: date | None) -> int:
    """The first month that is not over by the day the books are seen from, unless it is declared to be known in full:
    its payments are still coming in."""
    days = [clock.today(session), known_at, as_of and as_of + timedelta(days=1)]
    under_way = min(index_of(day) for day in days if day is not None)
    return under_way if through is None else max(under_way, index_of(through) + 1)


def _matrix(cells: Ints, through: date | None, digits: int) -> CohortMatrix:
    cohort, period, units, payments, _ = cells
    return matrix_from_cells(
        cohort,
        cohort + period,
        units // 10 ** (MONEY_SCALE - digits),
        payments,
        complete_through=through,
        minor_digits=digits,
    )


def _terms(month: int, row: Row) -> Terms:
    return Terms(
        month, row["sharing_percentage"], row["cash_cap"], row["planned_spend"], row["target_irr"], row["timing"]
    )
