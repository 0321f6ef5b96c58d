"""Definitions and values over HTTP."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any

from fastapi import Depends, Query, Response

from vestry.companies.models import Company
from vestry.core.fields import CurrencyCode, Day, Id, Instant
from vestry.core.http import Json, problem_responses
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Form, file, filed
from vestry.core.rows import Misread
from vestry.core.versions import if_match
from vestry.identity.access import find
from vestry.identity.corrections import Reason
from vestry.identity.door import Work, may
from vestry.metrics import (
    currencies,
    definition_schemas,
    portfolio,
    previews,
    queries,
    reading,
    schemas,
    service,
    statements,
    tables,
    values,
    views,
)
from vestry.metrics.models import MetricDefinition
from vestry.metrics.registry import SHIPPED

router = make_router("metrics")

Text = Annotated[str | None, Query(max_length=20)]


@router.get(
    "/metrics/definitions",
    operation_id="list_metric_definitions",
    response_model=definition_schemas.DefinitionList,
)
def list_metric_definitions(
    work: Annotated[Work, may("metric_definition.read")],
    known_at: Annotated[Instant | None, Query(description="as they were known then")] = None,
) -> Json:
    """What each metric means: those that ship and your own."""
    own = queries.own_definitions(work.session, work.actor, known_at)
    items = [views.definition_out(one) for one in SHIPPED]
    items += [views.definition_out(queries.definition_of(row), row) for row in own]
    return Json({"items": items, "total": len(items)})


@router.post(
    "/metrics/definitions",
    operation_id="create_metric_definition",
    status_code=201,
    response_model=definition_schemas.DefinitionOut,
)
def create_metric_definition(
    body: definition_schemas.DefinitionIn, work: Annotated[Work, may("metric_definition.change")]
) -> Json:
    """Define a metric of your own: one that is reported, or a formula."""
    return Json(_definition(service.define(work.session, work.actor, **body.model_dump())), status_code=201)


@router.put(
    "/metrics/definitions/{definition_id}",
    operation_id="update_metric_definition",
    response_model=definition_schemas.DefinitionOut,
)
def update_metric_definition(
    definition_id: Id,
    body: definition_schemas.DefinitionFields,
    work: Annotated[Work, may("metric_definition.change")],
    version: Annotated[int | None, Depends(if_match)],
) -> Json:
    """Supersede a definition of yours; earlier figures asked by `known_at` keep the earlier one."""
    found = service.redefine(work.session, work.actor, definition_id, version=version, **body.model_dump())
    return Json(_definition(found))


@router.post("/metrics/definitions/{definition_id}/void", operation_id="void_metric_definition", status_code=204)
def void_metric_definition(
    definition_id: Id, body: Reason, work: Annotated[Work, may("metric_definition.change")]
) -> None:
    """Take back a definition that no value and no formula needs."""
    service.withdraw(work.session, work.actor, definition_id, reason=body.reason)


@router.post(
    "/metrics/definition-previews",
    operation_id="preview_metric_definition",
    response_model=definition_schemas.MetricsPreviewOut,
)
def preview_metric_definition(
    body: definition_schemas.DefinitionIn, work: Annotated[Work, may("metric_definition.change")]
) -> Json:
    """What a new or changed definition would move, before anybody stores it."""
    return Json(previews.preview(work.session, work.actor, body.model_dump()))


@router.get("/reporting/settings", operation_id="get_reporting_settings")
def get_reporting_settings(work: Annotated[Work, may("reporting_settings.read")]) -> schemas.ReportingSettingsOut:
    """The currencies the firm reads figures in, beside each company's own."""
    return schemas.ReportingSettingsOut(**currencies.settings_of(work.session, work.actor))


@router.put("/reporting/settings", operation_id="set_reporting_settings")
def set_reporting_settings(
    body: schemas.ReportingSettingsIn,
    work: Annotated[Work, may("reporting_settings.change")],
    version: Annotated[int | None, Depends(if_match)],
) -> schemas.ReportingSettingsOut:
    """Say which they are; If-Match: * where nobody said before."""
    found = currencies.set_currencies(work.session, work.actor, body.currencies, version=version)
    return schemas.ReportingSettingsOut(**found)


@router.put("/companies/{company_id}/metrics", operation_id="put_company_metrics", response_model=schemas.WrittenOut)
def put_company_metrics(company_id: Id, body: schemas.ValuesIn, work: Annotated[Work, may("metric.change")]) -> Json:
    """Record figures by metric, period and scenario. Another figure supersedes, the same again changes nothing."""
    rows = body.rows()
    written = values.put_values(work.session, work.actor, company_id, rows)
    given = [one for one in rows if not isinstance(one, Misread)]  # all of them: one that is would have been refused
    return Json(reading.recalculated(work.session, work.actor, company_id, written, given))


@router.post(
    "/companies/{company_id}/metrics/approve",
    operation_id="approve_company_metrics",
    response_model=schemas.MetricsApprovedOut,
    responses=problem_responses([412]),
)
def approve_company_metrics(
    company_id: Id, body: schemas.MetricsApproveIn, work: Annotated[Work, may("metric.approve")]
) -> Json:
    """Approve recorded figures as you saw them, by id and version: all of them, or none."""
    seen = {one.id: one.version for one in body.values}
    approved, unchanged = values.approve(work.session, work.actor, company_id, seen)
    return Json({"approved": approved, "unchanged": unchanged})


@router.get("/companies/{company_id}/metrics", operation_id="get_company_metrics", response_model=schemas.MetricsOut)
def get_company_metrics(
    company_id: Id,
    work: Annotated[Work, may("metric.read")],
    period: Annotated[
        str | None,
        Query(max_length=20, description="a kind (month, quarter, year, ltm) or one period such as 2022-Q4"),
    ] = None,
    first: Annotated[str | None, Query(alias="from", max_length=20, description="the first period")] = None,
    last: Annotated[str | None, Query(alias="to", max_length=20, description="the last period")] = None,
    metric: Annotated[list[str] | None, Query(max_length=200, description="only these")] = None,
    derived: Annotated[bool, Query(description="with the metrics that are computed")] = True,
    layout: Annotated[schemas.Layout, Query()] = "wide",
    scenario: Annotated[schemas.Scenario, Query()] = "actual",
    currency: Annotated[CurrencyCode | None, Query(description="convert to this one")] = None,
    as_of: Annotated[Day | None, Query(description="periods that had ended by then")] = None,
    known_at: Annotated[Instant | None, Query(description="what was reported by then")] = None,
    explain: Annotated[bool, Query(description="with formula, inputs, rows and rates")] = False,
) -> Json:
    """A company's figures. Quarters and years are made of months where all are there; LTM of four quarters."""
    found: dict[str, Any] = reading.metrics(
        work.session,
        work.actor,
        company_id,
        period=period,
        first=first,
        last=last,
        keys=metric,
        derived=derived,
        layout=layout,
        scenario=scenario,
        currency=currency,
        as_of=as_of,
        known_at=known_at,
        explain=explain,
    )
    return Json(found)


@dataclass(frozen=True, slots=True)
class View:
    """What the views of a company's figures are asked with."""

    period: Annotated[str | None, Query(max_length=20, description="a kind, or one period such as 2022-Q4")] = None
    first: Annotated[str | None, Query(alias="from", max_length=20, description="the first period")] = None
    last: Annotated[str | None, Query(alias="to", max_length=20, description="the last period")] = None
    scenario: Annotated[schemas.Scenario, Query()] = "actual"
    known_at: Annotated[Instant | None, Query(description="what was reported by then")] = None
    explain: Annotated[bool, Query(description="with formula, inputs, rows and rates")] = False
    empty: Annotated[bool, Query(description="with the lines that have no figure")] = False


Filed = Annotated[Form, Query(alias="format", description="a file has a row a line, a column a period")]


@router.get(
    "/companies/{company_id}/financials",
    operation_id="get_company_financials",
    response_model=schemas.FinancialsOut,
    responses=FILES,
)
def get_company_financials(
    company_id: Id,
    work: Annotated[Work, may("metric.read")],
    view: Annotated[View, Depends()],
    currency: Annotated[CurrencyCode | None, Query(description="convert to this one")] = None,
    form: Filed = "json",
) -> Response:
    """Profit and loss, balance sheet and cash flow, line by line and period by period."""
    found = statements.financials(work.session, work.actor, company_id, currency=currency, **asdict(view))
    return Json(found) if form == "json" else file(form, "financials", *tables.lines_of(found))


@router.get(
    "/companies/{company_id}/kpis",
    operation_id="get_company_kpis",
    response_model=schemas.KpisOut,
    responses=FILES,
)
def get_company_kpis(
    company_id: Id,
    work: Annotated[Work, may("metric.read")],
    view: Annotated[View, Depends()],
    currency: Annotated[CurrencyCode | None, Query(description="convert to this one")] = None,
    form: Filed = "json",
) -> Response:
    """ARR, retention, acquisition, people and the firm's own metrics, period by period."""
    found = statements.kpis(work.session, work.actor, company_id, currency=currency, **asdict(view))
    return Json(found) if form == "json" else file(form, "kpis", *tables.lines_of(found))


@router.get(
    "/companies/{company_id}/metrics/findings",
    operation_id="list_metric_findings",
    response_model=schemas.FindingsOut,
    responses=FILES,
)
def list_metric_findings(
    company_id: Id,
    work: Annotated[Work, may("metric.read")],
    scenario: Annotated[schemas.Scenario, Query()] = "actual",
    period_kind: Annotated[schemas.PeriodKind | None, Query(description="of periods of this length")] = None,
    form: Annotated[Form, Query(alias="format", description="a file has a row a finding")] = "json",
) -> Response:
    """What does not agree in what a company reported; nothing is changed by looking."""
    found = statements.findings(work.session, work.actor, company_id, scenario=scenario, period_kind=period_kind)
    if form == "json":
        return Json(found)
    return filed(form, schemas.FindingRow, f"findings-{company_id}", map(tables.finding_of, found["items"]))


@router.get("/reporting", operation_id="get_reporting", response_model=schemas.ReportOut)
def get_reporting(
    work: Annotated[Work, may("metric.read")],
    fund: Annotated[Id | None, Query(description="only companies this fund holds or held")] = None,
    period: Annotated[str | None, Query(max_length=20, description="a kind, or one period such as 2022-Q4")] = None,
    first: Annotated[str | None, Query(alias="from", max_length=20, description="the first period")] = None,
    last: Annotated[str | None, Query(alias="to", max_length=20, description="the last period")] = None,
    currency: Annotated[CurrencyCode | None, Query(description="convert to this one; empty = each its own")] = None,
    metric: Annotated[list[str] | None, Query(max_length=200, description="only these")] = None,
    derived: Annotated[bool, Query(description="with the metrics that are computed")] = False,
    scenario: Annotated[schemas.Scenario, Query()] = "actual",
    known_at: Annotated[Instant | None, Query(description="what was reported by then")] = None,
) -> Json:
    """What all companies reported, side by side in one currency, by calendar periods."""
    found = portfolio.report(
        work.session,
        work.actor,
        currency=currency,
        period=period,
        first=first,
        last=last,
        fund_id=fund,
        keys=metric,
        derived=derived,
        scenario=scenario,
        known_at=known_at,
    )
    return Json(portfolio.shown(found))


@router.get(
    "/companies/{company_id}/fiscal-years",
    operation_id="list_fiscal_years",
    response_model=list[schemas.FiscalYearOut],
)
def list_fiscal_years(company_id: Id, work: Annotated[Work, may("metric.read")]) -> Json:
    """Since when a company's fiscal years end with which month; without any they are calendar years."""
    find(work.session, work.actor, Company, company_id, noun="company")
    return Json(queries.calendar_rows(work.session, work.actor, company_id))


@router.put(
    "/companies/{company_id}/fiscal-years",
    operation_id="set_fiscal_year",
    response_model=list[schemas.FiscalYearOut],
)
def set_fiscal_year(company_id: Id, body: schemas.FiscalYearIn, work: Annotated[Work, may("metric.change")]) -> Json:
    """Say with which month fiscal years end, from the first day of one of them on."""
    service.set_fiscal_year(work.session, work.actor, company_id, **body.model_dump())
    return Json(queries.calendar_rows(work.session, work.actor, company_id))


@router.post(
    "/companies/{company_id}/fiscal-years/{fiscal_year_id}/void", operation_id="void_fiscal_year", status_code=204
)
def void_fiscal_year(
    company_id: Id, fiscal_year_id: Id, body: Reason, work: Annotated[Work, may("metric.change")]
) -> None:
    """Take back what was said of a company's fiscal years."""
    service.withdraw_fiscal_year(work.session, work.actor, company_id, fiscal_year_id, reason=body.reason)


def _definition(row: MetricDefinition) -> dict[str, Any]:
    names = (*queries.DEFINITION_FIELDS, "id", "description", "version", "recorded_at")
    shown = {name: getattr(row, name) for name in names}
    return views.definition_out(queries.definition_of(shown), shown)
