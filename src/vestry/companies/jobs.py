"""Fetching market prices: asked for by a person, done by a worker, so that no request waits for a provider."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func

from vestry.companies import service
from vestry.companies.models import Company, MarketPrice
from vestry.core import clock
from vestry.core.running import Kind, Running
from vestry.core.settings import settings
from vestry.identity.access import find, visible
from vestry.integrations.quotes import Source, fetch

FRESH = timedelta(hours=1)


def _fetch(running: Running) -> None:
    """Fetch and keep the prices of one company. What fails leaves what is stored as it is, and is tried again."""
    company_id, told = running.payload["company_id"], dict[str, Any]()
    chosen = settings()
    key = chosen.quotes_key.get_secret_value() if chosen.quotes_key else None
    source = Source(chosen.quotes_provider, chosen.quotes_url, key, chosen.quotes_file)
    with running.reading() as session:
        company = find(session, running.actor, Company, company_id, noun="company")
        symbol = company.ticker_symbol or ""
        mine = visible(running.actor, MarketPrice).where(
            MarketPrice.company_id == company_id, MarketPrice.provider == source.provider
        )
        latest = session.scalar(mine.with_only_columns(func.max(MarketPrice.recorded_at)))
    told |= {"provider": source.provider, "symbol": symbol}
    if latest is not None and clock.now() - latest < FRESH and not running.payload["again"]:
        with running.finish(told):
            told["kept_from"] = latest.isoformat()
        return
    prices = fetch(source, symbol)
    with running.finish(told) as session:
        told["stored"] = service.keep_prices(
            session, running.actor, company_id, provider=source.provider, symbol=symbol, prices=prices
        )
        told["newest_on"] = prices[-1].day.isoformat()


KINDS = (Kind(service.FETCH_PRICES, _fetch, operation="company.change", tries=5, delay_seconds=30),)
