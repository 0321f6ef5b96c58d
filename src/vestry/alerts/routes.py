"""Alerts over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Response

from vestry.alerts import queries, rules, schemas, service
from vestry.alerts.models import Alert, AlertRule
from vestry.core.fields import Id, Instant
from vestry.core.http import Json
from vestry.core.http import router as make_router
from vestry.core.http.files import FILES, Format
from vestry.core.paging import Paged
from vestry.core.versions import Seen
from vestry.identity.access import find
from vestry.identity.corrections import Reason, versions_of
from vestry.identity.door import Ask, Work, asks, may

router = make_router("alerts")
Reading = Annotated[Work, may("alert.read")]
Changing = Annotated[Work, may("alert.change")]
RuleReading = Annotated[Work, may("alert_rule.read")]
RuleChanging = Annotated[Work, may("alert_rule.change")]


@router.get("/alerts", operation_id="list_alerts", response_model=schemas.AlertPage, responses=FILES)
async def list_alerts(
    ask: Annotated[Ask, asks("alert.read")],
    page: Paged,
    state: Annotated[schemas.State | None, Query()] = None,
    kind: Annotated[schemas.Kind | None, Query()] = None,
    severity: Annotated[schemas.Severity | None, Query()] = None,
    company_id: Annotated[Id | None, Query()] = None,
    since: Annotated[Instant | None, Query(description="opened then or later")] = None,
    form: Format = "json",
) -> Response:
    """What should be looked at, the newest first."""
    return await ask.table(
        page,
        form,
        schemas.AlertOut,
        "alerts",
        lambda actor: queries.list_alerts(
            actor, page.q, state=state, kind=kind, severity=severity, company_id=company_id, since=since
        ),
    )


@router.get("/alerts/rules", operation_id="list_alert_rules", response_model=schemas.AlertRulePage)
async def list_alert_rules(ask: Annotated[Ask, asks("alert_rule.read")], page: Paged) -> Response:
    """When metrics raise alerts."""
    return await ask.list(page, lambda actor: queries.list_rules(actor, page.q))


@router.post("/alerts/rules", operation_id="create_alert_rule", status_code=201)
def create_alert_rule(body: schemas.AlertRuleIn, work: RuleChanging) -> schemas.AlertRuleOut:
    """Have a metric raise alerts; they are looked for at once, and then with every change and every day."""
    return schemas.AlertRuleOut.of(rules.create(work.session, work.actor, body.model_dump()))


@router.post("/alerts/rules/preview", operation_id="preview_alert_rule", response_model=schemas.AlertRulePreviewOut)
def preview_alert_rule(body: schemas.AlertRuleIn, work: Annotated[Work, may("alert_rule.predict")]) -> Json:
    """In which periods of the past a rule would have fired, before anybody stores it. A figure that came late counts
    as reported: the history says what is there, not when it came."""
    return Json(rules.preview(work.session, work.actor, body.model_dump()))


@router.get("/alerts/rules/{rule_id}", operation_id="get_alert_rule")
def get_alert_rule(rule_id: Id, work: RuleReading) -> schemas.AlertRuleOut:
    """One rule."""
    return schemas.AlertRuleOut.of(find(work.session, work.actor, AlertRule, rule_id, noun="alert rule"))


@router.put("/alerts/rules/{rule_id}", operation_id="update_alert_rule")
def update_alert_rule(
    rule_id: Id, body: schemas.AlertRuleIn, work: RuleChanging, version: Seen
) -> schemas.AlertRuleOut:
    """Supersede a rule; alerts it does not raise any more close by themselves."""
    return schemas.AlertRuleOut.of(rules.replace(work.session, work.actor, rule_id, version, body.model_dump()))


@router.post("/alerts/rules/{rule_id}/void", operation_id="void_alert_rule", status_code=204)
def void_alert_rule(rule_id: Id, body: Reason, work: RuleChanging) -> None:
    """Take a rule back; its alerts close by themselves."""
    rules.void(work.session, work.actor, rule_id, body.reason)


@router.get("/alerts/settings", operation_id="get_alert_settings")
def get_alert_settings(work: RuleReading) -> schemas.AlertSettingsOut:
    """What the firm bears before it is told."""
    return schemas.AlertSettingsOut(**service.settings_of(work.session, work.actor))


@router.put("/alerts/settings", operation_id="set_alert_settings")
def set_alert_settings(body: schemas.AlertSettingsIn, work: RuleChanging, version: Seen) -> schemas.AlertSettingsOut:
    """Say what the firm bears; If-Match: * where nobody said before."""
    found = service.set_settings(work.session, work.actor, version=version, **body.model_dump())
    return schemas.AlertSettingsOut(**found)


@router.get("/alerts/{alert_id}", operation_id="get_alert", response_model=schemas.AlertOut)
def get_alert(alert_id: Id, work: Reading) -> Json:
    """One alert."""
    return Json(queries.get_alert(work.session, work.actor, alert_id))


@router.get("/alerts/{alert_id}/versions", operation_id="list_alert_versions", response_model=list[dict[str, Any]])
def list_alert_versions(alert_id: Id, work: Annotated[Work, may("history.read")]) -> Json:
    """How an alert came to be what it is: every state and what it said, the oldest first."""
    return Json([dict(row) for row in versions_of(work.session, work.actor, Alert, alert_id, noun="alert")])


@router.post("/alerts/{alert_id}/acknowledge", operation_id="acknowledge_alert", response_model=schemas.AlertOut)
def acknowledge_alert(alert_id: Id, body: schemas.AcknowledgedIn, work: Changing) -> Json:
    """Say that one has seen it; it closes by itself once its cause is gone."""
    service.acknowledge(work.session, work.actor, alert_id, note=body.note)
    return Json(queries.get_alert(work.session, work.actor, alert_id))


@router.post("/alerts/{alert_id}/close", operation_id="close_alert", response_model=schemas.AlertOut)
def close_alert(alert_id: Id, body: schemas.ClosedIn, work: Changing) -> Json:
    """Be done with it; it opens again only when its cause was gone and returns."""
    service.close(work.session, work.actor, alert_id, note=body.note)
    return Json(queries.get_alert(work.session, work.actor, alert_id))
