"""the audit trail, to which the database lets nobody do anything but add rows"""

import sqlalchemy as sa
from alembic import op

from vestry.core.types import UtcDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


REFUSE = """
CREATE FUNCTION audit_row_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the audit trail is never changed' USING ERRCODE = 'insufficient_privilege'; END $$
"""


def _protect() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER audit_row_no_{verb.lower()} BEFORE {verb} ON audit_row "
                "BEGIN SELECT RAISE(ABORT, 'the audit trail is never changed'); END"
            )
        return
    op.execute(REFUSE)
    op.execute(
        "CREATE TRIGGER audit_row_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_row "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_row_stays()"
    )
    # Also while a bulk load has switched ordinary triggers off.
    op.execute("ALTER TABLE audit_row ENABLE ALWAYS TRIGGER audit_row_stays")


def upgrade() -> None:
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_audit_head_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
        sa.UniqueConstraint("chain", name=op.f("uq_audit_head_chain")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("audit_head", schema=None) as batch_op:
        batch_op.create_index("uq_audit_head_firm_id", ["firm_id"], unique=True)

    op.create_table(
        "audit_row",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("firm_id", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", UtcDateTime(), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("operation", sa.String(length=80), nullable=True),
        sa.Column("door", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=80), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("actor_kind", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("actor_name", sa.String(length=200), nullable=False),
        sa.Column("actor_role", sa.String(length=20), nullable=False),
        sa.Column("on_behalf_of", sa.BigInteger(), nullable=True),
        sa.Column("noun", sa.String(length=63), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("rows", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("previous", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("mac", sa.LargeBinary(length=32), nullable=False),
        sa.CheckConstraint(
            "action IN ('create', 'change', 'delete', 'import', 'bulk', 'refuse', 'export', 'sign_in', 'sign_in_failed', 'sign_out')",
            name=op.f("ck_audit_row_action"),
        ),
        sa.ForeignKeyConstraint(["firm_id"], ["firm.id"], name=op.f("fk_audit_row_firm_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_row")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("audit_row", schema=None) as batch_op:
        batch_op.create_index(
            "ix_audit_row_firm_id_actor_kind_actor_id", ["firm_id", "actor_kind", "actor_id"], unique=False
        )
        batch_op.create_index("ix_audit_row_firm_id_noun_record_id", ["firm_id", "noun", "record_id"], unique=False)
        batch_op.create_index("uq_audit_row_firm_id_sequence", ["firm_id", "sequence"], unique=True)

    _protect()


def downgrade() -> None:
    with op.batch_alter_table("audit_row", schema=None) as batch_op:
        batch_op.drop_index("uq_audit_row_firm_id_sequence")
        batch_op.drop_index("ix_audit_row_firm_id_noun_record_id")
        batch_op.drop_index("ix_audit_row_firm_id_actor_kind_actor_id")

    op.drop_table("audit_row")
    with op.batch_alter_table("audit_head", schema=None) as batch_op:
        batch_op.drop_index("uq_audit_head_firm_id")

    op.drop_table("audit_head")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION audit_row_stays()")
