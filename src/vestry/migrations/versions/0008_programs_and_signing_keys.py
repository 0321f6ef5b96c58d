"""programs and signing keys"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signing_key",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("private_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_key")),
        sa.UniqueConstraint("kid", name=op.f("uq_signing_key_kid")),
        sqlite_strict=True,
    )
    op.create_table(
        "token_family",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("renewed_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.Column("revoked_why", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_token_family_firm_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_token_family_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_family")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("token_family") as batch_op:
        batch_op.create_index(batch_op.f("ix_token_family_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_token_family_user_id"), ["user_id"], unique=False)

    op.create_table(
        "refresh_token",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("family_id", sa.BigInteger(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("spent_at", UtcDateTime(), nullable=True),
        sa.Column("repeated_at", UtcDateTime(), nullable=True),
        sa.Column("voided_at", UtcDateTime(), nullable=True),
        sa.Column("next_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["family_id"], ["token_family.id"], name=op.f("fk_refresh_token_family_id")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_refresh_token_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_token")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_refresh_token_secret_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("refresh_token") as batch_op:
        batch_op.create_index(batch_op.f("ix_refresh_token_family_id"), ["family_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_refresh_token_firm_id"), ["firm_id"], unique=False)

    with op.batch_alter_table("api_token") as batch_op:
        batch_op.add_column(sa.Column("networks", sa.String(length=1000), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("api_token", table_kwargs={"sqlite_strict": True}) as batch_op:
        batch_op.drop_column("networks")

    with op.batch_alter_table("refresh_token") as batch_op:
        batch_op.drop_index(batch_op.f("ix_refresh_token_firm_id"))
        batch_op.drop_index(batch_op.f("ix_refresh_token_family_id"))

    op.drop_table("refresh_token")
    with op.batch_alter_table("token_family") as batch_op:
        batch_op.drop_index(batch_op.f("ix_token_family_user_id"))
        batch_op.drop_index(batch_op.f("ix_token_family_firm_id"))

    op.drop_table("token_family")
    op.drop_table("signing_key")
