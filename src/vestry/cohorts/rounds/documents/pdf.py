"""A statement as PDF, set by typst from a template that reads words and nothing else."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import typst

from vestry.cohorts.rounds.documents import words

TEMPLATE = files(__package__).joinpath("statement.typ").read_bytes()
TEXT = ("month", "reasons")


def as_pdf(made: dict[str, Any]) -> bytes:
    """The statement as PDF/A; a long list of cohorts goes on over pages, each with the header.

    PDF/A wants a glyph for every letter. A name in a script that no font here has is set with the sign for a missing
    glyph instead, in a PDF that is none of the archive kind: a statement without a pretty name is better than none.
    """
    data = {"data": json.dumps(_told(made))}
    try:
        found: bytes = typst.compile(TEMPLATE, sys_inputs=data, pdf_standards="a-2b")
    except typst.TypstError as error:
        if "could not be displayed" not in str(error):
            raise
        found = typst.compile(TEMPLATE, sys_inputs=data)
    return found


def _told(made: dict[str, Any]) -> dict[str, Any]:
    columns = words.columns(made["side"])
    firm, company = words.parties(made)
    return {
        "title": words.title(made),
        "firm": firm,
        "from": firm,
        "to": company,
        "draft": made["draft"],
        "balance_label": words.balance_label(made),
        "balance": f"{words.amount(abs(made['balance']))} {made['currency']}",
        "blocks": [
            {
                "title": "What is open",
                "rows": [[label, words.amount(value)] for label, value in words.money_rows(made)],
            },
            {
                "title": "The month's spend",
                "rows": [[label, words.amount(value)] for label, value in words.spend_rows(made)],
            },
        ],
        "columns": [
            {"label": one.label(made["side"]), "number": one.holds not in TEXT, "grows": one.holds == "reasons"}
            for one in columns
        ],
        "lines": [[words.cell(line, one) for one in columns] for line in made["lines"]],
        "total": [_total(made, one) for one in columns],
        "notes": words.notes(made),
        "footer": f"{firm} · {company} · {words.title(made)}",
    }


def _total(made: dict[str, Any], column: words.Column) -> str:
    if column.field == "cohort_month":
        return "Total"
    return words.amount(made["total"]) if column.field == "collected" else ""
