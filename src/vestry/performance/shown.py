"""Figures as plain values, the same for the API, the command line and exports."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass
from decimal import Context, Decimal
from typing import Any

from vestry.core.fields import decimal_text

MULTIPLES = {"pic", "dpi", "rvpi", "tvpi", "moic"}
INNER = {"flows", "terminal", "called_inside"}
MULTIPLE_PLACES = Decimal("1e-10")
WIDE = Context(prec=100)  # the largest amounts over the smallest outgrow the usual 28 digits


def shown(figures: Any) -> Any:
    """Figures without their flows: multiples with at least four places and at most ten; None stays None."""
    if figures is None:
        return None
    plain = {one.name: getattr(figures, one.name) for one in fields(figures) if one.name not in INNER}
    if is_dataclass(plain.get("irr")):
        plain["irr"] = asdict(plain["irr"])
    for name in MULTIPLES & plain.keys():
        if plain[name] is not None:
            plain[name] = decimal_text(plain[name].quantize(MULTIPLE_PLACES, context=WIDE), 4)
    return plain
