"""attachments that a firm removed: their bytes are gone, the rest stays"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import UtcDateTime

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLE, NAME = "request_attachment", "ck_request_attachment_removal"
STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    with op.batch_alter_table(TABLE, table_kwargs=STRICT) as batch:
        batch.add_column(sa.Column("removed_at", UtcDateTime(), nullable=True))
        batch.add_column(sa.Column("removed_by", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("removal_reason", sa.Text(), nullable=True))
        batch.alter_column("content", existing_type=sa.LargeBinary(), nullable=True)
        batch.create_check_constraint(
            op.f(NAME),
            "(content IS NULL) = (removed_at IS NOT NULL) AND (removed_by IS NULL) = (removed_at IS NULL) "
            "AND (removal_reason IS NULL) = (removed_at IS NULL)",
        )


def downgrade() -> None:
    op.execute(f"DELETE FROM {TABLE} WHERE removed_at IS NOT NULL")  # noqa: S608 - a word of this file
    with op.batch_alter_table(TABLE, table_kwargs=STRICT) as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
        batch.alter_column("content", existing_type=sa.LargeBinary(), nullable=False)
        for name in ("removal_reason", "removed_by", "removed_at"):
            batch.drop_column(name)
