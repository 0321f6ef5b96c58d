"""Loading many rows at once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from vestry.capital.models import Commitment
from vestry.core import bulk
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.funds.service import create_fund
from vestry.investors.service import create_investor


def prepared(database: Database, actor: Actor) -> tuple[int, int]:
    with database.transaction(actor) as session:
        fund = create_fund(session, actor, name="F", currency="USD", strategy="other")
        investor = create_investor(session, actor, name="I", kind="lp", country=None, email=None)
        return fund.id, investor.id


def rows(ids: pl.Series, units: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            ids,
            pl.Series("amount", units, pl.Int64),
            pl.Series("committed_on", [date(2024, 2, 29)] * len(units), pl.Date),
        ]
    )


def test_rows_carry_exact_amounts_days_and_stamps(database: Database, administrator: Actor) -> None:
    vehicle, investor = prepared(database, administrator)
    units = [0, 1, 9_999_999_999_999_999, 2**63 - 1]
    same = {"firm_id": administrator.firm_id, "vehicle_id": vehicle, "investor_id": investor, "batch_id": None}
    heard: list[int] = []
    with database.transaction(administrator) as session:
        ids = bulk.new_ids(session, Commitment, 4)
        bulk.write(session, Commitment, rows(ids, units), same, heard.append)
        bulk.write(session, Commitment, rows(bulk.new_ids(session, Commitment, 0), []), same)
        now = session.info["now"]
    with database.reading(administrator) as session:
        kept = session.scalars(select(Commitment).order_by(Commitment.id)).all()
    assert [one.amount for one in kept] == [Decimal(unit).scaleb(-4) for unit in units]
    assert {(one.committed_on, one.recorded_at, one.version) for one in kept} == {(date(2024, 2, 29), now, 1)}
    assert [one.id for one in kept] == ids.to_list()
    assert heard == [4]


def test_ids_are_not_given_twice(database: Database, administrator: Actor) -> None:
    vehicle, investor = prepared(database, administrator)
    same = {"firm_id": administrator.firm_id, "vehicle_id": vehicle, "investor_id": investor, "batch_id": None}
    with database.transaction(administrator) as session:
        bulk.write(session, Commitment, rows(bulk.new_ids(session, Commitment, 3), [1, 2, 3]), same)
        own = Commitment(
            firm_id=administrator.firm_id,
            vehicle_id=vehicle,
            investor_id=investor,
            committed_on=date(2024, 1, 1),
            amount=Decimal(1),
        )
        session.add(own)
        session.flush()
        more = bulk.new_ids(session, Commitment, 2)
        assert own.id not in more
        bulk.write(session, Commitment, rows(more, [4, 5]), same)


@pytest.mark.parametrize("column", ["vehicle_id", "investor_id"])
def test_rows_that_refer_to_nothing_are_refused(database: Database, administrator: Actor, column: str) -> None:
    vehicle, investor = prepared(database, administrator)
    known = {"vehicle_id": vehicle, "investor_id": investor}
    for as_constant in (True, False):
        frame_of = rows(pl.Series("id", [1]), [1])
        same = {"firm_id": administrator.firm_id, "batch_id": None, **known, column: 999}
        if not as_constant:
            frame_of = frame_of.with_columns(pl.lit(same.pop(column), pl.Int64).alias(column))
        with (
            pytest.raises((bulk.DanglingKeyError, IntegrityError)),
            database.transaction(administrator) as session,
        ):
            bulk.write(session, Commitment, frame_of, same)


def test_the_databases_own_rules_hold(database: Database, administrator: Actor) -> None:
    vehicle, investor = prepared(database, administrator)
    same = {"firm_id": administrator.firm_id, "vehicle_id": vehicle, "investor_id": investor, "batch_id": None}
    with pytest.raises(IntegrityError), database.transaction(administrator) as session:
        bulk.write(session, Commitment, rows(pl.Series("id", [1]), [-1]), same)
