"""Where prices of listed shares are fetched: one port, several providers.

A provider is a function from a symbol to its closing prices. It reads answers strictly: what is cut off, limited or of
another symbol is refused by name, and nothing of it is kept.
"""

from vestry.integrations.quotes.providers import PROVIDERS, Price, ProviderRefused, Source, SymbolUnknown, fetch

__all__ = ["PROVIDERS", "Price", "ProviderRefused", "Source", "SymbolUnknown", "fetch"]
