"""sessions and sign in delays"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

STRICT = {"sqlite_strict": True}  # a rebuilt table stays as strict as it was


def upgrade() -> None:
    op.create_table(
        "sign_in_delay",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("key_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_delay")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_sign_in_delay_key_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("sign_in_delay") as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_delay_tried_at"), ["tried_at"], unique=False)
    with op.batch_alter_table("api_token") as batch_op:
        batch_op.add_column(sa.Column("used_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("user_session") as batch_op:
        batch_op.add_column(sa.Column("stage", sa.String(length=12), server_default="full", nullable=False))
        batch_op.add_column(sa.Column("proof", sa.String(length=40), server_default="password", nullable=False))
        batch_op.add_column(sa.Column("address", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("device", sa.String(length=200), server_default="", nullable=False))
        batch_op.add_column(sa.Column("seen_at", UtcDateTime(), nullable=True))
    op.execute("UPDATE user_session SET seen_at = created_at")
    with op.batch_alter_table("user_session", table_kwargs=STRICT) as batch_op:
        batch_op.alter_column("seen_at", existing_type=UtcDateTime(), nullable=False)
        batch_op.create_check_constraint("stage", "stage IN ('full', 'second_step', 'enrol')")


def downgrade() -> None:
    with op.batch_alter_table("user_session", table_kwargs=STRICT) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_user_session_stage"), type_="check")
        batch_op.drop_column("seen_at")
        batch_op.drop_column("device")
        batch_op.drop_column("address")
        batch_op.drop_column("proof")
        batch_op.drop_column("stage")
    with op.batch_alter_table("api_token", table_kwargs=STRICT) as batch_op:
        batch_op.drop_column("used_at")
    with op.batch_alter_table("sign_in_delay") as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_delay_tried_at"))
    op.drop_table("sign_in_delay")
