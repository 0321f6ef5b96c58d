"""Networks a token may be used from: addresses and prefixes, such as ``10.0.0.0/8, 2001:db8::/32``."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from vestry.core.errors import Invalid

Network = IPv4Network | IPv6Network
NETWORKS_MAX = 20


def accept(given: Iterable[str]) -> str | None:
    """The text that is kept; None when there is no limit. Refuses what is no network, or has bits beyond its prefix."""
    kept = []
    for text in given:
        try:
            kept.append(str(ip_network(text.strip())))
        except ValueError:
            raise Invalid(
                f"{text[:60]!r} is not a network.", field="networks", mend="Write it as 203.0.113.7 or 10.0.0.0/8."
            ) from None
    return ",".join(kept) or None


def contain(kept: str, address: str | None) -> bool:
    """Whether a client's address lies in one of the networks; an unknown address lies in none."""
    try:
        found = ip_address((address or "").partition("%")[0])
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in _parsed(kept))


@lru_cache(maxsize=1_000)
def _parsed(kept: str) -> tuple[Network, ...]:
    return tuple(ip_network(one) for one in kept.split(","))
