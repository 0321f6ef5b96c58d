"""How a transaction on PostgreSQL begins: as the role that owns nothing, and with the actor known to the database; and
how a single SELECT is asked in one trip with that."""

from __future__ import annotations

from itertools import count
from typing import Any, Final

from psycopg import OperationalError as DriverError
from psycopg.adapt import Transformer
from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField, ExecStatus, TransactionStatus
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from vestry.core.actor import UNKNOWN, Actor
from vestry.core.statements import Bound

UNDEFINED_FUNCTION: Final = b"42883"
# A database that is not migrated so far, or whose user may not make roles, goes on as its owner.
_TAKE_ROLE: Final = b"""
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'vestry_app') AND to_regclass('alembic_version') IS NOT NULL THEN
    IF pg_has_role(session_user, 'vestry_app', 'MEMBER')
      AND has_table_privilege('vestry_app', 'alembic_version', 'SELECT') THEN SET ROLE vestry_app;
    END IF;
  END IF;
END $$"""


def take_role(driver: Any) -> None:
    """Work as the application's role from now on, where there is one."""
    driver.pgconn.exec_(_TAKE_ROLE)


def begin(connection: Connection, actor: Actor) -> None:
    """Begin and say who acts, in one round trip; the database forgets it when the transaction ends."""
    driver: Any = connection.connection.driver_connection
    if driver.pgconn.transaction_status != TransactionStatus.IDLE:
        return  # a savepoint within it
    done = driver.pgconn.exec_(f"BEGIN; {entering(actor)}".encode())
    if done.status == ExecStatus.TUPLES_OK:
        return
    driver.pgconn.exec_(b"ROLLBACK")
    if done.error_field(DiagnosticField.SQLSTATE) != UNDEFINED_FUNCTION:  # else: not migrated so far, the driver begins
        reason = done.error_message.decode(errors="replace").strip()
        raise OperationalError("BEGIN", None, DriverError(reason), connection_invalidated=True)


def entering(actor: Actor) -> str:
    """The statement that tells the database who acts; firm 0 is whoever is not known yet."""
    user, token = (str(int(one)) if one is not None else "NULL" for one in (actor.user_id, actor.token_id))
    entered = f"SELECT vestry_enter('{actor.kind}', {int(actor.firm_id)}, {user}, {token})"
    if actor.kind != "job" or actor.sees.whole:
        return entered
    # Whoever came by a form's link has no grants that could tell how far they see: one company.
    companies = ",".join(str(int(one)) for one in sorted(actor.sees.companies))
    return f"{entered}, set_config('vestry.whole', '', true), set_config('vestry.companies', '{companies}', true)"


PREPARED_MAX: Final = 200
_UNPREPARED: Final = b"26000"  # invalid_sql_statement_name
# What a narrower scope reaches is found by IN (…). Left free, the planner may multiply that by the tables a list only
# takes names from, and believes it cheap: 20 ms for a page instead of 4. A list's joins are written in a good order.
_AS_WRITTEN: Final = "SET LOCAL join_collapse_limit = 1"
_KEPT_AS: Final = "vestry.statements"


class Statements:
    """SELECTs of one connection. Each goes out together with what tells who asks, as one message and one transaction
    of the server's own: no BEGIN, no COMMIT, and what was told ends with it. What is asked a second time is prepared.
    """

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.transformer = Transformer(driver)
        self.encoding: str = driver.info.encoding
        self._names: dict[str, str] = {}  # text → the name it is prepared under, "" when it was asked once
        self._numbers = count(1)

    @classmethod
    def of(cls, info: dict[Any, Any], driver: Any) -> Statements:
        """Those of a connection, kept in what the pool keeps beside it."""
        known = info.get(_KEPT_AS)
        if not isinstance(known, cls) or known.driver is not driver:
            known = info[_KEPT_AS] = cls(driver)
        return known

    def rows(self, acting: Actor, statement: Bound, provided: Bound | None = None) -> list[tuple[Any, ...]]:
        """The rows that the actor is shown; raises the driver's errors. ``provided`` is asked before, as nobody; its
        error ends the message."""
        result = self.driver.pgconn.exec_(self._message(acting, statement, provided))
        if result.status != ExecStatus.TUPLES_OK and result.error_field(DiagnosticField.SQLSTATE) == _UNPREPARED:
            # After a DROP or an ALTER the driver deallocates all that is prepared on its connection, ours too.
            self._names.clear()
            result = self.driver.pgconn.exec_(self._message(acting, statement, provided))
        if result.status != ExecStatus.TUPLES_OK:
            for one in (statement, provided):
                if one is not None:
                    self._forget(one.text)
            raise error_from_result(result, encoding=self.encoding)
        self.transformer.set_pgresult(result)
        rows: list[tuple[Any, ...]] = self.transformer.load_rows(0, result.ntuples, tuple)
        return rows

    def _message(self, acting: Actor, statement: Bound, provided: Bound | None) -> bytes:
        command = f"{entering(acting)};{self._command(statement)}"
        if acting.firm_id and not acting.sees.whole:
            command = f"{_AS_WRITTEN};{command}"
        if provided is not None:
            command = f"{entering(UNKNOWN)};{self._command(provided)};{command}"
        return command.encode(self.encoding)

    def _command(self, statement: Bound) -> str:
        """The values are written out as the driver quotes them; the text has its own places for them."""
        values = {name: self._literal(value) for name, value in statement.values.items()}
        name = self._names.get(statement.text)
        if name is None:
            if len(self._names) >= PREPARED_MAX:
                self._forget(next(iter(self._names)))
            self._names[statement.text] = ""
            return statement.text % values
        given = f"({','.join(values.values())})" if values else ""
        if name:
            return f"EXECUTE {name}{given}"
        name = self._names[statement.text] = f"vestry_{next(self._numbers)}"
        places = {one: f"${place}" for place, one in enumerate(values, 1)}
        return f"PREPARE {name} AS {statement.text % places};EXECUTE {name}{given}"

    def _literal(self, value: Any) -> str:
        if type(value) is int:
            return str(value) if value >= 0 else f"({value})"  # what follows is a cast, which binds closer than a sign
        literal: bytes = self.transformer.as_literal(value)
        return literal.decode(self.encoding)

    def _forget(self, text: str) -> None:
        name = self._names.pop(text, "")
        if name and self.driver.pgconn.transaction_status == TransactionStatus.IDLE:
            self.driver.pgconn.exec_(f"DEALLOCATE {name}".encode())
