"""The demo firm's cohort fund has a company in every state, and its figures are those of its payments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from tests.conftest import make_firm
from tests.databases import SqliteSource
from vestry.api import create_app
from vestry.cohorts.cashflows import figures
from vestry.cohorts.cashflows.books import Books, books_of
from vestry.cohorts.payments import rollup
from vestry.cohorts.payments.models import CustomerPayment
from vestry.cohorts.rounds.models import STATES as ROUND_STATES
from vestry.cohorts.rounds.models import MonthlyRound, RoundTransfer
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.settings import Settings
from vestry.demo import load_cohort_fund, load_rules
from vestry.demo.cohorts import MONTHS, OUTLINES, payments
from vestry.demo.rounds import REACHED
from vestry.identity import service as identity
from vestry.kernel.cohorts import replay

TODAY = date(2026, 5, 18)


@pytest.fixture(scope="module")
def loaded(sqlite_source: SqliteSource) -> Iterator[tuple[Database, Actor, int]]:
    """One database for all of these, as none of them changes it; loaded on a known day."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("vestry.core.clock.now", lambda: datetime(2026, 5, 18, 9, tzinfo=UTC))
        database = Database(sqlite_source.new())
        actor = make_firm(database, "Example Capital", "USD")
        with database.transaction(actor) as session:
            fund_id = load_cohort_fund(session, actor)
            load_rules(session, actor)
        yield database, actor, fund_id
        database.close()


@pytest.fixture(scope="module")
def books(loaded: tuple[Database, Actor, int]) -> dict[str, Books]:
    database, actor, _ = loaded
    with database.reading(actor) as session:
        found = session.execute(select(Company.name, Company.id)).all()
        return {name: books_of(session, actor, company_id) for name, company_id in found}


def breaches(book: Books) -> list[tuple[int, int]]:
    """(cohort, period), those of the month under way left out."""
    found = np.argwhere(figures.computed(book).failed).tolist()
    return [(row, period) for row, period in found if row + period < MONTHS - 1]


def test_every_state_is_there(books: dict[str, Books]) -> None:
    healthy, aside, capped = (books[name] for name in ("Quill Ledger", "Tideline Fitness", "Sable Courses"))
    assert not breaches(healthy)
    assert min(rate for rate in figures.computed(healthy).annual_irr[3:6] if rate is not None) > 0
    first = aside.matrix.months[0]
    assert set(aside.overrides) == {(first + row, period) for row, period in breaches(aside)} != set()
    assert figures.computed(capped).capped.any(axis=1).sum() >= 6
    assert breaches(books["Marlow Meals"])
    assert not books["Marlow Meals"].overrides
    refunds = figures.computed(books["Pavo Apparel"]).payment
    assert (refunds < 0).sum() == 1
    sparse = books["Nimbus Games"]
    paid, spent = {cell.cohort_month for cell in sparse.cells}, set(sparse.spends)
    assert set(sparse.trades) - spent
    assert paid - spent
    assert spent - paid
    [just_funded] = books["Orchid Care"].trades
    assert just_funded == TODAY.year * 12 + TODAY.month - 1


def test_the_monthly_rounds_are_in_every_state_and_settle_what_was_stated(loaded: tuple[Database, Actor, int]) -> None:
    database, actor, _ = loaded
    with database.reading(actor) as session:
        rows = session.execute(
            select(Company.name, MonthlyRound.month, MonthlyRound.state)
            .join(MonthlyRound, MonthlyRound.company_id == Company.id)
            .order_by(MonthlyRound.month)
        ).all()
        paid = session.execute(select(RoundTransfer.kind, RoundTransfer.paid_on, RoundTransfer.amount)).all()
    assert {state for _, _, state in rows} == {*ROUND_STATES}
    for name, reached in REACHED.items():
        found = [(month, state) for company, month, state in rows if company == name]
        assert [state for _, state in found] == ["stated" if stage == "in part" else stage for stage in reached]
        assert found[-1][0] == TODAY.replace(day=1)
    assert {kind for kind, _, _ in paid} == {"funding", "settlement"}
    assert all(on <= TODAY and amount > 0 for _, on, amount in paid)


def test_the_month_under_way_is_partial(loaded: tuple[Database, Actor, int]) -> None:
    database, actor, _ = loaded
    with database.reading(actor) as session:
        assert session.scalar(select(func.max(CustomerPayment.paid_on))) == TODAY
        assert 5_000 < (session.scalar(select(func.count()).select_from(CustomerPayment)) or 0) < 10_000


def test_the_rollup_equals_a_recount_and_the_engine_a_sequential_one(
    loaded: tuple[Database, Actor, int], books: dict[str, Books]
) -> None:
    database, actor, _ = loaded
    with database.reading(actor) as session:
        assert rollup.verify(session, actor.firm_id) == (len(OUTLINES), [])
        paid = session.scalars(select(CustomerPayment.units)).all()
    assert sum(paid) == sum(cell.units for book in books.values() for cell in book.cells)
    for book in books.values():
        result = figures.computed(book)
        for row in range(len(book.matrix)):
            told = [int(month.collected * 100) for month in replay(book.matrix, book.terms, row)]
            assert told == result.collected[row, : len(told)].tolist()


def test_the_api_shows_what_the_trades_come_to(loaded: tuple[Database, Actor, int], books: dict[str, Books]) -> None:
    database, actor, fund_id = loaded
    with database.transaction(actor) as session:
        _, secret = identity.create_token(session, actor, name="auditor", role="auditor")
    app = create_app(Settings(environment="test"), database)
    with TestClient(app, base_url="http://localhost", headers={"Authorization": f"Bearer {secret}"}) as client:
        assert client.get("/api/v1/alerts/rules").json()["total"] == 2
        answer: dict[str, Any] = client.get("/api/v1/cohorts/portfolio", params={"fund_id": fund_id}).json()
    [totals] = answer["currencies"]
    assert totals["companies"] == len(OUTLINES)
    assert len(answer["trades"]) == sum(len(book.trades) for book in books.values())
    collected = sum(float(figures.computed(book).collected.sum()) for book in books.values())
    assert Decimal(totals["collected"]) == Decimal(round(collected)) / 100


def test_the_same_seed_tells_the_same_payments_and_another_seed_others() -> None:
    first, again, other = (list(payments(OUTLINES[4], 24_315, np.random.default_rng(seed))) for seed in (7, 7, 8))
    assert first == again != other
