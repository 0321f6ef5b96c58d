"""Two fetches of the same prices at once, over HTTP: a served application, and a provider at the end of a wire."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.reliability.processes import Server, firm_with_token, nursery
from vestry.core.db import Database

DAYS = {f"2024-06-{day:02d}": {"4. close": f"{100 + day}.5"} for day in range(3, 29)}
END_SECONDS = 60


class Provider:
    """Answers two askers together, so that both fetches are under way at once, or fails."""

    def __init__(self) -> None:
        self.status, self.asked = 200, 0
        self.together = threading.Barrier(2)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        if self.status == 200:
            self.together.wait(END_SECONDS)
        body = json.dumps({"Time Series (Daily)": DAYS}).encode()
        handler.send_response(self.status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def serving(provider: Provider) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/query"
    finally:
        server.shutdown()
        server.server_close()


def tried(client: httpx.Client, job_id: int) -> dict[str, Any]:
    """The job, once it is over or a try of it failed."""
    end = time.monotonic() + END_SECONDS
    while time.monotonic() < end:
        job: dict[str, Any] = client.get(f"/jobs/{job_id}").json()
        if job["state"] in ("done", "failed") or job["error"]:
            return job
        time.sleep(0.05)
    raise AssertionError(job)


def test_two_fetches_at_once_store_one_set_which_stays_when_the_provider_fails(
    database: Database, tmp_path: Path
) -> None:
    _, secret = firm_with_token(database)
    provider = Provider()
    url = database.url.render_as_string(hide_password=False)
    market = {"quotes_provider": "alpha_vantage", "quotes_key": "demo", "outbound_networks": "127.0.0.0/8"}
    with serving(provider) as address, nursery(tmp_path / "home", url, quotes_url=address, **market) as born:
        server = Server(born, tmp_path / "home")
        server.start()
        headers = {"Authorization": f"Bearer {secret}"}
        with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=30) as client:
            body = {"name": "Listed", "currency": "USD", "ticker_symbol": "IBM"}
            path = f"/companies/{client.post('/companies', json=body).json()['id']}/financial-data"

            def ask(_: int) -> httpx.Response:
                return client.post(f"{path}/fetch", json={"again": True})

            with ThreadPoolExecutor(2) as pool:
                asked = list(pool.map(ask, range(2)))
            assert [one.status_code for one in asked] == [202, 202], [one.text for one in asked]
            jobs = [tried(client, one.json()["job_id"]) for one in asked]
            assert [job["state"] for job in jobs] == ["done", "done"], jobs
            assert sorted(job["result"]["stored"] for job in jobs) == [0, len(DAYS)]
            stored = client.get(path, params={"limit": 100}).json()
            assert {one["priced_on"]: one["close"] for one in stored["items"]} == {
                day: one["4. close"] for day, one in DAYS.items()
            }
            assert stored["total"] == len(DAYS)
            provider.status = 503
            with ThreadPoolExecutor(2) as pool:
                asked = list(pool.map(ask, range(2)))
            assert {one.status_code for one in asked} == {202}
            for one in asked:
                assert "answers 503" in tried(client, one.json()["job_id"])["error"]
            assert client.get(path, params={"limit": 100}).json() == stored
