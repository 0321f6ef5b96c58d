"""Market prices: recorded answers of each provider, good and bad, and the job that keeps what it fetches."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
from fastapi.testclient import TestClient

from tests.worker.by_hand import ByHand, job_of
from vestry.companies import jobs
from vestry.companies.service import keep_prices
from vestry.core.actor import Actor
from vestry.core.db import Database
from vestry.core.settings import settings
from vestry.integrations import outbound
from vestry.integrations.quotes import PROVIDERS, Price, ProviderRefused, Source, SymbolUnknown, by_yfinance, fetch

# Of the package itself, on some versions of what it stands on.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:yfinance.utils")
Answer = Callable[..., None]
Sources = Callable[..., Source]
SHAPES: dict[str, Any] = {
    "alpha_vantage": {
        "Meta Data": {"2. Symbol": "IBM"},
        "Time Series (Daily)": {
            "2024-06-28": {"1. open": "170.85", "4. close": "172.9500", "5. volume": "4193536"},
            "2024-06-27": {"1. open": "171.12", "4. close": "170.8500", "5. volume": "2894344"},
        },
    },
    # Two days, and the running one without a price; the exchange is four hours behind UTC.
    "yahoo": {
        "chart": {
            "result": [
                {
                    "meta": {
                        "currency": "USD", "symbol": "IBM", "instrumentType": "EQUITY", "gmtoffset": -14400,
                        "timezone": "EDT", "exchangeTimezoneName": "America/New_York", "firstTradeDate": -252322200,
                        "regularMarketTime": 1719604801, "dataGranularity": "1d", "range": "1mo",
                        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "max"],
                    },
                    "timestamp": [1719495000, 1719581400, 1719840600],
                    "indicators": {
                        "quote": [
                            {
                                "open": [171.12, 170.85, None], "high": [172.5, 173.46, None],
                                "low": [170.04, 170.53, None], "close": [170.85, 172.95, None],
                                "volume": [2894344, 4193536, None],
                            }
                        ],
                        "adjclose": [{"adjclose": [169.1, 171.2, None]}],
                    },
                }
            ],
            "error": None,
        }
    },
}  # fmt: skip
SHAPES["yfinance"] = SHAPES["yahoo"]
BAD: tuple[tuple[str, Any], ...] = (
    (
        "alpha_vantage",
        {"Note": "Thank you for using Alpha Vantage! Our standard API rate limit is 25 requests per day."},
    ),
    ("alpha_vantage", {"Information": "The **demo** API key is for demo purposes only."}),
    ("alpha_vantage", {}),
    ("alpha_vantage", {"Time Series (Daily)": {"2024-06-28": {"4. close": "-1"}}}),
    ("alpha_vantage", {"Time Series (Daily)": {"2024-02-30": {"4. close": "1"}}}),
    ("alpha_vantage", {"Time Series (Daily)": {"2024-06-28": {"1. open": "1"}}}),
    ("yahoo", {"chart": {"result": None, "error": {"code": "Internal Error"}}}),
    ("yahoo", {"chart": {"result": [{"meta": {}}]}}),
    ("yahoo", {"finance": {}}),
    ("yahoo", {"chart": {"result": [], "error": {"code": "Internal Error", "description": "try later"}}}),
    ("yfinance", {"chart": {"result": None, "error": {"code": "Internal Error", "description": "try later"}}}),
    ("yfinance", {"chart": {"result": [{"meta": {}}]}}),
    ("yfinance", {"finance": {}}),
    ("yfinance", []),
)


class Exchange(BaseHTTPRequestHandler):
    """A provider at the other end of a wire; in front of Yahoo's prices lie a cookie and a crumb."""

    status: ClassVar[int] = 200
    body: ClassVar[bytes] = b""
    asked: ClassVar[list[str]] = []
    cookies: ClassVar[list[str | None]] = []

    def do_GET(self) -> None:
        Exchange.asked.append(self.path)
        Exchange.cookies.append(self.headers["Cookie"])
        if self.path == "/":
            self.answer(404, b"", {"Set-Cookie": "A3=sweet; Domain=.yahoo.com; Path=/; Secure; Max-Age=31536000"})
        elif self.path == "/v1/test/getcrumb":
            self.answer(200, b"crumb")
        else:
            self.answer(Exchange.status, Exchange.body)

    def answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def exchange() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Exchange)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/query"
    server.shutdown()
    server.server_close()


@pytest.fixture
def answers(exchange: str, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Sets what the provider answers: JSON, or a status alone."""
    mine = settings().model_copy(update={"outbound_networks": "127.0.0.0/8"})
    monkeypatch.setattr(outbound, "settings", lambda: mine)

    def give(answer: Any, status: int = 200) -> None:
        monkeypatch.setattr(Exchange, "status", status)
        monkeypatch.setattr(Exchange, "body", json.dumps(answer).encode())

    return give


@pytest.fixture
def source(exchange: str) -> Sources:
    """A provider at the local address."""
    return lambda provider, **more: Source(provider, **({"key": "demo", "address": exchange} | more))


def test_each_provider_gives_its_closing_prices_the_earliest_first(
    answers: Answer, source: Sources, tmp_path: Path
) -> None:
    file = tmp_path / "prices.csv"
    file.write_text(
        "symbol,date,close,currency\nIBM,2024-06-28,172.95,USD\nOther,2024-06-28,1,USD\nibm,2024-06-27,170.85,\n"
    )
    for provider in PROVIDERS:
        if provider != "sample":
            answers(SHAPES.get(provider))
            found = fetch(source(provider, file=file), "IBM")
            assert [(one.day, one.close) for one in found] == [
                (date(2024, 6, 27), Decimal("170.85")), (date(2024, 6, 28), Decimal("172.95")),
            ], provider  # fmt: skip
    assert len(fetch(source("sample"), "DEMO")) == 6


def test_over_the_wire_a_provider_is_asked_for_the_symbol_and_its_failures_are_told(
    answers: Answer, source: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(SHAPES["alpha_vantage"])
    assert fetch(source("alpha_vantage"), "BRK.B & C")[-1].close == Decimal("172.95")
    assert Exchange.asked[-1] == "/query?function=TIME_SERIES_DAILY&symbol=BRK.B+%26+C&apikey=demo"
    answers(SHAPES["yahoo"])
    assert fetch(source("yahoo"), "^GSPC")[-1].currency == "USD"
    assert Exchange.asked[-1].startswith("/query/%5EGSPC?")
    monkeypatch.setattr(Exchange, "body", b'{"chart": {"result": [')
    with pytest.raises(outbound.OutboundRefused, match="does not answer JSON"):
        fetch(source("yahoo"), "IBM")
    with pytest.raises(ProviderRefused):
        fetch(source("yfinance"), "CUT")
    answers({}, 503)
    with pytest.raises(outbound.OutboundRefused, match="answers 503"):
        fetch(source("yahoo"), "IBM")


def test_yfinance_asks_by_our_own_client_with_the_cookie_and_crumb_yahoo_gave(
    answers: Answer, source: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(SHAPES["yahoo"])
    assert fetch(source("yfinance"), "BRK-B")[-1].close == Decimal("172.95")
    prices = [at for at, path in enumerate(Exchange.asked) if path.startswith("/v8/finance/chart/BRK-B?range=1mo")]
    assert [Exchange.asked[at].endswith("&crumb=crumb") for at in prices] == [True]
    assert Exchange.cookies[prices[0]] == "A3=sweet"
    for inward in ("https://10.0.0.1/", "https://localhost/", "http://10.0.0.1:8000/"):
        with pytest.raises(outbound.OutboundRefused):
            fetch(source("yfinance", address=inward), "INWARD")
    elsewhere = requests.Request("GET", "https://yahoo.com.example/v8").prepare()
    with pytest.raises(requests.ConnectionError, match="no host of Yahoo's"):
        by_yfinance.ThroughOurs(None).send(elsewhere)
    monkeypatch.setitem(sys.modules, "yfinance", None)
    monkeypatch.delitem(sys.modules, "vestry.integrations.quotes.by_yfinance")
    with pytest.raises(ProviderRefused, match="yfinance is not installed"):
        fetch(source("yfinance"), "IBM")


def test_shares_quoted_in_pence_are_priced_in_pounds(answers: Answer, source: Sources, tmp_path: Path) -> None:
    quoted = json.loads(json.dumps(SHAPES["yahoo"]))
    for said, meant in (("GBp", "GBP"), ("ZAc", "ZAR"), ("ILA", "ILS")):
        quoted["chart"]["result"][0]["meta"]["currency"] = said
        answers(quoted)
        for provider in ("yahoo", "yfinance"):
            newest = fetch(source(provider), f"{said}.L")[-1]
            assert (newest.close, newest.currency) == (Decimal("1.7295"), meant), provider
    file = tmp_path / "prices.csv"
    file.write_text("symbol,date,close,currency\nBP,2024-06-28,472.95,GBX\nXX,2024-06-28,1,XYZ\n")
    assert fetch(source("csv", file=file), "BP")[0].close == Decimal("4.7295")
    with pytest.raises(ProviderRefused, match="XYZ"):
        fetch(source("csv", file=file), "XX")


def test_an_answer_without_prices_is_refused_by_name(answers: Answer, source: Sources, tmp_path: Path) -> None:
    for at, (provider, answer) in enumerate(BAD):
        answers(answer)
        with pytest.raises((ProviderRefused, outbound.OutboundRefused)):
            pytest.fail(f"{provider} {answer}: {fetch(source(provider), f'BAD{at}')}")
    for text in ("", "a,b\n1,2\n", "symbol,date,close\nIBM,2024-06-28,NaN\n", "symbol,date,close\nIBM,soon,1\n"):
        file = tmp_path / "prices.csv"
        file.write_text(text)
        with pytest.raises(ProviderRefused):
            fetch(source("csv", file=file), "IBM")
    for missing in (source("csv", file=tmp_path / "none.csv"), source("csv"), source("alpha_vantage", key=None)):
        with pytest.raises(ProviderRefused):
            fetch(missing, "IBM")


def test_a_symbol_nobody_knows_is_told_apart_from_a_provider_that_fails(answers: Answer, source: Sources) -> None:
    answers({"Error Message": "Invalid API call."})
    with pytest.raises(SymbolUnknown):
        fetch(source("alpha_vantage"), "NOPE")
    answers({"chart": {"result": None, "error": {"code": "Not Found", "description": "symbol may be delisted"}}}, 404)
    for provider in ("yahoo", "yfinance"):
        with pytest.raises(SymbolUnknown):
            fetch(source(provider), "NOPE")
    answers({}, 429)
    with pytest.raises(outbound.OutboundRefused):
        fetch(source("yahoo"), "IBM")
    with pytest.raises(ProviderRefused, match="limits how often"):
        fetch(source("yfinance"), "OFTEN")
    with pytest.raises(SymbolUnknown):
        fetch(source("sample"), "NOPE")


def test_prices_are_fetched_once_kept_when_the_provider_fails_and_superseded_when_corrected(
    client: TestClient,
    database: Database,
    administrator: Actor,
    answers: Answer,
    exchange: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mine = settings().model_copy(update={"quotes_provider": "yahoo", "quotes_url": exchange})
    monkeypatch.setattr(jobs, "settings", lambda: mine)
    made = client.post("/api/v1/companies", json={"name": "Listed", "currency": "USD", "ticker_symbol": "IBM"}).json()
    path = f"/api/v1/companies/{made['id']}/financial-data"

    def fetched(**body: Any) -> Any:
        answer = client.post(f"{path}/fetch", json=body)
        assert answer.status_code == 202, answer.text
        ByHand(database).work()
        return job_of(database, administrator, answer.json()["job_id"])

    answers(SHAPES["yahoo"])
    assert fetched().result == {"provider": "yahoo", "symbol": "IBM", "stored": 2, "newest_on": "2024-06-28"}
    assert "kept_from" in fetched().result
    answers({}, 503)
    job = fetched(again=True)
    assert (job.state, job.error) == ("waiting", "127.0.0.1 answers 503.")
    items = client.get(path).json()["items"]
    assert [(one["priced_on"], one["close"]) for one in items] == [("2024-06-28", "172.95"), ("2024-06-27", "170.85")]
    changed = json.loads(json.dumps(SHAPES["yahoo"]))
    changed["chart"]["result"][0]["indicators"]["quote"][0]["close"][1] = 173
    answers(changed)
    assert fetched(again=True).result["stored"] == 1
    then = client.get(path, params={"known_at": items[0]["recorded_at"]}).json()["items"]
    assert [one["close"] for one in (client.get(path).json()["items"][0], then[0])] == ["173", "172.95"]


def test_prices_that_two_workers_fetched_at_once_stand_once(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    made = client.post("/api/v1/companies", json={"name": "Listed", "currency": "USD", "ticker_symbol": "IBM"}).json()
    prices, together = fetch(Source("sample"), "DEMO"), threading.Barrier(2, timeout=30)

    def keep(_: int) -> int:
        together.wait()
        with database.transaction(administrator) as session:
            return keep_prices(session, administrator, made["id"], provider="sample", symbol="DEMO", prices=prices)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(keep, range(2))) == [0, len(prices)]
    found = client.get(f"/api/v1/companies/{made['id']}/financial-data", params={"limit": 1}).json()
    assert found["total"] == len(prices)


def test_prices_say_whether_the_newest_of_them_is_old(
    client: TestClient, database: Database, administrator: Actor
) -> None:
    made = client.post("/api/v1/companies", json={"name": "Listed", "currency": "USD", "ticker_symbol": "IBM"}).json()

    def told(**query: Any) -> tuple[str | None, bool | None]:
        found = client.get(f"/api/v1/companies/{made['id']}/financial-data", params=query).json()
        return found["newest_on"], found["stale"]

    assert told() == (None, None)
    today = datetime.now(UTC).date()
    for days, is_old in ((7, True), (4, False)):
        price = Price(today - timedelta(days), Decimal("172.95"), "USD")
        with database.transaction(administrator) as session:
            keep_prices(session, administrator, made["id"], provider="yahoo", symbol="IBM", prices=[price])
        assert told() == (price.day.isoformat(), is_old)
    first = client.get(f"/api/v1/companies/{made['id']}/financial-data", params={"sort": "priced_on"}).json()["items"][
        0
    ]
    assert told(known_at=first["recorded_at"]) == (first["priced_on"], True)


def test_a_company_without_a_symbol_cannot_be_priced(client: TestClient) -> None:
    made = client.post("/api/v1/companies", json={"name": "Private", "currency": "USD"}).json()
    answer = client.post(f"/api/v1/companies/{made['id']}/financial-data/fetch")  # nothing needs to be said
    assert (answer.status_code, answer.json()["code"]) == (422, "no_symbol")
    assert client.post("/api/v1/companies/4711/financial-data/fetch", json={}).status_code == 404
