"""The churn slider of the cohorts' page in Chromium: from a key on the slider to the painted table of 60 x 36 cells.

The real product: a server of its own, sign-in by link, the page as people see it. While the slider moves, the table
shows what the browser itself foretells from the known months; the server is asked where the slider rests, and its
answer takes the place of that. Each step is a churn not shown yet. The clock starts at the key's own time stamp and
stops in the first task after the frame in which the table's texts changed: those of the rows on the screen, which are
drawn first. A second clock runs until the last of the 60 rows, off the screen, has its texts too. At the end every text
of the table must be the one that the server's answer comes to, before that answer and after it. The web client must be
built (``make web``).
"""

from __future__ import annotations

import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from playwright.sync_api import Page, sync_playwright
from tests.servers import CHROMIUM_FLAGS, chromium_path, require

from bench import harness

VESTRY = str(Path(sys.executable).with_name("vestry"))
COHORTS, PERIODS, KNOWN = 60, 36, 6
WARM, STEPS = 4, 35
REACH = 0.1  # seconds, of 95 in a hundred steps

FORETOLD = "table td[data-predicted]"

WATCH = """() => {
  window.steps = [];
  window.wholes = [];
  const { rows } = document.querySelector('table').tBodies[0];
  let started = null, asked = false, ended = false;
  addEventListener('keydown', (event) => { started = event.timeStamp; ended = false; }, true);
  const after = new MessageChannel();
  after.port1.onmessage = () => {
    if (started === null) return;
    if (steps.length === wholes.length) steps.push(performance.now() - started);
    if (ended) { wholes.push(performance.now() - started); started = null; }
  };
  new MutationObserver((changes) => {
    if (started === null) return;
    ended ||= changes.some(({ target }) => rows[rows.length - 1].contains(target));
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; after.port2.postMessage(0); });
  }).observe(document.querySelector('table'), { characterData: true, childList: true, subtree: true });
}"""


def rows() -> Iterator[harness.Row]:
    """The slowest of 95 in a hundred steps, and the middle one."""
    taken, whole = map(sorted, zip(*_steps(), strict=True))
    for name, figure, reach in (
        ("slider to painted table, p95", _of_95(taken), REACH),
        ("slider to painted table, p50", statistics.median(taken), None),
        ("slider to the last row off the screen, p95", _of_95(whole), None),
        ("slider to the last row off the screen, p50", statistics.median(whole), None),
    ):
        yield harness.Row(name, figure, None, REACH, None, reach, reach is None or figure <= reach)


def _of_95(taken: list[float]) -> float:
    return taken[int(0.95 * (len(taken) - 1))]


def _steps() -> list[tuple[float, float]]:
    path = require("browser", chromium_path())
    with _served() as (url, link, company_id), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=CHROMIUM_FLAGS)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(link)
        page.wait_for_url("**/funds")
        page.goto(f"{url}/companies/{company_id}/cohorts?churn=0")
        page.locator("td[data-predicted]").first.wait_for()
        cells = page.locator("table").first.locator("tbody td[data-step]").count()
        if cells != COHORTS * PERIODS:
            sys.exit(f"the table has {cells} cells")
        page.evaluate(WATCH)
        slider = page.get_by_role("slider", name="Monthly churn")
        slider.focus()
        taken = [_step(page, number) for number in range(WARM + STEPS)]
        _refuse_another_forecast(page, WARM + STEPS)
        browser.close()
    return taken[WARM:]


def _refuse_another_forecast(page: Page, number: int) -> None:
    """One more step: what is shown at once, and what is shown when the server has answered, must be its figures."""
    page.wait_for_timeout(1000)
    page.wait_for_load_state("networkidle")  # the answer to the step before is none to this one
    with page.expect_response("**/cashflows/predicted") as answered:
        page.keyboard.press("ArrowRight")
        page.wait_for_function("number => wholes.length > number", arg=number)
        shown = [page.locator(FORETOLD).all_text_contents()]
    page.wait_for_timeout(1000)
    shown.append(page.locator(FORETOLD).all_text_contents())
    expected = [
        f"{float(period['payment']) / float(cohort['spend']) * 100:.1f}%"
        for cohort in answered.value.json()["cohorts"]
        for period in cohort["periods"]
        if period["predicted"]
    ]
    if any(texts != expected for texts in shown):
        sys.exit("the table shows another forecast than the server's")


def _step(page: Page, number: int) -> tuple[float, float]:
    page.keyboard.press("ArrowRight")
    page.wait_for_function("number => wholes.length > number", arg=number)
    page.wait_for_timeout(100)  # whatever a step still does is over before the next one
    seen, whole = page.evaluate("number => [steps[number], wholes[number]]", number)
    return seen / 1000, whole / 1000


@contextmanager
def _served() -> Iterator[tuple[str, str, int]]:
    """A server with one company of 60 cohorts: its address, a sign-in link, and the company."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
        free.close()
        kept = {name: value for name, value in os.environ.items() if not name.startswith("VESTRY_")}
        env = kept | {"VESTRY_HOME": home, "PORT": port, "VESTRY_DEMO": "0", "VESTRY_ENVIRONMENT": "development"}
        said = _vestry(env, "db", "upgrade") + _vestry(env, "token", "create", "--role", "administrator", "--name", "b")
        server = subprocess.Popen([VESTRY, "serve"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            url = f"http://127.0.0.1:{port}"
            with httpx2.Client(base_url=f"{url}/api/v1", timeout=60) as client:
                client.headers["Authorization"] = f"Bearer {said.split()[-1]}"
                _wait(url)
                company_id = _told(client)
            yield url, _vestry(env, "sign-in-link").splitlines()[-1], company_id
        finally:
            server.terminate()
            server.wait(timeout=10)


def _vestry(env: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([VESTRY, *arguments], env=env, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout.strip()


def _wait(url: str) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        try:
            if httpx2.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    sys.exit("the server did not start")


def _told(client: httpx2.Client) -> int:
    """60 funded cohorts, each of one customer that paid its first six months."""

    def post(path: str, **body: object) -> int:
        answer = client.post(f"/{path}", json=body)
        answer.raise_for_status()
        return int(answer.json()["id"])

    company_id = post("companies", name="Slider", currency="USD")
    path = f"companies/{company_id}"
    paid = ["customer_id,payment_date,amount"]
    for cohort in range(COHORTS):
        post(f"{path}/spends", cohort_month=_month(cohort), spend="100000")
        post(f"{path}/trades", cohort_month=_month(cohort), sharing_percentage="0.5", cash_cap="60000")
        paid += [f"c{cohort},{_month(cohort + at)},{9000 + 37 * cohort - 600 * at}" for at in range(KNOWN)]
    file = {"file": ("payments.csv", "\n".join(paid).encode(), "text/csv")}
    client.post(f"/{path}/payments/upload", files=file).raise_for_status()
    return company_id


def _month(number: int) -> str:
    return f"{2019 + number // 12}-{number % 12 + 1:02}-01"


if __name__ == "__main__":
    harness.main(rows)
