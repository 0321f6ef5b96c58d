"""alerts"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Exact, Json, UtcDateTime
from vestry.migrations import rls

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), autoincrement=False, nullable=False),
        sa.Column("subject", sa.String(length=100), autoincrement=False, nullable=False),
        sa.Column("rule_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("severity", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("state", sa.String(length=12), autoincrement=False, nullable=False),
        sa.Column("holds", sa.Boolean(), autoincrement=False, nullable=False),
        sa.Column("says", sa.Text(), autoincrement=False, nullable=False),
        sa.Column("figures", Json, autoincrement=False, nullable=False),
        sa.Column("link", sa.String(length=300), autoincrement=False, nullable=False),
        sa.Column("opened_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("decided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("decided_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("note", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_alert_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "alert_rule_history",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("firm_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), autoincrement=False, nullable=False),
        sa.Column("metric", sa.String(length=64), autoincrement=False, nullable=False),
        sa.Column("period_kind", sa.String(length=8), autoincrement=False, nullable=False),
        sa.Column("comparison", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("against", sa.String(length=12), autoincrement=False, nullable=True),
        sa.Column("threshold", Exact(4), autoincrement=False, nullable=True),
        sa.Column("currency", sa.String(length=3), autoincrement=False, nullable=True),
        sa.Column("due_days", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("severity", sa.String(length=10), autoincrement=False, nullable=False),
        sa.Column("company_ids", Json, autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), autoincrement=False, nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("voided_at", UtcDateTime(), autoincrement=False, nullable=True),
        sa.Column("void_reason", sa.Text(), autoincrement=False, nullable=True),
        sa.Column("batch_id", sa.BigInteger(), autoincrement=False, nullable=True),
        sa.Column("superseded_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_alert_rule_history")),
        sqlite_strict=True,
    )
    op.create_table(
        "alert_settings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("drift_tolerance", Exact(10), nullable=True),
        sa.Column("upload_days", sa.BigInteger(), nullable=False),
        sa.Column("mail_digest", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("drift_tolerance > 0", name=op.f("ck_alert_settings_drift_tolerance")),
        sa.CheckConstraint("upload_days >= 0", name=op.f("ck_alert_settings_upload_days")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_alert_settings_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_settings")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("alert_settings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_settings_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index("uq_alert_settings_firm_id", ["firm_id"], unique=True)

    op.create_table(
        "alert_rule",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("period_kind", sa.String(length=8), nullable=False),
        sa.Column("comparison", sa.String(length=10), nullable=False),
        sa.Column("against", sa.String(length=12), nullable=True),
        sa.Column("threshold", Exact(4), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("due_days", sa.BigInteger(), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("company_ids", Json, nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(comparison = 'missing') = (due_days IS NOT NULL)", name=op.f("ck_alert_rule_due_days")),
        sa.CheckConstraint("(comparison = 'missing') = (threshold IS NULL)", name=op.f("ck_alert_rule_threshold")),
        sa.CheckConstraint(
            "(comparison IN ('falls_by', 'rises_by')) = (against IS NOT NULL)", name=op.f("ck_alert_rule_change")
        ),
        sa.CheckConstraint("against IN ('previous', 'year_before')", name=op.f("ck_alert_rule_against")),
        sa.CheckConstraint(
            "comparison IN ('below', 'above', 'falls_by', 'rises_by', 'missing')", name=op.f("ck_alert_rule_comparison")
        ),
        sa.CheckConstraint("period_kind IN ('month', 'quarter', 'year')", name=op.f("ck_alert_rule_period_kind")),
        sa.CheckConstraint("severity IN ('critical', 'warning', 'info')", name=op.f("ck_alert_rule_severity")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_alert_rule_batch_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_alert_rule_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert_rule")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("alert_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_rule_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_alert_rule_firm_id", ["firm_id"], unique=False)

    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("rule_id", sa.BigInteger(), nullable=True),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("holds", sa.Boolean(), nullable=False),
        sa.Column("says", sa.Text(), nullable=False),
        sa.Column("figures", Json, nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("void_reason", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("severity IN ('critical', 'warning', 'info')", name=op.f("ck_alert_severity")),
        sa.CheckConstraint("state IN ('open', 'acknowledged', 'closed')", name=op.f("ck_alert_state")),
        sa.ForeignKeyConstraint(["batch_id"], ["import_batch.id"], name=op.f("fk_alert_batch_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_alert_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_alert_firm_id")),
        sa.ForeignKeyConstraint(["rule_id"], ["alert_rule.id"], name=op.f("fk_alert_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_batch_id"), ["batch_id"], unique=False)
        batch_op.create_index("ix_alert_firm_id_state", ["firm_id", "state"], unique=False)
        batch_op.create_index("uq_alert_cause", ["company_id", "kind", "subject"], unique=True)

    rls.secure(op.get_bind(), "alert", "alert_history", "alert_rule", "alert_rule_history", "alert_settings")


def downgrade() -> None:
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.drop_index("uq_alert_cause")
        batch_op.drop_index("ix_alert_firm_id_state")
        batch_op.drop_index(batch_op.f("ix_alert_batch_id"))

    op.drop_table("alert")
    with op.batch_alter_table("alert_rule", schema=None) as batch_op:
        batch_op.drop_index("ix_alert_rule_firm_id")
        batch_op.drop_index(batch_op.f("ix_alert_rule_batch_id"))

    op.drop_table("alert_rule")
    with op.batch_alter_table("alert_settings", schema=None) as batch_op:
        batch_op.drop_index("uq_alert_settings_firm_id")
        batch_op.drop_index(batch_op.f("ix_alert_settings_firm_id"))

    op.drop_table("alert_settings")
    op.drop_table("alert_rule_history")
    op.drop_table("alert_history")
