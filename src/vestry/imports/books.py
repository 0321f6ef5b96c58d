"""The funds, vehicles and investors that imported rows belong to: found by name, made where there are none."""

from __future__ import annotations

from typing import Any

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.core import bulk
from vestry.core.actor import Actor
from vestry.core.fields import name_key
from vestry.funds.models import Fund, Vehicle
from vestry.identity.access import theirs, visible
from vestry.identity.models import Firm
from vestry.investors import service as investors
from vestry.investors.models import Investor

ALL_INVESTORS = "All investors"
BOOKS_SCHEMA = {"fund_key": pl.String, "vehicle_id": pl.Int64, "books_currency": pl.String}


def firm_currency(session: Session, actor: Actor) -> str:
    """The currency of funds that name none."""
    currency = session.scalar(select(Firm.currency).where(Firm.id == actor.firm_id))
    assert currency is not None
    return currency


def known_funds(session: Session, actor: Actor) -> pl.DataFrame:
    """The firm's live funds by the key of their name, with their main vehicle and its currency."""
    query = (
        select(Fund.name_key, Vehicle.id, Vehicle.currency)
        .join(Vehicle, (Vehicle.fund_id == Fund.id) & (Vehicle.kind == "main"))
        .where(theirs(actor, Fund), Fund.archived_at.is_(None))
    )
    return pl.DataFrame(session.execute(query).all(), schema=BOOKS_SCHEMA, orient="row")


def kept_here(session: Session, vehicle_ids: list[int]) -> list[int]:
    """Those of the vehicles whose NAV is computed from our own ledger."""
    wanted = set(vehicle_ids)
    if not wanted:
        return []
    return [one for one in session.scalars(select(Vehicle.id).where(Vehicle.books == "here")) if one in wanted]


def keys(names: pl.Series) -> pl.Series:
    """What makes names the same, computed once for each."""
    unique = names.drop_nulls().unique().to_list()
    return names.replace_strict(
        unique, [name_key(name) for name in unique], default=None, return_dtype=pl.String
    ).alias("fund_key")


def make_funds(
    session: Session, actor: Actor, batch_id: int, funds: pl.DataFrame, same: dict[str, Any]
) -> pl.DataFrame:
    """Make funds of frame rows (``name``, ``fund_key``, ``currency`` and further columns of the table) with a main
    vehicle whose books are kept elsewhere; returns them as :func:`known_funds` does."""
    own = {"firm_id": actor.firm_id, "batch_id": batch_id}
    funds = funds.with_columns(bulk.new_ids(session, Fund, funds.height))
    bulk.write(session, Fund, funds.rename({"fund_key": "name_key"}), own | same)
    vehicles = funds.select(
        bulk.new_ids(session, Vehicle, funds.height), pl.col("id").alias("fund_id"), "name", "currency"
    )
    bulk.write(session, Vehicle, vehicles, own | {"kind": "main", "books": "elsewhere"})
    return pl.DataFrame(
        [funds["fund_key"], vehicles["id"].alias("vehicle_id"), funds["currency"].alias("books_currency")]
    )


def all_investors(session: Session, actor: Actor, batch_id: int) -> int:
    """The investor that stands for all of a fund's investors together."""
    query = visible(actor, Investor).where(Investor.kind == "all_investors").order_by(Investor.id).limit(1)
    found = session.scalars(query).one_or_none()
    if found is None:
        found = investors.create_investor(
            session, actor, name=ALL_INVESTORS, kind="all_investors", country=None, email=None, batch_id=batch_id
        )
    return found.id
