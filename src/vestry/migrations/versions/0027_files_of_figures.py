"""files of figures: what was imported, from which cell a figure came, and what a company's labels stand for"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Json, UtcDateTime
from vestry.migrations import rls

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLES = ("metric_import", "metric_import_cell", "metric_label")


def upgrade() -> None:
    op.create_table(
        "metric_import",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.String(length=255), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("mapping", Json, nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("receipt", Json, nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.BigInteger(), nullable=True),
        sa.Column("undo_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_metric_import_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_metric_import_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_import")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_metric_import_firm_id"), "metric_import", ["firm_id"])
    op.create_index("ix_metric_import_company_id_content_sha256", "metric_import", ["company_id", "content_sha256"])
    op.create_table(
        "metric_import_cell",
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("value_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sheet", sa.String(length=100), nullable=True),
        sa.Column("cell", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_metric_import_cell_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_metric_import_cell_firm_id")),
        sa.ForeignKeyConstraint(["import_id"], ["metric_import.id"], name=op.f("fk_metric_import_cell_import_id")),
        sa.ForeignKeyConstraint(["value_id"], ["metric_value.id"], name=op.f("fk_metric_import_cell_value_id")),
        sa.PrimaryKeyConstraint("value_id", "version", name=op.f("pk_metric_import_cell")),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_metric_import_cell_import_id", "metric_import_cell", ["import_id"])
    op.create_table(
        "metric_label",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("label_key", sa.String(length=200), nullable=False),
        sa.Column("metric", sa.String(length=64), nullable=True),
        sa.Column("scale", sa.BigInteger(), nullable=False),
        sa.Column("said_scale", sa.BigInteger(), nullable=True),
        sa.Column("sign", sa.BigInteger(), nullable=False),
        sa.Column("percent", sa.String(length=8), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("scale IN (1, 1000, 1000000, 1000000000)", name=op.f("ck_metric_label_scale")),
        sa.CheckConstraint("sign IN (-1, 1)", name=op.f("ck_metric_label_sign")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_metric_label_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_metric_label_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metric_label")),
        sqlite_strict=True,
    )
    op.create_index(op.f("ix_metric_label_firm_id"), "metric_label", ["firm_id"])
    op.create_index("uq_metric_label_company_id_label_key", "metric_label", ["company_id", "label_key"], unique=True)
    for table in TABLES:
        rls.secure(op.get_bind(), table)


def downgrade() -> None:
    op.drop_table("metric_label")
    op.drop_table("metric_import_cell")
    op.drop_table("metric_import")
