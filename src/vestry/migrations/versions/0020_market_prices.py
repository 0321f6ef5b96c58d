"""market prices"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Exact, UtcDateTime
from vestry.migrations import rls

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "market_price_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("provider", sa.String(length=20), autoincrement=False, nullable=False),
        sa.Column("symbol", sa.String(length=20), autoincrement=False, nullable=False),
        sa.Column("priced_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("close", Exact(10), autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_market_price_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "market_price",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("provider", sa.String(length=20), nullable=False),
        sa.Column("symbol", sa.String(length=20), nullable=False),
        sa.Column("priced_on", sa.Date(), nullable=False),
        sa.Column("close", Exact(10), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("close > 0", name=op.f("ck_market_price_close")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_market_price_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_market_price_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_market_price_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_price")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("market_price", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_market_price_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_market_price_day",
            ["company_id", "provider", "priced_on"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    rls.secure(op.get_bind(), "market_price", "market_price_history")


def downgrade() -> None:
    with op.batch_alter_table("market_price", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_market_price_day",
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_market_price_batch_id"))

    op.drop_table("market_price")
    op.drop_table("market_price_history")
