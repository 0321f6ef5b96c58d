"""cohort financing"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Exact, Json, UtcDateTime
from vestry.migrations import rls

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

TABLES = (
    "acquisition_spend",
    "acquisition_spend_history",
    "trade_terms",
    "trade_terms_history",
    "payment_threshold",
    "payment_threshold_history",
    "threshold_override",
    "threshold_override_history",
    "prediction_scenario",
    "prediction_scenario_history",
    "cohort_book",
    "cohort_book_history",
    "payment_entry",
    "cohort_customer",
    "customer_payment",
    "replaced_payment",
    "customer_move",
    "cohort_rollup",
)


def upgrade() -> None:
    op.create_table(
        "acquisition_spend_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cohort_month", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("spend", Exact(4), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_acquisition_spend_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "cohort_book_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("complete_through", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("timing", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_cohort_book_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "customer_payment",
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.BigInteger(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_customer_payment")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("customer_payment", schema=None) as batch_op:
        batch_op.create_index(
            "uq_customer_payment_reference",
            ["company_id", "reference"],
            unique=True,
            sqlite_where=sa.text("reference IS NOT NULL AND ended_by IS NULL"),
            postgresql_where=sa.text("reference IS NOT NULL AND ended_by IS NULL"),
        )

    op.create_table(
        "payment_threshold_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment_period_month", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("minimum_payment_percent", Exact(10), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_payment_threshold_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "prediction_scenario_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("m0", Exact(10), autoincrement=False, nullable=False),
        sa.Column("churn", Exact(10), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_prediction_scenario_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "threshold_override_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("cohort_month", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("payment_period_month", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("approved_by", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_threshold_override_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "trade_terms_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("cohort_month", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("sharing_percentage", Exact(10), autoincrement=False, nullable=False),
        sa.Column("cash_cap", Exact(4), autoincrement=False, nullable=True),
        sa.Column("planned_spend", Exact(4), autoincrement=False, nullable=True),
        sa.Column("target_irr", Exact(10), autoincrement=False, nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_trade_terms_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "acquisition_spend",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("cohort_month", sa.Date(), nullable=False),
        sa.Column("spend", Exact(4), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("spend >= 0", name=op.f("ck_acquisition_spend_spend")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_acquisition_spend_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_acquisition_spend_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_acquisition_spend_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acquisition_spend")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("acquisition_spend", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_acquisition_spend_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_acquisition_spend_month",
            ["company_id", "cohort_month"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "cohort_book",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("complete_through", sa.Date(), nullable=True),
        sa.Column("timing", sa.String(length=12), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("timing IN ('end_of_month', 'same_month')", name=op.f("ck_cohort_book_timing")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_cohort_book_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_cohort_book_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_cohort_book_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cohort_book")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("cohort_book", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cohort_book_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_cohort_book_company",
            ["company_id"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "cohort_customer",
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("first_month", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_cohort_customer_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_cohort_customer_firm_id")),
        sa.PrimaryKeyConstraint("company_id", "id", name=op.f("pk_cohort_customer")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("cohort_customer", schema=None) as batch_op:
        batch_op.create_index("uq_cohort_customer_reference", ["company_id", "reference"], unique=True)

    op.create_table(
        "cohort_rollup",
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("cohort_month", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("period", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("payments", sa.BigInteger(), nullable=False),
        sa.Column("customers", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_cohort_rollup_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_cohort_rollup_firm_id")),
        sa.PrimaryKeyConstraint("company_id", "cohort_month", "period", name=op.f("pk_cohort_rollup")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "payment_entry",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("first_id", sa.BigInteger(), nullable=True),
        sa.Column("last_id", sa.BigInteger(), nullable=True),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=True),
        sa.Column("content_sha256", sa.String(length=64), nullable=True),
        sa.Column("byte_count", sa.BigInteger(), nullable=True),
        sa.Column("mapping", Json, nullable=False),
        sa.Column("receipt", Json, nullable=False),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('payment', 'upload', 'correction', 'void', 'undo')", name=op.f("ck_payment_entry_kind")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_payment_entry_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_payment_entry_firm_id")),
        sa.ForeignKeyConstraint(["undone_by"], ["payment_entry.id"], name=op.f("fk_payment_entry_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_entry")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("payment_entry", schema=None) as batch_op:
        batch_op.create_index("ix_payment_entry_company_id", ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_entry_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "payment_threshold",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("payment_period_month", sa.BigInteger(), nullable=False),
        sa.Column("minimum_payment_percent", Exact(10), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("minimum_payment_percent >= 0", name=op.f("ck_payment_threshold_minimum_payment_percent")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_payment_threshold_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_payment_threshold_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_payment_threshold_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_threshold")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("payment_threshold", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_threshold_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_payment_threshold_period",
            ["company_id", "payment_period_month"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "prediction_scenario",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("m0", Exact(10), nullable=False),
        sa.Column("churn", Exact(10), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("name IN ('worst', 'average', 'best')", name=op.f("ck_prediction_scenario_name")),
        sa.CheckConstraint("churn >= 0", name=op.f("ck_prediction_scenario_churn")),
        sa.CheckConstraint("m0 >= 0", name=op.f("ck_prediction_scenario_m0")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_prediction_scenario_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_prediction_scenario_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_prediction_scenario_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prediction_scenario")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("prediction_scenario", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prediction_scenario_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_prediction_scenario_name",
            ["company_id", "name"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "replaced_payment",
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("units", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("ended_by", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_replaced_payment_company_id")),
        sa.PrimaryKeyConstraint("company_id", "id", "version", name=op.f("pk_replaced_payment")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "threshold_override",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("cohort_month", sa.Date(), nullable=False),
        sa.Column("payment_period_month", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_threshold_override_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_threshold_override_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_threshold_override_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_threshold_override")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("threshold_override", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_threshold_override_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_threshold_override_cell",
            ["company_id", "cohort_month", "payment_period_month"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "customer_move",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("from_month", sa.BigInteger(), nullable=True),
        sa.Column("to_month", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_customer_move_company_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["payment_entry.id"], name=op.f("fk_customer_move_entry_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_customer_move_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_move")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("customer_move", schema=None) as batch_op:
        batch_op.create_index("ix_customer_move_company_id_customer_id", ["company_id", "customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_customer_move_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "trade_terms",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("vehicle_id", sa.BigInteger(), nullable=True),
        sa.Column("cohort_month", sa.Date(), nullable=False),
        sa.Column("sharing_percentage", Exact(10), nullable=False),
        sa.Column("cash_cap", Exact(4), nullable=True),
        sa.Column("planned_spend", Exact(4), nullable=True),
        sa.Column("target_irr", Exact(10), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("cash_cap > 0", name=op.f("ck_trade_terms_cash_cap")),
        sa.CheckConstraint("planned_spend > 0", name=op.f("ck_trade_terms_planned_spend")),
        sa.CheckConstraint("sharing_percentage > 0", name=op.f("ck_trade_terms_sharing_percentage")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_trade_terms_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_trade_terms_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_trade_terms_firm_id")),
        sa.ForeignKeyConstraint(["vehicle_id"], ["vehicle.id"], name=op.f("fk_trade_terms_vehicle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trade_terms")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("trade_terms", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_trade_terms_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_trade_terms_vehicle_id"), ["vehicle_id"], unique=False)
        batch_op.create_index(
            "uq_trade_terms_month",
            ["company_id", "cohort_month"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    rls.secure(op.get_bind(), *TABLES)


def downgrade() -> None:
    with op.batch_alter_table("trade_terms", schema=None) as batch_op:
        batch_op.drop_index("uq_trade_terms_month")
        batch_op.drop_index(batch_op.f("ix_trade_terms_vehicle_id"))
        batch_op.drop_index(batch_op.f("ix_trade_terms_batch_id"))

    op.drop_table("trade_terms")
    with op.batch_alter_table("customer_move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_customer_move_firm_id"))
        batch_op.drop_index("ix_customer_move_company_id_customer_id")

    op.drop_table("customer_move")
    with op.batch_alter_table("threshold_override", schema=None) as batch_op:
        batch_op.drop_index("uq_threshold_override_cell")
        batch_op.drop_index(batch_op.f("ix_threshold_override_batch_id"))

    op.drop_table("threshold_override")
    op.drop_table("replaced_payment")
    with op.batch_alter_table("prediction_scenario", schema=None) as batch_op:
        batch_op.drop_index("uq_prediction_scenario_name")
        batch_op.drop_index(batch_op.f("ix_prediction_scenario_batch_id"))

    op.drop_table("prediction_scenario")
    with op.batch_alter_table("payment_threshold", schema=None) as batch_op:
        batch_op.drop_index("uq_payment_threshold_period")
        batch_op.drop_index(batch_op.f("ix_payment_threshold_batch_id"))

    op.drop_table("payment_threshold")
    with op.batch_alter_table("payment_entry", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_payment_entry_firm_id"))
        batch_op.drop_index("ix_payment_entry_company_id")

    op.drop_table("payment_entry")
    op.drop_table("cohort_rollup")
    with op.batch_alter_table("cohort_customer", schema=None) as batch_op:
        batch_op.drop_index("uq_cohort_customer_reference")

    op.drop_table("cohort_customer")
    with op.batch_alter_table("cohort_book", schema=None) as batch_op:
        batch_op.drop_index("uq_cohort_book_company")
        batch_op.drop_index(batch_op.f("ix_cohort_book_batch_id"))

    op.drop_table("cohort_book")
    with op.batch_alter_table("acquisition_spend", schema=None) as batch_op:
        batch_op.drop_index("uq_acquisition_spend_month")
        batch_op.drop_index(batch_op.f("ix_acquisition_spend_batch_id"))

    op.drop_table("acquisition_spend")
    op.drop_table("trade_terms_history")
    op.drop_table("threshold_override_history")
    op.drop_table("prediction_scenario_history")
    op.drop_table("payment_threshold_history")
    with op.batch_alter_table("customer_payment", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_customer_payment_reference",
            sqlite_where=sa.text("reference IS NOT NULL AND ended_by IS NULL"),
            postgresql_where=sa.text("reference IS NOT NULL AND ended_by IS NULL"),
        )

    op.drop_table("customer_payment")
    op.drop_table("cohort_book_history")
    op.drop_table("acquisition_spend_history")
