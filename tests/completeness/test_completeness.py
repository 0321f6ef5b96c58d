"""What must hold for all tables and all operations."""

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import DateTime, Float, Numeric

from vestry.all_models import FACTS, metadata
from vestry.api.app import ROUTERS
from vestry.api.description import PUBLIC
from vestry.core.types import Exact, UtcDateTime
from vestry.identity.policy import GRANT_KINDS, GRANTS, HIDDEN, POLICY, REACH, ROLES, group
from vestry.identity.reach import CHANGED_BY, WAYS

# Tries to sign in come before anybody knows a firm; what the ECB publishes is the same for all of them.
OF_NO_FIRM = {"firm", "sign_in_delay", "signing_key", "ceremony", "reference_rate"}


def operations() -> dict[str, APIRoute]:
    return {
        route.operation_id or route.path: route
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
    }


def permissions(dependant: Dependant) -> set[str]:
    found = {getattr(dependant.call, "__vestry_operation__", None)}
    for inner in dependant.dependencies:
        found |= permissions(inner)
    return {name for name in found if name}


def test_every_number_column_is_exact_and_every_time_column_is_utc() -> None:
    for table in metadata.tables.values():
        for column in table.columns:
            place = f"{table.name}.{column.name}"
            if isinstance(column.type, Numeric | Float):
                raise AssertionError(f"{place} is a plain {column.type!r}: use Exact")
            assert not isinstance(column.type, DateTime), f"{place} is a plain DateTime: use UtcDateTime"
            if column.name.endswith("_at"):
                assert isinstance(column.type, UtcDateTime), place
            assert not isinstance(column.type.dialect_impl, Float) if isinstance(column.type, Exact) else True


def test_every_fact_has_a_history_twin_with_the_same_columns() -> None:
    assert FACTS
    for fact in FACTS:
        table = fact.__table__  # type: ignore[attr-defined]
        twin = metadata.tables[f"{table.name}_history"]
        assert [column.name for column in twin.columns] == [*(column.name for column in table.columns), "superseded_at"]


def test_every_table_belongs_to_a_firm() -> None:
    for table in metadata.tables.values():
        assert table.name in OF_NO_FIRM or "firm_id" in table.c, table.name


def test_nothing_financial_is_deleted_by_cascade() -> None:
    for table in metadata.tables.values():
        for key in table.foreign_keys:
            assert key.ondelete is None, f"{table.name}.{key.parent.name}"


def test_every_operation_has_a_name_and_a_permission_of_the_policy() -> None:
    for name, route in operations().items():
        assert route.operation_id, route.path
        asked = permissions(route.dependant)
        assert name in PUBLIC or len(asked) == 1, f"{name} asks {asked or 'nothing'}"
        assert asked <= set(POLICY), f"{name} asks for {asked}, which the policy does not know"


def test_reads_ask_for_read_and_changes_for_more() -> None:
    for name, route in operations().items():
        for asked in permissions(route.dependant):
            assert (route.methods == {"GET"}) == asked.endswith(".read"), f"{name} {route.methods} asks {asked}"


def test_every_policy_row_is_used_and_names_known_roles() -> None:
    used = set().union(*(permissions(route.dependant) for route in operations().values()))
    for operation, roles in POLICY.items():
        assert roles <= set(ROLES), operation
        assert operation in used, f"{operation} is in the policy but no operation asks for it"


def test_every_table_of_a_firm_says_how_its_rows_are_reached() -> None:
    tables = {table.name for table in metadata.tables.values() if "firm_id" in table.c}
    twins = {f"{fact.__tablename__}_history" for fact in FACTS}
    assert tables - twins == set(WAYS)
    assert set(CHANGED_BY) <= set(WAYS)


def test_the_policy_speaks_of_known_operations_grants_and_roles() -> None:
    assert set(REACH) <= set(POLICY)
    assert {kind for kind, _ in GRANTS} == set(GRANT_KINDS)
    assert {who for _, who in GRANTS} <= {group(role) for role in ROLES}
    for roles in HIDDEN.values():
        assert roles <= set(ROLES)


def test_a_column_named_for_a_table_leads_to_it() -> None:
    """Whether a record is in use is asked of every column of its name (``core.references``)."""
    for table in metadata.tables.values():
        for column in table.columns:
            named = column.name.removesuffix("_id")
            if column.name != named and named in metadata.tables and column.foreign_keys:
                assert {key.column.table.name for key in column.foreign_keys} == {named}, f"{table.name}.{column.name}"
