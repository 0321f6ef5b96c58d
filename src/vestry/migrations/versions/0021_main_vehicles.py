"""main vehicles of funds that are seen by way of another one"""

from alembic import op

from vestry.migrations import rls

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

# What 0019 locked vehicles with.
BEFORE = (
    "id = ANY ((SELECT vestry_ids('vehicles'))::bigint[]) OR id = ANY ((SELECT vestry_ids('published'))::bigint[]) "
    "OR fund_id = ANY ((SELECT vestry_ids('funds'))::bigint[]) OR id IN (SELECT vestry_vehicles_of_investors())"
)


def upgrade() -> None:
    rls.enter_anew(op.get_bind())
    rls.secure(op.get_bind(), "vehicle")


def downgrade() -> None:
    rls.secure(op.get_bind(), "vehicle", rows=BEFORE)
