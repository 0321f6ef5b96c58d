"""monthly rounds, what a trade allows its spend to differ, and when its collections count"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Exact, UtcDateTime
from vestry.migrations import rls

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLES = ("monthly_round", "round_transfer", "round_statement")
COLUMNS: dict[str, Any] = {"allowed_deviation": Exact(10), "timing": sa.String(length=12)}
CHECKS = {"allowed_deviation": "allowed_deviation >= 0", "timing": "timing IN ('end_of_month', 'same_month')"}


def upgrade() -> None:
    op.create_table(
        "monthly_round_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("month", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("planned_spend", Exact(4), autoincrement=False, nullable=False),
        sa.Column("sharing_percentage", Exact(10), autoincrement=False, nullable=True),
        sa.Column("funding_due", Exact(4), autoincrement=False, nullable=True),
        sa.Column("plan_in_terms", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("step", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("step_on", sa.Date(), autoincrement=False, nullable=True),
        sa.Column("step_amount", Exact(4), autoincrement=False, nullable=True),
        sa.Column("reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("done_by", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_monthly_round_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "round_statement_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("monthly_round_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("total", Exact(4), autoincrement=False, nullable=False),
        sa.Column("carried", Exact(4), autoincrement=False, nullable=False),
        sa.Column("lines", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_round_statement_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "round_transfer_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("monthly_round_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("paid_on", sa.Date(), autoincrement=False, nullable=False),
        sa.Column("amount", Exact(4), autoincrement=False, nullable=False),
        sa.Column("done_by", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_round_transfer_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "monthly_round",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("planned_spend", Exact(4), nullable=False),
        sa.Column("sharing_percentage", Exact(10), nullable=True),
        sa.Column("funding_due", Exact(4), nullable=True),
        sa.Column("plan_in_terms", sa.Boolean(), nullable=False),
        sa.Column("step", sa.String(length=10), nullable=False),
        sa.Column("step_on", sa.Date(), nullable=True),
        sa.Column("step_amount", Exact(4), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("done_by", sa.String(length=200), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("side IN ('fund', 'company')", name=op.f("ck_monthly_round_side")),
        sa.CheckConstraint(
            "state IN ('planned', 'declined', 'approved', 'funded', 'spent', 'stated', 'settled')",
            name=op.f("ck_monthly_round_state"),
        ),
        sa.CheckConstraint(
            "step IN ('plan', 'approve', 'decline', 'fund', 'report', 'issue', 'settle', 'carry', 'take_back', 'step_back')",
            name=op.f("ck_monthly_round_step"),
        ),
        sa.CheckConstraint("planned_spend >= 0", name=op.f("ck_monthly_round_planned_spend")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_monthly_round_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_monthly_round_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_monthly_round_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_round")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("monthly_round", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_monthly_round_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(
            "uq_monthly_round_month",
            ["company_id", "month"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "round_statement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("monthly_round_id", sa.BigInteger(), nullable=False),
        sa.Column("total", Exact(4), nullable=False),
        sa.Column("carried", Exact(4), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_round_statement_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_round_statement_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_round_statement_firm_id")),
        sa.ForeignKeyConstraint(
            ["monthly_round_id"], ["monthly_round.id"], name=op.f("fk_round_statement_monthly_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_statement")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("round_statement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_statement_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_statement_monthly_round_id"), ["monthly_round_id"], unique=False)
        batch_op.create_index(
            "uq_round_statement_round",
            ["company_id", "monthly_round_id"],
            unique=True,
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )

    op.create_table(
        "round_transfer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("monthly_round_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("amount", Exact(4), nullable=False),
        sa.Column("done_by", sa.String(length=200), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind IN ('funding', 'settlement')", name=op.f("ck_round_transfer_kind")),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_round_transfer_amount")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_round_transfer_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_round_transfer_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_round_transfer_firm_id")),
        sa.ForeignKeyConstraint(
            ["monthly_round_id"], ["monthly_round.id"], name=op.f("fk_round_transfer_monthly_round_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_transfer")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("round_transfer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_round_transfer_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_round_transfer_company_id", ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_round_transfer_monthly_round_id"), ["monthly_round_id"], unique=False)

    for table in ("trade_terms", "trade_terms_history"):
        for name, kind in COLUMNS.items():
            op.add_column(table, sa.Column(name, kind, nullable=True))
    _agreed_within(True)
    rls.secure(op.get_bind(), *TABLES, *(f"{table}_history" for table in TABLES))
    _rules_may_be("kind IN ('capital_call', 'distribution', 'payment', 'mark', 'grant', 'funding')")


def downgrade() -> None:
    op.execute("DELETE FROM approval_rule WHERE kind = 'funding'")
    _rules_may_be("kind IN ('capital_call', 'distribution', 'payment', 'mark', 'grant')")
    _agreed_within(False)
    for name in COLUMNS:
        for table in ("trade_terms_history", "trade_terms"):
            op.drop_column(table, name)
    with op.batch_alter_table("round_transfer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_round_transfer_monthly_round_id"))
        batch_op.drop_index("ix_round_transfer_company_id")
        batch_op.drop_index(batch_op.f("ix_round_transfer_batch_id"))

    op.drop_table("round_transfer")
    with op.batch_alter_table("round_statement", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_round_statement_round",
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_round_statement_monthly_round_id"))
        batch_op.drop_index(batch_op.f("ix_round_statement_batch_id"))

    op.drop_table("round_statement")
    with op.batch_alter_table("monthly_round", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_monthly_round_month",
            sqlite_where=sa.text("voided_at IS NULL"),
            postgresql_where=sa.text("voided_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_monthly_round_batch_id"))

    op.drop_table("monthly_round")
    op.drop_table("round_transfer_history")
    op.drop_table("round_statement_history")
    op.drop_table("monthly_round_history")


def _agreed_within(wanted: bool) -> None:
    """The checks on what is new in the terms; SQLite makes the table anew for them."""
    with op.batch_alter_table("trade_terms", table_kwargs={"sqlite_strict": True}) as batch:
        for name, check in CHECKS.items():
            if wanted:
                batch.create_check_constraint(op.f(f"ck_trade_terms_{name}"), check)
            else:
                batch.drop_constraint(op.f(f"ck_trade_terms_{name}"), type_="check")


def _rules_may_be(kinds: str) -> None:
    """Another check on the kind; SQLite makes the table anew for that."""
    with op.batch_alter_table("approval_rule", table_kwargs={"sqlite_strict": True}) as batch:
        batch.drop_constraint(op.f("ck_approval_rule_kind"), type_="check")
        batch.create_check_constraint(op.f("ck_approval_rule_kind"), kinds)
