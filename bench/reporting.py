"""Company reporting: the portfolio in another currency, 100,000 values at once, and what one changed value moves.

The peer of the portfolio loads every value as an ORM object and converts it by asking for its rate, value by value;
both must give the same figures, and ours in no more statements than a handful. With everything derived, of companies
that report by month, the peer asks each company's own book. The peer of the upsert adds the same
rows as objects in a session of SQLAlchemy's own, which audits nothing. The last row computes all derived figures of a
company anew, against those that depend on one changed value.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import polars as pl
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session
from tests.conftest import make_firm
from tests.databases import PostgresSource, SqliteSource

from bench import harness
from vestry import all_models
from vestry.companies.models import Company
from vestry.companies.service import create_company
from vestry.core import clock, postgres
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.kernel.metrics import dependents
from vestry.market.queries import fx_rates
from vestry.metrics import portfolio, queries, reading, service, values, views
from vestry.metrics.models import MetricValue
from vestry.metrics.periods import Kind, Period

COMPANIES, METRICS, PERIODS = 200, 60, 40
CURRENCIES = ("USD", "EUR", "CAD", "GBP", "CHF")
LAST = 2024 * 12 + 11
UPSERTED = 100_000
STATEMENTS_MAX = 9


def main() -> Iterator[harness.Row]:
    """The rows of the bench, on SQLite; the upsert on PostgreSQL too."""
    assert all_models.metadata.tables
    with tempfile.TemporaryDirectory() as folder:
        source = SqliteSource(Path(folder))
        database = Database(source.new())
        actor = make_firm(database, "Bench Capital", "USD")
        keys = _metrics(database, actor)
        ids = _companies(database, actor)
        with database.transaction(actor) as session:
            frame = _frame(ids, keys, list(range(LAST - 3 * PERIODS + 3, LAST + 1, 3)))
            written = values.upsert(session, actor, frame, {"source": "import", "batch_id": None})
            assert written.created == COMPANIES * METRICS * PERIODS
        yield _portfolio(database, actor)
        yield _upsert("SQLite", source)
        yield _recalculation(database, actor, ids[0])
        database.close()
        yield _derived(source)
        source.stop()
    postgres_source = PostgresSource()
    try:
        yield _upsert("PostgreSQL", postgres_source)
    finally:
        postgres_source.stop()


def _portfolio(database: Database, actor: Actor) -> harness.Row:
    def ours() -> portfolio.Report:
        with database.reading(actor) as session:
            return portfolio.report(session, actor, currency="CAD", period="quarter")

    def peer() -> dict[tuple[int, str, int], Decimal]:
        with database.reading(actor) as session:
            definitions = {one.key: one for one in queries.definitions(session, actor)}
            rates, found = fx_rates(session, actor), {}
            for row in session.scalars(select(MetricValue).where(MetricValue.firm_id == actor.firm_id)):
                value, definition = row.value, definitions[row.metric]
                if value is None or definition.unit != "money":
                    continue
                if definition.conversion == "average":
                    quoted = rates.average(row.currency or "", "CAD", row.starts_on, row.ends_on)
                else:
                    quoted = rates.rate(row.currency or "", "CAD", row.ends_on)
                month = row.ends_on.year * 12 + row.ends_on.month - 1
                found[row.company_id, row.metric, month] = quoted.convert(value).amount
            return found

    report, by_value = ours(), {}
    peer_s = harness.seconds(lambda: by_value.update(peer()))  # a peer of a minute runs once
    for (company_id, metric, month), value in by_value.items():
        at = (month - LAST) // 3 - 1
        assert Decimal(report.tables[company_id][metric][at] or "") == value, (company_id, metric, month)
    _same_statements(database, actor)
    name = f"portfolio of {COMPANIES} companies × {METRICS} metrics × {PERIODS} quarters in CAD"
    return harness.row(name, [harness.seconds(ours) for _ in range(3)], [peer_s], [], reach=30.0)


def _derived(source: SqliteSource) -> harness.Row:
    """Months, with every derived metric: all companies at once, against the book of one after the other."""
    database = Database(source.new())
    actor = make_firm(database, "Monthly Capital", "USD")
    keys, ids = _metrics(database, actor), _companies(database, actor)
    with database.transaction(actor) as session:
        frame = _frame(ids, keys, list(range(LAST - PERIODS + 1, LAST + 1)), "month")
        values.upsert(session, actor, frame, {"source": "import", "batch_id": None})

    def ours() -> portfolio.Report:
        with database.reading(actor) as session:
            return portfolio.report(session, actor, currency="CAD", period="month", derived=True)

    def peer() -> dict[int, portfolio.Table]:
        found = {}
        with database.reading(actor) as session:
            for company_id in ids:
                book = reading.book_of(session, actor, session.get_one(Company, company_id), currency="CAD")
                table = book.table("month", views.keys_of(book, derived=True))
                found[company_id] = {
                    key: [views.cell_text(cell, book.definitions[key], "CAD") for cell in cells.values()]
                    for key, cells in table.items()
                }
        return found

    by_book: dict[int, portfolio.Table] = {}
    peer_s = harness.seconds(lambda: by_book.update(peer()))
    for company_id, table in ours().tables.items():
        assert table == {key: line for key, line in by_book[company_id].items() if any(line)}, company_id
    _same_statements(database, actor, period="month", derived=True)
    name = f"the same by month with {len(by_book[ids[0]]) - METRICS} derived metrics"
    row = harness.row(name, [harness.seconds(ours) for _ in range(3)], [peer_s], [], reach=10.0)
    database.close()
    return row


def _same_statements(database: Database, actor: Actor, *, period: str = "quarter", derived: bool = False) -> None:
    """The number of statements does not depend on how much they read; the values themselves are one more."""
    seen: list[str] = []
    event.listen(database.reader, "before_cursor_execute", lambda *asked: seen.append(asked[2]))
    with database.reading(actor) as session:
        portfolio.report(session, actor, currency="CAD", period=period, derived=derived)
    assert len(seen) <= STATEMENTS_MAX, seen


def _upsert(where: str, source: SqliteSource | PostgresSource) -> harness.Row:
    ours_s, peer_s = [], []
    for _ in range(1):
        database = Database(source.new())
        actor = make_firm(database, "Upsert Capital", "USD")
        keys, ids = _metrics(database, actor), _companies(database, actor)
        ends = list(range(LAST - 3 * PERIODS + 3, LAST + 1, 3))
        frame = _frame(ids, keys, ends)[:UPSERTED]

        def ours(database: Database = database, actor: Actor = actor, frame: pl.DataFrame = frame) -> None:
            with database.transaction(actor) as session:
                values.upsert(session, actor, frame, {"source": "import", "batch_id": None})

        ours_s.append(harness.seconds(ours))
        other = Database(source.new())
        actor = make_firm(other, "Upsert Capital", "USD")
        keys, ids = _metrics(other, actor), _companies(other, actor)
        rows = _frame(ids, keys, ends)[:UPSERTED].to_dicts()

        def peer(other: Database = other, actor: Actor = actor, rows: list[dict[str, object]] = rows) -> None:
            now = clock.now()
            with Session(other.writer) as session, session.begin():
                if not other.is_sqlite:
                    postgres.begin(session.connection(), actor)
                for row in rows:
                    value = row | {"value": _money(row["value"]), "fraction": _ratio(row["fraction"])}
                    stamps = {"recorded_at": now, "recorded_by": None, "firm_id": actor.firm_id, "source": "import"}
                    session.add(MetricValue(**value, **stamps))

        peer_s.append(harness.seconds(peer))
        for one in (database, other):
            with one.reading(actor) as session:
                assert session.scalar(select(func.count()).select_from(MetricValue)) == UPSERTED
            one.close()
    return harness.row(f"upsert of {UPSERTED:,} values, {where}", ours_s, peer_s, [], reach=20.0)


def _money(units: object) -> Decimal | None:
    return None if units is None else Decimal(str(units)).scaleb(-4)


def _ratio(units: object) -> Decimal | None:
    return None if units is None else Decimal(str(units)).scaleb(-10)


def _recalculation(database: Database, actor: Actor, company_id: int) -> harness.Row:
    with database.reading(actor) as session:
        company = session.get_one(Company, company_id)
        book = reading.book_of(session, actor, company)
        definitions = queries.definitions(session, actor)
    derived = [one.key for one in definitions if one.kind == "derived"]
    moved = dependents(definitions, ["gross_profit"])
    assert "gross_margin" in moved
    assert "arr" not in moved

    def ours() -> object:
        return book.table("quarter", moved, ends=range(LAST, LAST + 13))

    def peer() -> object:
        return book.table("quarter", derived)

    name = f"after one changed value: {len(moved)} of {len(derived)} derived metrics"
    return harness.compare(name, ours=ours, peer=peer, rounds=3)


def _metrics(database: Database, actor: Actor) -> list[str]:
    with database.transaction(actor) as session:
        keys = [one.key for one in queries.definitions(session, actor) if one.kind != "derived"]
        keys = [key for key in keys if key != "share_capital"]  # its rates depend on the periods before
        for number in range(METRICS - len(keys)):
            key = f"own_{number}"
            service.define(session, actor, key=key, label=key, unit="money", kind="flow", sign="any")
            keys.append(key)
    return keys[:METRICS]


def _companies(database: Database, actor: Actor) -> list[int]:
    with database.transaction(actor) as session:
        return [
            create_company(session, actor, name=f"Company {at}", currency=CURRENCIES[at % len(CURRENCIES)]).id
            for at in range(COMPANIES)
        ]


def _frame(ids: list[int], keys: list[str], ends: list[int], kind: Kind = "quarter") -> pl.DataFrame:
    """Every company × metric × period, in the company's currency."""
    periods = [Period(end, kind) for end in ends]
    companies = pl.DataFrame(
        {"company_id": ids, "currency": [CURRENCIES[at % len(CURRENCIES)] for at in range(len(ids))]},
        schema_overrides={"company_id": pl.Int64},
    )
    days = pl.DataFrame(
        {"starts_on": [one.starts_on for one in periods], "ends_on": [one.ends_on for one in periods]},
        schema={"starts_on": pl.Date, "ends_on": pl.Date},
    )
    counts = {"employees", "customers", "new_customers", "churned_customers", "active_users"}
    plain = pl.col("metric").is_in(list(counts | {"reported_churn"}))
    is_ratio = pl.col("metric") == "reported_churn"
    whole = companies.join(pl.DataFrame({"metric": keys}), how="cross").join(days, how="cross").with_row_index("n")
    return whole.select(
        "company_id",
        "metric",
        pl.lit("actual").alias("scenario"),
        pl.lit(kind).alias("period_kind"),
        "starts_on",
        "ends_on",
        pl.when(is_ratio).then(None).otherwise((pl.col("n").cast(pl.Int64) * 7919 + 12345) * 100).alias("value"),
        pl.when(is_ratio).then(pl.lit(500_000_000, pl.Int64)).otherwise(None).alias("fraction"),
        pl.when(plain).then(None).otherwise(pl.col("currency")).alias("currency"),
        pl.lit("approved").alias("status"),
        pl.lit(None, pl.String).alias("note"),
    )


if __name__ == "__main__":
    harness.main(main)
