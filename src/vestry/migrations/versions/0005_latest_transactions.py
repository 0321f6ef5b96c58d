"""latest transactions"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NAME = "ix_transaction_firm_id_transacted_on"
LIVE = sa.text("voided_at IS NULL")


def upgrade() -> None:
    with op.batch_alter_table("transaction") as batch_op:
        batch_op.drop_index(NAME)
    latest: list[str | sa.TextClause] = ["firm_id", sa.text("transacted_on DESC"), "id"]
    op.create_index(NAME, "transaction", latest, sqlite_where=LIVE, postgresql_where=LIVE)


def downgrade() -> None:
    with op.batch_alter_table("transaction") as batch_op:
        batch_op.drop_index(NAME)
    op.create_index(NAME, "transaction", ["firm_id", "transacted_on", "id"])
