"""files that companies send beside their figures"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import UtcDateTime
from vestry.migrations import rls

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "request_attachment",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("data_request_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("attached_by", sa.String(length=254), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_request_attachment_company_id")),
        sa.ForeignKeyConstraint(
            ["data_request_id"], ["data_request.id"], name=op.f("fk_request_attachment_data_request_id")
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_request_attachment_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_attachment")),
        sa.UniqueConstraint(
            "data_request_id", "content_sha256", name=op.f("uq_request_attachment_data_request_id_content_sha256")
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("request_attachment", schema=None) as batch_op:
        batch_op.create_index("ix_request_attachment_company_id", ["company_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_request_attachment_firm_id"), ["firm_id"], unique=False)
    rls.secure(op.get_bind(), "request_attachment")


def downgrade() -> None:
    with op.batch_alter_table("request_attachment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_request_attachment_firm_id"))
        batch_op.drop_index("ix_request_attachment_company_id")
    op.drop_table("request_attachment")
