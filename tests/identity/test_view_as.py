"""An administrator who looks as somebody else: nothing is written but who looked as whom."""

from __future__ import annotations

from sqlalchemy import select

from tests.access.world import fingerprint
from tests.identity.conftest import API, Firm
from vestry.audit.models import AuditRow


def test_looking_as_somebody_else_writes_nothing_and_the_trail_names_both(firm: Firm) -> None:
    viewer, seen = firm.hire("administrator"), firm.hire("manager")
    boss = firm.signed_in(viewer)
    boss.get(f"{API}/auth/me")
    boss.headers["X-View-As"] = str(seen.id)
    before = _state(firm)
    for path, status in (("funds", 200), ("jobs", 200), ("auth/me", 200), ("approvals", 200), ("tokens", 403)):
        assert boss.get(f"{API}/{path}").status_code == status, path
    assert boss.post(f"{API}/investors", json={"name": "As somebody else"}).status_code == 403
    assert _state(firm) == before
    with firm.database.reading(firm.actor) as session:
        told = select(AuditRow).where(AuditRow.firm_id == firm.actor.firm_id, AuditRow.action == "refuse")
        read, written = session.scalars(told.order_by(AuditRow.sequence.desc()).limit(2)).all()[::-1]
    assert (read.actor_id, read.on_behalf_of, read.actor_role) == (viewer.id, seen.id, "manager")
    assert (written.actor_id, written.on_behalf_of, written.actor_role) == (viewer.id, None, "administrator")


def _state(firm: Firm) -> list[tuple[object, ...]]:
    """What every table but the trail holds, in rows and versions; the use of a session is noted without a version."""
    with firm.database.as_owner() as connection:
        return sorted(tuple(row) for row in connection.exec_driver_sql(fingerprint()).all())
