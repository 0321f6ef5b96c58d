"""Fetching reference rates from a local server that speaks the ECB's formats, and misbehaves."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from tests.worker.by_hand import ByHand, job_of
from vestry.core import clock, outbox
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.settings import settings
from vestry.integrations import outbound
from vestry.integrations.fx_rates import ecb
from vestry.market import jobs, queries
from vestry.worker.dispatch import SCHEDULES, TITLES

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" '
    'xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject>'
    "<gesmes:Sender><gesmes:name>European Central Bank</gesmes:name></gesmes:Sender><Cube>"
)
TODAY = clock.now().date()


def xml(days: dict[date, dict[str, str]]) -> bytes:
    cubes = "".join(
        f'<Cube time="{day}">' + "".join(f'<Cube currency="{code}" rate="{rate}"/>' for code, rate in rates.items())
        + "</Cube>"
        for day, rates in days.items()
    )  # fmt: skip
    return f"{HEAD}{cubes}</Cube></gesmes:Envelope>".encode()


def zipped(text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("eurofxref-hist.csv", text)
    return made.getvalue()


class Ecb(BaseHTTPRequestHandler):
    status: ClassVar[int] = 200
    files: ClassVar[dict[str, bytes]] = {}
    pause: ClassVar[float] = 0.0
    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        Ecb.asked.append(self.path)
        body = Ecb.files.get(self.path.rpartition("/")[2], b"")
        self.send_response(Ecb.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for at in range(0, len(body), 200):
            if Ecb.pause:
                time.sleep(Ecb.pause)
            try:
                self.wfile.write(body[at : at + 200])
            except OSError:
                return

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Ecb)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/stats/eurofxref/"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def folder(address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    mine = settings().model_copy(update={"outbound_networks": "127.0.0.0/8", "fx_rates_url": address})
    monkeypatch.setattr(outbound, "settings", lambda: mine)
    monkeypatch.setattr(jobs, "settings", lambda: mine)
    Ecb.status, Ecb.pause, Ecb.files, Ecb.asked = 200, 0.0, {}, []
    return address


def fetch(folder: str, since: date = TODAY) -> list[ecb.Published]:
    return ecb.fetch(folder, since=since, today=TODAY)


def test_the_recent_file_is_read_and_after_a_long_time_the_whole_history(folder: str) -> None:
    Ecb.files[ecb.RECENT] = xml({TODAY: {"USD": "1.0666", "CAD": "1.4440"}})
    Ecb.files[ecb.ALL] = zipped("Date,USD,CAD,\n2022-12-30,1.0666,1.444,\n2022-12-29,N/A,1.4461,\n")
    assert fetch(folder) == [(TODAY, "USD", Decimal("1.0666")), (TODAY, "CAD", Decimal("1.4440"))]
    found = fetch(folder, date(2022, 1, 1))
    assert [(one.day.isoformat(), one.currency, str(one.rate)) for one in found] == [
        ("2022-12-30", "USD", "1.0666"), ("2022-12-30", "CAD", "1.444"), ("2022-12-29", "CAD", "1.4461"),
    ]  # fmt: skip
    assert [one.rpartition("/")[2] for one in Ecb.asked] == [ecb.RECENT, ecb.ALL]


GOOD = xml({TODAY: {"USD": "1.0666"}})
BAD: dict[str, bytes] = {
    "cut off": GOOD[:-30],
    "empty": b"",
    "a page": b"<html><body>Service unavailable</body></html>",
    "no rates": xml({}),
    "no number": xml({TODAY: {"USD": "n/a"}}),
    "zero": xml({TODAY: {"USD": "0.0000"}}),
    "negative": xml({TODAY: {"USD": "-1.1"}}),
    "no currency": xml({TODAY: {"US": "1.1"}}),
    "no day": GOOD.replace(str(TODAY).encode(), b"2024-02-30"),
    "the future": xml({TODAY + timedelta(days=9): {"USD": "1.1"}}),
    "twice": GOOD.replace(b"</Cube></Cube>", b'<Cube currency="USD" rate="1.2"/></Cube></Cube>'),
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaa">]>' + GOOD,
}
BAD_ZIPS: dict[str, bytes] = {
    "cut off": zipped("Date,USD,\n2022-12-30,1.0666,\n" * 50)[:-40],
    "a bomb": zipped("0" * (ecb.UNPACKED_MAX + 2)),
    "a short row": zipped("Date,USD,CAD,\n2022-12-30,1.0666\n"),
    "no dates": zipped("USD,CAD\n1,2\n"),
    "nothing": b"",
}


def test_what_is_cut_off_or_makes_no_sense_is_refused_whole(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for since, bad in ((TODAY, BAD), (date(2022, 1, 1), BAD_ZIPS)):
        for what, body in bad.items():
            monkeypatch.setattr(outbound, "get_bytes", lambda *_, body=body, **__: body)
            with pytest.raises(ecb.UnreadableRates):
                pytest.fail(f"{what}: {fetch(folder, since)}")


def test_an_error_a_slow_answer_and_no_answer_are_told_by_name(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Ecb.status = 503
    with pytest.raises(outbound.OutboundRefused, match="answers 503"):
        fetch(folder)
    monkeypatch.setattr(ecb, "BYTES_MAX", 1000)
    Ecb.status, Ecb.files[ecb.RECENT] = 200, GOOD + b" " * 1000
    with pytest.raises(outbound.OutboundRefused, match="more than 1,000 bytes"):
        fetch(folder)
    Ecb.pause = 0.05
    Ecb.files[ecb.RECENT] = GOOD + b" " * 900
    monkeypatch.setattr(ecb, "SECONDS", 0.1)
    with pytest.raises(outbound.OutboundRefused, match="within"):
        fetch(folder)
    with pytest.raises(outbound.OutboundRefused, match="does not answer"):
        fetch("http://127.0.0.1:9/")


def refresh(database: Database, actor: Actor) -> tuple[list[str], Any]:
    with database.transaction(actor) as session:
        job_id = outbox.ask(session, jobs.REFRESH, {}, title=jobs.TITLE).id
    return ByHand(database).work(), job_of(database, actor, job_id)


def test_the_job_keeps_what_is_new_or_corrected_and_nothing_twice(database: Database, administrator: Actor) -> None:
    assert jobs.REFRESH in SCHEDULES
    assert jobs.REFRESH in TITLES
    yesterday = TODAY - timedelta(days=1)
    # 2026-10-30 is the last day of the packaged history: USD 1.1172.
    days = {date(2026, 10, 30): {"USD": "1.1172"}, yesterday: {"USD": "1.25", "CAD": "1.50"}}
    for name in (ecb.RECENT, ecb.ALL):  # whichever is asked for, depending on the day this runs
        rows = "".join(f"{day},{one.get('USD', '')},{one.get('CAD', '')},\n" for day, one in days.items())
        Ecb.files[name] = xml(days) if name == ecb.RECENT else zipped(f"Date,USD,CAD,\n{rows}")
    done, job = refresh(database, administrator)
    assert (done, job.result["stored"], job.result["fetched"]) == (["done"], 2, 3)
    before = clock.now()
    assert refresh(database, administrator)[1].result["stored"] == 0
    days[yesterday]["CAD"] = "1.60"
    Ecb.files[ecb.RECENT] = xml(days)
    assert refresh(database, administrator)[1].result["stored"] == 1
    with database.reading(administrator) as session:
        now = queries.fx_rates(session, administrator).rate("USD", "CAD", TODAY)
        then = queries.fx_rates(session, administrator, known_at=before).rate("USD", "CAD", TODAY)
    assert (now.rate.value, then.rate.value) == (Decimal("1.28"), Decimal("1.2"))


def test_a_failed_fetch_changes_nothing_and_is_tried_again(database: Database, administrator: Actor) -> None:
    Ecb.status = 500
    _, job = refresh(database, administrator)
    assert (job.state, job.failures) == ("waiting", 1)
    assert "answers 500" in job.error
    with database.reading(administrator) as session:
        assert queries.fx_rates(session, administrator).rate("USD", "CAD", date(2022, 12, 31)).source == "ecb"
