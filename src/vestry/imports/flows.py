"""Flows: one row a flow of a fund's investors, all of them together; the books of such funds are kept elsewhere.

contribution → a call, paid on its day, by the one investor "All investors"; adjustment → a call of that kind, whose
amount may be negative; distribution → a distribution, paid on its day; a flows file does not say what a distribution
was made of, so all of it stands as gains; nav → a reported NAV. Days may lie ahead (a plan). Amounts keep up to four
decimals, whatever the currency usually has: this is history as it was written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.batches.columns import NO, YES, Reader, parsed_units
from vestry.batches.tables import Table
from vestry.capital.models import CapitalCall, CapitalCallLine, Distribution, DistributionLine
from vestry.core import bulk
from vestry.core.actor import Actor
from vestry.core.types import MONEY_SCALE
from vestry.identity.access import theirs
from vestry.imports import books
from vestry.imports.kinds import DUPLICATE, ERROR, NEW, Checked, Field, Kind, Options, Progress, sums
from vestry.imports.together import write_calls, write_distributions
from vestry.valuations.models import ReportedNav

FIELDS = (
    Field("fund", "Fund", required=True, headings=("fund name", "partnership", "investment fund")),
    Field("date", "Date", required=True, headings=("day", "flow date", "transaction date", "value date")),
    Field("kind", "Kind", required=True, headings=("type", "flow", "transaction type", "flow type")),
    Field("amount", "Amount", required=True, headings=("value", "cash flow", "cashflow")),
    Field("recallable", "Recallable", headings=("recallable amount", "recyclable")),
    Field("currency", "Currency", headings=("ccy",)),
)
KINDS = {
    "contribution": "contribution",
    "capital_call": "contribution",
    "call": "contribution",
    "drawdown": "contribution",
    "distribution": "distribution",
    "adjustment": "adjustment",
    "nav": "nav",
}
WHAT = {"contribution": "contributions", "adjustment": "adjustments", "distribution": "distributions", "nav": "navs"}
IDENTITY = ["fund_key", "date", "kind", "amount", "recallable"]


def check(
    session: Session, actor: Actor, tables: Sequence[Table], mapping: Mapping[str, str], options: Options
) -> Checked:
    """Check every row, and find those that are recorded already."""
    read = Reader(tables[0], mapping, options.style)
    frame = _typed(read, options)
    frame = _with_books(session, actor, read, frame, options)
    _refuse_second_nav(read, frame)
    frame = _with_states(session, actor, read, frame)
    fresh = frame.filter(pl.col("state") == NEW)
    totals = sums(fresh.select(pl.col("kind").replace_strict(WHAT, default=None).alias("what"), "currency", "amount"))
    rows = pl.DataFrame(
        [
            tables[0].rows.alias("row"),
            pl.repeat(tables[0].name, frame.height, eager=True).alias("sheet"),
            frame["state"],
            *(read.text(one.name) for one in FIELDS if read.has(one.name)),
        ]
    )
    faults = sorted(read.faults, key=lambda one: (one.row or 0, one.column or ""))
    return Checked(rows, faults, totals, _notes(frame), fresh)


def write(session: Session, actor: Actor, batch_id: int, checked: Checked, progress: Progress) -> dict[str, int | str]:
    """Write the new rows and the funds they need."""
    fresh: pl.DataFrame = checked.load
    made = _make_funds(session, actor, batch_id, fresh)
    if made.height:
        known = fresh.select("fund_key", "vehicle_id").drop_nulls().unique()
        fresh = fresh.drop("vehicle_id").join(
            pl.concat([known, made.select("fund_key", "vehicle_id")]),
            on="fund_key",
            how="left",
            maintain_order="left",
        )
    # Neighbours in a fund's history are neighbours on disk.
    fresh = fresh.sort("vehicle_id", "date", maintain_order=True)
    own = {"firm_id": actor.firm_id, "batch_id": batch_id}
    investor_id = books.all_investors(session, actor, batch_id)
    total = fresh.height
    done = 0

    def wrote(rows: int) -> None:
        nonlocal done
        done += rows
        progress("written", min(done, total), total)

    parts = {kind: fresh.filter(pl.col("kind").is_in(kinds)) for kind, kinds in _TABLES.items()}
    calls = parts["calls"].with_columns(pl.col("kind").replace("contribution", "call"))
    write_calls(session, calls, own, investor_id, wrote)
    write_distributions(session, parts["distributions"], own, investor_id, wrote)
    navs = parts["navs"].select(
        bulk.new_ids(session, ReportedNav, parts["navs"].height),
        "vehicle_id",
        pl.col("date").alias("reported_on"),
        "amount",
    )
    bulk.write(session, ReportedNav, navs, own | {"investor_id": None, "source": None}, wrote)
    created = {"funds": made.height, **{name: part.height for name, part in parts.items()}}
    return {**{name: count for name, count in created.items() if count}, **checked.totals}


_TABLES = {"calls": ["contribution", "adjustment"], "distributions": ["distribution"], "navs": ["nav"]}


def _typed(read: Reader, options: Options) -> pl.DataFrame:
    funds = read.names("fund", required=options.fund is None)
    if options.fund is not None:
        funds = funds.fill_null(options.fund)
    kinds = read.choices("kind", KINDS)
    amounts = read.numbers("amount", MONEY_SCALE)
    read.refuse(
        "amount",
        (amounts < 0) & kinds.is_in(["contribution", "distribution"]),
        "is negative: amounts point in the direction of their kind; correct contributions with kind adjustment",
    )
    return pl.DataFrame(
        [
            funds.alias("fund"),
            books.keys(funds),
            read.days("date").alias("date"),
            kinds.alias("kind"),
            amounts.alias("amount"),
            _recallable(read, kinds, amounts).alias("recallable"),
            read.currencies("currency").alias("currency"),
        ]
    )


def _recallable(read: Reader, kinds: pl.Series, amounts: pl.Series) -> pl.Series:
    """The recallable part: an amount, or yes (all of it) or no; in units of the fourth place."""
    cells = read.text("recallable").str.to_lowercase()
    if (cells == "").all():
        part = pl.repeat(0, cells.len(), dtype=pl.Int64, eager=True)
    else:
        units = parsed_units(cells, MONEY_SCALE)
        none, whole = cells.is_in(["", *NO]), cells.is_in(YES)
        part = pl.select(pl.when(none).then(pl.lit(0, pl.Int64)).when(whole).then(amounts).otherwise(units)).to_series()
    unclear = (cells == "1") & (amounts != 10**MONEY_SCALE)
    read.refuse("recallable", unclear, "could mean yes or an amount: write yes, or the amount such as 1.00")
    unread = part.is_null() & amounts.is_not_null()
    read.refuse("recallable", unread, "is neither yes, no, nor an amount with at most 4 decimals")
    read.refuse("recallable", (part > 0) & (kinds != "distribution"), "only a distribution can be recallable")
    beyond = (kinds == "distribution") & ((part > amounts) | (part < 0)) & ~unclear
    read.refuse("recallable", beyond, "is not between 0 and the amount of the distribution")
    return part


def _with_books(session: Session, actor: Actor, read: Reader, frame: pl.DataFrame, options: Options) -> pl.DataFrame:
    """Each row's vehicle and currency; a fund that does not exist yet takes the currency its rows name."""
    frame = frame.join(books.known_funds(session, actor), on="fund_key", how="left", maintain_order="left")
    fallback = options.currency or books.firm_currency(session, actor)
    named = pl.col("currency").drop_nulls().first().over("fund_key")
    frame = frame.with_columns(pl.coalesce("books_currency", named, pl.lit(fallback)).alias("books_currency"))
    wrong = frame["currency"] != frame["books_currency"]
    read.refuse("currency", wrong, "is not the currency of the fund's books: one fund has one currency")
    return frame.with_columns(pl.col("books_currency").alias("currency")).drop("books_currency")


def _refuse_second_nav(read: Reader, frame: pl.DataFrame) -> None:
    if not (frame["kind"] == "nav").any():
        return
    second = frame.select((pl.col("kind") == "nav") & (pl.int_range(pl.len()).over("fund_key", "date", "kind") > 0))
    read.refuse("date", second.to_series(), "is the day of another NAV of this fund in the file")


def _with_states(session: Session, actor: Actor, read: Reader, frame: pl.DataFrame) -> pl.DataFrame:
    """A row counts as recorded as often as the ledger has it: equal flows on one day may both be real."""
    known = _recorded(session, actor, frame["vehicle_id"].drop_nulls().unique().to_list())
    if known.is_empty():
        duplicate = pl.repeat(False, frame.height, eager=True)
    else:
        counted = known.group_by("vehicle_id", *IDENTITY[1:]).agg(pl.len().cast(pl.Int64).alias("recorded"))
        seen = frame.with_columns(pl.int_range(pl.len()).over(IDENTITY).alias("nth")).join(
            counted, on=["vehicle_id", *IDENTITY[1:]], how="left", maintain_order="left"
        )
        duplicate = (seen["nth"] < seen["recorded"]).fill_null(False)
        _refuse_other_nav(read, frame, known, duplicate)
    state = pl.select(
        pl.when(read.bad).then(pl.lit(ERROR)).when(duplicate).then(pl.lit(DUPLICATE)).otherwise(pl.lit(NEW))
    )
    return frame.with_columns(state.to_series().alias("state"))


def _refuse_other_nav(read: Reader, frame: pl.DataFrame, known: pl.DataFrame, duplicate: pl.Series) -> None:
    navs = known.filter(pl.col("kind") == "nav").select("vehicle_id", "date", pl.lit(True).alias("there"))
    there = frame.join(navs, on=["vehicle_id", "date"], how="left", maintain_order="left")["there"].fill_null(False)
    read.refuse("amount", there & (frame["kind"] == "nav") & ~duplicate, "differs from the NAV recorded for this day")


def _recorded(session: Session, actor: Actor, vehicle_ids: list[int]) -> pl.DataFrame:
    """The vehicles' live flows as a flows file would state them: a call's or distribution's lines of a day as one."""
    schema = {"vehicle_id": pl.Int64, "date": pl.Date, "kind": pl.String, "amount": pl.Int64, "recallable": pl.Int64}
    parts = [pl.DataFrame(schema=schema)]
    for line, parent, key, recallable in (
        (CapitalCallLine, CapitalCall, CapitalCallLine.capital_call_id, None),
        (DistributionLine, Distribution, DistributionLine.distribution_id, DistributionLine.recallable),
    ):
        query = (
            select(
                key,
                line.vehicle_id,
                line.paid_on,
                parent.kind,
                line.amount,
                *([] if recallable is None else [recallable]),
            )
            .join(parent, parent.id == key)
            .where(theirs(actor, line), line.voided_at.is_(None), line.paid_on.is_not(None))
        )
        parts.append(_flows(_rows(session, query, line.vehicle_id, vehicle_ids), schema))
    navs = select(ReportedNav.vehicle_id, ReportedNav.reported_on, ReportedNav.amount).where(
        theirs(actor, ReportedNav), ReportedNav.voided_at.is_(None), ReportedNav.investor_id.is_(None)
    )
    stated = [
        (vehicle, day, "nav", _units(amount), 0)
        for vehicle, day, amount in _rows(session, navs, ReportedNav.vehicle_id, vehicle_ids)
    ]
    parts.append(pl.DataFrame(stated, schema=schema, orient="row"))
    return pl.concat(parts)


def _rows(session: Session, query: Any, column: Any, ids: list[int]) -> list[Any]:
    # Bound parameters are limited; funds of one file rarely are that many.
    return [
        row
        for start in range(0, len(ids), 1000)
        for row in session.execute(query.where(column.in_(ids[start : start + 1000])))
    ]


def _flows(rows: list[Any], schema: dict[str, Any]) -> pl.DataFrame:
    together: dict[tuple[int, int, date, str], list[int]] = {}
    names = {"call": "contribution"}
    for parent_id, vehicle_id, day, kind, amount, *recallable in rows:
        total = together.setdefault((parent_id, vehicle_id, day, names.get(kind, kind)), [0, 0])
        total[0] += _units(amount)
        total[1] += _units(recallable[0]) if recallable else 0
    return pl.DataFrame([(*key[1:], *total) for key, total in together.items()], schema=schema, orient="row")


def _units(amount: Any) -> int:
    return int(amount.scaleb(MONEY_SCALE))


def _notes(frame: pl.DataFrame) -> list[str]:
    fresh = frame.filter(pl.col("state") == NEW)
    repeated = fresh.height - fresh.select(IDENTITY).n_unique() if fresh.height else 0
    notes = []
    if repeated:
        notes.append(f"{repeated:,} rows repeat another row of the file; each is recorded.")
    return notes


def _make_funds(session: Session, actor: Actor, batch_id: int, fresh: pl.DataFrame) -> pl.DataFrame:
    missing = (
        fresh.filter(pl.col("vehicle_id").is_null())
        .unique("fund_key", keep="first", maintain_order=True)
        .select(pl.col("fund").alias("name"), "fund_key", "currency")
    )
    return books.make_funds(session, actor, batch_id, missing, {"strategy": "other"})


KIND = Kind(FIELDS, check, write)
