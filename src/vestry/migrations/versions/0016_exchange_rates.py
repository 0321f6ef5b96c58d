"""exchange rates"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Exact, UtcDateTime
from vestry.migrations import rls

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fx_rate_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("base", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("quote", sa.String(length=3), autoincrement=False, nullable=False),
        sa.Column("pair", sa.String(length=7), autoincrement=False, nullable=False),
        sa.Column("starts_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("ends_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("rate", Exact(10), autoincrement=False, nullable=False),
        sa.Column("source", sa.String(length=200), autoincrement=False, nullable=True),
        sa.Column("memo", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_fx_rate_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "reference_rate",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=False),
        sa.Column("rate", Exact(10), nullable=False),
        sa.Column("known_from", UtcDateTime(), nullable=False),
        sa.CheckConstraint("rate > 0", name=op.f("ck_reference_rate_rate")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reference_rate")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("reference_rate", schema=None) as batch_op:
        batch_op.create_index(
            "uq_reference_rate_currency_day_known", ["currency", "published_on", "known_from"], unique=True
        )

    op.create_table(
        "fx_rate",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("base", sa.String(length=3), nullable=False),
        sa.Column("quote", sa.String(length=3), nullable=False),
        sa.Column("pair", sa.String(length=7), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("rate", Exact(10), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=True),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "ends_on IS NULL OR (kind = 'contractual' AND ends_on >= starts_on)", name=op.f("ck_fx_rate_days")
        ),
        sa.CheckConstraint("kind IN ('manual', 'contractual')", name=op.f("ck_fx_rate_kind")),
        sa.CheckConstraint("base <> quote", name=op.f("ck_fx_rate_pair")),
        sa.CheckConstraint("rate > 0", name=op.f("ck_fx_rate_rate")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_fx_rate_batch_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_fx_rate_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fx_rate")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("fx_rate", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fx_rate_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_fx_rate_firm_id_pair", ["firm_id", "pair"], unique=False)
        batch_op.create_index(
            "uq_fx_rate_manual_day",
            ["firm_id", "pair", "starts_on"],
            unique=True,
            sqlite_where=sa.text("kind = 'manual' AND voided_at IS NULL"),
            postgresql_where=sa.text("kind = 'manual' AND voided_at IS NULL"),
        )

    rls.secure(op.get_bind(), "fx_rate", "fx_rate_history")


def downgrade() -> None:
    with op.batch_alter_table("fx_rate", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_fx_rate_manual_day",
            sqlite_where=sa.text("kind = 'manual' AND voided_at IS NULL"),
            postgresql_where=sa.text("kind = 'manual' AND voided_at IS NULL"),
        )
        batch_op.drop_index("ix_fx_rate_firm_id_pair")
        batch_op.drop_index(batch_op.f("ix_fx_rate_batch_id"))

    op.drop_table("fx_rate")
    with op.batch_alter_table("reference_rate", schema=None) as batch_op:
        batch_op.drop_index("uq_reference_rate_currency_day_known")

    op.drop_table("reference_rate")
    op.drop_table("fx_rate_history")
