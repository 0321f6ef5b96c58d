"""what waits says what it would change; payments may wait too"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Money, UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS: dict[str, Any] = {"effect": sa.Text(), "amount": Money, "currency": sa.String(length=3)}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("approval_request", sa.Column(name, kind, nullable=True))
    _rules_may_be("kind IN ('capital_call', 'distribution', 'payment', 'mark', 'grant')")


def downgrade() -> None:
    op.execute("DELETE FROM approval_rule WHERE kind = 'payment'")
    _rules_may_be("kind IN ('capital_call', 'distribution', 'mark', 'grant')")
    for name in COLUMNS:
        op.drop_column("approval_request", name)


def _rules_may_be(kinds: str) -> None:
    """Another check on the kind; SQLite makes the table anew for that."""
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_approval_rule_kind"), "approval_rule", type_="check")
        op.create_check_constraint(op.f("ck_approval_rule_kind"), "approval_rule", kinds)
        return
    rules = sa.Table(
        "approval_rule",
        sa.MetaData(),
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("required", sa.Boolean(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(kinds, name=op.f("ck_approval_rule_kind")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_approval_rule_firm_id")),
        sa.Index("ix_approval_rule_firm_id", "firm_id"),
        sa.Index("uq_approval_rule_firm_id_kind", "firm_id", "kind", unique=True),
    )
    strict = {"sqlite_strict": True}
    with op.batch_alter_table("approval_rule", copy_from=rules, recreate="always", table_kwargs=strict):
        pass
