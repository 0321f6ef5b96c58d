"""payments in parts by company, on PostgreSQL

Each part is vacuumed, analysed and indexed by itself, and a query about a company reads one of them. Company is also
the key by which Citus would spread the table over machines. The rows are copied in one transaction: some seconds for
each million.
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

from vestry.migrations import rls

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE = "customer_payment"
PARTS = 16
NAMES = ("firm_id", "company_id", "id", "customer_id", "paid_on", "units", "entry_id", "ended_by", "reference")


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _replace("PARTITION BY HASH (company_id)", _parts())


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _replace("", ())


def _parts() -> Iterable[str]:
    for number in range(PARTS):
        part = f"{TABLE}_{number:02}"
        yield f"CREATE TABLE {part} PARTITION OF {TABLE} FOR VALUES WITH (MODULUS {PARTS}, REMAINDER {number})"
        # Rows are asked for through the whole, whose policy decides. Without a policy of its own a part shows nothing.
        yield f"ALTER TABLE {part} ENABLE ROW LEVEL SECURITY"
        yield f"ALTER TABLE {part} FORCE ROW LEVEL SECURITY"


def _replace(kept: str, parts: Iterable[str]) -> None:
    """Make the table anew, kept otherwise, with the rows of the one there is."""
    connection, names = op.get_bind(), ", ".join(NAMES)
    rls.release(connection, TABLE)  # forced on its owner, it would show no row to copy
    unique = f"CREATE UNIQUE INDEX uq_{TABLE}_reference ON {TABLE} (company_id, reference)"
    for statement in (
        f"ALTER TABLE {TABLE} RENAME TO {TABLE}_before",
        f"ALTER TABLE {TABLE}_before RENAME CONSTRAINT pk_{TABLE} TO pk_{TABLE}_before",
        f"ALTER INDEX uq_{TABLE}_reference RENAME TO uq_{TABLE}_reference_before",
        f"CREATE TABLE {TABLE} (LIKE {TABLE}_before) {kept}",
        *parts,
        f"INSERT INTO {TABLE} ({names}) SELECT {names} FROM {TABLE}_before",  # noqa: S608 - words of this file
        f"ALTER TABLE {TABLE} ADD CONSTRAINT pk_{TABLE} PRIMARY KEY (company_id, id)",
        f"{unique} WHERE reference IS NOT NULL AND ended_by IS NULL",
        f"DROP TABLE {TABLE}_before",
    ):
        connection.execute(sa.text(statement))
    rls.secure(connection, TABLE)
