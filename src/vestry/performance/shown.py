"""Figures as plain values, the same for the API, the command line and exports."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

from vestry.core.fields import decimal_text

MULTIPLES = {"pic", "dpi", "rvpi", "tvpi", "moic"}
MULTIPLE_PLACES = Decimal("1e-10")


def shown(figures: Any) -> Any:
    """Figures without their flows: multiples with at least four places and at most ten; None stays None."""
    if figures is None:
        return None
    plain = {name: value for name, value in asdict(figures).items() if name not in ("flows", "terminal")}
    for name in MULTIPLES & plain.keys():
        if plain[name] is not None:
            plain[name] = decimal_text(plain[name].quantize(MULTIPLE_PLACES), 4)
    return plain
