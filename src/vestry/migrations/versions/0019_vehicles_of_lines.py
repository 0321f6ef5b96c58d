"""vehicles of lines"""

from alembic import op

from vestry.migrations import rls

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

# What earlier revisions locked vehicles with.
BEFORE = (
    "id = ANY ((SELECT vestry_ids('vehicles'))::bigint[]) OR id = ANY ((SELECT vestry_ids('published'))::bigint[]) "
    "OR fund_id = ANY ((SELECT vestry_ids('funds'))::bigint[])"
)


def upgrade() -> None:
    rls.look_up(op.get_bind(), "vestry_vehicles_of_investors")
    rls.secure(op.get_bind(), "vehicle")


def downgrade() -> None:
    rls.secure(op.get_bind(), "vehicle", rows=BEFORE)
