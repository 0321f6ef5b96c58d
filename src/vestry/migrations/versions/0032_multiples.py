"""metrics that are multiples"""

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

TABLE, NAME = "metric_definition", "ck_metric_definition_unit"
BEFORE, NOW = "'money', 'count', 'ratio', 'months'", "'money', 'count', 'ratio', 'multiple', 'months'"


def upgrade() -> None:
    _units(NOW)


def downgrade() -> None:
    for table in (TABLE, f"{TABLE}_history"):
        op.execute(f"UPDATE {table} SET unit = 'count' WHERE unit = 'multiple'")  # noqa: S608 - words of this file
    _units(BEFORE)


def _units(allowed: str) -> None:
    with op.batch_alter_table(TABLE, table_kwargs={"sqlite_strict": True}) as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
        batch.create_check_constraint(op.f(NAME), f"unit IN ({allowed})")
