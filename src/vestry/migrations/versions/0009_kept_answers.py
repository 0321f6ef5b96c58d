"""the answers kept for requests that are sent again"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_answer",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("principal", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_kept_answer_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_answer")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_answer_created_at"), ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_answer_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index("uq_kept_answer_firm_id_principal_key", ["firm_id", "principal", "key"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.drop_index("uq_kept_answer_firm_id_principal_key")
        batch_op.drop_index(batch_op.f("ix_kept_answer_firm_id"))
        batch_op.drop_index(batch_op.f("ix_kept_answer_created_at"))

    op.drop_table("kept_answer")
