"""Names in sentences are the words of the pages."""

from __future__ import annotations

from datetime import date

import pytest

from vestry.core.names import month_text, period_text, role_text


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("2022-Q4", "Q4 2022"),
        ("2026-09", "Sep 2026"),
        ("LTM-2026-01", "LTM Jan 2026"),
        ("2022", "2022"),
        ("2022-05/2022-07", "2022-05/2022-07"),  # of another calendar: it has no shorter name
        ("2022-13", "2022-13"),
    ],
)
def test_a_period_is_named_as_on_the_pages(label: str, said: str) -> None:
    assert period_text(label) == said


def test_a_month_and_a_role_are_named_as_on_the_pages() -> None:
    assert month_text(date(2026, 9, 30)) == "Sep 2026"
    assert role_text("company_contact") == "company contact"
