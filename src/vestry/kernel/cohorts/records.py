"""A company's cohorts from plain rows to plain records: for notebooks and scripts that hold no matrix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from vestry.kernel.cohorts.engine import CohortCashflows, cashflows
from vestry.kernel.cohorts.irr import Status
from vestry.kernel.cohorts.matrix import matrix
from vestry.kernel.cohorts.months import AmountLike, iso_month, money, month_index
from vestry.kernel.cohorts.terms import NO_CAP, Prediction, as_terms, as_threshold
from vestry.kernel.errors import KernelError

HORIZON = 36


@dataclass(frozen=True, slots=True)
class Period:
    """A month of a cohort: what its customers paid, money in currency. ``month``: its first day as ISO text.
    ``predicted``: an estimate, unrounded."""

    period: int
    month: str
    payment: Decimal
    cumulative_payment: Decimal
    predicted: bool


@dataclass(frozen=True, slots=True)
class FundedPeriod(Period):
    """A month of a cohort that a trade funds. ``threshold_payment_percentage`` and ``threshold_expected_payment``: the
    period's minimum as a fraction of spend and in currency, ``None`` where none is set or no spend is known.
    ``share_applied``: 1 in a month whose minimum was missed. ``collected``: the fund's part, held between 0 and the
    cap in all."""

    threshold_payment_percentage: Decimal | None
    threshold_expected_payment: Decimal | None
    threshold_failed: bool
    share_applied: Decimal
    collected: Decimal
    cumulative_collected: Decimal
    capped: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers of a month and what they paid. ``spend``: ``None`` where nothing is known of it. ``periods``: known
    months from the cohort month on, then the predicted ones."""

    company_id: int | str
    cohort_month: str
    spend: Decimal | None
    customers: tuple[Any, ...]
    cumulative_payment: Decimal
    periods: tuple[Period, ...]


@dataclass(frozen=True, slots=True)
class FundedCohort(Cohort):
    """A cohort that a trade funds. ``cash_cap``: as agreed; ``effective_cap``: as far as the spend was made;
    ``None``: no cap. ``annual_irr``: the fund's own, on outlay and collections; ``irr_status``: why it is ``None``."""

    sharing_percentage: Decimal
    cash_cap: Decimal | None
    effective_cap: Decimal | None
    cumulative_collected: Decimal
    capped: bool
    annual_irr: float | None
    irr_status: Status


def compute_company_cohort_cashflows(
    company_id: int | str,
    trades: Iterable[Any],
    payments: Iterable[Any],
    spends: Iterable[Any],
    thresholds: Iterable[Any],
    churn: AmountLike | None = None,
    *,
    minor_digits: int = 2,
) -> list[Cohort]:
    """Every cohort of a company, rising by month; a :class:`FundedCohort` where a trade funds it.

    ``company_id`` is carried along. Rows are mappings or objects with these names: trades ``cohort_month``,
    ``sharing_percentage``, ``cash_cap``
    (``None``: no cap), and where agreed ``planned_spend``, ``target_irr``, ``timing``; payments ``customer_id``,
    ``payment_date``, ``amount`` (a refund negative); spends ``cohort_month``, ``spend``; thresholds
    ``payment_period_month``, ``minimum_payment_percent`` (a fraction of spend). ``churn``: a fraction a month; every
    cohort is then predicted to 36 periods in all. The cohort of a customer is the month of the first payment,
    whatever a row says. Rules and errors: :func:`~vestry.kernel.cohorts.cashflows`.
    """
    if not isinstance(company_id, (int, str)):
        raise KernelError(f"a company is known by a whole number or a name, not {company_id!r}")
    paid = [tuple(_get(row, name) for name in _PAYMENT) for row in _rows(payments, "payments")]
    spent = [(_get(row, "cohort_month"), _get(row, "spend")) for row in _rows(spends, "spends")]
    result = cashflows(
        matrix(paid, minor_digits=minor_digits),
        spends=spent,
        terms=[as_terms(_named(row, _TRADE)) for row in _rows(trades, "trades")],
        thresholds=[as_threshold(_named(row, _THRESHOLD)) for row in _rows(thresholds, "thresholds")],
        prediction=None if churn is None else Prediction(churn, horizon=HORIZON),
    )
    customers = _customers(paid)
    return [_cohort(result, row, company_id, customers) for row in range(len(result.matrix))]


_PAYMENT = ("customer_id", "payment_date", "amount")
_TRADE = ("cohort_month", "sharing_percentage", "cash_cap", "planned_spend", "target_irr", "timing")
_THRESHOLD = ("payment_period_month", "minimum_payment_percent")


def _rows(given: Iterable[Any], what: str) -> list[Any]:
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise KernelError(f"{what} is a list of rows")
    return list(given)


def _get(row: Any, name: str) -> Any:
    found = _named(row, (name,))
    if name not in found:
        raise KernelError(f"a row has no {name}: {row!r}"[:200])
    return found[name]


def _named(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What a mapping or an object says under these names."""
    if isinstance(row, Mapping):
        return {name: row[name] for name in names if name in row}
    return {name: getattr(row, name) for name in names if hasattr(row, name)}


def _customers(paid: list[tuple[Any, ...]]) -> dict[int, tuple[Any, ...]]:
    """The customers by the month of their first payment, in the order in which they are first met."""
    first: dict[Any, int] = {}
    for who, when, _ in paid:
        month = month_index(when)
        first[who] = min(month, first.get(who, month))
    groups: dict[int, list[Any]] = {}
    for who, month in first.items():
        groups.setdefault(month, []).append(who)
    return {month: tuple(members) for month, members in groups.items()}


def _cohort(result: CohortCashflows, row: int, company_id: int | str, customers: dict[int, tuple[Any, ...]]) -> Cohort:
    book, digits, month = result.book, result.matrix.minor_digits, int(result.matrix.months[row])
    funded = bool(book.funded[row])
    periods = tuple(_periods(result, row, funded))
    common: dict[str, Any] = {
        "company_id": company_id,
        "cohort_month": iso_month(month),
        "spend": money(int(book.spend[row]), digits) if book.has_spend[row] else None,
        "customers": customers.get(month, ()),
        "cumulative_payment": periods[-1].cumulative_payment if periods else money(0, digits),
        "periods": periods,
    }
    if not funded:
        return Cohort(**common)
    last = periods[-1] if periods else None
    assert last is None or isinstance(last, FundedPeriod)
    return FundedCohort(
        **common,
        sharing_percentage=Decimal(int(book.sharing[row])) / book.share_unit,
        cash_cap=_cap(int(book.contractual_cap[row]), digits),
        effective_cap=_cap(int(book.cap[row]), digits),
        cumulative_collected=last.cumulative_collected if last else money(0, digits),
        capped=last.capped if last else False,
        annual_irr=result.annual_irr[row],
        irr_status=result.statuses[row],
    )


def _periods(result: CohortCashflows, row: int, funded: bool) -> Iterator[Period]:
    """The months of a row that are known or predicted, the first one first."""
    book, digits = result.book, result.matrix.minor_digits
    cumulative = result.payment[row].cumsum()
    minimums = _minimums(result, row)
    share = Decimal(int(book.sharing[row])) / book.share_unit

    def shown(units: float, estimate: bool) -> Decimal:
        return money(units if estimate else round(units), digits)

    for period in range(result.width):
        if not result.valid[row, period]:
            return
        estimate = bool(result.predicted[row, period])
        common: dict[str, Any] = {
            "period": period,
            "month": iso_month(int(result.matrix.months[row]) + period),
            "payment": shown(float(result.payment[row, period]), estimate),
            "cumulative_payment": shown(float(cumulative[period]), estimate),
            "predicted": estimate,
        }
        if not funded:
            yield Period(**common)
            continue
        percentage, expected = minimums.get(period, (None, None))
        yield FundedPeriod(
            **common,
            threshold_payment_percentage=percentage,
            threshold_expected_payment=expected,
            threshold_failed=bool(result.failed[row, period]),
            share_applied=Decimal(1) if result.full_share[row, period] else share,
            collected=shown(float(result.collected[row, period]), estimate),
            cumulative_collected=shown(float(result.cumulative_collected[row, period]), estimate),
            capped=bool(result.capped[row, period]),
        )


def _minimums(result: CohortCashflows, row: int) -> dict[int, tuple[Decimal, Decimal]]:
    """By period: the least payment ÷ spend, and what it comes to; none without a spend to compare with."""
    book = result.book
    if not book.has_spend[row]:
        return {}
    spend = money(int(book.spend[row]), result.matrix.minor_digits)
    pairs = zip(book.threshold_periods.tolist(), book.threshold_minimums.tolist(), strict=True)
    found = {period: Decimal(minimum) / book.threshold_unit for period, minimum in pairs}
    return {period: (percentage, percentage * spend) for period, percentage in found.items()}


def _cap(units: int, digits: int) -> Decimal | None:
    return None if units == NO_CAP else money(units, digits)
