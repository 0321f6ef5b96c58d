"""grants: what part of the firm a user or a token sees"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLES = [
    "administrator",
    "manager",
    "analyst",
    "accountant",
    "auditor",
    "advisor",
    "client",
    "investor",
    "company_contact",
]
FORMER = ["administrator", "manager", "analyst", "auditor"]
HOLDERS = {"user": "user", "token": "api_token"}


def upgrade() -> None:
    _allow(ROLES)
    op.create_table(
        "access_grant",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("token_id", sa.BigInteger(), nullable=True),
        sa.Column("scope_kind", sa.String(length=10), nullable=False),
        sa.Column("scope_id", sa.BigInteger(), nullable=False),
        sa.Column("granted_by", sa.BigInteger(), nullable=True),
        sa.Column("granted_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_by", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "scope_kind IN ('firm', 'fund', 'vehicle', 'company', 'investor')",
            name=op.f("ck_access_grant_scope_kind"),
        ),
        sa.CheckConstraint("(scope_kind = 'firm') = (scope_id = 0)", name=op.f("ck_access_grant_scope_id")),
        sa.CheckConstraint("(user_id IS NULL) <> (token_id IS NULL)", name=op.f("ck_access_grant_holder")),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_access_grant_firm_id")),
        sa.ForeignKeyConstraint(["granted_by"], ["user.id"], name=op.f("fk_access_grant_granted_by")),
        sa.ForeignKeyConstraint(["revoked_by"], ["user.id"], name=op.f("fk_access_grant_revoked_by")),
        sa.ForeignKeyConstraint(["token_id"], ["api_token.id"], name=op.f("fk_access_grant_token_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_access_grant_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_grant")),
        sqlite_strict=True,
    )
    for column in ("firm_id", "token_id", "user_id"):
        op.create_index(op.f(f"ix_access_grant_{column}"), "access_grant", [column])
    for holder, table in HOLDERS.items():
        live = sa.text("revoked_at IS NULL")
        op.create_index(
            f"uq_access_grant_{holder}",
            "access_grant",
            [f"{holder}_id", "scope_kind", "scope_id"],
            unique=True,
            sqlite_where=live,
            postgresql_where=live,
        )
        # Whoever could see the whole firm until now still does.
        op.execute(
            f"INSERT INTO access_grant (firm_id, {holder}_id, scope_kind, scope_id, granted_at) "  # noqa: S608
            f"SELECT firm_id, id, 'firm', 0, created_at FROM \"{table}\""
        )


def downgrade() -> None:
    # The former version knows no narrower right, so whoever did not see the whole firm may not come in at all.
    known = ", ".join(map(repr, FORMER))
    for holder, table, ended in (("user", "user", "deactivated_at"), ("token", "api_token", "revoked_at")):
        whole = f"SELECT {holder}_id FROM access_grant WHERE scope_kind = 'firm' AND revoked_at IS NULL"  # noqa: S608
        op.execute(
            f'UPDATE "{table}" SET {ended} = created_at WHERE {ended} IS NULL '  # noqa: S608
            f"AND role <> 'administrator' AND id NOT IN ({whole} AND {holder}_id IS NOT NULL)"
        )
        op.execute(f"UPDATE \"{table}\" SET role = 'auditor' WHERE role NOT IN ({known})")  # noqa: S608
    op.drop_table("access_grant")
    _allow(FORMER)


def _allow(roles: list[str]) -> None:
    """Let these roles into the tables that name one."""
    for table in HOLDERS.values():
        with op.batch_alter_table(table, table_kwargs={"sqlite_strict": True}) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_role"), type_="check")
            batch.create_check_constraint(op.f(f"ck_{table}_role"), f"role IN ({', '.join(map(repr, roles))})")
