"""The written policy: who may do what, to which rows, and sees which fields. The code reads it, the tests read it, the
docs print it.

Five tables. ``POLICY``: operation → roles. ``REACH``: the operations that need a grant on the whole firm. ``GRANTS``:
what a grant of each kind opens to each role. ``HIDDEN``: the fields a role does not see of what it sees.
``UNPUBLISHED``: what figures lack that are only published.
"""

from __future__ import annotations

from typing import Final

ROLES: Final = (
    "administrator",
    "manager",
    "analyst",
    "accountant",
    "auditor",
    "advisor",
    "client",
    "investor",
    "company_contact",
)
# Who works for the firm: without narrower grants they see all of it.
STAFF: Final = ("administrator", "manager", "analyst", "accountant", "auditor")
# Who takes part from outside, or speaks for those who do: they see what is granted, and what is published to them.
PARTAKERS: Final = ("advisor", "client", "investor")
GRANT_KINDS: Final = ("firm", "fund", "vehicle", "company", "investor")

_EVERYONE = frozenset(ROLES)
_STAFF = frozenset(STAFF)
_STAFF_AND_PARTAKERS = _STAFF | frozenset(PARTAKERS)
_WRITERS = frozenset({"administrator", "manager"})
_BOOKKEEPERS = _WRITERS | {"accountant"}
_ADMINISTRATORS = frozenset({"administrator"})

# operation → roles. An operation that is not listed is allowed to nobody.
POLICY: Final[dict[str, frozenset[str]]] = {
    "account.read": _EVERYONE,
    "account.change": _EVERYONE,
    "user.read": _STAFF,
    "user.change": _ADMINISTRATORS,
    "personal_data.read": _ADMINISTRATORS,
    "personal_data.change": _ADMINISTRATORS,
    "grant.read": _ADMINISTRATORS,
    "grant.change": _ADMINISTRATORS,
    "invitation.read": _ADMINISTRATORS,
    "invitation.change": _ADMINISTRATORS,
    "sign_in_rules.read": _ADMINISTRATORS,
    "sign_in_rules.change": _ADMINISTRATORS,
    "identity_provider.read": _ADMINISTRATORS,
    "identity_provider.change": _ADMINISTRATORS,
    "token.read": _ADMINISTRATORS,
    "token.change": _ADMINISTRATORS,
    "fund.read": _STAFF_AND_PARTAKERS,
    "fund.create": _WRITERS,
    "fund.change": _WRITERS,
    "investor.read": _STAFF_AND_PARTAKERS,
    "investor.create": _WRITERS,
    "investor.change": _WRITERS,
    "capital.read": _STAFF_AND_PARTAKERS,
    "capital.change": _BOOKKEEPERS,
    "company.read": _EVERYONE,
    "company.create": _WRITERS,
    "company.change": _WRITERS,
    "metric_definition.read": _STAFF | {"company_contact"},
    "metric_definition.change": _WRITERS,
    "reporting_settings.read": _STAFF | {"company_contact"},
    "reporting_settings.change": _WRITERS,
    "metric.read": _STAFF | {"company_contact"},
    "metric.change": _WRITERS | {"analyst"},
    "metric.approve": _BOOKKEEPERS,
    "metric_connection.read": _STAFF,
    "metric_connection.change": _WRITERS,
    "request_template.read": _STAFF,
    "request_template.change": _WRITERS,
    "data_request.read": _STAFF,
    "data_request.change": _WRITERS | {"analyst"},
    "submission.read": _STAFF,
    "submission.review": _BOOKKEEPERS,
    "request_attachment.remove": _WRITERS,
    "investment.read": _STAFF_AND_PARTAKERS,
    "investment.change": _WRITERS,
    "valuation.read": _STAFF,
    "valuation.change": _WRITERS,
    "reported_nav.read": _STAFF_AND_PARTAKERS,
    "reported_nav.change": _BOOKKEEPERS,
    "cohort.read": _STAFF | {"company_contact"},
    "cohort.predict": _STAFF,
    "cohort_portfolio.read": _STAFF,
    "cohort_forecast.read": _STAFF,
    "cohort_data.change": _BOOKKEEPERS | {"company_contact"},
    "cohort_terms.change": _WRITERS,
    "monthly_round.read": _STAFF | {"company_contact"},
    "monthly_round.report": _BOOKKEEPERS | {"company_contact"},
    "monthly_round.approve": _WRITERS,
    "monthly_round.change": _BOOKKEEPERS,
    "fx_rate.read": _STAFF,
    "fx_rate.change": _BOOKKEEPERS,
    "history.read": _STAFF,
    "performance.read": _STAFF_AND_PARTAKERS,
    "overview.read": _STAFF,
    "import.read": _STAFF,
    "import.change": _WRITERS,
    "job.read": _WRITERS,
    "job.change": _WRITERS,
    "mail.read": _ADMINISTRATORS,
    "audit.read": _EVERYONE,
    "alert.read": _STAFF,
    "alert.change": _BOOKKEEPERS | {"analyst"},
    "alert_rule.read": _STAFF,
    "alert_rule.predict": _STAFF,
    "alert_rule.change": _WRITERS,
    "approval.read": _STAFF,
    "approval.change": _BOOKKEEPERS,
    "approval_rule.change": _ADMINISTRATORS,
}

# operation → what the actor must hold beyond the role: "firm" is a grant on the whole firm.
# All others reach whatever the actor's grants lead to.
REACH: Final[dict[str, str]] = {
    "user.change": "firm",
    "personal_data.read": "firm",
    "personal_data.change": "firm",
    "grant.read": "firm",
    "grant.change": "firm",
    "invitation.read": "firm",
    "invitation.change": "firm",
    "sign_in_rules.read": "firm",
    "sign_in_rules.change": "firm",
    "identity_provider.read": "firm",
    "identity_provider.change": "firm",
    "token.read": "firm",
    "token.change": "firm",
    "fund.create": "firm",
    "investor.create": "firm",
    "company.create": "firm",
    "fx_rate.change": "firm",
    "metric_definition.change": "firm",
    "reporting_settings.change": "firm",
    "request_template.change": "firm",
    "import.read": "firm",
    "import.change": "firm",
    "alert_rule.change": "firm",
    "approval_rule.change": "firm",
    "mail.read": "firm",
}

# (kind of grant, who) → what it opens; whoever is not listed gains nothing by such a grant.
GRANTS: Final[dict[tuple[str, str], str]] = {
    ("firm", "staff"): "everything in the firm",
    ("fund", "staff"): "the fund, and the books of all its vehicles",
    ("vehicle", "staff"): "the vehicle and its books; its fund's name and terms",
    ("company", "staff"): "the company, its rounds, securities, marks and metrics; no vehicle's deal in it",
    ("investor", "staff"): "the investor, and its lines in every vehicle",
    ("fund", "partakers"): "the fund, its vehicles and terms, and what is published of them",
    ("vehicle", "partakers"): "the vehicle, and what is published of it; to clients and advisors the whole books of a "
    "managed account",
    ("company", "partakers"): "the company, its rounds and securities; and the deals in it of vehicles they see",
    ("investor", "partakers"): "the investor and its own lines, capital account and figures; and what is published of "
    "the vehicles it takes part in",
    ("company", "company_contact"): "the company, its rounds, securities and metrics; its payments, spend and what it "
    "owes",
}

# (record, field) → the roles that do not see it; they get null.
_NOTES: Final = frozenset(PARTAKERS) | {"company_contact"}
_COMPANY: Final = frozenset({"company_contact"})
HIDDEN: Final[dict[tuple[str, str], frozenset[str]]] = {
    ("fund", "description"): _NOTES,
    ("company", "description"): frozenset(PARTAKERS),
    ("investment", "thesis"): _NOTES,
    ("transaction", "memo"): _NOTES,
    ("vehicle_entry", "memo"): _NOTES,
    ("reported_nav", "source"): _NOTES,
    ("cohort", "monthly_irr"): _COMPANY,
    ("cohort", "annual_irr"): _COMPANY,
    ("cohort", "irr_status"): _COMPANY,
    ("cohort", "settled_irr"): _COMPANY,
    ("cohort", "settled_irr_status"): _COMPANY,
}

# What figures of a fund or vehicle lack where they are merely published to whoever asks: the deals, what the NAV is
# made of, and how a figure came about.
PUBLISHED_AMONG: Final = 3  # investors; among fewer, the sums of all would tell each what the others have
UNPUBLISHED: Final = frozenset({"gross", "explain", "fair_value", "cash", "liabilities", "accrued_carry"})


def allows(role: str, operation: str) -> bool:
    """Deny by default: unknown roles and unknown operations are refused."""
    return role in POLICY.get(operation, frozenset())


def needs_firm(operation: str) -> bool:
    """Whether the operation is only for those who see the whole firm."""
    return REACH.get(operation) == "firm"


def hides(role: str, record: str, field: str) -> bool:
    """Whether the role does not see this field of a record it sees."""
    return role in HIDDEN.get((record, field), frozenset())


def group(role: str) -> str:
    """Whose row of ``GRANTS`` is the role's."""
    return "staff" if role in STAFF else "partakers" if role in PARTAKERS else role
