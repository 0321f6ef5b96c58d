"""``vestry demo``: the demo firm's funds in an empty database."""

from __future__ import annotations

from argparse import Namespace

from sqlalchemy import func, select

from vestry.cli import local
from vestry.core.errors import Conflict
from vestry.demo import load_cohort_fund, load_demo, load_rules
from vestry.funds.models import Fund


class NotEmpty(Conflict):
    """The demo is not mixed into books that hold something."""


def load(arguments: Namespace) -> int:
    """Refuses a database that has funds."""
    with local.opened() as database:
        actor = local.local_actor(database, demo=True)
        with database.transaction(actor) as session:
            if session.scalar(select(func.count()).select_from(Fund)):
                raise NotEmpty("This database has funds already.", mend="Choose another VESTRY_HOME.")
            made = load_demo(session, actor, funds_per_plan=arguments.funds)
            load_cohort_fund(session, actor)
            load_rules(session, actor)
    print(f"Loaded {made + 1} demo funds")
    return 0
