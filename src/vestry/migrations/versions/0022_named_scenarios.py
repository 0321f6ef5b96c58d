"""scenarios of any name"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLES = ("prediction_scenario", "prediction_scenario_history")
NAME = "ck_prediction_scenario_name"
FORMER = "name IN ('worst', 'average', 'best')"


def upgrade() -> None:
    with op.batch_alter_table("prediction_scenario", table_kwargs={"sqlite_strict": True}) as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
    _names_of(10, 100)


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"DELETE FROM {table} WHERE NOT ({FORMER})")  # noqa: S608 - words of this file
    _names_of(100, 10)
    with op.batch_alter_table("prediction_scenario", table_kwargs={"sqlite_strict": True}) as batch:
        batch.create_check_constraint(op.f(NAME), FORMER)


def _names_of(former: int, length: int) -> None:
    """How long a name may be; SQLite's text is of any length."""
    if op.get_bind().dialect.name != "sqlite":
        for table in TABLES:
            op.alter_column(table, "name", existing_type=sa.String(former), type_=sa.String(length))
