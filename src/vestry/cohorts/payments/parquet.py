"""A company's payments as Parquet, to be analysed in bulk by DuckDB, Polars or Spark: read from one state of the books,
some at a time."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import polars as pl
from sqlalchemy import select
from sqlalchemy.orm import Session

from vestry.cohorts.payments.customers import CUSTOMER
from vestry.cohorts.payments.rollup import known_payments
from vestry.companies.models import Company
from vestry.core.actor import Actor
from vestry.core.types import MONEY_SCALE
from vestry.identity.access import find

ROWS = 250_000  # of a file; the last has what is left
READ = {
    "customer_id": pl.String,
    "payment_date": pl.Date,
    "units": pl.Int64,
    "first_month": pl.Int64,
    "reference_id": pl.String,
}


def write_payments(session: Session, actor: Actor, company_id: int, folder: Path) -> int:
    """Write the live payments of a company to ``folder/company_id=…/payments-0000.parquet`` and on; their number.

    Columns: customer_id, payment_date, amount (exact, of four decimals), currency, cohort_month (its first day), period
    (months since) and reference_id. The folder must not have files of this company.
    """
    company = find(session, actor, Company, company_id, noun="company")
    live = known_payments(company_id, None)
    query = (
        select(CUSTOMER.c.reference, live.c.paid_on, live.c.units, CUSTOMER.c.first_month, live.c.reference)
        .join(CUSTOMER, (CUSTOMER.c.company_id == company_id) & (CUSTOMER.c.id == live.c.customer_id))
        .order_by(live.c.id)
    )
    target, count = folder / f"company_id={company_id}", 0
    for number, rows in enumerate(session.execute(query, execution_options={"yield_per": ROWS}).partitions()):
        target.mkdir(parents=True, exist_ok=True)
        frame = pl.DataFrame(list(map(tuple, rows)), schema=READ, orient="row")
        _shown(frame, company.currency).write_parquet(target / f"payments-{number:04}.parquet")
        count += frame.height
    return count


def _shown(frame: pl.DataFrame, currency: str) -> pl.DataFrame:
    paid, first = pl.col("payment_date"), pl.col("first_month")
    one = pl.lit(Decimal(1).scaleb(-MONEY_SCALE))
    return frame.select(
        "customer_id",
        "payment_date",
        (pl.col("units").cast(pl.Decimal(38, 0)) * one).cast(pl.Decimal(19, MONEY_SCALE)).alias("amount"),
        pl.lit(currency).alias("currency"),
        pl.date((first // 12).cast(pl.Int32), first % 12 + 1, 1).alias("cohort_month"),
        (paid.dt.year().cast(pl.Int64) * 12 + paid.dt.month() - 1 - first).cast(pl.Int32).alias("period"),
        "reference_id",
    )
