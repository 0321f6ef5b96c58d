"""The written policy: which role may do what. The code reads it, the tests read it, the docs print it."""

from __future__ import annotations

from typing import Final

ROLES: Final = ("administrator", "manager", "analyst", "auditor")

_EVERYONE = frozenset(ROLES)
_WRITERS = frozenset({"administrator", "manager"})
_ADMINISTRATORS = frozenset({"administrator"})

# operation → roles. An operation that is not listed is allowed to nobody.
POLICY: Final[dict[str, frozenset[str]]] = {
    "account.read": _EVERYONE,
    "account.change": _EVERYONE,
    "user.read": _EVERYONE,
    "user.change": _ADMINISTRATORS,
    "token.read": _ADMINISTRATORS,
    "token.change": _ADMINISTRATORS,
    "fund.read": _EVERYONE,
    "fund.change": _WRITERS,
    "investor.read": _EVERYONE,
    "investor.change": _WRITERS,
    "capital.read": _EVERYONE,
    "capital.change": _WRITERS,
    "company.read": _EVERYONE,
    "company.change": _WRITERS,
    "investment.read": _EVERYONE,
    "investment.change": _WRITERS,
    "valuation.read": _EVERYONE,
    "valuation.change": _WRITERS,
    "performance.read": _EVERYONE,
    "import.read": _EVERYONE,
    "import.change": _WRITERS,
}


def allows(role: str, operation: str) -> bool:
    """Deny by default: unknown roles and unknown operations are refused."""
    return role in POLICY.get(operation, frozenset())
