"""What does not agree in what a company reported: each finding names the cells and, where one is plain, a mend to
propose. Nothing is ever changed by a check.

Ties hold to 0.5 % of the larger side: statements are printed rounded. What is made of shorter periods is not looked at
again; what was reported for a period and for its parts is. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Final, Literal

from vestry.metrics.book import Book
from vestry.metrics.periods import MONTHS, Kind, Period

Severity = Literal["error", "warning"]
TOLERANCE: Final = Decimal("0.005")
SCALES: Final = (Decimal(1_000), Decimal(1_000_000))
JUMP: Final = Decimal(5)  # times the median of the periods before
HISTORY_MIN: Final = 3
GAPS_MAX: Final = 24
# What no company has a hundredth of its revenue of, and what is of its revenue's size.
LARGE: Final = ("valuation", "total_assets")
ALIKE: Final = ("recurring_revenue", "cost_of_revenue", "total_operating_expense", "reported_arr")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that looks wrong. ``metrics`` are its cells in the period; ``mend`` the metric and figure proposed."""

    kind: str
    severity: Severity
    period: Period
    metrics: tuple[str, ...]
    message: str
    mend: tuple[str, Decimal] | None = None
    expected: Decimal | None = None
    found: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """A sum that two lines of a statement must agree in: ``total`` = Σ signs × parts. Left alone where a part that is
    not ``optional`` was not reported."""

    kind: str
    total: str
    parts: tuple[tuple[int, str], ...]
    optional: frozenset[str] = field(default_factory=frozenset)
    says: str = ""


TIES: Final[tuple[Tie, ...]] = (
    Tie("gross_profit", "gross_profit", ((1, "revenue"), (-1, "cost_of_revenue")), says="revenue − cost of revenue"),
    Tie(
        "ebit",
        "ebit",
        ((1, "ebitda"), (-1, "depreciation_amortisation")),
        says="EBITDA − depreciation and amortisation",
    ),
    Tie(
        "operating_expense",
        "total_operating_expense",
        (
            (1, "sales_marketing_expense"),
            (1, "research_development_expense"),
            (1, "general_administrative_expense"),
            (1, "other_operating_expense"),
        ),
        frozenset({"other_operating_expense"}),
        "the sum of its lines",
    ),
    Tie("net_income", "net_income", ((1, "pretax_income"), (-1, "tax_expense")), says="income before tax − tax"),
    Tie("balance_sheet", "total_assets", ((1, "total_liabilities"), (1, "equity")), says="liabilities + equity"),
    Tie(
        "cash_flow",
        "net_change_in_cash",
        (
            (1, "operating_cash_flow"),
            (1, "investing_cash_flow"),
            (1, "financing_cash_flow"),
            (1, "exchange_effect_on_cash"),
        ),
        frozenset({"exchange_effect_on_cash"}),
        "the sum of the three cash flows",
    ),
)


class Sight:
    """The reported figures of one kind of period, for the checks to look at."""

    def __init__(self, book: Book, kind: Kind) -> None:
        self.book, self.kind = book, kind
        self.ends = book.ends(kind)
        self.keys = book.metrics

    def value(self, key: str, end: int) -> Decimal | None:
        """What was reported for this very period."""
        if key not in self.book.definitions or self.book.definitions[key].kind == "derived":
            return None
        cell = self.book.cell(self.kind, key, end)
        return cell.value if cell.made == "reported" else None

    def period(self, end: int) -> Period:
        """The period that ends with a month."""
        return Period(end, self.kind)


def check(book: Book, kinds: Iterable[Kind] = ("month", "quarter", "year")) -> list[Finding]:
    """Every finding about a company's figures, the latest period first."""
    found: list[Finding] = []
    for kind in kinds:
        sight = Sight(book, kind)
        for one in CHECKS:
            found += one(sight)
    found += overlaps(Sight(book, "ltm"))
    return sorted(found, key=lambda one: (-one.period.end, one.period.kind, one.kind, one.metrics))


def ties(sight: Sight) -> Iterator[Finding]:
    """Sums of a statement that do not agree, and cash that does not move as the cash flow says."""
    for end in sight.ends:
        for tie in TIES:
            total = sight.value(tie.total, end)
            parts = [(sign, sight.value(key, end), key in tie.optional) for sign, key in tie.parts]
            if total is None or any(value is None and not optional for _, value, optional in parts):
                continue
            expected = sum((sign * value for sign, value, _ in parts if value is not None), Decimal(0))
            if differs(total, expected):
                cells = (tie.total, *(key for _, key in tie.parts))
                yield _broken(
                    sight, end, tie.kind, cells, total, expected, f"{_label(sight, tie.total)} is not {tie.says}"
                )
        yield from _cash(sight, end)
        yield from _ebitda(sight, end)


def _cash(sight: Sight, end: int) -> Iterator[Finding]:
    before = sight.value("cash_balance", end - MONTHS[sight.kind])
    now, change = sight.value("cash_balance", end), sight.value("net_change_in_cash", end)
    if before is not None and now is not None and change is not None and differs(now, before + change):
        cells = ("cash_balance", "net_change_in_cash")
        yield _broken(sight, end, "cash", cells, now, before + change, "Cash is not cash before + its net change")


def _ebitda(sight: Sight, end: int) -> Iterator[Finding]:
    """EBITDA = gross profit − operating expense; with depreciation within the expense it is added back."""
    names = ("gross_profit", "total_operating_expense", "ebitda")
    gross, expense, ebitda = (sight.value(name, end) for name in names)
    if gross is None or expense is None or ebitda is None:
        return
    written_off = sight.value("depreciation_amortisation", end) or Decimal(0)
    cost = sight.value("revenue", end)
    whole = [] if cost is None else [cost - expense, cost - expense + written_off]  # total expense with cost of revenue
    expected = gross - expense
    if all(differs(ebitda, one) for one in (expected, expected + written_off, *whole)):
        said = "EBITDA is not gross profit − operating expense, nor revenue − operating expense"
        yield _broken(sight, end, "ebitda", names, ebitda, expected, said)


def _broken(
    sight: Sight, end: int, kind: str, cells: tuple[str, ...], total: Decimal, expected: Decimal, said: str
) -> Finding:
    scale = scale_between(total, expected)
    mend = (cells[0], expected) if scale is not None or differs_in_sign(total, expected) else None
    return Finding(
        f"{kind}_tie",
        "error",
        sight.period(end),
        cells,
        f"{said}: {_said(total)} and {_said(expected)}.",
        mend,
        expected,
        total,
    )


def signs(sight: Sight) -> Iterator[Finding]:
    """Costs, debts and counts typed negative; a burn that is negative while the company loses cash."""
    for end in sight.ends:
        for key in sight.keys:
            value = sight.value(key, end)
            if value is not None and value < 0 and sight.book.definitions[key].sign == "positive":
                said = f"{_label(sight, key)} is given positive; it is {_said(value)}."
                yield Finding("sign", "error", sight.period(end), (key,), said, (key, -value), -value, value)
        burn, ebitda = sight.value("cash_burn", end), sight.value("ebitda", end)
        if burn is None or burn >= 0:
            continue
        fell = _fall_of_cash(sight, end)
        if ebitda is not None and ebitda < 0:
            beside, said = "ebitda", f"beside an EBITDA of {_said(ebitda)}"
        elif fell is not None and fell > 0 and not differs(fell, -burn):
            beside, said = "cash_balance", f"while cash fell by {_said(fell)}"
        else:
            continue
        said = f"Cash burn is positive when cash falls; it is {_said(burn)} {said}."
        cells, mend = ("cash_burn", beside), ("cash_burn", -burn)
        yield Finding("burn_sign", "error", sight.period(end), cells, said, mend, -burn, burn)


def _fall_of_cash(sight: Sight, end: int) -> Decimal | None:
    before, now = sight.value("cash_balance", end - MONTHS[sight.kind]), sight.value("cash_balance", end)
    return None if before is None or now is None else before - now


def units(sight: Sight) -> Iterator[Finding]:
    """A figure a thousand or a million times smaller or larger than the ones before it; a percentage typed as 93."""
    for key in sight.keys:
        unit = sight.book.definitions[key].unit
        past: list[Decimal] = []
        for end in sight.ends:
            value = sight.value(key, end)
            if value is None:
                continue
            if unit == "ratio" and 2 < abs(value) <= 100:
                said = f"{_label(sight, key)} is a fraction; {_said(value)} looks like {_said(value)} %."
                yield Finding(
                    "percent", "warning", sight.period(end), (key,), said, (key, value / 100), value / 100, value
                )
            elif value and len(past) >= 2:
                usual = median(past)
                scale = scale_between(value, usual)
                if unit != "ratio" and scale is not None:
                    mend = value * scale if abs(value) < abs(usual) else value / scale
                    said = f"{_label(sight, key)} was about {usual:,.0f} and is {_said(value)}: {scale:,f} times off."
                    yield Finding("unit", "error", sight.period(end), (key,), said, (key, mend), mend, value)
                    continue
            past = [*past[-7:], value]


def beside_revenue(sight: Sight) -> Iterator[Finding]:
    """Thousands or millions beside a revenue in units, such as a valuation of 60, where no history tells."""
    for key in (*LARGE, *ALIKE):
        past = 0
        for end in sight.ends:
            value, revenue = sight.value(key, end), sight.value("revenue", end)
            if value is not None and value > 0 and revenue is not None and past < 2:
                scale = _missing_scale(key, value, revenue)
                if scale is not None:
                    said = f"{_label(sight, key)} is {_said(value)} beside a revenue of {_said(revenue)}."
                    mend = value * scale
                    yield Finding(
                        "unit", "warning", sight.period(end), (key, "revenue"), said, (key, mend), mend, value
                    )
            past += value is not None


def _missing_scale(key: str, value: Decimal, revenue: Decimal) -> Decimal | None:
    if key in ALIKE:
        return SCALES[-1] if revenue > value and scale_between(value, revenue) == SCALES[-1] else None
    if revenue < value * 100:
        return None
    return next((scale for scale in SCALES if value * scale * 10 >= revenue), None)


def overlaps(sight: Sight) -> Iterator[Finding]:
    """A period reported as a whole and by its parts, that say another figure: both stay, the whole one is shown."""
    for key in sight.keys:
        for end in sight.ends:
            value = sight.value(key, end)
            parts = None if value is None else sight.book.of_parts(sight.kind, key, end)
            if value is None or parts is None or parts.value is None or not differs(value, parts.value):
                continue
            said = f"{_label(sight, key)} is {_said(value)}, and {_said(parts.value)} by its {parts.made}."
            mend = (key, parts.value)
            yield Finding("overlap", "error", sight.period(end), (key,), said, mend, parts.value, value)


def jumps(sight: Sight) -> Iterator[Finding]:
    """A figure five times above or below the median of the ones before it."""
    for key in sight.keys:
        past: list[Decimal] = []
        for end in sight.ends:
            value = sight.value(key, end)
            if value is None:
                continue
            usual = abs(median(past)) if len(past) >= HISTORY_MIN else Decimal(0)
            far = usual > 0 and (abs(value) >= usual * JUMP or abs(value) * JUMP <= usual)
            if far and scale_between(value, usual) is None:
                said = f"{_label(sight, key)} was about {median(past):,.0f} and is {_said(value)}."
                yield Finding("jump", "warning", sight.period(end), (key,), said, None, median(past), value)
            past = [*past[-7:], value]


def gaps(sight: Sight) -> Iterator[Finding]:
    """A period nobody reported between two that were, of a metric that is reported period after period elsewhere: two
    years' same quarters, as statements compare them, have no gap between them."""
    for key in sight.keys:
        there = [end for end in sight.ends if sight.value(key, end) is not None]
        step = MONTHS[sight.kind]
        if not any(after - before == step for before, after in pairwise(there)):
            continue
        for before, after in pairwise(there):
            missing = range(before + step, after, step)
            if (after - before) % step == 0 and 0 < len(missing) <= GAPS_MAX:
                for end in missing:
                    said = f"{_label(sight, key)} was not reported, while the periods around it were."
                    yield Finding("missing", "warning", sight.period(end), (key,), said)


def drift(sight: Sight) -> Iterator[Finding]:
    """ARR as the company states it, against recurring revenue annualised and MRR × 12."""
    computed = sight.book.table(sight.kind, ["arr", "arr_from_mrr"]) if sight.ends else {}
    for end in sight.ends:
        stated = sight.value("reported_arr", end)
        for key, cells in computed.items():
            value = cells[end].value if end in cells else None
            if stated is not None and value is not None and abs(stated - value) > abs(value) * Decimal("0.05"):
                said = f"The company states an ARR of {_said(stated)}; {_label(sight, key)} is {value:,.2f}."
                yield Finding("drift", "warning", sight.period(end), ("reported_arr", key), said, None, value, stated)


CHECKS: Final[tuple[Callable[[Sight], Iterator[Finding]], ...]] = (
    ties,
    signs,
    units,
    beside_revenue,
    overlaps,
    jumps,
    gaps,
    drift,
)


def differs(one: Decimal, other: Decimal) -> bool:
    """Whether two sides of a tie are further apart than statements are rounded."""
    return abs(one - other) > max(abs(one), abs(other)) * TOLERANCE


def differs_in_sign(one: Decimal, other: Decimal) -> bool:
    """Whether one side is the other's negative."""
    return bool(one) and not differs(-one, other)


def scale_between(one: Decimal, other: Decimal) -> Decimal | None:
    """1,000 or 1,000,000 where one side is about so many times the other (within a factor of three)."""
    if not one or not other:
        return None
    ratio = max(abs(one), abs(other)) / min(abs(one), abs(other))
    return next((scale for scale in SCALES if scale / 3 <= ratio <= scale * 3), None)


def _said(value: Decimal) -> str:
    """A figure in words, without the zeros behind its last digit."""
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _label(sight: Sight, key: str) -> str:
    return sight.book.definitions[key].label
