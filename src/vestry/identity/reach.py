"""How every table hangs on a vehicle, a company, an investor or a person: the one registry of which rows a scope shows.

A row is shown when any of its table's ways leads to something in the scope. A table that is not listed shows nothing
to whoever does not see the whole firm, and a completeness test asks for a line for each. History twins follow their
table. Conditions are made of plain tables, so that they hold in any query.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Alias, ColumnElement, FromClause, Subquery, and_, false, or_, select, true
from sqlalchemy.sql.elements import False_

from vestry.core.actor import Actor
from vestry.core.model import Base

Columns = Any  # a table's columns, or a subquery's with the same names
Condition = ColumnElement[bool]


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach a row: what it says in the documents, and its condition."""

    says: str
    condition: Callable[[Columns, Actor], Condition]


def _among(column: ColumnElement[Any], ids: Iterable[int]) -> Condition:
    found = sorted(ids)
    return column.in_(found) if found else false()


def in_set(column: str, scope_set: str) -> Way:
    """The column is in a set of the scope."""
    return Way(f"`{column}` in {scope_set}", lambda at, actor: _among(at[column], getattr(actor.sees, scope_set)))


def books(column: str = "vehicle_id") -> Way:
    """The row belongs to the books of a vehicle in scope."""
    return in_set(column, "vehicles")


def own(column: str = "investor_id") -> Way:
    """The row is an investor's in scope."""
    return in_set(column, "investors")


def person(column: str = "user_id") -> Way:
    """The row is about the person who asks."""

    def condition(at: Columns, actor: Actor) -> Condition:
        mine = actor.sees.user_id
        found: Condition = false() if mine is None else at[column] == mine
        return found

    return Way(f"`{column}` is oneself", condition)


def token(column: str) -> Way:
    """The row is about the token that asks."""

    def condition(at: Columns, actor: Actor) -> Condition:
        found: Condition = false() if actor.token_id is None else at[column] == actor.token_id
        return found

    return Way(f"`{column}` is the token that asks", condition)


def both(*ways: Way) -> Way:
    """All of the ways lead there."""
    return Way(
        " and ".join(way.says for way in ways),
        lambda at, actor: and_(*(way.condition(at, actor) for way in ways)),
    )


def everybody() -> Way:
    """Whoever belongs to the firm."""
    return Way("anybody of the firm", lambda _, __: true())


def empty(column: str) -> Way:
    """The column is empty."""
    return Way(f"`{column}` is empty", lambda at, _: at[column].is_(None))


def via(column: str, table: str, key: str = "id") -> Way:
    """The row it refers to is shown (``key`` of that table equals the column)."""

    def condition(at: Columns, actor: Actor) -> Condition:
        parent = Base.metadata.tables[table].alias()
        reached = _any(table, parent, actor)
        if _is_false(reached):
            return reached
        found: Condition = at[column].in_(
            select(parent.c[key]).where(parent.c.firm_id == actor.firm_id, parent.c[key].is_not(None), reached)
        )
        return found

    return Way(f"its `{table}` is shown", condition)


def has(table: str, column: str, *ways: Way, key: str = "id") -> Way:
    """A live row of another table refers to it and is reached by one of these ways."""

    def condition(at: Columns, actor: Actor) -> Condition:
        child = Base.metadata.tables[table].alias()
        wanted = [one for one in (way.condition(child.c, actor) for way in ways) if not _is_false(one)]
        if not wanted:
            return false()
        live = [child.c.voided_at.is_(None)] if "voided_at" in child.c else []
        found: Condition = at[key].in_(
            select(child.c[column]).where(
                child.c.firm_id == actor.firm_id, child.c[column].is_not(None), or_(*wanted), *live
            )
        )
        return found

    said = " or ".join(way.says for way in ways)
    return Way(f"a `{table}` of it with {said}", condition)


def anybody() -> Way:
    """Everybody in the firm: what one and the same figure is computed with, whoever looks at it."""
    return Way("everybody in the firm", lambda _, __: true())


_LINES: Final = ("commitment", "capital_call_line", "distribution_line", "reported_nav")
_DEAL: Final = (books(), both(in_set("vehicle_id", "published"), in_set("company_id", "companies")))

# table → the ways to reach its rows; () = only those who see the whole firm.
WAYS: Final[dict[str, tuple[Way, ...]]] = {
    "user": (person("id"),),
    "user_session": (person(),),
    "sign_in_link": (),
    "totp_factor": (person(),),
    "recovery_code": (person(),),
    "sign_in_rules": (),
    "passkey": (person(),),
    "identity_provider": (),
    "external_identity": (person(),),
    "token_family": (person(),),
    "refresh_token": (),
    "invitation": (),
    "password_reset": (),
    "api_token": (token("id"),),
    "access_grant": (person(), token("token_id")),
    "import_batch": (),
    "import_file": (),
    "job": (person(),),
    "mail_delivery": (),
    "audit_row": (),  # reached by way of the record a row is about, in audit/queries
    "audit_head": (),
    "kept_answer": (),
    "approval_rule": (),
    "approval_request": (person("maker_user_id"),),
    "alert": (via("company_id", "company"),),
    "alert_rule": (everybody(),),
    "alert_settings": (everybody(),),
    "reporting_settings": (everybody(),),
    "fx_rate": (anybody(),),
    "fund": (has("vehicle", "fund_id", in_set("id", "vehicles"), in_set("id", "published")),),
    "vehicle": (in_set("id", "vehicles"), in_set("id", "published"), in_set("fund_id", "funds")),
    "fund_terms": (via("fund_id", "fund"),),
    "fund_tally": (),
    "investor": (own("id"), *(has(line, "investor_id", books()) for line in _LINES)),
    "commitment": (books(), own()),
    "capital_call": (books(), has("capital_call_line", "capital_call_id", own())),
    "capital_call_line": (books(), own()),
    "distribution": (books(), has("distribution_line", "distribution_id", own())),
    "distribution_line": (books(), own()),
    "vehicle_entry": (books(),),
    "company": (in_set("id", "companies"), via("id", "investment", "company_id")),
    "round": (via("company_id", "company"),),
    "security": (via("company_id", "company"),),
    "market_price": (via("company_id", "company"),),
    "metric_definition": (everybody(),),
    "metric_value": (via("company_id", "company"),),
    "fiscal_calendar": (via("company_id", "company"),),
    "metric_import": (via("company_id", "company"),),
    "metric_import_cell": (via("company_id", "company"),),
    "metric_label": (via("company_id", "company"),),
    "metric_connection": (in_set("company_id", "companies"),),
    "request_template": (everybody(),),
    **dict.fromkeys(
        ("company_recipient", "data_request", "form_link", "submitted_value", "request_attachment"),
        (via("company_id", "company"),),
    ),
    "investment": _DEAL,
    "holding": (via("investment_id", "investment"),),
    "transaction": (via("holding_id", "holding"),),
    "valuation_mark": (
        via("holding_id", "holding"),
        in_set("company_id", "marked"),
        via("company_id", "investment", "company_id"),
    ),
    "acquisition_spend": (via("company_id", "company"),),
    "payment_threshold": (via("company_id", "company"),),
    "threshold_override": (via("company_id", "company"),),
    "prediction_scenario": (via("company_id", "company"),),
    "cohort_book": (via("company_id", "company"),),
    "payment_entry": (via("company_id", "company"),),
    "cohort_customer": (via("company_id", "company"),),
    "customer_payment": (via("company_id", "company"),),
    "replaced_payment": (via("company_id", "company"),),
    "customer_move": (via("company_id", "company"),),
    "cohort_rollup": (via("company_id", "company"),),
    "payment_file_part": (via("company_id", "company"),),
    "trade_terms": (
        books(),
        in_set("company_id", "companies"),
        both(empty("vehicle_id"), via("company_id", "company")),
    ),
    **dict.fromkeys(("monthly_round", "round_transfer", "round_statement"), (in_set("company_id", "companies"),)),
    "reported_nav": (books(), own(), both(in_set("vehicle_id", "published"), empty("investor_id"))),
}

# table → the ways to change its rows, where seeing them is not enough: the record itself must be granted.
CHANGED_BY: Final[dict[str, tuple[Way, ...]]] = {
    "fund": (in_set("id", "funds"),),
    "company": (in_set("id", "companies"),),
    "investor": (own("id"),),
    "round": (in_set("company_id", "companies"),),
    "security": (in_set("company_id", "companies"),),
    "metric_value": (in_set("company_id", "companies"),),
    "fiscal_calendar": (in_set("company_id", "companies"),),
    "data_request": (in_set("company_id", "companies"),),
    "submitted_value": (in_set("company_id", "companies"),),
    "request_attachment": (in_set("company_id", "companies"),),
    "valuation_mark": (via("holding_id", "holding"), in_set("company_id", "marked")),
    **dict.fromkeys(
        (
            "acquisition_spend",
            "trade_terms",
            "payment_threshold",
            "threshold_override",
            "prediction_scenario",
            "cohort_book",
        ),
        (in_set("company_id", "companies"),),
    ),
}


def shown(source: Any, actor: Actor, *, to_change: bool = False) -> Condition:
    """The condition that a row of a model, a table or a subquery with its columns lies within a narrower scope."""
    name = table_name(source)
    table = source if isinstance(source, FromClause) else source.__table__
    return _any(name, table, actor, CHANGED_BY.get(name) if to_change else None)


def table_name(source: Any) -> str:
    """The table whose columns a model, table, twin, alias or subquery has."""
    if not isinstance(source, FromClause):
        return str(source.__tablename__)
    while isinstance(source, Alias | Subquery) and source.name not in WAYS:
        inner = source.element
        if not isinstance(inner, FromClause):
            break
        source = inner
    return str(getattr(source, "name", "")).removesuffix("_history")


def _any(name: str, table: FromClause, actor: Actor, ways: tuple[Way, ...] | None = None) -> Condition:
    found = [way.condition(table.c, actor) for way in (WAYS.get(name, ()) if ways is None else ways)]
    wanted = [one for one in found if not _is_false(one)]
    return or_(*wanted) if wanted else false()


def _is_false(condition: Condition) -> bool:
    return isinstance(condition, False_)
