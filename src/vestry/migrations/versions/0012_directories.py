"""directories"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import Json, UtcDateTime
from vestry.migrations import rls

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "identity_provider",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("scopes", sa.String(length=200), nullable=False),
        sa.Column("groups_claim", sa.String(length=100), nullable=False),
        sa.Column("role_by_group", Json, nullable=False),
        sa.Column("second_factor_done", sa.Boolean(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_identity_provider_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_provider")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("identity_provider") as batch_op:
        batch_op.create_index(batch_op.f("ix_identity_provider_firm_id"), ["firm_id"], unique=False)

    op.create_table(
        "external_identity",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("provider_id", sa.BigInteger(), nullable=False),
        sa.Column("issuer", sa.String(length=500), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("used_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_external_identity_firm_id")),
        sa.ForeignKeyConstraint(
            ["provider_id"], ["identity_provider.id"], name=op.f("fk_external_identity_provider_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_external_identity_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_external_identity")),
        sa.UniqueConstraint(
            "provider_id", "issuer", "subject", name=op.f("uq_external_identity_provider_id_issuer_subject")
        ),
        sqlite_strict=True,
    )
    with op.batch_alter_table("external_identity") as batch_op:
        batch_op.create_index(batch_op.f("ix_external_identity_firm_id"), ["firm_id"], unique=False)
        batch_op.create_index("ix_external_identity_user_id", ["user_id"], unique=False)

    with op.batch_alter_table("sign_in_rules") as batch_op:
        batch_op.add_column(sa.Column("break_glass", Json, server_default="[]", nullable=False))
    rls.secure(op.get_bind(), "identity_provider", "external_identity")


def downgrade() -> None:
    with op.batch_alter_table("sign_in_rules", table_kwargs={"sqlite_strict": True}) as batch_op:
        batch_op.drop_column("break_glass")

    with op.batch_alter_table("external_identity") as batch_op:
        batch_op.drop_index("ix_external_identity_user_id")
        batch_op.drop_index(batch_op.f("ix_external_identity_firm_id"))

    op.drop_table("external_identity")
    with op.batch_alter_table("identity_provider") as batch_op:
        batch_op.drop_index(batch_op.f("ix_identity_provider_firm_id"))

    op.drop_table("identity_provider")
