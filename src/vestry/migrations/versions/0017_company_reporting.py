"""company reporting: definitions, values, fiscal years"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Exact, UtcDateTime
from vestry.migrations import rls

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fiscal_calendar_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("starts_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("year_ends_in", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_fiscal_calendar_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "metric_definition_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("unit", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("sign", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("aggregation", sa.String(length=10), autoincrement=False, nullable=True),
        sa.Column("fx", sa.String(length=10), autoincrement=False, nullable=True),
        sa.Column("formula", sa.String(length=1000), autoincrement=False, nullable=True),
        sa.Column("description", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_metric_definition_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "metric_value_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("metric", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("scenario", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("period_kind", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("starts_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("ends_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("value", Exact(4), autoincrement=False, nullable=True),
        sa.Column("fraction", Exact(10), autoincrement=False, nullable=True),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=True),
        sa.Column("source", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("status", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("verified_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("note", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_metric_value_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "metric_definition",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("sign", sa.String(length=8), nullable=False),
        sa.Column("aggregation", sa.String(length=10), nullable=True),
        sa.Column("fx", sa.String(length=10), nullable=True),
        sa.Column("formula", sa.String(length=1000), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(kind = 'derived') = (formula IS NOT NULL)", name=op.f("ck_metric_definition_formula")),
        sa.CheckConstraint("kind IN ('flow', 'stock', 'derived')", name=op.f("ck_metric_definition_kind")),
        sa.CheckConstraint("unit IN ('money', 'count', 'ratio', 'months')", name=op.f("ck_metric_definition_unit")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_metric_definition_batch_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_metric_definition_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_definition")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("metric_definition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_metric_definition_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_metric_definition_firm_id_key",
            ["firm_id", "key"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "fiscal_calendar",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("year_ends_in", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("year_ends_in BETWEEN 1 AND 12", name=op.f("ck_fiscal_calendar_month")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_fiscal_calendar_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_fiscal_calendar_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_fiscal_calendar_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fiscal_calendar")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("fiscal_calendar", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_fiscal_calendar_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_fiscal_calendar_company_day",
            ["company_id", "starts_on"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "metric_value",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("scenario", sa.String(length=8), nullable=False),
        sa.Column("period_kind", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("value", Exact(4), nullable=True),
        sa.Column("fraction", Exact(10), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("verified_by", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "period_kind IN ('month', 'quarter', 'year', 'ltm')", name=op.f("ck_metric_value_period_kind")
        ),
        sa.CheckConstraint("scenario IN ('actual', 'budget', 'forecast')", name=op.f("ck_metric_value_scenario")),
        sa.CheckConstraint(
            "source IN ('form', 'import', 'document', 'api', 'integration')", name=op.f("ck_metric_value_source")
        ),
        sa.CheckConstraint("status IN ('draft', 'submitted', 'approved')", name=op.f("ck_metric_value_status")),
        sa.CheckConstraint("(value IS NULL) <> (fraction IS NULL)", name=op.f("ck_metric_value_figure")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_metric_value_period")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_metric_value_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_metric_value_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_metric_value_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_value")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("metric_value", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_metric_value_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_metric_value_natural_key",
            ["company_id", "scenario", "period_kind", "ends_on", "metric"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    rls.secure(
        op.get_bind(),
        *(
            f"{name}{twin}"
            for name in ("metric_definition", "metric_value", "fiscal_calendar")
            for twin in ("", "_history")
        ),
    )


def downgrade() -> None:
    with op.batch_alter_table("metric_value", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_metric_value_natural_key",
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_metric_value_batch_id"))

    op.drop_table("metric_value")
    with op.batch_alter_table("fiscal_calendar", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_fiscal_calendar_company_day",
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_fiscal_calendar_batch_id"))

    op.drop_table("fiscal_calendar")
    with op.batch_alter_table("metric_definition", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_metric_definition_firm_id_key",
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_metric_definition_batch_id"))

    op.drop_table("metric_definition")
    op.drop_table("metric_value_history")
    op.drop_table("metric_definition_history")
    op.drop_table("fiscal_calendar_history")
