"""row-level security looks up in functions, which only those who see a part of the firm pay for"""

from alembic import op

from vestry.migrations import rls

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    rls.look_up_by_functions(op.get_bind())
    rls.secure(op.get_bind(), *rls.tables_of_firms(op.get_bind()), in_place=False)


def downgrade() -> None:
    rls.secure(op.get_bind(), *rls.tables_of_firms(op.get_bind()), in_place=True)
    rls.look_up_in_place(op.get_bind())
