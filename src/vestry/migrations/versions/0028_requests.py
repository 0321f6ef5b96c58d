"""data requests: templates, recipients, forms behind links, and what companies sent"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Exact, Json, UtcDateTime
from vestry.migrations import rls

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLES = ("request_template", "company_recipient", "data_request", "form_link", "submitted_value")


def upgrade() -> None:
    op.create_table(
        "request_template",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("period_kind", sa.String(length=8), nullable=False),
        sa.Column("metrics", Json, nullable=False),
        sa.Column("questions", Json, nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("due_days", sa.BigInteger(), nullable=False),
        sa.Column("reminder_days", Json, nullable=False),
        sa.Column("deviation", Exact(10), nullable=False),
        sa.Column("company_ids", Json, nullable=False),
        sa.Column("is_scheduled", sa.Boolean(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("period_kind IN ('month', 'quarter', 'year')", name=op.f("ck_request_template_period_kind")),
        sa.CheckConstraint("deviation > 0", name=op.f("ck_request_template_deviation")),
        sa.CheckConstraint("due_days BETWEEN 0 AND 365", name=op.f("ck_request_template_due_days")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_request_template_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_template")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("request_template", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_request_template_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "company_recipient",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_recipient_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_company_recipient_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_recipient")),
        sa.UniqueConstraint("company_id", "email_key", name=op.f("uq_company_recipient_company_id_email_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("company_recipient", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_company_recipient_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "data_request",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("request_template_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("period", sa.String(length=20), nullable=False),
        sa.Column("period_kind", sa.String(length=8), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("metrics", Json, nullable=False),
        sa.Column("questions", Json, nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("deviation", Exact(10), nullable=False),
        sa.Column("reminder_days", Json, nullable=False),
        sa.Column("reminded_step", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("draft", Json, nullable=False),
        sa.Column("answers", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("saved_at", UtcDateTime(), nullable=True),
        sa.Column("submitted_at", UtcDateTime(), nullable=True),
        sa.Column("submitted_by", sa.String(length=254), nullable=True),
        sa.Column("receipt", sa.String(length=20), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("period_kind IN ('month', 'quarter', 'year')", name=op.f("ck_data_request_period_kind")),
        sa.CheckConstraint(
            "state IN ('asked', 'draft', 'submitted', 'returned', 'approved', 'cancelled')",
            name=op.f("ck_data_request_state"),
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_data_request_period")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_data_request_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_data_request_firm_id")),
        sa.ForeignKeyConstraint(
            ["request_template_id"], ["request_template.id"], name=op.f("fk_data_request_request_template_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_request")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("data_request", schema=None) as batch_op:
        batch_op.create_index("ix_data_request_company_id", ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_data_request_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(
            "uq_data_request_period",
            ["request_template_id", "company_id", "ends_on"],
            unique=True,
            sqlite_where=sa.text("state <> 'cancelled'"),
            postgresql_where=sa.text("state <> 'cancelled'"),
        )

    op.create_table(
        "form_link",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("data_request_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("spent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_form_link_company_id")),
        sa.ForeignKeyConstraint(["data_request_id"], ["data_request.id"], name=op.f("fk_form_link_data_request_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_form_link_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_form_link")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_form_link_secret_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("form_link", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_form_link_data_request_id"), ["data_request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_form_link_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "submitted_value",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("data_request_id", sa.BigInteger(), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=False),
        sa.Column("metric_value_id", sa.BigInteger(), nullable=True),
        sa.Column("metric_value_version", sa.BigInteger(), nullable=True),
        sa.Column("figures", Json, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("decided_by", sa.String(length=200), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('submitted', 'approved', 'rejected')", name=op.f("ck_submitted_value_state")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_submitted_value_company_id")),
        sa.ForeignKeyConstraint(
            ["data_request_id"], ["data_request.id"], name=op.f("fk_submitted_value_data_request_id")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_submitted_value_firm_id")),
        sa.ForeignKeyConstraint(
            ["metric_value_id"], ["metric_value.id"], name=op.f("fk_submitted_value_metric_value_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submitted_value")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("submitted_value", schema=None) as batch_op:
        batch_op.create_index("ix_submitted_value_company_id", ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submitted_value_data_request_id"), ["data_request_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_submitted_value_firm_id"), ["firm_id"], unique=False)

    rls.secure(op.get_bind(), *TABLES)


def downgrade() -> None:
    with op.batch_alter_table("submitted_value", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submitted_value_firm_id"))
        batch_op.drop_index(batch_op.f("ix_submitted_value_data_request_id"))
        batch_op.drop_index("ix_submitted_value_company_id")

    op.drop_table("submitted_value")
    with op.batch_alter_table("form_link", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_form_link_firm_id"))
        batch_op.drop_index(batch_op.f("ix_form_link_data_request_id"))

    op.drop_table("form_link")
    with op.batch_alter_table("data_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_data_request_period",
            sqlite_where=sa.text("state <> 'cancelled'"),
            postgresql_where=sa.text("state <> 'cancelled'"),
        )
        batch_op.drop_index(batch_op.f("ix_data_request_firm_id"))
        batch_op.drop_index("ix_data_request_company_id")

    op.drop_table("data_request")
    with op.batch_alter_table("company_recipient", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_company_recipient_firm_id"))

    op.drop_table("company_recipient")
    with op.batch_alter_table("request_template", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_template_firm_id"))

    op.drop_table("request_template")
