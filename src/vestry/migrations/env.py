"""Run by Alembic: one connection, one transaction a migration, batch mode for SQLite."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import JSON, Engine, text

from vestry.all_models import metadata
from vestry.core.types import Exact, UtcDateTime


def _render(kind: str, thing: Any, autogen: Any) -> str | Literal[False]:
    if kind == "type" and isinstance(thing, Exact):
        autogen.imports.add("from vestry.core.types import Exact")
        return f"Exact({thing.scale})"
    if kind == "type" and isinstance(thing, JSON):
        autogen.imports.add("from vestry.core.types import Json")
        return "Json"
    if kind == "type" and isinstance(thing, UtcDateTime):
        autogen.imports.add("from vestry.core.types import UtcDateTime")
        return "UtcDateTime()"
    return False


engine: Engine = context.config.attributes["engine"]
with engine.connect() as connection:
    parts: set[str] = set()  # of tables that the models know whole
    sqlite = engine.dialect.name == "sqlite"
    raw: Any = connection.connection.driver_connection
    if sqlite:  # a batch rebuild drops and renames the table others refer to; pragmas act between transactions only
        connection.rollback()
        raw.execute("PRAGMA foreign_keys=OFF")
    else:
        connection.exec_driver_sql("RESET ROLE")  # tables belong to the database user, not to the application's role
        connection.exec_driver_sql("SET lock_timeout = '5s'")
        parts.update(connection.scalars(text("SELECT relname FROM pg_class WHERE relispartition AND relkind = 'r'")))
        connection.commit()
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
        transactional_ddl=True,
        render_item=_render,
        include_name=lambda name, kind, _: kind != "table" or name not in parts,
        user_module_prefix="vestry.",
    )
    with context.begin_transaction():
        context.run_migrations()
    if not sqlite:
        connection.invalidate()  # nobody else works with what was set for migrations
    else:
        connection.rollback()
        broken = raw.execute("PRAGMA foreign_key_check").fetchall()
        raw.execute("PRAGMA foreign_keys=ON")
        if broken:
            raise RuntimeError(f"the migration left rows that refer to nothing: {broken[:5]}")
