"""connections: where a company's figures are fetched, and which import came by which"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Json, UtcDateTime
from vestry.migrations import rls

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

TABLE, UNIQUE = "metric_connection", "uq_metric_connection_company_id_name_key"
KEY = "fk_metric_import_connection_id"
STRICT = {"sqlite_strict": True}


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=400), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("account", sa.String(length=200), nullable=True),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("nightly", sa.Boolean(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("token_id", sa.BigInteger(), nullable=True),
        sa.Column("last_fetch", Json, nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_metric_connection_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_metric_connection_firm_id")),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name=op.f("fk_metric_connection_token_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_metric_connection_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_connection")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_metric_connection_firm_id"), TABLE, ["firm_id"])
    live = sa.text("archived_at IS NULL")
    op.create_index(UNIQUE, TABLE, ["company_id", "name_key"], unique=True, sqlite_where=live, postgresql_where=live)
    rls.secure(op.get_bind(), TABLE)
    with op.batch_alter_table("metric_import", table_kwargs=STRICT) as batch:
        batch.add_column(sa.Column("connection_id", sa.BigInteger(), nullable=True))
        batch.create_foreign_key(op.f(KEY), TABLE, ["connection_id"], ["id"])


def downgrade() -> None:
    with op.batch_alter_table("metric_import", table_kwargs=STRICT) as batch:
        batch.drop_constraint(op.f(KEY), type_="foreignkey")
        batch.drop_column("connection_id")
    op.drop_table(TABLE)
