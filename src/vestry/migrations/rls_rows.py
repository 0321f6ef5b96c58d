"""Which rows of each table pass the second lock (see ``rls``) for those who do not see the whole firm."""

from __future__ import annotations

from typing import Final

_V, _P, _C, _I = (
    f"ANY ((SELECT vestry_ids('{name}'))::bigint[])" for name in ("vehicles", "published", "companies", "investors")
)
_BOOKS = f"vehicle_id = {_V}"
_COMPANY = "company_id IN (SELECT vestry_companies())"
_MINE = "user_id = (SELECT vestry_id('user'))"


LINES: Final = ("commitment", "capital_call_line", "distribution_line", "reported_nav")


def _line_of(table: str) -> str:
    return f"SELECT l.investor_id FROM {table} l WHERE l.vehicle_id = {_V} AND l.voided_at IS NULL"  # noqa: S608


def _whole_of(table: str, key: str) -> str:
    return f"SELECT l.{key} FROM {table} l WHERE l.investor_id = {_I} AND l.voided_at IS NULL"  # noqa: S608


# function → the ids it finds, among the rows of that table which the asker may see.
LOOKUPS: Final[dict[str, str]] = {
    "vestry_token_families": "SELECT f.id FROM token_family f",
    "vestry_funds": "SELECT f.id FROM fund f",
    "vestry_funds_of_vehicles": f"SELECT v.fund_id FROM vehicle v WHERE v.id = {_V} OR v.id = {_P}",  # noqa: S608
    "vestry_investors_of_vehicles": " UNION ".join(map(_line_of, LINES)),
    "vestry_vehicles_of_investors": " UNION ".join(_whole_of(one, "vehicle_id") for one in LINES),
    "vestry_calls_of_investors": _whole_of("capital_call_line", "capital_call_id"),
    "vestry_distributions_of_investors": _whole_of("distribution_line", "distribution_id"),
    "vestry_companies": "SELECT c.id FROM company c",
    "vestry_companies_invested_in": "SELECT i.company_id FROM investment i",
    "vestry_investments": "SELECT i.id FROM investment i",
    "vestry_holdings": "SELECT h.id FROM holding h",
}


# table → what a row must be like for those who do not see the whole firm. Subqueries see what the asker may see of the
# table they read. NOBODY: only the whole firm. OF_THE_FIRM: no narrower lock, the first one decides.
NOBODY: Final = "false"
OF_THE_FIRM: Final = "true"
ROWS: Final[dict[str, str]] = {
    "user": "id = (SELECT vestry_id('user'))",
    "user_session": _MINE,
    "sign_in_link": NOBODY,
    "totp_factor": _MINE,
    "recovery_code": _MINE,
    "passkey": _MINE,
    "identity_provider": NOBODY,
    "external_identity": _MINE,
    "token_family": _MINE,
    "refresh_token": "family_id IN (SELECT vestry_token_families())",
    "sign_in_rules": OF_THE_FIRM,
    "invitation": NOBODY,
    "password_reset": NOBODY,
    "kept_answer": OF_THE_FIRM,
    "api_token": "id = (SELECT vestry_id('token'))",
    "access_grant": f"{_MINE} OR token_id = (SELECT vestry_id('token'))",
    "import_batch": NOBODY,
    "import_file": NOBODY,
    "audit_row": OF_THE_FIRM,  # every actor adds to it; who reads what of it is the first lock's affair
    "audit_head": OF_THE_FIRM,
    "job": OF_THE_FIRM,
    "mail_delivery": OF_THE_FIRM,
    "fund": "id IN (SELECT vestry_funds_of_vehicles())",
    # A line says in which currency it is, and a fund which vehicle is its main one: whoever sees them sees that row.
    "vehicle": f"id = {_V} OR id = {_P} OR fund_id = ANY ((SELECT vestry_ids('funds'))::bigint[])"
    " OR (kind = 'main' AND fund_id = ANY ((SELECT vestry_ids('told'))::bigint[]))"
    " OR id IN (SELECT vestry_vehicles_of_investors())",
    "fund_terms": "fund_id IN (SELECT vestry_funds())",
    "fund_tally": NOBODY,
    "investor": f"id = {_I} OR id IN (SELECT vestry_investors_of_vehicles())",
    "commitment": f"{_BOOKS} OR investor_id = {_I}",
    "capital_call": f"{_BOOKS} OR id IN (SELECT vestry_calls_of_investors())",
    "capital_call_line": f"{_BOOKS} OR investor_id = {_I}",
    "distribution": f"{_BOOKS} OR id IN (SELECT vestry_distributions_of_investors())",
    "distribution_line": f"{_BOOKS} OR investor_id = {_I}",
    "vehicle_entry": _BOOKS,
    "company": f"id = {_C} OR id IN (SELECT vestry_companies_invested_in())",
    "round": _COMPANY,
    "security": _COMPANY,
    "market_price": _COMPANY,
    "metric_definition": OF_THE_FIRM,
    "metric_value": _COMPANY,
    "fiscal_calendar": _COMPANY,
    "metric_import": _COMPANY,
    "metric_import_cell": _COMPANY,
    "metric_label": _COMPANY,
    "metric_connection": f"company_id = {_C}",
    "request_template": OF_THE_FIRM,
    **dict.fromkeys(("company_recipient", "data_request", "form_link", "submitted_value"), _COMPANY),
    "request_attachment": _COMPANY,
    "alert": _COMPANY,
    "alert_rule": OF_THE_FIRM,
    "alert_settings": OF_THE_FIRM,
    "reporting_settings": OF_THE_FIRM,
    "investment": f"{_BOOKS} OR (vehicle_id = {_P} AND company_id = {_C})",
    "holding": "investment_id IN (SELECT vestry_investments())",
    "transaction": "holding_id IN (SELECT vestry_holdings())",
    "valuation_mark": "holding_id IN (SELECT vestry_holdings()) OR company_id = ANY ((SELECT vestry_ids('marked'))"
    "::bigint[]) OR company_id IN (SELECT vestry_companies_invested_in())",
    **dict.fromkeys(
        (
            "acquisition_spend",
            "payment_threshold",
            "threshold_override",
            "prediction_scenario",
            "cohort_book",
            "payment_entry",
            "cohort_customer",
            "customer_payment",
            "replaced_payment",
            "customer_move",
            "cohort_rollup",
            "payment_file_part",
        ),
        _COMPANY,
    ),
    "trade_terms": f"{_BOOKS} OR company_id = {_C} OR (vehicle_id IS NULL AND {_COMPANY})",
    **dict.fromkeys(("monthly_round", "round_transfer", "round_statement"), f"company_id = {_C}"),
    "reported_nav": f"{_BOOKS} OR investor_id = {_I} OR (vehicle_id = {_P} AND investor_id IS NULL)",
}
# What must be read, and recorded, before it is known who asks.
DOOR: Final = frozenset(
    {
        "user",
        "user_session",
        "sign_in_link",
        "api_token",
        "access_grant",
        "totp_factor",
        "recovery_code",
        "passkey",
        "identity_provider",
        "external_identity",
        "token_family",
        "refresh_token",
        "sign_in_rules",
        "invitation",
        "password_reset",
        "form_link",
        "audit_row",
        "audit_head",
        "job",
        "mail_delivery",
    }
)
