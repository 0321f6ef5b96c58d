"""files of payments that wait for a job, and lighter indexes of what an import brought"""

import sqlalchemy as sa
from alembic import op

from vestry.migrations import rls

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

# Facts of an import lie together, so a range of pages is all that must be known of where they are.
LARGE = ("capital_call", "capital_call_line", "distribution", "distribution_line")


def _batch_indexes(method: str) -> None:
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in LARGE:
        op.drop_index(f"ix_{table}_batch_id", table_name=table)
        op.create_index(f"ix_{table}_batch_id", table, ["batch_id"], postgresql_using=method)


def upgrade() -> None:
    op.create_table(
        "payment_file_part",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_payment_file_part_company_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_payment_file_part_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_file_part")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("payment_file_part", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_payment_file_part_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_payment_file_part_company_id"), ["company_id"], unique=False)
        batch_op.create_index("uq_payment_file_part_job_id", ["job_id", "place"], unique=True)
    rls.secure(op.get_bind(), "payment_file_part")
    _batch_indexes("brin")


def downgrade() -> None:
    _batch_indexes("btree")
    with op.batch_alter_table("payment_file_part", schema=None) as batch_op:
        batch_op.drop_index("uq_payment_file_part_job_id")
        batch_op.drop_index(batch_op.f("ix_payment_file_part_company_id"))
        batch_op.drop_index(batch_op.f("ix_payment_file_part_firm_id"))
    op.drop_table("payment_file_part")
