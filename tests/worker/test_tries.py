"""A job is done once or not at all, with its asker's rights of the moment; what fails is tried again, then shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.worker.by_hand import ByHand, job_of
from vestry.core import clock, outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.errors import Invalid
from vestry.core.outbox import Job
from vestry.core.running import Kind, Running, TryAgain
from vestry.core.settings import settings
from vestry.identity import service as identity
from vestry.identity.models import User
from vestry.integrations.mail.models import MailDelivery
from vestry.investors import service as investors
from vestry.investors.models import Investor
from vestry.jobs import upkeep
from vestry.worker import dispatch, tries


def add_investor(running: Running) -> None:
    result: dict[str, Any] = {}
    with running.finish(result) as session:
        name = f"{running.payload['name']} {session.scalar(select(func.count()).select_from(Investor))}"
        found = investors.create_investor(session, running.actor, name=name, kind="lp")
        result["investor_id"] = found.id


ADD = Kind("test.add", add_investor, operation="investor.change")


def asking(database: Database, actor: Actor, kind: str = "test.add", **payload: Any) -> int:
    with database.transaction(actor) as session:
        return outbox.ask(session, kind, payload or {"name": "North"}, title="A test").id


def investors_of(database: Database, actor: Actor) -> int:
    with database.reading(actor) as session:
        return session.scalar(select(func.count()).select_from(Investor).where(Investor.firm_id == actor.firm_id)) or 0


def due_now(database: Database, actor: Actor, job_id: int) -> None:
    with database.transaction(actor) as session:
        session.execute(update(Job).where(Job.id == job_id).values(due_at=clock.now()))


def test_a_job_asked_for_in_a_transaction_that_is_rolled_back_was_never_asked_for(
    database: Database, administrator: Actor
) -> None:
    with database.transaction(administrator) as session:
        outbox.ask(session, "test.add", {"name": "North"}, title="A test")
        session.rollback()
    assert ByHand(database, {"test.add": ADD}).work() == []


def test_what_a_job_changes_and_its_end_are_stored_together(database: Database, administrator: Actor) -> None:
    job_id = asking(database, administrator)
    queue = ByHand(database, {"test.add": ADD})

    assert queue.work() == ["done"]

    job = job_of(database, administrator, job_id)
    assert (job.state, job.tries, job.payload, list(job.result)) == ("done", 1, None, ["investor_id"])
    assert investors_of(database, administrator) == 1
    assert queue.work() == []


def test_a_handing_that_is_done_twice_has_its_effect_once(database: Database, administrator: Actor) -> None:
    job_id = asking(database, administrator)
    queue = ByHand(database, {"test.add": ADD})
    queue.work()
    uid = job_of(database, administrator, job_id).uid

    again = [tries.attempt(database, queue.kinds, administrator.firm_id, uid, handed) for handed in (0, 1, 2)]

    assert again == ["nothing to do"] * 3
    assert investors_of(database, administrator) == 1


def test_a_worker_thought_dead_that_ends_its_try_late_changes_nothing(database: Database, administrator: Actor) -> None:
    second: list[str] = []

    def slow(running: Running) -> None:
        if not second:  # while the first try runs, another worker takes the job over and does it
            second.append("begun")
            second.append(tries.attempt(database, kinds, administrator.firm_id, running.uid, 1))
        add_investor(running)

    kinds = {"test.add": Kind("test.add", slow, operation="investor.change")}
    job_id = asking(database, administrator)
    queue = ByHand(database, kinds)

    assert queue.work() == ["superseded"]
    assert second == ["begun", "done"]
    assert investors_of(database, administrator) == 1
    assert job_of(database, administrator, job_id).interruptions == 1


def test_a_temporary_failure_is_tried_again_later_each_time_after_a_longer_pause(
    database: Database, administrator: Actor
) -> None:
    def away(running: Running) -> None:
        raise TryAgain("The other side does not answer.")

    queue = ByHand(database, {"test.add": Kind("test.add", away, tries=4, delay_seconds=10)})
    job_id = asking(database, administrator)
    pauses = []
    for _ in range(3):
        assert queue.work() == ["to be tried again"]
        assert queue.work() == [], "not before it is due"
        job = job_of(database, administrator, job_id)
        pauses.append((job.due_at - job.moved_at) / timedelta(seconds=1))
        due_now(database, administrator, job_id)
    assert queue.work() == ["failed"]

    job = job_of(database, administrator, job_id)
    assert (job.state, job.failures, job.error_code) == ("failed", 4, "try_again")
    assert [round(pause, -1) for pause in pauses] == [10, 20, 40]
    assert queue.work() == []


def test_whoever_asks_us_to_wait_is_not_asked_before(database: Database, administrator: Actor) -> None:
    def limited(running: Running) -> None:
        error = TryAgain("Too many questions.")
        error.retry_after = 4_000
        raise error

    queue = ByHand(database, {"test.add": Kind("test.add", limited, delay_seconds=10)})
    job_id = asking(database, administrator)
    assert queue.work() == ["to be tried again"]
    job = job_of(database, administrator, job_id)
    assert timedelta(seconds=4_000) <= job.due_at - job.moved_at <= timedelta(seconds=4_400)


def test_a_refusal_is_not_tried_again_and_says_why(database: Database, administrator: Actor) -> None:
    def refuse(running: Running) -> None:
        with running.finish() as session:
            investors.create_investor(session, running.actor, name="Gone", kind="lp")
            raise Invalid("The file is wrong.")

    job_id = asking(database, administrator)
    assert ByHand(database, {"test.add": Kind("test.add", refuse, operation="investor.change")}).work() == ["failed"]

    job = job_of(database, administrator, job_id)
    assert (job.failures, job.error_code, job.error) == (1, "invalid", "The file is wrong.")
    assert investors_of(database, administrator) == 0


def test_an_unexpected_error_shows_its_name_and_keeps_its_words_to_the_log(
    database: Database, administrator: Actor
) -> None:
    def broken(running: Running) -> None:
        raise ZeroDivisionError("canary-of-the-payload")

    job_id = asking(database, administrator)
    assert ByHand(database, {"test.add": Kind("test.add", broken, tries=1)}).work() == ["failed"]

    error = job_of(database, administrator, job_id).error or ""
    assert "ZeroDivisionError" in error
    assert "canary" not in error


def test_a_job_no_worker_of_this_version_knows_is_kept_for_a_person(database: Database, administrator: Actor) -> None:
    job_id = asking(database, administrator, "test.unknown")
    assert ByHand(database, {}).work() == ["failed"]
    assert job_of(database, administrator, job_id).error_code == "unknown_kind"


@pytest.mark.parametrize("change", ["role", "deactivated"])
def test_rights_lost_between_asking_and_running_are_lost(database: Database, administrator: Actor, change: str) -> None:
    with database.transaction(administrator) as session:
        user = identity.create_user(session, administrator, email="m@example.com", name="M", role="manager")
        manager = Actor("user", administrator.firm_id, "manager", user_id=user.id)
    job_id = asking(database, manager)
    with database.transaction(administrator) as session:
        found = session.get_one(User, user.id)
        if change == "role":
            found.role = "analyst"
        else:
            found.deactivated_at = clock.now()

    assert ByHand(database, {"test.add": ADD}).work() == ["failed"]

    assert job_of(database, administrator, job_id).error_code in ("forbidden", "asker_gone")
    assert investors_of(database, administrator) == 0


def test_a_revoked_token_runs_nothing_any_more(database: Database, administrator: Actor) -> None:
    with database.transaction(administrator) as session:
        token, _ = identity.create_token(session, administrator, name="t", role="manager")
    job_id = asking(database, Actor("token", administrator.firm_id, "manager", token_id=token.id))
    with database.transaction(administrator) as session:
        identity.revoke_token(session, administrator, token.id)

    assert ByHand(database, {"test.add": ADD}).work() == ["failed"]
    assert job_of(database, administrator, job_id).error_code == "asker_gone"


def test_a_job_asked_to_stop_while_it_runs_stops_and_keeps_nothing(database: Database, administrator: Actor) -> None:
    def stopped(running: Running) -> None:
        with database.transaction(administrator) as session:
            session.execute(update(Job).where(Job.id == running.job_id).values(cancel_asked_at=clock.now()))
        add_investor(running)

    job_id = asking(database, administrator)
    assert ByHand(database, {"test.add": Kind("test.add", stopped, operation="investor.change")}).work() == [
        "cancelled"
    ]
    assert job_of(database, administrator, job_id).state == "cancelled"
    assert investors_of(database, administrator) == 0


def test_what_the_queue_lost_is_handed_over_again(database: Database, administrator: Actor) -> None:
    job_id = asking(database, administrator)
    lost = ByHand(database, {"test.add": ADD})
    dispatch.hand_over_due(database, lost)
    found = ByHand(database, {"test.add": ADD})  # a queue whose state is gone

    assert dispatch.find_lost(database, found) == 0, "it may only be slow"
    with database.transaction(administrator) as session:
        session.execute(update(Job).values(moved_at=clock.now() - timedelta(minutes=5)))
    assert dispatch.find_lost(database, lost) == 0, "a queue that knows it will do it"
    assert dispatch.find_lost(database, found) == 1

    assert found.work() == ["done"]
    assert job_of(database, administrator, job_id).handed == 2
    assert lost.work() == ["nothing to do"]


def test_a_tick_heard_by_two_workers_asks_once_a_firm(database: Database, administrator: Actor) -> None:
    at = clock.now()
    for _ in range(2):
        dispatch.tick(database, "identity.sweep", at)
    queue = ByHand(database)
    assert queue.work() == ["done"]
    dispatch.tick(database, "identity.sweep", at + timedelta(days=1))
    assert queue.work() == ["done"]


def test_jobs_and_messages_of_long_ago_are_forgotten_and_nothing_else(
    database: Database, administrator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking(database, administrator)
    ByHand(database, {"test.add": ADD}).work()
    long_ago = clock.now() - timedelta(days=366)
    fresh, waiting, ended, with_message = [asking(database, administrator) for _ in range(4)]
    with database.transaction(administrator) as session:
        done = {"state": "done", "ended_at": long_ago}
        session.execute(update(Job).where(Job.id.in_((ended, with_message))).values(**done))
        session.execute(update(Job).where(Job.id == fresh).values(state="failed", ended_at=clock.now()))
        session.execute(update(Job).where(Job.id == waiting).values(due_at=clock.now() + timedelta(days=1)))
        for job_id, created_at in ((ended, long_ago), (with_message, clock.now())):
            about = {"template": "reset", "recipient": "a@firm.com", "message_id": str(job_id), "state": "sent"}
            row = MailDelivery(firm_id=administrator.firm_id, job_id=job_id, attempts=1, created_at=created_at, **about)
            session.add(row)

    def left() -> set[int]:
        with database.reading(administrator) as session:
            assert investors_of(database, administrator) == 1
            return set(session.scalars(select(Job.id).where(Job.kind == "test.add"))) & {
                fresh,
                waiting,
                ended,
                with_message,
            }

    monkeypatch.setattr(settings(), "jobs_kept_days", 0)
    dispatch.tick(database, upkeep.FORGET, clock.now())
    assert ByHand(database).work() == ["done"]
    assert left() == {fresh, waiting, ended, with_message}
    monkeypatch.setattr(settings(), "jobs_kept_days", 365)
    dispatch.tick(database, upkeep.FORGET, clock.now())
    assert ByHand(database).work() == ["done"]
    assert left() == {fresh, waiting, with_message}


def test_a_failure_is_recorded_where_the_job_keeps_its_own_record(database: Database, administrator: Actor) -> None:
    seen: list[tuple[str, bool]] = []

    def away(running: Running) -> None:
        raise TryAgain("Away.")

    def failed(session: Session, payload: Mapping[str, Any], reason: str, final: bool) -> None:
        seen.append((reason, final))

    queue = ByHand(database, {"test.add": Kind("test.add", away, tries=2, failed=failed)})
    job_id = asking(database, administrator)
    queue.work()
    due_now(database, administrator, job_id)
    queue.work()
    assert seen == [("Away.", False), ("Away.", True)]
