"""Loading many rows at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from vestry.capital.models import Commitment
from vestry.companies.service import create_company
from vestry.core import bulk, packing
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.funds.service import create_fund
from vestry.investors.service import create_investor
from vestry.metrics.models import MetricValue


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


def test_ids_with_gaps_between_them_are_each_given_once(database: Database, administrator: Actor) -> None:
    vehicle, investor = prepared(database, administrator)
    same = {"firm_id": administrator.firm_id, "vehicle_id": vehicle, "investor_id": investor, "batch_id": None}
    if not database.is_sqlite:  # as when another session draws every other one
        with database.as_owner() as connection:
            connection.execute(text("ALTER SEQUENCE commitment_id_seq INCREMENT BY 2"))
    with database.transaction(administrator) as session:
        for _ in range(2):
            bulk.write(session, Commitment, rows(bulk.new_ids(session, Commitment, 3), [1, 2, 3]), same)
    with database.reading(administrator) as session:
        assert len(session.scalars(select(Commitment.id)).all()) == 6


def test_a_key_that_refers_to_nothing_is_refused_however_many_values_it_has(
    database: Database, administrator: Actor
) -> None:
    vehicle, investor = prepared(database, administrator)
    same = {"firm_id": administrator.firm_id, "vehicle_id": vehicle, "batch_id": None}
    for many in (2, bulk.KEYS_NAMED + 1):
        investors = pl.Series("investor_id", [investor, *range(10_000, 9_999 + many)], pl.Int64)
        with database.transaction(administrator) as session:
            ids = bulk.new_ids(session, Commitment, many)
            frame = rows(ids, [1] * many).with_columns(investors)
        with pytest.raises((IntegrityError, bulk.DanglingKeyError)), database.transaction(administrator) as session:
            bulk.write(session, Commitment, frame, same)


@pytest.fixture(params=["of the application's role", "of the login alone", "of nobody"])
def leave(request: pytest.FixtureRequest, database: Database) -> Iterator[Database]:
    """The database, with leave to check the keys of many rows together given to one, the other or no role."""
    given: str = request.param
    if given.startswith("of the app"):
        yield database
        return
    if database.is_sqlite:
        pytest.skip("SQLite has no roles")
    taken, back = (f"{word} session_replication_role {to} vestry_app" for word, to in _TAKEN)
    login = database.url.username if "login" in given else "no_leave"
    with database.as_owner() as connection:
        connection.exec_driver_sql(taken)
        if login == "no_leave":
            connection.exec_driver_sql("CREATE ROLE no_leave LOGIN IN ROLE vestry_app")
    other = Database(database.url.set(username=login).render_as_string(hide_password=False))
    try:
        yield other
    finally:
        other.close()
        with database.as_owner() as connection:
            connection.exec_driver_sql(back)
            connection.exec_driver_sql("DROP ROLE IF EXISTS no_leave")


_TAKEN = (("REVOKE SET ON PARAMETER", "FROM"), ("GRANT SET ON PARAMETER", "TO"))


def test_keys_are_checked_whoever_has_leave_to_check_them_together(leave: Database, administrator: Actor) -> None:
    vehicle, investor = prepared(leave, administrator)
    same = {"firm_id": administrator.firm_id, "vehicle_id": vehicle, "batch_id": None}
    settings = "SELECT current_user, current_setting('session_replication_role')"
    with leave.transaction(administrator) as session:
        before = None if leave.is_sqlite else session.execute(text(settings)).one()
        good = rows(bulk.new_ids(session, Commitment, 2), [1, 2]).with_columns(
            pl.lit(investor, pl.Int64).alias("investor_id")
        )
        bulk.write(session, Commitment, good, same)
        assert before is None or session.execute(text(settings)).one() == before == ("vestry_app", "origin")
    lost = good.with_columns(pl.Series("id", [1_001, 1_002]), pl.Series("investor_id", [investor, 999]))
    with pytest.raises((bulk.DanglingKeyError, IntegrityError)), leave.transaction(administrator) as session:
        bulk.write(session, Commitment, lost, same)
    with leave.reading(administrator) as session:
        assert len(session.scalars(select(Commitment.id)).all()) == 2


def many_values(administrator: Actor, database: Database, count: int) -> tuple[pl.DataFrame, dict[str, object]]:
    """Rows of which every column but the figures is packed, with words and days that are not always there."""
    with database.transaction(administrator) as session:
        company = create_company(session, administrator, name="C", currency="EUR").id
    frame = pl.DataFrame(
        {
            "metric": [f"m{row}" for row in range(count)],
            "value": [None if row % 3 == 0 else row * 7 for row in range(count)],
            "fraction": [row if row % 3 == 0 else None for row in range(count)],
            "currency": [("EUR", None, "USD")[row % 3] for row in range(count)],
            "starts_on": [date(2024, 1 + row % 12, 1) for row in range(count)],
            "ends_on": [date(2024, 1 + row % 12, 28) for row in range(count)],
            "note": ["Grüße, 'quoted'" if row % 2 else None for row in range(count)],
            "status": [("draft", "approved")[row % 2] for row in range(count)],
        }
    )
    same = {"firm_id": administrator.firm_id, "company_id": company, "scenario": "actual", "period_kind": "month"}
    return frame, same | {"source": "import", "batch_id": None}


def test_what_travels_packed_arrives_as_it_was(database: Database, administrator: Actor) -> None:
    frame, same = many_values(administrator, database, packing.PACKED_ROWS + 7)
    with database.transaction(administrator) as session:
        bulk.write(session, MetricValue, frame, same)
    with database.reading(administrator) as session:
        kept = session.scalars(select(MetricValue).order_by(MetricValue.id)).all()
    scales = {"value": 4, "fraction": 10}
    for row, one in zip(frame.iter_rows(named=True), kept, strict=True):
        for name, given in row.items():
            scaled = given if given is None or name not in scales else Decimal(given).scaleb(-scales[name])
            assert getattr(one, name) == scaled, name


@pytest.mark.parametrize("broken", [{"starts_on": date(2025, 1, 1)}, {"status": "said"}])
def test_many_rows_are_held_to_the_databases_own_rules_too(
    database: Database, administrator: Actor, broken: dict[str, object]
) -> None:
    frame, same = many_values(administrator, database, packing.PACKED_ROWS + 7)
    ((name, value),) = broken.items()
    one = pl.int_range(pl.len()) == frame.height - 1
    frame = frame.with_columns(pl.when(one).then(pl.lit(value)).otherwise(pl.col(name)).alias(name))
    with pytest.raises(IntegrityError), database.transaction(administrator) as session:
        bulk.write(session, MetricValue, frame, same)
    if database.is_sqlite:  # the next statement is held to them row by row again
        with database.transaction(administrator) as session:
            assert session.scalar(text("PRAGMA ignore_check_constraints")) == 0
