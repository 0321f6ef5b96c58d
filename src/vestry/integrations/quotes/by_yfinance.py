"""Yahoo's prices by the package ``yfinance`` (an extra), which keeps up with the cookies and crumbs Yahoo wants.

Its requests go out through our own client, one by one: to Yahoo's hosts only, never inward, with our time-outs and
bounds, whatever the package does. What it remembers between them lies in a folder that ends with the process.
"""

from __future__ import annotations

import atexit
import io
import shutil
import tempfile
from email.message import Message
from functools import cache
from threading import Lock
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import requests
import yfinance
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from yfinance.exceptions import YFException, YFRateLimitError, YFTickerMissingError

from vestry.integrations import outbound

BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"  # Yahoo turns others away
_ONE: Final = Lock()  # the package has one session for the whole process


class PricesMissing(Exception):
    """Yahoo knows no prices by that symbol."""


class RateLimited(Exception):
    """Yahoo was asked too often."""


class NotUnderstood(Exception):
    """What Yahoo answered is not what the package expects; says in a word what it stumbled over."""


def closes(symbol: str, address: str | None) -> tuple[list[tuple[str, Any]], str | None]:
    """The closing prices of the last month as (day, price), and the currency they are in; ``address`` is asked instead
    of Yahoo's hosts where it is given.

    Raises ``OutboundRefused`` where nobody answers, and the errors above.
    """
    with _ONE:
        _prepare()
        try:
            share = yfinance.Ticker(symbol, session=_session(address))
            table = share.history(period="1mo", interval="1d", auto_adjust=False, actions=False)
            currency = share.history_metadata["currency"]
        except YFTickerMissingError as error:
            # So it says of a symbol Yahoo does not know; what else Yahoo says may be otherwise the next time.
            raise PricesMissing if "delisted" in str(error) else NotUnderstood(str(error)[:100]) from None
        except YFRateLimitError:
            raise RateLimited from None
        except requests.RequestException as error:
            raise _meant(error) from None
        # Whatever a changed answer makes it stumble over.
        except (YFException, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            raise NotUnderstood(type(error).__name__) from None
    return [(day.date().isoformat(), float(close)) for day, close in table["Close"].dropna().items()], currency


def _meant(error: requests.RequestException) -> Exception:
    if isinstance(error.__context__, outbound.OutboundRefused):
        return error.__context__
    status = None if error.response is None else error.response.status_code
    return PricesMissing() if status == 404 else RateLimited() if status == 429 else NotUnderstood(str(status))


@cache
def _prepare() -> None:
    yfinance.config.debug.hide_exceptions = False
    folder = tempfile.mkdtemp(prefix="vestry-yfinance-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    yfinance.set_tz_cache_location(folder)


@cache  # its cookies belong to the crumb that the package keeps
def _session(address: str | None) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["User-Agent"] = BROWSER
    for scheme in ("https://", "http://"):
        session.mount(scheme, ThroughOurs(address))
    return session


class ThroughOurs(HTTPAdapter):
    """Sends the package's requests by our client. A redirect comes here again, as a request of its own."""

    def __init__(self, address: str | None) -> None:
        super().__init__()
        self._address = address

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        sent = request.body
        try:
            found = outbound.answer(
                request.method or "GET",
                self._place(request.url or ""),
                headers={name: str(value) for name, value in request.headers.items()},
                content=sent.encode() if isinstance(sent, str) else sent if isinstance(sent, bytes) else b"",
            )
        except outbound.OutboundRefused as error:
            raise requests.ConnectionError(error.message, request=request)  # noqa: B904 - the context is read above
        # We ask for nothing packed: what came packed all the same is not unpacked, whatever its size would be.
        headers = [one for one in found.headers if one[0].lower() != "content-encoding"]
        raw = HTTPResponse(
            io.BytesIO(found.body),
            headers=HTTPHeaderDict(headers),
            status=found.status,
            preload_content=False,
            original_response=_Headers(headers),  # type: ignore[arg-type]
        )
        return self.build_response(request, raw)

    def _place(self, url: str) -> str:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if host != "yahoo.com" and not host.endswith(".yahoo.com"):
            raise outbound.OutboundRefused(f"{host[:100]} is no host of Yahoo's.")
        if self._address is None:
            return url
        there = urlsplit(self._address)
        return urlunsplit((there.scheme, there.netloc, parts.path or "/", parts.query, ""))


class _Headers:
    """As much of a response as cookies are read from."""

    def __init__(self, headers: list[tuple[str, str]]) -> None:
        self.msg = Message()
        for name, value in headers:
            self.msg[name] = value

    def isclosed(self) -> bool:
        return True

    def close(self) -> None:
        """Nothing is open."""
