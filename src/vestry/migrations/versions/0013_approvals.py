"""four eyes: rules, and what waits"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import UtcDateTime
from vestry.migrations import rls

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "approval_rule",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('capital_call', 'distribution', 'mark', 'grant')", name=op.f("ck_approval_rule_kind")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_approval_rule_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_rule")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("approval_rule", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_rule_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index("uq_approval_rule_firm_id_kind", ["firm_id", "kind"], unique=True)

    op.create_table(
        "approval_request",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("maker", sa.String(length=40), nullable=False),
        sa.Column("maker_name", sa.String(length=200), nullable=False),
        sa.Column("maker_user_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("checker", sa.String(length=40), nullable=True),
        sa.Column("checker_name", sa.String(length=200), nullable=True),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "checker IS NULL OR checker <> maker OR state = 'withdrawn'", name=op.f("ck_approval_request_four_eyes")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'refused', 'withdrawn')", name=op.f("ck_approval_request_state")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_approval_request_firm_id")),
        sa.ForeignKeyConstraint(["maker_user_id"], ["user.id"], name=op.f("fk_approval_request_maker_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_request")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("approval_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_approval_request_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index("ix_approval_request_firm_id_state", ["firm_id", "state"], unique=False)

    rls.secure(op.get_bind(), "approval_rule", "approval_request")


def downgrade() -> None:
    with op.batch_alter_table("approval_request", schema=None) as batch_op:
        batch_op.drop_index("ix_approval_request_firm_id_state")
        batch_op.drop_index(batch_op.f("ix_approval_request_firm_id"))

    op.drop_table("approval_request")
    with op.batch_alter_table("approval_rule", schema=None) as batch_op:
        batch_op.drop_index("uq_approval_rule_firm_id_kind")
        batch_op.drop_index(batch_op.f("ix_approval_rule_firm_id"))

    op.drop_table("approval_rule")
