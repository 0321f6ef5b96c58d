"""the currencies a firm reports in"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Json, UtcDateTime
from vestry.migrations import rls

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reporting_settings",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("currencies", Json, nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_reporting_settings_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reporting_settings")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("reporting_settings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reporting_settings_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index("uq_reporting_settings_firm_id", ["firm_id"], unique=True)
    rls.secure(op.get_bind(), "reporting_settings")


def downgrade() -> None:
    with op.batch_alter_table("reporting_settings", schema=None) as batch_op:
        batch_op.drop_index("uq_reporting_settings_firm_id")
        batch_op.drop_index(batch_op.f("ix_reporting_settings_firm_id"))
    op.drop_table("reporting_settings")
