"""Every SELECT of templates, requests and the inbox, limited to what the actor may see."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from vestry.companies.models import Company
from vestry.core import clock
from vestry.core.actor import Actor
from vestry.core.errors import NotFound
from vestry.core.listing import Listing
from vestry.core.paging import contains
from vestry.identity.access import theirs
from vestry.requests import attachments
from vestry.requests.models import (
    CANCELLED,
    WITH_COMPANY,
    DataRequest,
    FormLink,
    RequestTemplate,
    SubmittedValue,
)

TEMPLATE_FIELDS = (
    "id", "name", "period_kind", "metrics", "questions", "message", "due_days", "reminder_days", "deviation",
    "company_ids", "is_scheduled", "starts_on", "created_at", "updated_at", "version",
)  # fmt: skip
REQUEST_FIELDS = (
    "id", "company_id", "request_template_id", "name", "period", "period_kind", "starts_on", "ends_on", "due_on",
    "state", "created_at", "saved_at", "submitted_at", "submitted_by", "receipt", "decided_at", "version",
)  # fmt: skip
VALUE_FIELDS = (
    "id", "company_id", "data_request_id", "metric", "metric_value_id", "figures", "note", "state", "reason", "comment",
    "created_at", "decided_at", "decided_by", "version",
)  # fmt: skip
PERIODS_MAX = 24


def list_templates(actor: Actor, q: str | None) -> Listing:
    """The live templates of the firm."""
    query = select(*(getattr(RequestTemplate, name) for name in TEMPLATE_FIELDS)).where(
        theirs(actor, RequestTemplate), RequestTemplate.archived_at.is_(None)
    )
    if q:
        query = query.where(contains(RequestTemplate.name, q))
    sorts = {"id": RequestTemplate.id, "name": RequestTemplate.name}
    return Listing(query, sorts, RequestTemplate.id, "id", finish=shown)


def shown(template: dict[str, Any]) -> dict[str, Any]:
    """A template as it goes out: the ladder's days before the due date and from it on."""
    days = template.pop("reminder_days")
    before = [-one for one in reversed(days) if one < 0]
    return {**template, "remind_days_before": before, "remind_days_after": [one for one in days if one >= 0]}


def template_out(template: RequestTemplate) -> dict[str, Any]:
    """The same for a row."""
    return shown({name: getattr(template, name) for name in TEMPLATE_FIELDS})


def list_requests(
    actor: Actor, q: str | None, *, company_id: int | None, template_id: int | None, state: str | None
) -> Listing:
    """Requests to companies the actor sees, those due last first."""
    query = _requests(actor)
    for column, wanted in (
        (DataRequest.company_id, company_id),
        (DataRequest.request_template_id, template_id),
        (DataRequest.state, state),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if q:
        query = query.where(contains(Company.name, q) | contains(DataRequest.name, q))
    sorts = {"id": DataRequest.id, "due_on": DataRequest.due_on, "company": Company.name}
    return Listing(query, sorts, DataRequest.id, "-due_on")


def _requests(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(*(getattr(DataRequest, name) for name in REQUEST_FIELDS), Company.name.label("company"))
        .join(Company, Company.id == DataRequest.company_id)
        .where(theirs(actor, DataRequest))
    )


def requests_of(session: Session, actor: Actor, ids: Sequence[int]) -> list[dict[str, Any]]:
    """These requests as they go out, company by company."""
    query = _requests(actor).where(DataRequest.id.in_(ids)).order_by(Company.name, DataRequest.id)
    return [dict(row) for row in session.execute(query).mappings()]


def get_request(session: Session, actor: Actor, data_request_id: int) -> dict[str, Any]:
    """One request with its answers, the newest of each metric last, and to whom links were sent."""
    row = session.execute(_requests(actor).where(DataRequest.id == data_request_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("data request")
    request = session.get_one(DataRequest, data_request_id)
    values = session.execute(_values(actor).where(SubmittedValue.data_request_id == data_request_id)).mappings()
    links = (
        select(FormLink.id, FormLink.email, FormLink.purpose, FormLink.created_at, FormLink.expires_at)
        .add_columns(FormLink.spent_at)
        .where(theirs(actor, FormLink), FormLink.data_request_id == data_request_id)
        .order_by(FormLink.id)
    )
    return {
        **row,
        "metrics": request.metrics,
        "answers": request.answers,
        "message": request.message,
        "values": sorted(map(dict, values), key=lambda one: one["id"]),
        "links": [dict(one) for one in session.execute(links).mappings()],
        "attachments": attachments.listed(session, actor, data_request_id, sent=True),
    }


def list_values(
    actor: Actor, q: str | None, *, state: str | None, company_id: int | None, data_request_id: int | None
) -> Listing:
    """The inbox: answers of companies the actor sees, the oldest first."""
    query = _values(actor)
    for column, wanted in (
        (SubmittedValue.state, state),
        (SubmittedValue.company_id, company_id),
        (SubmittedValue.data_request_id, data_request_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if q:
        query = query.where(contains(Company.name, q) | contains(SubmittedValue.metric, q))
    sorts = {"id": SubmittedValue.id, "company": Company.name, "created_at": SubmittedValue.created_at}
    return Listing(query, sorts, SubmittedValue.id, "id")


def get_value(session: Session, actor: Actor, submitted_value_id: int) -> dict[str, Any]:
    """One answer as it goes out."""
    row = session.execute(_values(actor).where(SubmittedValue.id == submitted_value_id)).mappings().one_or_none()
    if row is None:
        raise NotFound("submitted value")
    return dict(row)


def _values(actor: Actor) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(getattr(SubmittedValue, name) for name in VALUE_FIELDS),
            Company.name.label("company"),
            Company.currency.label("currency"),
            DataRequest.period.label("period"),
            DataRequest.name.label("request"),
        )
        .join(Company, Company.id == SubmittedValue.company_id)
        .join(DataRequest, DataRequest.id == SubmittedValue.data_request_id)
        .where(theirs(actor, SubmittedValue))
    )


def matrix(session: Session, actor: Actor, template_id: int | None, periods: int) -> dict[str, Any]:
    """Company × period: how far each request is; the newest periods, the oldest of them first."""
    mine = [theirs(actor, DataRequest), DataRequest.state != CANCELLED]
    if template_id is not None:
        mine.append(DataRequest.request_template_id == template_id)
    ends = select(DataRequest.ends_on, DataRequest.period_kind).where(*mine).distinct()
    newest = sorted(map(tuple, session.execute(ends)), reverse=True)[:periods]
    if not newest:
        return {"periods": [], "companies": [], "counts": {}}
    since = newest[-1][0]
    query = (
        select(*(getattr(DataRequest, name) for name in REQUEST_FIELDS), Company.name.label("company"))
        .join(Company, Company.id == DataRequest.company_id)
        .where(*mine, DataRequest.ends_on >= since)
        .order_by(Company.name, Company.id, DataRequest.ends_on, DataRequest.id)
    )
    rows = [dict(row) for row in session.execute(query).mappings()]
    decided = _decided(session, actor, [row["id"] for row in rows])
    today = clock.today(session)
    companies: dict[int, dict[str, Any]] = {}
    counts: dict[str, int] = {}
    columns: dict[tuple[date, str], str] = {}
    for row in rows:
        place = (row["ends_on"], row["period_kind"])
        if place not in newest:
            continue
        columns.setdefault(place, row["period"])
        overdue = row["state"] in WITH_COMPANY and row["due_on"] < today
        shown = "overdue" if overdue else row["state"]
        counts[shown] = counts.get(shown, 0) + 1
        one = companies.setdefault(
            row["company_id"], {"company_id": row["company_id"], "company": row["company"], "cells": []}
        )
        done, total = decided.get(row["id"], (0, 0))
        one["cells"].append(
            {
                "data_request_id": row["id"],
                "name": row["name"],
                "ends_on": row["ends_on"],
                "period_kind": row["period_kind"],
                "state": row["state"],
                "is_overdue": overdue,
                "due_on": row["due_on"],
                "submitted_at": row["submitted_at"],
                "approved": done,
                "answers": total,
            }
        )
    listed = [
        {"period": columns[place], "ends_on": place[0], "period_kind": place[1]}
        for place in reversed(newest)
        if place in columns
    ]
    return {"periods": listed, "companies": list(companies.values()), "counts": counts}


def rows_of(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The requests of a matrix one after the other, company by company."""
    labels = {(one["ends_on"], one["period_kind"]): one["period"] for one in found["periods"]}
    for company in found["companies"]:
        for cell in company["cells"]:
            yield {**company, **cell, "period": labels[cell["ends_on"], cell["period_kind"]]}


def _decided(session: Session, actor: Actor, request_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Request → how many of its newest answers are approved, of how many."""
    newest = (
        select(func.max(SubmittedValue.id))
        .where(theirs(actor, SubmittedValue), SubmittedValue.data_request_id.in_(request_ids))
        .group_by(SubmittedValue.data_request_id, SubmittedValue.metric)
    )
    query = (
        select(
            SubmittedValue.data_request_id,
            func.count().filter(SubmittedValue.state == "approved"),
            func.count(),
        )
        .where(SubmittedValue.id.in_(newest))
        .group_by(SubmittedValue.data_request_id)
    )
    return {request_id: (done, total) for request_id, done, total in session.execute(query)}
