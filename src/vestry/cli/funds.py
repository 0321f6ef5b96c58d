"""``vestry fund list`` and ``vestry fund performance``: the same figures as the API's, from the same functions."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from vestry.cli import local
from vestry.core import encoding
from vestry.core.errors import Invalid
from vestry.core.fields import read_day, read_instant
from vestry.performance import cuts
from vestry.performance.overview import Filters, FundFigures, chosen_funds, overview
from vestry.performance.shown import shown


def list_funds(arguments: Namespace) -> int:
    """Name, strategy, vintage, currency."""
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            funds = chosen_funds(session, actor, Filters())
            rows = [
                {
                    "id": fund.id,
                    "fund": fund.name,
                    "strategy": fund.strategy,
                    "vintage_year": fund.vintage_year,
                    "currency": fund.currency,
                }
                for fund in funds
            ]
    _print(rows, as_json=arguments.json)
    return 0


def performance(arguments: Namespace) -> int:
    """Net and gross figures of the funds named, or of all."""
    as_of = _read(read_day, arguments.as_of, "--as-of")
    known_at = _read(read_instant, arguments.known_at, "--known-at")
    if not arguments.all and not arguments.fund:
        raise Invalid("Performance of which fund?", mend="Name a fund (or its id), or give --all.")
    with local.opened() as database:
        actor = local.local_actor(database)
        with database.reading(actor) as session:
            cut = cuts.cut(session, actor, as_of, known_at)
            funds = chosen_funds(session, actor, Filters())
            if not arguments.all:
                funds = [fund for fund in funds if arguments.fund in (fund.name, str(fund.id))]
                if not funds:
                    raise Invalid(f"There is no fund {arguments.fund!r}.", mend="See: vestry fund list")
            rows = list(overview(session, actor, funds, cut).rows())
    if arguments.json:
        print(encoding.dumps([_figures(row) for row in rows]).decode())
    else:
        _print([_line(row) for row in rows], as_json=False)
    return 0


def _figures(row: FundFigures) -> dict[str, Any]:
    return {
        "id": row.fund_id,
        "fund": row.fund,
        "currency": row.currency,
        "as_of": row.as_of,
        "net": shown(row.net),
        "gross": shown(row.gross),
    }


def _line(row: FundFigures) -> dict[str, Any]:
    irr = row.net.irr
    return {
        "fund": row.fund,
        "as of": row.as_of.isoformat(),
        "currency": row.currency,
        "paid in": _money(row.net.paid_in),
        "distributed": _money(row.net.distributed),
        "NAV": _money(row.net.nav),
        "TVPI": _multiple(row.net.tvpi),
        "DPI": _multiple(row.net.dpi),
        "net IRR": f"{irr.rate:.2%}" if irr.rate is not None else f"– ({irr.reason or irr.status})",
        "gross MOIC": _multiple(row.gross.moic),
    }


def _money(amount: Decimal | None) -> str:
    return "–" if amount is None else f"{amount:,.2f}"


def _multiple(value: Decimal | None) -> str:
    # Half up, as the pages round: a format's own rounding would make 1.625 another number here.
    return "–" if value is None else f"{value.quantize(Decimal('0.01'), ROUND_HALF_UP)}x"


def _print(rows: Iterable[dict[str, Any]], *, as_json: bool) -> None:
    shown_rows = list(rows)
    if as_json:
        print(encoding.dumps(shown_rows).decode())
        return
    if not shown_rows:
        print("No funds yet: vestry demo, or vestry import flows FILE")
        return
    cells = [[str(name) for name in shown_rows[0]]]
    cells += [["–" if value is None else str(value) for value in row.values()] for row in shown_rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(cells[0]))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _read(reader: Any, text: str | None, flag: str) -> Any:
    if text is None:
        return None
    try:
        found: date | datetime = reader(text)
    except ValueError as error:
        raise Invalid(f"{flag} {error}") from None
    return found
