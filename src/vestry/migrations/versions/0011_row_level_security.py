"""row-level security: the second lock, on PostgreSQL"""

from alembic import op

from vestry.migrations import rls

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rls.install(op.get_bind())
    rls.secure(op.get_bind(), *rls.tables_of_firms(op.get_bind()))


def downgrade() -> None:
    rls.release(op.get_bind(), *rls.tables_of_firms(op.get_bind()))
    rls.remove(op.get_bind())
