"""Figures of every fund: 10,000 funds × 20 investments, against an ORM loop per fund with indexes on its foreign keys.

The peer is the usual way: load a fund, walk its investments, ask for each active one's latest company valuation. It is
run on a sample of the funds and scaled. Both read the same deals from a SQLite file each; they must agree first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyxirr
from sqlalchemy import Date, Engine, ForeignKey, Index, Numeric, String, create_engine, insert
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from bench import harness
from vestry import all_models
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.identity import service as identity
from vestry.identity.door import UNKNOWN
from vestry.migrations import revisions
from vestry.performance import upkeep
from vestry.performance.cuts import cut
from vestry.performance.overview import Filters, Overview, chosen_funds, overview

FUNDS, DEALS, SAMPLE = 10_000, 20, 50
FIRST, LAST = date(2015, 1, 1), date(2024, 12, 31)
CALLS, PAYOUTS = 10, 6


class Peer(DeclarativeBase):
    """The peer's tables."""


class PeerFund(Peer):
    """A fund."""

    __tablename__ = "funds"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    investments: Mapped[list[PeerInvestment]] = relationship()
    flows: Mapped[list[PeerFlow]] = relationship()


class PeerInvestment(Peer):
    """An investment with its exit."""

    __tablename__ = "investments"
    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    company_id: Mapped[int]
    amount_invested: Mapped[Decimal] = mapped_column(Numeric(15, 2))
    equity_percentage: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    exit_amount: Mapped[Decimal | None] = mapped_column(Numeric(15, 2))
    status: Mapped[str] = mapped_column(String(20))


class PeerValuation(Peer):
    """A company's value on a day."""

    __tablename__ = "valuations"
    __table_args__ = (Index("ix_valuation", "company_id", "data_date", unique=True),)
    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int]
    data_date: Mapped[date] = mapped_column(Date)
    valuation: Mapped[Decimal] = mapped_column(Numeric(15, 2))


class PeerFlow(Peer):
    """A flow between a fund and its investors."""

    __tablename__ = "flows"
    id: Mapped[int] = mapped_column(primary_key=True)
    fund_id: Mapped[int] = mapped_column(ForeignKey("funds.id"), index=True)
    day: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Numeric(15, 2))


class Portfolio:
    """The deals and flows both sides record, in cents."""

    def __init__(self, seed: int = 1) -> None:
        rng = np.random.default_rng(seed)
        size = FUNDS * DEALS
        self.cost = rng.integers(1_000_000, 100_000_000, size)
        self.exited = rng.random(size) < 0.5
        self.proceeds = (self.cost * rng.lognormal(0.3, 0.8, size)).astype(np.int64)
        self.value = rng.integers(100_000_000, 5_000_000_000, size) // 20 * 20  # a twentieth of it is whole cents
        self.bought = rng.integers(0, 1500, size)
        self.called = rng.integers(1_000_000, 200_000_000, (FUNDS, CALLS))
        self.paid_out = rng.integers(1_000_000, 300_000_000, (FUNDS, PAYOUTS))

    def flows(self) -> Iterator[tuple[int, date, int]]:
        """(fund, day, cents): calls in the first years, distributions later."""
        for fund in range(FUNDS):
            for turn in range(CALLS):
                yield fund + 1, FIRST + timedelta(days=180 * turn), -int(self.called[fund, turn])
            for turn in range(PAYOUTS):
                yield fund + 1, FIRST + timedelta(days=1500 + 300 * turn), int(self.paid_out[fund, turn])


def peer_database(path: Path, portfolio: Portfolio) -> Engine:
    """The peer's file."""
    engine = create_engine(f"sqlite:///{path}")
    for table in Peer.metadata.tables.values():
        table.dialect_options["sqlite"]["strict"] = False  # only ours are
    Peer.metadata.create_all(engine)
    with engine.begin() as connection:
        funds = [{"id": fund + 1, "name": f"Fund {fund + 1}"} for fund in range(FUNDS)]
        connection.execute(insert(PeerFund), funds)
        for start in range(0, FUNDS * DEALS, 20_000):
            part = range(start, start + 20_000)
            connection.execute(insert(PeerInvestment), [_peer_investment(portfolio, at) for at in part])
            marks = [{"company_id": at + 1, "data_date": LAST, "valuation": _money(portfolio.value[at])} for at in part]
            connection.execute(insert(PeerValuation), marks)
        flows = [{"fund_id": fund, "day": day, "amount": _money(cents)} for fund, day, cents in portfolio.flows()]
        connection.execute(insert(PeerFlow), flows)
        connection.exec_driver_sql("ANALYZE")
    return engine


def _peer_investment(portfolio: Portfolio, at: int) -> dict[str, Any]:
    ended = bool(portfolio.exited[at])
    return {
        "fund_id": at // DEALS + 1,
        "company_id": at + 1,
        "amount_invested": _money(portfolio.cost[at]),
        "equity_percentage": Decimal(5),
        "exit_amount": _money(portfolio.proceeds[at]) if ended else None,
        "status": "Exited" if ended else "Active",
    }


def _money(cents: Any) -> Decimal:
    return Decimal(int(cents)).scaleb(-2)


def our_database(path: Path, portfolio: Portfolio) -> tuple[Database, Actor]:
    """Our file: the same deals as purchases, exits and company marks, the same flows as lines of calls and payouts."""
    assert all_models.metadata.tables
    database = Database(f"sqlite:///{path}")
    revisions.upgrade(database.writer)
    with database.transaction(UNKNOWN) as session:
        actor = Actor("cli", identity.create_firm(session, name="Bench", currency="USD").id, "administrator")
    with database.transaction(actor) as session:
        stamp = f"{session.info['now']:%Y-%m-%dT%H:%M:%S.%fZ}"
        connection: Any = session.connection().connection.driver_connection
        for statement, rows in _our_rows(portfolio, actor.firm_id, stamp):
            connection.executemany(statement, rows)
    with database.as_owner() as connection:
        connection.exec_driver_sql("ANALYZE")
    with database.transaction(actor) as session:
        upkeep.refresh_missing(session, actor)
    return database, actor


def _our_rows(portfolio: Portfolio, firm: int, stamp: str) -> Iterator[tuple[str, Iterator[tuple[Any, ...]]]]:
    kept, fact = (1, stamp, stamp), (1, stamp)
    deals = range(FUNDS * DEALS)

    def into(table: str, columns: str, *, facts: bool) -> str:
        names = "firm_id, id, " + columns + (", version, recorded_at" if facts else ", version, created_at, updated_at")
        return f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(names.split(",")))})'

    def master(table: str, columns: str, rows: Any) -> tuple[str, Iterator[tuple[Any, ...]]]:
        return into(table, columns, facts=False), ((firm, *row, *kept) for row in rows)

    def facts(table: str, columns: str, rows: Any) -> tuple[str, Iterator[tuple[Any, ...]]]:
        return into(table, columns, facts=True), ((firm, *row, *fact) for row in rows)

    numbers = range(1, FUNDS + 1)
    yield master(
        "fund", "name, name_key, strategy, currency",
        ((n, f"Fund {n}", f"fund {n:06}", "venture", "USD") for n in numbers),
    )  # fmt: skip
    yield master(
        "vehicle", "fund_id, name, kind, books, currency", ((n, n, f"Fund {n}", "main", "here", "USD") for n in numbers)
    )
    yield master("investor", "name, name_key, kind", iter([(1, "All", "all", "lp")]))
    yield master(
        "company", "name, name_key, currency, is_public",
        ((at + 1, f"Company {at + 1}", f"company {at + 1}", "USD", 0) for at in deals),
    )  # fmt: skip
    yield master("investment", "vehicle_id, company_id", ((at + 1, at // DEALS + 1, at + 1) for at in deals))
    yield master("holding", "investment_id, name", ((at + 1, at + 1, "Equity") for at in deals))
    cost, proceeds, value = (column.tolist() for column in (portfolio.cost, portfolio.proceeds, portfolio.value))
    bought, exited = portfolio.bought.tolist(), portfolio.exited.tolist()
    columns = "holding_id, kind, transacted_on, amount, ownership, disposed_share"
    yield facts(
        "transaction", columns,
        ((at + 1, at + 1, "purchase", _day(bought[at]), cost[at] * 100, 500_000_000, None) for at in deals),
    )  # fmt: skip
    yield facts(
        "transaction", columns,
        (
            (len(deals) + at + 1, at + 1, "proceeds", "2024-06-01", proceeds[at] * 100, None, 10**10)
            for at in deals
            if exited[at]
        ),
    )  # fmt: skip
    yield facts(
        "valuation_mark", "company_id, measured_on, fair_value, currency, method",
        ((at + 1, at + 1, LAST.isoformat(), value[at] * 100, "USD", "other") for at in deals),
    )  # fmt: skip
    flows = list(enumerate(portfolio.flows(), 1))
    ins = [(key, fund, day.isoformat(), -cents * 100) for key, (fund, day, cents) in flows if cents < 0]
    outs = [(key, fund, day.isoformat(), cents * 100) for key, (fund, day, cents) in flows if cents > 0]
    yield facts("capital_call", "vehicle_id, kind, called_on, due_on", ((k, f, "call", d, d) for k, f, d, _ in ins))
    yield facts(
        "capital_call_line",
        "capital_call_id, vehicle_id, investor_id, due_on, paid_on, amount, investments, fees, expenses, "
        "outside_commitment",
        ((k, k, f, 1, d, d, a, a, 0, 0, 0) for k, f, d, a in ins),
    )
    yield facts(
        "distribution", "vehicle_id, kind, declared_on, due_on", ((k, f, "distribution", d, d) for k, f, d, _ in outs)
    )
    yield facts(
        "distribution_line",
        "distribution_id, vehicle_id, investor_id, due_on, paid_on, amount, return_of_capital, gains, income, "
        "recallable",
        ((k, k, f, 1, d, d, a, 0, a, 0, 0) for k, f, d, a in outs),
    )


def _day(offset: int) -> str:
    return (FIRST + timedelta(days=offset)).isoformat()


def peer_multiples(session: Session, fund_id: int) -> tuple[Decimal, Decimal, Decimal]:
    """(TVPI, DPI, RVPI) of what was invested."""
    fund = session.get_one(PeerFund, fund_id)
    invested = sum(one.amount_invested for one in fund.investments)
    back = sum(one.exit_amount for one in fund.investments if one.exit_amount)
    held = sum((_peer_value(session, one) for one in fund.investments if one.status == "Active"), Decimal(0))
    return (back + held) / invested, back / invested, held / invested


def _peer_value(session: Session, one: PeerInvestment) -> Decimal:
    latest = (
        session.query(PeerValuation)
        .filter_by(company_id=one.company_id)
        .order_by(PeerValuation.data_date.desc())
        .first()
    )
    return latest.valuation * (one.equity_percentage / 100) if latest else Decimal(0)


def peer_rate(session: Session, fund_id: int, today: date) -> float | None:
    """The IRR of the fund's flows with its investors and its NAV: cash that is left, and what is held."""
    fund = session.get_one(PeerFund, fund_id)
    held = sum((_peer_value(session, one) for one in fund.investments if one.status == "Active"), Decimal(0))
    cash = sum(one.exit_amount or 0 for one in fund.investments) - sum(one.amount_invested for one in fund.investments)
    flows = [(flow.day, float(flow.amount)) for flow in fund.flows]
    nav = held + cash - sum(flow.amount for flow in fund.flows)
    return pyxirr.xirr([*flows, (today, float(nav))])


def rows() -> Iterator[harness.Row]:
    """Multiples alone, and multiples with the IRR of each fund."""
    portfolio = Portfolio()
    with tempfile.TemporaryDirectory() as folder:
        engine = peer_database(Path(folder, "peer.sqlite3"), portfolio)
        database, actor = our_database(Path(folder, "ours.sqlite3"), portfolio)
        try:
            yield from _measured(engine, database, actor, portfolio)
        finally:
            engine.dispose()
            database.close()


def _measured(engine: Engine, database: Database, actor: Actor, portfolio: Portfolio) -> Iterator[harness.Row]:
    sample = list(range(1, FUNDS + 1, FUNDS // SAMPLE))[:SAMPLE]

    def found() -> Overview:
        with database.reading(actor) as session:
            return overview(session, actor, chosen_funds(session, actor, Filters()), cut(session, actor, None, None))

    def multiples() -> list[Any]:
        all_funds = found()
        return [all_funds.column(name) for name in ("moic", "gross_dpi", "gross_rvpi", "tvpi", "dpi", "rvpi")]

    def with_rates() -> list[Any]:
        all_funds = found()
        return [all_funds.column(name) for name in ("moic", "gross_dpi", "gross_rvpi", "tvpi", "dpi", "rvpi", "irr")]

    def peer(rates: bool) -> list[Any]:
        today = date.today()  # noqa: DTZ011 - the day the figures stand at
        with Session(engine) as session:
            return [
                (*peer_multiples(session, fund), *([peer_rate(session, fund, today)] if rates else ()))
                for fund in sample
            ]

    fund_of = np.repeat(np.arange(FUNDS), DEALS)
    cost, back = portfolio.cost.astype(float), np.where(portfolio.exited, portfolio.proceeds, 0.0)
    held = np.where(portfolio.exited, 0.0, portfolio.value / 20)

    def limit() -> list[Any]:
        sums = [np.bincount(fund_of, weights=column, minlength=FUNDS) for column in (cost, back, held)]
        return [(sums[1] + sums[2]) / sums[0], sums[1] / sums[0], sums[2] / sums[0]]

    _agree(multiples(), with_rates(), peer(rates=True), sample, limit())
    for name, ours, rates, reach in (
        ("multiples", multiples, False, 200.0),
        ("multiples and IRR", with_rates, True, 100.0),
    ):
        yield _row(
            f"{name} of {FUNDS} funds x {DEALS} investments, SQLite; ORM loop per fund with indexes, "
            f"{SAMPLE} funds scaled; limit: bincount in memory",
            ours, lambda rates=rates: peer(rates), limit, reach,
        )  # fmt: skip


def _row(name: str, ours: Any, peer: Any, limit: Any, reach: float) -> harness.Row:
    series: tuple[list[float], list[float], list[float]] = ([], [], [])
    ours()
    for _ in range(5):
        for times, work, scale in zip(series, (ours, peer, limit), (1.0, FUNDS / SAMPLE, 1.0), strict=True):
            times.append(harness.seconds(work) * scale)
    return harness.row(name, *series, reach=reach)


def _agree(ours: list[Any], rated: list[Any], theirs: list[Any], sample: list[int], limit: list[Any]) -> None:
    for position, fund in enumerate(sample):
        mine = [float(column[fund - 1]) for column in (*ours[:3], rated[-1])]
        wanted = [float(figure) for figure in theirs[position]]
        wanted_limit = [float(column[fund - 1]) for column in limit]
        if not np.allclose(mine, wanted, rtol=1e-9, atol=1e-9) or not np.allclose(mine[:3], wanted_limit, rtol=1e-9):
            raise SystemExit(f"fund {fund}: ours {mine}, peer {wanted}")


if __name__ == "__main__":
    harness.main(rows)
