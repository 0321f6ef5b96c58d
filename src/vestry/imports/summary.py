"""Summaries of funds, as pension funds publish them: one row a fund with totals up to a day.

Such totals know no single flows, so they come in as opening balances of that day: a commitment, a call and a
distribution of kind ``opening``, and a reported NAV; multiples follow from them, an IRR cannot. A later summary of the
same fund adds the difference to what is recorded by then. A row of totals is no fund; it is left out and told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.batches.columns import Reader, day
from vestry.batches.tables import Table
from vestry.capital.models import (
    CapitalCallLine,
    Commitment,
    DistributionLine,
)
from vestry.core import bulk
from vestry.core.actor import Actor
from vestry.core.errors import Invalid
from vestry.core.fields import YEAR_MAX, YEAR_MIN
from vestry.core.types import MONEY_SCALE, exact_sum
from vestry.identity.access import theirs
from vestry.imports import books
from vestry.imports.kinds import DUPLICATE, ERROR, NEW, Checked, Field, Kind, Options, Progress, money, sums
from vestry.imports.together import write_calls, write_distributions
from vestry.valuations.models import ReportedNav

FIELDS = (
    Field(
        "fund", "Fund", required=True, headings=("fund name", "partnership", "name", "investment", "fund description")
    ),
    Field("vintage_year", "Vintage year", headings=("vintage", "year")),
    Field(
        "commitment",
        "Commitment",
        headings=("capital commitment", "capital committed", "committed", "committed capital"),
    ),
    Field(
        "paid_in",
        "Paid in",
        required=True,
        headings=("total capital contributed", "capital contributed", "contributed", "contributions", "cash in"),
    ),
    Field(
        "distributed",
        "Distributed",
        required=True,
        headings=("total capital distributed", "capital distributed", "distributions", "cash out"),
    ),
    Field(
        "nav", "NAV", headings=("fair market value", "market value", "net asset value", "remaining value", "fair value")
    ),
    Field("total_value", "Total value", headings=("cash out and remaining value", "distributed and nav")),
    Field("currency", "Currency", headings=("ccy",)),
)
AMOUNTS = ("commitment", "paid_in", "distributed", "nav")
SCALES = {"1": 0, "1000": 3, "1000000": 6, "1000000000": 9}
_SCALE_WORDS = (
    (r"\$?mm\b|\bmln\b|\bmillions?\b|[$€£]m\b|\bin m\b", "1000000"),
    (r"\bthousands?\b|[$€£]k\b|\b000s?\b", "1000"),
    (r"\bbillions?\b|\bbn\b", "1000000000"),
)
_TOTAL = re.compile(
    r"(grand |sub|sub-|portfolio |overall )?totals?( portfolio| private equity| program)?", re.IGNORECASE
)
_QUARTER = re.compile(r"q([1-4])[ _-]?((?:19|20)\d\d)|((?:19|20)\d\d)[ _-]?q([1-4])", re.IGNORECASE)
_DAY = re.compile(r"((?:19|20)\d\d)[-_.]?([01]\d)[-_.]?([0-3]\d)")


@dataclass(frozen=True, slots=True)
class Load:
    """What the writer needs: the new funds' balances (in units of the fourth place), and their day."""

    fresh: pl.DataFrame
    as_of: date
    skipped: int


def check(
    session: Session, actor: Actor, tables: Sequence[Table], mapping: Mapping[str, str], options: Options
) -> Checked:
    """Check every row; rows of totals are left out and told in the notes."""
    if not {"nav", "total_value"} & set(mapping):
        raise Invalid("The file has no column for nav.", field="mapping.nav", mend="Map nav or total_value.")
    as_of, scale, notes = _settled(tables[0], mapping, options)
    table, totals = _without_totals(tables[0], mapping)
    read = Reader(table, mapping, options.style)
    frame = _given_back(read, _typed(read, SCALES[scale]), notes)
    notes += _told_totals(totals, mapping, frame, SCALES[scale], options)
    frame = _distinct(read, frame, notes)
    frame = _with_books(session, actor, read, frame, options)
    frame = _with_states(session, actor, read, frame, as_of)
    fresh = frame.filter(pl.col("state") == NEW)
    long = [fresh.select(pl.lit(name).alias("what"), "currency", pl.col(name).alias("amount")) for name in AMOUNTS]
    columns = [table.rows.alias("row"), pl.repeat(table.name, frame.height, eager=True).alias("sheet"), frame["state"]]
    rows = pl.DataFrame([*columns, *(read.text(one.name) for one in FIELDS if read.has(one.name))])
    faults = sorted(read.faults, key=lambda one: (one.row or 0, one.column or ""))
    return Checked(rows, faults, sums(pl.concat(long).drop_nulls()), notes, Load(fresh, as_of, totals.frame.height))


def write(session: Session, actor: Actor, batch_id: int, checked: Checked, progress: Progress) -> dict[str, int | str]:
    """Write the balances and the funds they need."""
    load: Load = checked.load
    missing = load.fresh.filter(pl.col("vehicle_id").is_null())
    made = books.make_funds(
        session,
        actor,
        batch_id,
        missing.select(pl.col("fund").alias("name"), "fund_key", "currency", "vintage_year"),
        {"strategy": "other"},
    )
    known = pl.concat([load.fresh.select("fund_key", "vehicle_id").drop_nulls(), made.select("fund_key", "vehicle_id")])
    fresh = load.fresh.drop("vehicle_id").join(known, on="fund_key", how="left", maintain_order="left")
    own = {"firm_id": actor.firm_id, "batch_id": batch_id}
    investor_id = books.all_investors(session, actor, batch_id)
    opening = [
        pl.lit("opening").alias("kind"),
        pl.lit(load.as_of).alias("date"),
        pl.lit(0, pl.Int64).alias("recallable"),
    ]
    calls, distributions = (_moved(fresh, name).with_columns(opening) for name in ("paid_in", "distributed"))
    committed = _moved(fresh, "commitment")
    navs = fresh.filter(pl.col("nav").is_not_null() & ~pl.col("nav_there"))
    _write_commitments(session, committed, own | {"investor_id": investor_id}, load.as_of)
    write_calls(session, calls, own, investor_id)
    write_distributions(session, distributions, own, investor_id)
    _write_navs(session, navs, own, load.as_of)
    created = {
        "commitments": committed.height,
        "calls": calls.height,
        "distributions": distributions.height,
        "navs": navs.height,
    }
    progress("written", fresh.height, fresh.height)
    counts = {"funds": made.height, **created, "rows_of_totals_left_out": load.skipped}
    return {**{name: count for name, count in counts.items() if count}, "as_of": str(load.as_of), **checked.totals}


def _settled(table: Table, mapping: Mapping[str, str], options: Options) -> tuple[date, str, list[str]]:
    """The day and the scale: declared, or read off the file's name and headings and told."""
    notes = []
    as_of = day(options.as_of, "as_of") if options.as_of else _day_in(table.name)
    if as_of is None:
        raise Invalid(
            "Nothing says of which day these balances are.", field="as_of", mend="Give as_of, such as 2024-09-30."
        )
    if not options.as_of:
        notes.append(f"The balances are taken as those of {as_of}, from the file's name.")
    scale = options.scale or _scale_in([mapping[name] for name in (*AMOUNTS, "total_value") if name in mapping])
    if scale not in SCALES:
        raise Invalid(f"The scale {scale!r} is not known.", field="scale", mend=f"One of: {', '.join(SCALES)}.")
    if not options.scale and scale != "1":
        notes.append(f"One unit of the file's amounts is taken as {int(scale):,}, from the headings.")
    return as_of, scale, notes


def _day_in(name: str) -> date | None:
    if found := _DAY.search(name):
        try:
            return date(*map(int, found.groups()))
        except ValueError:
            return None
    if found := _QUARTER.search(name):
        quarter, year = int(found[1] or found[4]), int(found[2] or found[3])
        return date(year + quarter // 4, quarter * 3 % 12 + 1, 1) - timedelta(1)
    return None


def _scale_in(columns: list[str]) -> str:
    scales = {
        next((scale for words, scale in _SCALE_WORDS if re.search(words, column, re.IGNORECASE)), "1")
        for column in columns
    }
    return scales.pop() if len(scales) == 1 else "1"


def _without_totals(table: Table, mapping: Mapping[str, str]) -> tuple[Table, Table]:
    names = table.frame[mapping["fund"]].str.strip_chars()
    total = names.str.contains(f"(?i)^(?:{_TOTAL.pattern})$")
    return (
        replace(table, frame=table.frame.filter(~total), rows=table.rows.filter(~total)),
        replace(table, frame=table.frame.filter(total), rows=table.rows.filter(total)),
    )


def _told_totals(
    totals: Table, mapping: Mapping[str, str], frame: pl.DataFrame, places: int, options: Options
) -> list[str]:
    """What the rows of totals say against the sums of the funds."""
    if totals.frame.is_empty():
        return []
    read = Reader(totals, mapping, options.style)
    stated = _typed(read, places)
    notes = []
    for position, row in enumerate(totals.rows.to_list()):
        parts = [
            f"{name} {money(said)} (the funds sum to {money(int(frame[name].sum()))})"
            for name in AMOUNTS
            if (said := stated[name][position]) is not None
        ]
        notes.append(f"Row {row} is a total, not a fund, and is left out: {', '.join(parts)}.")
    return notes


def _typed(read: Reader, places: int) -> pl.DataFrame:
    names = read.names("fund")
    amounts = {
        name: read.numbers(name, MONEY_SCALE + places, required=name in ("paid_in", "distributed"))
        for name in (*AMOUNTS, "total_value")
    }
    for name in ("commitment", "paid_in"):
        read.not_negative(name, amounts[name])
    nav = amounts["nav"].fill_null(amounts["total_value"] - amounts["distributed"])
    return pl.DataFrame(
        [
            names.alias("fund"),
            books.keys(names),
            read.whole("vintage_year", YEAR_MIN, YEAR_MAX).alias("vintage_year"),
            read.currencies("currency").alias("currency"),
            *(amounts[name].alias(name) for name in AMOUNTS[:-1]),
            nav.alias("nav"),
        ]
    )


def _given_back(read: Reader, frame: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """A total of distributions below zero: more was given back to the fund than it had paid out, which is paid in."""
    below = frame["distributed"] < 0
    for row, amount in zip(read.table.rows.filter(below), frame["distributed"].filter(below), strict=True):
        notes.append(f"Row {row}: distributed {money(amount)} is below zero and counts as paid in.")
    back = pl.min_horizontal("distributed", 0)
    return frame.with_columns(
        (pl.col("paid_in") - back).alias("paid_in"), (pl.col("distributed") - back).alias("distributed")
    )


def _distinct(read: Reader, frame: pl.DataFrame, notes: list[str]) -> pl.DataFrame:
    """Funds of one name are told apart by their vintage; of one name and vintage only one can be meant."""
    several = pl.len().over("fund_key") > 1
    told = pl.col("fund") + " (" + pl.col("vintage_year").cast(pl.String) + ")"
    named = frame.with_columns(pl.when(several).then(told.fill_null(pl.col("fund"))).otherwise("fund").alias("fund"))
    changed = frame["fund"] != named["fund"]
    if changed.any():
        names = ", ".join(named["fund"].filter(changed).head(20).to_list())
        notes.append(f"{changed.sum()} funds share a name and are told apart by vintage: {names}.")
        named = named.with_columns(books.keys(named["fund"]))
    twice = named.select(pl.int_range(pl.len()).over("fund_key") > 0).to_series()
    read.refuse("fund", twice & named["fund_key"].is_not_null(), "stands in the file twice with the same vintage")
    return named


def _with_books(session: Session, actor: Actor, read: Reader, frame: pl.DataFrame, options: Options) -> pl.DataFrame:
    frame = frame.join(books.known_funds(session, actor), on="fund_key", how="left", maintain_order="left")
    fallback = options.currency or books.firm_currency(session, actor)
    frame = frame.with_columns(pl.coalesce("books_currency", "currency", pl.lit(fallback)).alias("books_currency"))
    read.refuse("currency", frame["currency"] != frame["books_currency"], "is not the currency of the fund's books")
    here = books.kept_here(session, frame["vehicle_id"].drop_nulls().to_list())
    read.refuse("fund", frame["vehicle_id"].is_in(here), "keeps its books here: a summary cannot be added to them")
    return frame.with_columns(pl.col("books_currency").alias("currency")).drop("books_currency")


def _with_states(session: Session, actor: Actor, read: Reader, frame: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Take off what is recorded already, and tell rows of which nothing is left."""
    known = _recorded(session, actor, frame["vehicle_id"].drop_nulls().to_list(), as_of)
    frame = frame.join(known, on="vehicle_id", how="left", maintain_order="left")
    for name in AMOUNTS[:-1]:
        rest = frame[name] - frame[f"{name}_known"].fill_null(0)
        read.refuse(name, rest < 0, "is less than what is recorded by that day")
        frame = frame.with_columns(rest.alias(name))
    there = frame["nav_known"].is_not_null()
    read.refuse("nav", there & (frame["nav"] != frame["nav_known"]), "differs from the NAV recorded for that day")
    same = pl.all_horizontal(pl.col(AMOUNTS[:-1]).fill_null(0) == 0) & (pl.col("nav").is_null() | there)
    duplicate = frame.select(same & pl.col("vehicle_id").is_not_null()).to_series()
    state = pl.select(
        pl.when(read.bad).then(pl.lit(ERROR)).when(duplicate).then(pl.lit(DUPLICATE)).otherwise(pl.lit(NEW))
    )
    return frame.with_columns(state.to_series().alias("state"), there.alias("nav_there"))


def _recorded(session: Session, actor: Actor, vehicle_ids: list[int], as_of: date) -> pl.DataFrame:
    """Per vehicle what is committed, paid in and distributed by a day, and the NAV reported for it."""
    by_vehicle: dict[int, dict[str, int]] = {}
    wanted = set(vehicle_ids)
    for name, model, on in (
        ("commitment", Commitment, Commitment.committed_on),
        ("paid_in", CapitalCallLine, CapitalCallLine.paid_on),
        ("distributed", DistributionLine, DistributionLine.paid_on),
    ):
        query = (
            select(model.vehicle_id, exact_sum(model.amount))
            .where(theirs(actor, model), model.voided_at.is_(None), on <= as_of)
            .group_by(model.vehicle_id)
        )
        for vehicle_id, total in session.execute(query) if wanted else ():
            by_vehicle.setdefault(vehicle_id, {})[name] = int(total.scaleb(MONEY_SCALE))
    navs = select(ReportedNav.vehicle_id, ReportedNav.amount).where(
        theirs(actor, ReportedNav),
        ReportedNav.voided_at.is_(None),
        ReportedNav.investor_id.is_(None),
        ReportedNav.reported_on == as_of,
    )
    for vehicle_id, amount in session.execute(navs) if wanted else ():
        by_vehicle.setdefault(vehicle_id, {})["nav"] = int(amount.scaleb(MONEY_SCALE))
    schema = {"vehicle_id": pl.Int64, **{f"{name}_known": pl.Int64 for name in AMOUNTS}}
    rows = [(one, *(known.get(name) for name in AMOUNTS)) for one, known in by_vehicle.items() if one in wanted]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _moved(fresh: pl.DataFrame, name: str) -> pl.DataFrame:
    # A commitment of 0 says something (there is none); nothing paid in or distributed is no call and no distribution.
    kept = pl.col(name).is_not_null() & (
        (pl.col(name) != 0) | (pl.lit(name) == "commitment") & pl.col("commitment_known").is_null()
    )
    return fresh.filter(kept).select("vehicle_id", pl.col(name).alias("amount"))


def _write_commitments(session: Session, part: pl.DataFrame, own: dict[str, Any], as_of: date) -> None:
    rows = part.select(bulk.new_ids(session, Commitment, part.height), "vehicle_id", "amount")
    bulk.write(session, Commitment, rows.with_columns(pl.lit(as_of).alias("committed_on")), own)


def _write_navs(session: Session, part: pl.DataFrame, own: dict[str, Any], as_of: date) -> None:
    rows = part.select(
        bulk.new_ids(session, ReportedNav, part.height), "vehicle_id", pl.col("nav").alias("amount")
    ).with_columns(pl.lit(as_of).alias("reported_on"))
    bulk.write(session, ReportedNav, rows, own | {"investor_id": None, "source": "summary"})


KIND = Kind(FIELDS, check, write)
