"""The form of a full ledger: one sheet per noun, the same for export and import.

Rows refer to each other by text: funds, investors and companies by their name; the main vehicle of a fund by the fund's
name; everything else by its ``ref``, which is any text that stands once in its sheet (the name serves where it is
empty). What the ledger computes, and who recorded what when, is not part of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vestry.capital.models import (
    CALL_KINDS,
    DISTRIBUTION_KINDS,
    ENTRY_KINDS,
    CapitalCall,
    CapitalCallLine,
    Commitment,
    Distribution,
    DistributionLine,
    VehicleEntry,
)
from vestry.companies.models import SECURITY_KINDS, Company, Round, Security
from vestry.core.model import Base
from vestry.core.types import FRACTION_SCALE, MONEY_SCALE, QUANTITY_SCALE
from vestry.funds.models import BOOKS, CARRY_SCHEMES, FEE_BASES, STRATEGIES, VEHICLE_KINDS, Fund, FundTerms, Vehicle
from vestry.investments.models import TRANSACTION_KINDS, Holding, Investment, Transaction
from vestry.investors.models import INVESTOR_KINDS, Investor
from vestry.valuations.models import METHODS, ReportedNav, ValuationMark


@dataclass(frozen=True, slots=True)
class Cell:
    """A column of a sheet. ``kind``: name, text, day, number, choice, flag, whole, currency, or ref (to a sheet's
    rows); ``into`` is the model's column where its name differs; ``places`` of a number; ``least`` of its value."""

    name: str
    kind: str
    required: bool = False
    choices: tuple[str, ...] = ()
    to: str = ""
    into: str = ""
    places: int = MONEY_SCALE
    least: int | None = None
    most: int | None = None
    default: str | None = None

    @property
    def column(self) -> str:
        """The model's column."""
        return self.into or (f"{self.name}_id" if self.kind == "ref" else self.name)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A noun. ``same``: the columns by which a row is found to be in the books already (empty: all of them);
    ``keyed``: other rows refer to it, by ``ref`` or by name. ``once``: the columns that two live rows
    never share. ``derived``: columns the importer fills."""

    name: str
    model: type[Base]
    cells: tuple[Cell, ...]
    same: tuple[str, ...] = ()
    keyed: str = ""
    once: tuple[str, ...] = ()
    derived: tuple[str, ...] = ()


def _name(name: str = "name", *, required: bool = True) -> Cell:
    return Cell(name, "name", required)


def _text(name: str, most: int = 10_000) -> Cell:
    return Cell(name, "text", most=most)


def _day(name: str, *, required: bool = True) -> Cell:
    return Cell(name, "day", required)


def _money(name: str, *, required: bool = True, least: int | None = 0, default: str | None = None) -> Cell:
    return Cell(name, "number", required, least=least, default=default)


def _number(name: str, places: int, most: int | None = None) -> Cell:
    return Cell(name, "number", places=places, least=0, most=most)


def _choice(name: str, choices: tuple[str, ...], default: str | None = None, *, required: bool = True) -> Cell:
    return Cell(name, "choice", required and default is None, choices=choices, default=default)


def _ref(name: str, to: str, *, required: bool = True, into: str = "") -> Cell:
    return Cell(name, "ref", required, to=to, into=into)


REF: Final = "ref"
_VEHICLE, _INVESTOR = _ref("vehicle", "vehicles"), _ref("investor", "investors")
_COMPANY, _HOLDING = _ref("company", "companies"), _ref("holding", "holdings")

SHEETS: Final[tuple[Sheet, ...]] = (
    Sheet(
        "funds",
        Fund,
        (
            _name(),
            Cell("currency", "currency", True),
            _choice("strategy", STRATEGIES, "other"),
            Cell("vintage_year", "whole", least=1900, most=2200),
            _money("target_size", required=False),
            _day("started_on", required=False),
            _text("description"),
            _choice("books", BOOKS, "here"),
        ),
        same=("name_key",),
        keyed="name",
        derived=("name_key",),
    ),
    Sheet(
        "vehicles",
        Vehicle,
        (
            _ref("fund", "funds"),
            _name(),
            _choice("kind", tuple(kind for kind in VEHICLE_KINDS if kind != "main")),
            _choice("books", BOOKS, "here"),
        ),
        same=("fund_id", "name", "kind"),
        keyed=REF,
        derived=("currency",),
    ),
    Sheet(
        "terms",
        FundTerms,
        (
            _ref("fund", "funds"),
            _day("effective_on"),
            _number("management_fee_rate", FRACTION_SCALE, 1),
            _choice("fee_basis", FEE_BASES, required=False),
            _number("carry_rate", FRACTION_SCALE, 1),
            _number("hurdle_rate", FRACTION_SCALE, 1),
            _number("catch_up_rate", FRACTION_SCALE, 1),
            _choice("carry_scheme", CARRY_SCHEMES, required=False),
            Cell("term_years", "whole", least=1, most=99),
            Cell("investment_period_years", "whole", least=1, most=99),
        ),
        once=("fund_id", "effective_on"),
    ),
    Sheet(
        "investors",
        Investor,
        (_name(), _choice("kind", INVESTOR_KINDS, "lp"), _text("country", 100), _text("email", 254)),
        same=("name_key",),
        keyed="name",
        derived=("name_key",),
    ),
    Sheet(
        "companies",
        Company,
        (
            _name(),
            Cell("currency", "currency", True),
            _text("industry", 100),
            _text("sector", 100),
            _text("country", 100),
            _text("website", 400),
            Cell("is_public", "flag"),
            _text("ticker_symbol", 20),
            _text("description"),
        ),
        same=("name_key",),
        keyed="name",
        derived=("name_key",),
    ),
    Sheet(
        "rounds",
        Round,
        (
            _COMPANY,
            _name(),
            _day("closed_on"),
            Cell("currency", "currency", True),
            _money("raised", required=False),
            _money("pre_money", required=False),
            _money("post_money", required=False),
            _number("price_per_share", FRACTION_SCALE),
        ),
        keyed=REF,
    ),
    Sheet(
        "securities",
        Security,
        (
            _COMPANY,
            _ref("round", "rounds", required=False),
            _name(),
            _choice("kind", SECURITY_KINDS),
            Cell("currency", "currency", True),
            _number("shares_outstanding", QUANTITY_SCALE),
        ),
        same=("company_id", "name", "kind"),
        keyed=REF,
    ),
    Sheet(
        "investments",
        Investment,
        (_VEHICLE, _COMPANY, _text("thesis")),
        same=("vehicle_id", "company_id"),
        keyed=REF,
    ),
    Sheet(
        "holdings",
        Holding,
        (_ref("investment", "investments"), _ref("security", "securities", required=False), _name()),
        same=("investment_id", "security_id", "name"),
        keyed=REF,
    ),
    Sheet("commitments", Commitment, (_VEHICLE, _INVESTOR, _day("committed_on"), _money("amount"))),
    Sheet(
        "calls",
        CapitalCall,
        (
            _VEHICLE,
            _choice("kind", CALL_KINDS, "call"),
            _day("called_on"),
            _day("due_on"),
            _text("purpose"),
        ),
        keyed=REF,
    ),
    Sheet(
        "call_lines",
        CapitalCallLine,
        (
            _ref("call", "calls", into="capital_call_id"),
            _INVESTOR,
            _day("due_on"),
            _day("paid_on", required=False),
            Cell("investments", "number", default="0"),
            Cell("fees", "number", default="0"),
            Cell("expenses", "number", default="0"),
            Cell("outside_commitment", "flag"),
        ),
        once=("capital_call_id", "investor_id"),
        derived=("vehicle_id", "amount"),
    ),
    Sheet(
        "distributions",
        Distribution,
        (
            _VEHICLE,
            _choice("kind", DISTRIBUTION_KINDS, "distribution"),
            _day("declared_on"),
            _day("due_on"),
            _text("purpose"),
        ),
        keyed=REF,
    ),
    Sheet(
        "distribution_lines",
        DistributionLine,
        (
            _ref("distribution", "distributions"),
            _INVESTOR,
            _day("due_on"),
            _day("paid_on", required=False),
            _money("return_of_capital", required=False, default="0"),
            _money("gains", required=False, default="0"),
            _money("income", required=False, default="0"),
            _money("recallable", required=False, default="0"),
        ),
        once=("distribution_id", "investor_id"),
        derived=("vehicle_id", "amount"),
    ),
    Sheet(
        "entries",
        VehicleEntry,
        (_VEHICLE, _choice("kind", ENTRY_KINDS), _day("entered_on"), _money("amount"), _text("memo")),
    ),
    Sheet(
        "transactions",
        Transaction,
        (
            _HOLDING,
            _choice("kind", TRANSACTION_KINDS),
            _day("transacted_on"),
            _money("amount"),
            _number("quantity", QUANTITY_SCALE),
            _number("ownership", FRACTION_SCALE, 1),
            _number("disposed_share", FRACTION_SCALE, 1),
            _ref("into_holding", "holdings", required=False),
            _text("memo"),
        ),
    ),
    Sheet(
        "marks",
        ValuationMark,
        (
            _ref("holding", "holdings", required=False),
            _ref("company", "companies", required=False),
            _day("measured_on"),
            _money("fair_value"),
            _choice("method", METHODS, "other"),
            _text("memo"),
        ),
        once=("holding_id", "company_id", "measured_on"),
        derived=("currency",),
    ),
    Sheet(
        "reported_navs",
        ReportedNav,
        (
            _VEHICLE,
            _ref("investor", "investors", required=False),
            _day("reported_on"),
            _money("amount", least=None),
            _text("source"),
        ),
        once=("vehicle_id", "investor_id", "reported_on"),
    ),
)
BY_NAME: Final[Mapping[str, Sheet]] = {sheet.name: sheet for sheet in SHEETS}


def headings(sheet: Sheet) -> list[str]:
    """The columns of a sheet, as exported."""
    return [*([REF] if sheet.keyed == REF else []), *(cell.name for cell in sheet.cells)]


def label(sheet: Sheet, row: Mapping[str, Any], labels: Mapping[str, Mapping[int, str]]) -> str:
    """A text by which others may refer to a row, before it is made unique; ``labels``: sheet → id → label."""
    if sheet.keyed != REF:
        return str(row[sheet.keyed])
    parts = [labels[cell.to][row[cell.column]] for cell in sheet.cells if cell.kind == "ref" and cell.required]
    parts += [str(row[cell.name]) for cell in sheet.cells if cell.name == "name"]
    parts += [str(row[cell.name]) for cell in sheet.cells if cell.kind == "day" and cell.required][:1]
    return " / ".join(parts)
