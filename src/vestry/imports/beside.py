"""What a firm keeps beside the ledger of its funds, as the export shows it: cohorts and their monthly rounds, metrics,
exchange rates and prices. An import reads none of it: each comes in by a way of its own."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import BigInteger, Select, and_, select
from sqlalchemy.orm import Session

from vestry.cohorts.models import (
    AcquisitionSpend,
    CohortBook,
    PaymentThreshold,
    PredictionScenario,
    ThresholdOverride,
    TradeTerms,
)
from vestry.cohorts.months import first_day, money_of
from vestry.cohorts.payments.customers import CUSTOMER
from vestry.cohorts.payments.rollup import PAYMENT
from vestry.cohorts.rounds.models import MonthlyRound, RoundStatement, RoundTransfer
from vestry.companies.models import Company, MarketPrice
from vestry.core.actor import Actor
from vestry.core.fields import decimal_text
from vestry.core.model import Fact, table_of
from vestry.core.types import Exact
from vestry.identity.access import theirs
from vestry.imports.recorded import Recorded
from vestry.market.models import FxRate
from vestry.metrics.models import FiscalCalendar, MetricDefinition, MetricValue

# Ids and stamps of this installation say nothing to whoever reads a file.
_MACHINE: Final = frozenset({"id", "firm_id", "batch_id", "version", "recorded_by", "voided_at", "void_reason"})
_MANY: Final = 10_000


@dataclass(frozen=True, slots=True)
class Beside:
    """A table of facts: its sheet's name, and what it refers to: column → what the sheet calls it."""

    name: str
    model: type[Fact]
    refers: tuple[tuple[str, str], ...] = ()

    @property
    def columns(self) -> list[str]:
        """The model's columns that are shown."""
        own = (column.name for column in table_of(self.model).columns if column.name not in _MACHINE)
        return sorted(own, key=lambda name: (name not in dict(self.refers), name == "recorded_at"))

    @property
    def headings(self) -> list[str]:
        """The columns of the sheet."""
        return [dict(self.refers).get(name, name) for name in self.columns]

    @property
    def numbers(self) -> frozenset[int]:
        """The positions of the columns that hold numbers."""
        kinds = [table_of(self.model).c[name].type for name in self.columns]
        refers = dict(self.refers)
        return frozenset(
            place
            for place, (name, kind) in enumerate(zip(self.columns, kinds, strict=True))
            if isinstance(kind, (Exact, BigInteger)) and name not in refers
        )


_COMPANY: Final = (("company_id", "company"),)
_ROUND: Final = (*_COMPANY, ("monthly_round_id", "month"))
FACTS: Final = (
    Beside("spends", AcquisitionSpend, _COMPANY),
    Beside("trades", TradeTerms, (*_COMPANY, ("vehicle_id", "vehicle"))),
    Beside("thresholds", PaymentThreshold, _COMPANY),
    Beside("threshold_overrides", ThresholdOverride, _COMPANY),
    Beside("scenarios", PredictionScenario, _COMPANY),
    Beside("cohort_books", CohortBook, _COMPANY),
    Beside("monthly_rounds", MonthlyRound, _COMPANY),
    Beside("round_transfers", RoundTransfer, _ROUND),
    Beside("round_statements", RoundStatement, _ROUND),
    Beside("metric_definitions", MetricDefinition),
    Beside("metric_values", MetricValue, _COMPANY),
    Beside("fiscal_calendars", FiscalCalendar, _COMPANY),
    Beside("fx_rates", FxRate),
    Beside("market_prices", MarketPrice, _COMPANY),
)
PAYMENTS: Final = "payments"
PAID: Final = ["company", "customer_id", "payment_date", "amount", "reference_id", "cohort_month"]
NUMBERS: Final[Mapping[str, frozenset[int]]] = {one.name: one.numbers for one in FACTS} | {
    PAYMENTS: frozenset({PAID.index("amount")})
}

Rows = Iterator[list[str]]


def tables(session: Session, actor: Actor) -> Iterator[tuple[str, list[str], Rows]]:
    """Each sheet's name, headings and live rows; empty sheets too."""
    vehicles = Recorded(session, actor, ["vehicles"]).labels["vehicles"]
    companies = session.execute(select(Company.id, Company.name).where(theirs(actor, Company)))
    rounds = select(MonthlyRound.id, MonthlyRound.month).where(theirs(actor, MonthlyRound))
    labels: dict[str, Callable[[Any], str]] = {
        "company_id": {company_id: f"{name}" for company_id, name in companies}.__getitem__,
        "vehicle_id": lambda vehicle_id: vehicles.get(vehicle_id, ""),  # archived ones are in no sheet
        "monthly_round_id": {round_id: f"{month}" for round_id, month in session.execute(rounds)}.__getitem__,
    }
    for one in FACTS:
        yield one.name, one.headings, _rows(session, actor, one, labels)
    yield PAYMENTS, PAID, _payments(session, actor, labels["company_id"])


def _rows(session: Session, actor: Actor, one: Beside, labels: Mapping[str, Callable[[Any], str]]) -> Rows:
    table = table_of(one.model)
    query = select(*(table.c[name] for name in one.columns)).where(theirs(actor, table), table.c.voided_at.is_(None))
    write = [labels[name] if name in dict(one.refers) else _text for name in one.columns]
    for row in _read(session, query.order_by(table.c.id)):
        yield ["" if value is None else how(value) for how, value in zip(write, row, strict=True)]


def _payments(session: Session, actor: Actor, company: Callable[[Any], str]) -> Rows:
    query = (
        select(
            PAYMENT.c.company_id,
            CUSTOMER.c.reference,
            PAYMENT.c.paid_on,
            money_of(PAYMENT.c.units),
            PAYMENT.c.reference,
            CUSTOMER.c.first_month,
        )
        .join(CUSTOMER, and_(CUSTOMER.c.company_id == PAYMENT.c.company_id, CUSTOMER.c.id == PAYMENT.c.customer_id))
        .where(theirs(actor, PAYMENT), PAYMENT.c.ended_by.is_(None))
        .order_by(PAYMENT.c.company_id, PAYMENT.c.id)
    )
    for company_id, customer, day, amount, reference, month in _read(session, query):
        yield [company(company_id), customer, f"{day}", decimal_text(amount, 2), reference or "", f"{first_day(month)}"]


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> Iterable[Any]:
    return session.execute(query, execution_options={"yield_per": _MANY})


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value) if isinstance(value, (dict, list)) else str(value)
