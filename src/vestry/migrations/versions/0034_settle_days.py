"""the days a company has to settle a statement"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLE, NAME = "alert_settings", "ck_alert_settings_settle_days"


def upgrade() -> None:
    with op.batch_alter_table(TABLE, table_kwargs={"sqlite_strict": True}) as batch:
        batch.add_column(sa.Column("settle_days", sa.BigInteger(), server_default="30", nullable=False))
        batch.create_check_constraint(op.f(NAME), "settle_days >= 0")


def downgrade() -> None:
    with op.batch_alter_table(TABLE, table_kwargs={"sqlite_strict": True}) as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
        batch.drop_column("settle_days")
