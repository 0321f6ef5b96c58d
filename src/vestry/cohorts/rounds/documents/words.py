"""How a statement is put in words: labels for its side, amounts and reasons as people read them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

MISSING: Final = "–"
REASONS: Final = {
    "normal": "agreed share",
    "breach": "below the minimum: 100 %",
    "override": "below the minimum, set aside: agreed share",
    "cap_remainder": "remainder to the cap",
    "capped": "cap reached",
    "not_known": "no payments known",
}
_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


class Column(NamedTuple):
    """A column of the cohorts: its field, its label for the fund and for the company, and what it holds."""

    field: str
    fund: str
    company: str
    holds: str  # "month", "amount", "share" or "reasons"

    def label(self, side: str) -> str:
        """What this side reads above it."""
        return self.fund if side == "fund" else self.company


COLUMNS: Final = (
    Column("cohort_month", "Cohort", "Cohort", "month"),
    Column("spend", "Spend", "Spend", "amount"),
    Column("sharing_percentage", "Sharing", "Sharing", "share"),
    Column("outlay", "Paid out", "", "amount"),
    Column("effective_cap", "Cap", "Cap", "amount"),
    Column("payment", "Payments", "Payments", "amount"),
    Column("share_applied", "Share applied", "Share applied", "share"),
    Column("reasons", "Why", "Why", "reasons"),
    Column("collected", "To collect", "You owe", "amount"),
    Column("cumulative_collected", "Collected in all", "Owed in all", "amount"),
    Column("remaining_to_cap", "Left to the cap", "Left to the cap", "amount"),
)


def columns(side: str) -> list[Column]:
    """The columns this side reads."""
    return [one for one in COLUMNS if one.label(side)]


def title(made: dict[str, Any]) -> str:
    """What the statement is called."""
    return f"Statement for {month(made['month'])}"


def parties(made: dict[str, Any]) -> tuple[str, str]:
    """From whom and to whom; the company gets its statement from the firm, the fund keeps its own of the company."""
    return made["firm"], made["company"]


def balance_label(made: dict[str, Any]) -> str:
    """What the balance means for who reads it."""
    if made["balance"] < 0:
        return "Paid too much, carried on" if made["side"] == "fund" else "In your favour, carried on"
    return "To collect in all" if made["side"] == "fund" else "You owe in all"


def money_rows(made: dict[str, Any]) -> list[tuple[str, Decimal]]:
    """From what was open to what is open."""
    owed = "To collect for the month" if made["side"] == "fund" else "You owe for the month"
    settled = [(f"Settled on {one['paid_on']}", -one["amount"]) for one in made["settlements"]]
    return [
        ("Open from earlier months", made["carried"]),
        (owed, made["total"]),
        *settled,
        ("Open balance", made["balance"]),
    ]


def spend_rows(made: dict[str, Any]) -> list[tuple[str, Decimal | None]]:
    """What was planned, paid and spent in the month."""
    paid = "Paid to the company" if made["side"] == "fund" else "Paid to you"
    return [
        ("Planned spend", made["planned_spend"]),
        ("Due by the plan", made["funding_due"]),
        (paid, made["funded"]),
        ("Actual spend", made["actual_spend"]),
        ("Difference of funding", made["funding_difference"]),
    ]


def notes(made: dict[str, Any]) -> list[str]:
    """When what was known, and what the columns mean."""
    stated = (
        "Not stated yet; computed from the payments recorded now."
        if made["stated_at"] is None
        else f"Stated as known at {instant(made['stated_at'])}."
    )
    said = [f"{stated} Settlements as known at {instant(made['known_at'])}. All amounts in {made['currency']}."]
    if made["carried_when_stated"] not in (None, made["carried"]):
        said.append(f"When it was stated, {amount(made['carried_when_stated'])} was open from earlier months.")
    return said


def amount(value: Decimal | str | None) -> str:
    """1,234.50, and a dash for what is not known."""
    if value is None:
        return MISSING
    number = Decimal(value)
    text = f"{number:,.2f}" if number == round(number, 2) else f"{number:,f}"
    return text.replace("-", "−")


def share(value: str | None) -> str:
    """0.5 as 50 %."""
    if value is None:
        return MISSING
    text = f"{Decimal(value) * 100:f}"
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def month(day: date) -> str:
    """March 2024."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def instant(moment: datetime) -> str:
    """2024-04-02 09:30 UTC."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"


def reasons(found: list[str]) -> str:
    """Why this share, in words."""
    return "; ".join(REASONS[one] for one in found)


def cell(line: dict[str, Any], column: Column) -> str:
    """A field of a line as people read it."""
    value = line[column.field]
    if column.holds == "month":
        return str(value)[:7]
    if column.holds == "reasons":
        return reasons(value)
    return share(value) if column.holds == "share" else amount(value)
