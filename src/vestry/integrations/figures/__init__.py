"""Where figures of companies are fetched: one port, any number of providers.

A provider is a function from a source and the months asked for to the lines of its answer, as it names its accounts; it
knows nothing of metrics. :func:`fetch` holds every line against what was asked, whoever the provider is: an answer is
taken whole or not at all.
"""

from vestry.integrations.figures.lines import (
    AddressRefused,
    AnswerRefused,
    Asked,
    KeyRefused,
    Line,
    Source,
    SourceAway,
    checked,
)
from vestry.integrations.figures.providers import PROVIDERS

__all__ = [
    "PROVIDERS",
    "AddressRefused",
    "AnswerRefused",
    "Asked",
    "KeyRefused",
    "Line",
    "Source",
    "SourceAway",
    "fetch",
]


def fetch(source: Source, asked: Asked) -> list[Line]:
    """The lines that a source has of the months asked for, in its order.

    Raises :class:`SourceAway` where asking again may help, and :class:`KeyRefused`, :class:`AddressRefused` or
    :class:`AnswerRefused` where it gives the same. None of them, and no line, holds the key.
    """
    return checked(PROVIDERS[source.provider](source, asked), source, asked)
