"""The providers: Alpha Vantage, Yahoo (by our own reading or by ``yfinance``), a CSV file of the firm's, and invented
prices that need no network."""

from __future__ import annotations

import csv
import importlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from vestry.core.errors import Invalid, Unavailable
from vestry.integrations import outbound
from vestry.kernel import money

SAMPLE: Final = Path(__file__).parent / "data" / "sample_prices.csv"
ALPHA_VANTAGE: Final = "https://www.alphavantage.co/query"
YAHOO: Final = "https://query1.finance.yahoo.com/v8/finance/chart"
PLACES: Final = Decimal(1).scaleb(-10)
PRICE_MAX: Final = Decimal(900_000_000)
# Exchanges that quote in a hundredth of their currency: pence, cents and agorot.
HUNDREDTHS: Final = {"GBp": "GBP", "GBX": "GBP", "ZAc": "ZAR", "ZAC": "ZAR", "ILA": "ILS"}


class ProviderRefused(Unavailable):
    """The provider's answer holds no prices: a limit, an error of its own, or something else altogether."""


class SymbolUnknown(Invalid):
    """The provider knows no share by that symbol; asking again does not help."""


@dataclass(frozen=True, slots=True)
class Price:
    """What one share cost at the end of a day; ``currency`` is None where the provider does not say."""

    day: date
    close: Decimal
    currency: str | None


@dataclass(frozen=True, slots=True)
class Source:
    """How a provider is reached: ``address`` instead of its own, ``key`` where it wants one, ``file`` of a CSV."""

    provider: str
    address: str | None = None
    key: str | None = None
    file: Path | None = None


def fetch(source: Source, symbol: str) -> list[Price]:
    """The newest closing prices of a share, the earliest first.

    Raises :class:`SymbolUnknown`, :class:`ProviderRefused`, and ``OutboundRefused`` where nobody answers.
    """
    found = PROVIDERS[source.provider](source, symbol)
    if not found:
        raise SymbolUnknown(f"{source.provider} knows no prices of {symbol!r}.", mend="Check the company's symbol.")
    return sorted(found, key=lambda one: one.day)


def _alpha_vantage(source: Source, symbol: str) -> list[Price]:
    if not source.key:
        raise ProviderRefused("Alpha Vantage wants a key.", mend="Set VESTRY_QUOTES_KEY, then ask again.")
    asked = urlencode({"function": "TIME_SERIES_DAILY", "symbol": symbol, "apikey": source.key})
    answer = outbound.get_json(f"{source.address or ALPHA_VANTAGE}?{asked}")
    if "Error Message" in answer:
        return []
    days = answer.get("Time Series (Daily)")
    if not isinstance(days, dict):
        limit = any(name in answer for name in ("Note", "Information"))
        raise ProviderRefused(f"Alpha Vantage {'limits how often it is asked' if limit else 'answers no prices'}.")
    return [_price(day, values.get("4. close"), None) for day, values in days.items() if isinstance(values, dict)]


def _yahoo(source: Source, symbol: str) -> list[Price]:
    address = f"{source.address or YAHOO}/{quote(symbol, safe='')}?range=1mo&interval=1d"
    try:
        answer = outbound.get_json(address)
    except outbound.OutboundRefused as error:
        if error.status == 404:
            return []
        raise
    try:
        (result,) = answer["chart"]["result"]
        currency = result["meta"]["currency"]
        closes = result["indicators"]["quote"][0]["close"]
        moved = int(result["meta"].get("gmtoffset", 0))
        pairs = list(zip(result["timestamp"], closes, strict=True))
    except (KeyError, IndexError, TypeError, ValueError):
        raise ProviderRefused("Yahoo answers no prices.") from None
    days = ((datetime.fromtimestamp(int(at) + moved, UTC).date().isoformat(), close) for at, close in pairs)
    # One price a day: the last one is of the running day and comes twice while the exchange is open.
    return list({day: _price(day, close, currency) for day, close in days if close is not None}.values())


def _yfinance(source: Source, symbol: str) -> list[Price]:
    try:
        library = importlib.import_module("vestry.integrations.quotes.by_yfinance")
    except ImportError:
        raise ProviderRefused("yfinance is not installed.", mend="pip install 'vestry[yfinance]'.") from None
    try:
        closes, currency = library.closes(symbol, source.address)
    except library.PricesMissing:
        return []
    except library.RateLimited:
        raise ProviderRefused("Yahoo limits how often it is asked.") from None
    except library.NotUnderstood as error:
        raise ProviderRefused(f"Yahoo answers no prices that yfinance understands ({error}).") from None
    return [_price(day, close, currency) for day, close in closes]


def _csv(source: Source, symbol: str) -> list[Price]:
    if source.file is None:
        raise ProviderRefused("There is no file of prices.", mend="Set VESTRY_QUOTES_FILE, then ask again.")
    try:
        text = source.file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ProviderRefused(f"The file of prices cannot be read ({type(error).__name__}).") from None
    rows = csv.DictReader(io.StringIO(text))
    if not {"symbol", "date", "close"} <= set(rows.fieldnames or ()):
        raise ProviderRefused("The file of prices needs the columns symbol, date, close and, if you like, currency.")
    return [
        _price(row["date"], row["close"], row.get("currency") or None)
        for row in rows
        if (row["symbol"] or "").strip().casefold() == symbol.strip().casefold()
    ]


def _sample(_: Source, symbol: str) -> list[Price]:
    return _csv(Source("csv", file=SAMPLE), symbol)


def _price(day: Any, close: Any, currency: Any) -> Price:
    try:
        on = date.fromisoformat(str(day).strip())
        value = Decimal(str(close).strip())
        good = value.is_finite() and 0 < value <= PRICE_MAX
    except (ValueError, InvalidOperation):
        good = False
    whole = HUNDREDTHS.get(currency)
    if not good or not (currency is None or whole or currency in money.CURRENCIES):
        said = json.dumps([str(one)[:20] for one in (day, close, currency)])
        raise ProviderRefused(f"The provider's answer has a price that cannot be: {said}.")
    value = value.scaleb(-2) if whole else value
    return Price(on, value.quantize(PLACES).normalize() + 0, whole or currency)


PROVIDERS: Final[Mapping[str, Callable[[Source, str], list[Price]]]] = {
    "alpha_vantage": _alpha_vantage,
    "yahoo": _yahoo,
    "yfinance": _yfinance,
    "csv": _csv,
    "sample": _sample,
}
