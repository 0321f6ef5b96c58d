"""The second lock, on PostgreSQL: row-level security, written in SQL alone so that it does not share a mistake with the
Python code that is the first.

``enter`` runs at the start of every transaction (see ``core/db.py``): it looks up what the actor holds and leaves it in
settings that end with the transaction. Policies compare rows with these settings and never ask who set them: this is a
lock against our own forgotten conditions, not against someone who runs SQL of their own.

A revision that makes tables of a firm calls :func:`secure` for each, with its twin.
"""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import Connection, text

from vestry.migrations.rls_rows import DOOR, LOOKUPS, OF_THE_FIRM, ROWS

log = logging.getLogger(__name__)

ROLE: Final = "vestry_app"
POLICY: Final = "of_the_actor"
STAFF: Final = "'manager', 'analyst', 'accountant', 'auditor'"
PARTAKERS: Final = "'advisor', 'client', 'investor'"

FUNCTIONS: Final = """
CREATE FUNCTION vestry_ids(name text) RETURNS bigint[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(string_to_array(nullif(current_setting('vestry.' || name, true), ''), ',')::bigint[], '{}')
$$;

CREATE FUNCTION vestry_id(name text) RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT nullif(current_setting('vestry.' || name, true), '')::bigint
$$;

CREATE FUNCTION vestry_is(name text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT coalesce(current_setting('vestry.' || name, true), '') = 'on'
$$;

CREATE FUNCTION vestry_keep(name text, ids bigint[]) RETURNS void LANGUAGE sql AS $$
  SELECT set_config('vestry.' || name, array_to_string(ids, ','), true)
$$;

"""

# kind: user, token, cli or job. Firm 0 is the door: who asks is not known yet, and only what tells it may be read.
_ENTER: Final = """
CREATE OR REPLACE FUNCTION vestry_enter(kind text, firm bigint, by_user bigint, by_token bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  held_role text; managed boolean; partakes boolean;
  funds bigint[]; vehicles bigint[]; companies bigint[]; investors bigint[]; published bigint[];
  told bigint[];
BEGIN
@BEGIN@
  IF firm = 0 THEN
    PERFORM set_config('vestry.whole', '', true), set_config('vestry.door', 'on', true);
    RETURN;
  END IF;
  IF kind IN ('cli', 'job') THEN RETURN; END IF;
  IF by_user IS NOT NULL THEN
    SELECT u.role INTO held_role FROM "user" u
      WHERE u.id = by_user AND u.firm_id = firm AND u.deactivated_at IS NULL;
  ELSE
    SELECT t.role INTO held_role FROM api_token t
      WHERE t.id = by_token AND t.firm_id = firm AND t.revoked_at IS NULL
        AND (t.expires_at IS NULL OR t.expires_at > now());
  END IF;
  IF held_role = 'administrator' THEN RETURN; END IF;
  SELECT array_agg(g.scope_id) FILTER (WHERE g.scope_kind = 'fund'),
         array_agg(g.scope_id) FILTER (WHERE g.scope_kind = 'vehicle'),
         array_agg(g.scope_id) FILTER (WHERE g.scope_kind = 'company'),
         array_agg(g.scope_id) FILTER (WHERE g.scope_kind = 'investor'),
         bool_or(g.scope_kind = 'firm') AND held_role IN (@STAFF@)
    INTO funds, vehicles, companies, investors, managed
    FROM access_grant g
   WHERE g.firm_id = firm AND g.revoked_at IS NULL
     AND (g.user_id = by_user OR (by_user IS NULL AND g.token_id = by_token));
  IF managed THEN RETURN; END IF;
  partakes := held_role IN (@PARTAKERS@);
  IF held_role IS NULL THEN
    funds := NULL; vehicles := NULL; companies := NULL; investors := NULL;
  ELSIF held_role = 'company_contact' THEN
    funds := NULL; vehicles := NULL; investors := NULL;
  END IF;
  SELECT array_agg(v.id) INTO published FROM vehicle v
   WHERE v.firm_id = firm AND (v.id = ANY (vehicles) OR v.fund_id = ANY (funds) OR (partakes AND v.id IN (
     SELECT c.vehicle_id FROM commitment c
      WHERE c.firm_id = firm AND c.investor_id = ANY (investors) AND c.voided_at IS NULL
     UNION ALL SELECT l.vehicle_id FROM capital_call_line l
      WHERE l.firm_id = firm AND l.investor_id = ANY (investors) AND l.voided_at IS NULL
     UNION ALL SELECT d.vehicle_id FROM distribution_line d
      WHERE d.firm_id = firm AND d.investor_id = ANY (investors) AND d.voided_at IS NULL
     UNION ALL SELECT n.vehicle_id FROM reported_nav n
      WHERE n.firm_id = firm AND n.investor_id = ANY (investors) AND n.voided_at IS NULL)));
  IF partakes THEN
    funds := NULL;
    SELECT array_agg(v.id) INTO vehicles FROM vehicle v
     WHERE v.firm_id = firm AND v.id = ANY (vehicles) AND v.kind = 'managed_account'
       AND held_role IN ('client', 'advisor');
  ELSE
    vehicles := published;
    IF held_role IN (@STAFF@) THEN PERFORM vestry_keep('marked', companies); END IF;
  END IF;
  SELECT array_agg(DISTINCT v.fund_id) INTO told FROM vehicle v
   WHERE v.firm_id = firm AND (v.id = ANY (vehicles) OR v.id = ANY (published));
  PERFORM set_config('vestry.whole', '', true), vestry_keep('funds', funds), vestry_keep('vehicles', vehicles),
    vestry_keep('published', published), vestry_keep('companies', companies), vestry_keep('investors', investors),
    vestry_keep('told', told);
END $$;
""".replace("@STAFF@", STAFF).replace("@PARTAKERS@", PARTAKERS)
_EVERY_SETTING: Final = """
  PERFORM set_config('vestry.firm', firm::text, true), set_config('vestry.door', '', true),
    set_config('vestry.whole', 'on', true),
    set_config('vestry.user', coalesce(by_user::text, ''), true),
    set_config('vestry.token', coalesce(by_token::text, ''), true),
    set_config('vestry.funds', '', true), set_config('vestry.vehicles', '', true),
    set_config('vestry.published', '', true), set_config('vestry.companies', '', true),
    set_config('vestry.marked', '', true), set_config('vestry.investors', '', true),
    set_config('vestry.told', '', true);
"""
# A transaction begins with all of them empty, and setting one costs more than the question whether any is set.
_SETTINGS_NEEDED: Final = f"""
  IF coalesce(current_setting('vestry.firm', true), '') <> '' THEN
    {_EVERY_SETTING}
  ELSE
    PERFORM set_config('vestry.firm', firm::text, true), set_config('vestry.whole', 'on', true);
    IF by_user IS NOT NULL THEN PERFORM set_config('vestry.user', by_user::text, true); END IF;
    IF by_token IS NOT NULL THEN PERFORM set_config('vestry.token', by_token::text, true); END IF;
  END IF;
"""
ENTER_FIRST: Final = _ENTER.replace("@BEGIN@", _EVERY_SETTING)
ENTER: Final = _ENTER.replace("@BEGIN@", _SETTINGS_NEEDED)

DROPPED: Final = (
    "vestry_enter(text, bigint, bigint, bigint)",
    "vestry_keep(text, bigint[])",
    "vestry_is(text)",
    "vestry_id(text)",
    "vestry_ids(text)",
)

# Whether the whole firm is seen. The planner guesses that half of all rows pass where a boolean is asked, and nearly
# all where a text is not empty, which is nearer to the truth.
WHOLE_FIRST: Final = "(SELECT vestry_is('whole'))"
WHOLE: Final = "(SELECT current_setting('vestry.whole', true)) <> ''"


def install(connection: Connection) -> None:
    """The functions and the role of the application; nothing on SQLite."""
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql(FUNCTIONS + ENTER_FIRST)
    if _has_role(connection):
        _grant(connection)


def look_up_by_functions(connection: Connection) -> None:
    """Have policies read other tables in functions of their own, and enter with fewer settings.

    A policy's subquery is planned into every statement that touches its table, and started with it, whether or not the
    asker sees the whole firm; a function is only called for those who do not.
    """
    if connection.dialect.name != "postgresql":
        return
    for name in LOOKUPS:
        look_up(connection, name)
    connection.exec_driver_sql(ENTER)


def enter_anew(connection: Connection) -> None:
    """Enter as it is done now."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(ENTER)


def look_up(connection: Connection, name: str) -> None:
    """Make one of these functions, or make it anew."""
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS SETOF bigint LANGUAGE plpgsql STABLE COST 1 ROWS 100 "
        f"AS $$ BEGIN RETURN QUERY {LOOKUPS[name]}; END $$"
    )


def look_up_in_place(connection: Connection) -> None:
    """The way back, once no policy calls these functions."""
    if connection.dialect.name != "postgresql":
        return
    for name in LOOKUPS:
        connection.exec_driver_sql(f"DROP FUNCTION {name}()")
    connection.exec_driver_sql(ENTER_FIRST)


def ensure_role(connection: Connection) -> bool:
    """Whether this database user may work as the application's role, which is made where it may be: a restored database
    brings what the role may do, and not the role."""
    if not _has_role(connection):
        return False
    if not connection.scalar(text("SELECT pg_has_role(current_user, :name, 'MEMBER')"), {"name": ROLE}):
        connection.exec_driver_sql(f"GRANT {ROLE} TO CURRENT_USER")
    return True


def remove(connection: Connection) -> None:
    """Take both away again; the role stays, other databases of the server may use it."""
    if connection.dialect.name != "postgresql":
        return
    for function in DROPPED:
        connection.exec_driver_sql(f"DROP FUNCTION {function}")
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": ROLE}):
        connection.exec_driver_sql(f"DROP OWNED BY {ROLE}")


def secure(
    connection: Connection, *tables: str, rows: str | None = None, door: bool = False, in_place: bool | None = None
) -> None:
    """Lock tables of a firm: forced on their owner too, for what is read and for what is written.

    ``rows``: the condition of a table that ``ROWS`` does not list, for those who do not see the whole firm; without it
    everybody in the firm passes this lock. ``door``: it is read before it is known who asks. ``in_place``: without
    the functions that look up; by default, when there are none yet.
    """
    if connection.dialect.name != "postgresql":
        return
    if in_place is None:
        in_place = connection.scalar(text("SELECT to_regproc('vestry_holdings') IS NULL"))
    for table in tables:
        name = table.removesuffix("_history")
        narrow = rows or ROWS.get(name, OF_THE_FIRM)
        if in_place:
            for function, found in LOOKUPS.items():
                narrow = narrow.replace(f"SELECT {function}()", found)
        whole = WHOLE_FIRST if in_place else WHOLE
        passes = f"firm_id = (SELECT vestry_id('firm')) AND ({whole} OR {narrow})"
        if narrow == OF_THE_FIRM:
            passes = "firm_id = (SELECT vestry_id('firm'))"
        if door or name in DOOR:
            passes = f"({passes}) OR (SELECT vestry_is('door'))"
        connection.exec_driver_sql(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        connection.exec_driver_sql(f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY')
        connection.exec_driver_sql(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"')
        connection.exec_driver_sql(f'CREATE POLICY {POLICY} ON "{table}" USING ({passes}) WITH CHECK ({passes})')


def release(connection: Connection, *tables: str) -> None:
    """Take the lock off tables again."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        connection.exec_driver_sql(f'DROP POLICY IF EXISTS {POLICY} ON "{table}"')
        connection.exec_driver_sql(f'ALTER TABLE "{table}" NO FORCE ROW LEVEL SECURITY')
        connection.exec_driver_sql(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')


def tables_of_firms(connection: Connection) -> list[str]:
    """Every table there is now that belongs to a firm; none on SQLite."""
    if connection.dialect.name != "postgresql":
        return []
    of_firm = (
        "SELECT c.table_name FROM information_schema.columns c JOIN information_schema.tables t "
        "USING (table_schema, table_name) WHERE c.column_name = 'firm_id' AND t.table_type = 'BASE TABLE' "
        "AND c.table_schema = current_schema() ORDER BY 1"
    )
    return list(connection.scalars(text(of_firm)))


def _has_role(connection: Connection) -> bool:
    """Whether the application's role is there, made if we may."""
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :name"), {"name": ROLE}):
        return True
    if not connection.scalar(text("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")):
        log.warning(
            "The role %s is not there and this database user may not make it, so the application works as the owner of "
            "its tables; row-level security is forced on it all the same. To mend: CREATE ROLE %s NOLOGIN as a "
            "superuser, GRANT %s TO the database user, then vestry db downgrade and upgrade this revision.",
            ROLE, ROLE, ROLE,
        )  # fmt: skip
        return False
    connection.exec_driver_sql(f"CREATE ROLE {ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
    return True


def _grant(connection: Connection) -> None:
    schema = connection.scalar(text("SELECT current_schema()"))
    if not connection.scalar(text("SELECT pg_has_role(current_user, :name, 'MEMBER')"), {"name": ROLE}):
        connection.exec_driver_sql(f"GRANT {ROLE} TO CURRENT_USER")
    rights = "SELECT, INSERT, UPDATE, DELETE"
    for statement in (
        f'GRANT USAGE ON SCHEMA "{schema}" TO {ROLE}',
        f'GRANT {rights} ON ALL TABLES IN SCHEMA "{schema}" TO {ROLE}',
        f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA "{schema}" TO {ROLE}',
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{schema}" GRANT {rights} ON TABLES TO {ROLE}',
        f'ALTER DEFAULT PRIVILEGES IN SCHEMA "{schema}" GRANT USAGE, SELECT ON SEQUENCES TO {ROLE}',
        "REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM " + ROLE,
    ):
        connection.exec_driver_sql(statement)
    switch = "current_setting('server_version_num')::int >= 150000 AND rolsuper"
    if connection.scalar(text(f"SELECT {switch} FROM pg_roles WHERE rolname = current_user")):  # noqa: S608
        connection.exec_driver_sql(f"GRANT SET ON PARAMETER session_replication_role TO {ROLE}")
