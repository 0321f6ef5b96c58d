"""newest payment entries"""

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

NAME = "ix_payment_entry_company_id"


def upgrade() -> None:
    _index("company_id", "id")


def downgrade() -> None:
    _index("company_id")


def _index(*columns: str) -> None:
    with op.batch_alter_table("payment_entry") as batch_op:
        batch_op.drop_index(NAME)
        batch_op.create_index(NAME, list(columns))
