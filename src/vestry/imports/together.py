"""Calls and distributions of all of a fund's investors together: a whole with one line each, many at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import polars as pl
from sqlalchemy.orm import Session

from vestry.capital.models import CapitalCall, CapitalCallLine, Distribution, DistributionLine
from vestry.core import bulk


def write_calls(
    session: Session, part: pl.DataFrame, own: dict[str, Any], investor_id: int, wrote: bulk.Progress | None = None
) -> None:
    """A call a row (vehicle_id, kind, date, amount), paid on its day, all of it for investments."""
    rows = part.select(
        bulk.new_ids(session, CapitalCall, part.height).alias("call_id"),
        "vehicle_id",
        "kind",
        "date",
        "amount",
    )
    header = {"id": "call_id", "vehicle_id": "vehicle_id", "kind": "kind", "called_on": "date", "due_on": "date"}
    line = {
        "capital_call_id": "call_id",
        "vehicle_id": "vehicle_id",
        "due_on": "date",
        "paid_on": "date",
        "amount": "amount",
        "investments": "amount",
    }
    zero = Decimal(0)
    same = {"investor_id": investor_id, "fees": zero, "expenses": zero, "outside_commitment": False}
    with bulk.staged(session, rows, wrote, packed=True) as stage:
        stage.into(CapitalCall, header, own | {"purpose": None})
        stage.into(CapitalCallLine, line, own | same)


def write_distributions(
    session: Session, part: pl.DataFrame, own: dict[str, Any], investor_id: int, wrote: bulk.Progress | None = None
) -> None:
    """A distribution a row (vehicle_id, kind, date, amount, recallable), paid on its day, all of it as gains."""
    rows = part.select(
        bulk.new_ids(session, Distribution, part.height).alias("distribution_id"),
        "vehicle_id",
        "kind",
        "date",
        "amount",
        "recallable",
    )
    header = {
        "id": "distribution_id",
        "vehicle_id": "vehicle_id",
        "kind": "kind",
        "declared_on": "date",
        "due_on": "date",
    }
    line = {
        "distribution_id": "distribution_id",
        "vehicle_id": "vehicle_id",
        "due_on": "date",
        "paid_on": "date",
        "amount": "amount",
        "gains": "amount",
        "recallable": "recallable",
    }
    zero = Decimal(0)
    same = {"investor_id": investor_id, "return_of_capital": zero, "income": zero}
    with bulk.staged(session, rows, wrote, packed=True) as stage:
        stage.into(Distribution, header, own | {"purpose": None})
        stage.into(DistributionLine, line, own | same)
