"""Which revision a database has, which one this version needs, and the way between them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

HERE = Path(__file__).parent


def _config(engine: Engine | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE).replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


@lru_cache
def newest_revision() -> str | None:
    """The revision this version of Vestry needs."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def current_revision(connection: Connection) -> str | None:
    """The revision the database has; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the database up to a revision; each migration is one transaction on both databases."""
    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Take the database back to a revision."""
    command.downgrade(_config(engine), revision)


def check(engine: Engine) -> None:
    """Raise when the models and the migrated tables differ."""
    command.check(_config(engine))


def revise(engine: Engine, message: str, number: str) -> None:
    """Write the migration ``number`` (0002, …) from the difference between models and database, for developers."""
    command.revision(_config(engine), message, autogenerate=True, rev_id=number)
