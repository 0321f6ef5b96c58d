"""What comes through the door, strictly: money as strings, whole dates, clean names. Nothing is coerced."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema
from sqlalchemy.orm import Session

from vestry.core import clock
from vestry.core.errors import Invalid
from vestry.core.types import FRACTION_SCALE, INT64_MAX, MONEY_SCALE, QUANTITY_SCALE
from vestry.kernel import money

_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,12})?", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2})", re.ASCII)
_SPACES = re.compile(r"\s+")
_OVERRIDES = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs by their category, empty to the eye
YEAR_MIN, YEAR_MAX = 1900, 2200
KEY_CHARACTERS_MAX = 254


class Input(BaseModel):
    """A body: unknown fields are refused, types are not coerced, and it has at most ``elements_max`` values."""

    elements_max: ClassVar[int] = 10_000
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def example(body: dict[str, Any]) -> ConfigDict:
    """The ``model_config`` of a body whose description shows this one; ids in it are made up."""
    return ConfigDict(json_schema_extra={"examples": [body]})


class Output(BaseModel):
    """An answer's shape, for the API's description; output models have no defaults."""

    model_config = ConfigDict(extra="forbid")

    @classmethod
    def of(cls, row: object) -> Self:
        """The answer that shows a row's attributes."""
        return cls.model_validate(row, from_attributes=True)


def parse_decimal(value: Any, scale: int) -> Decimal:
    """A plain decimal number in a string, of at most ``scale`` places, within the range both databases store.

    A Decimal is a figure of ours on its way out: a sum may lie beyond what one row can store.
    """
    if isinstance(value, Decimal) and value.is_finite():
        return value + 0
    if not isinstance(value, str):
        raise ValueError('must be a string such as "1250000.00": a JSON number would lose digits')
    if not _NUMBER.fullmatch(value):
        raise ValueError('must be a plain decimal number such as "1250000.00" or "-3.5"')
    number = Decimal(value)
    places = -int(number.as_tuple().exponent)
    if places > scale:
        raise ValueError(f"has {places} decimal places; at most {scale} are kept")
    if abs(number) * 10**scale > INT64_MAX:
        raise ValueError(f"is beyond ±{Decimal(INT64_MAX).scaleb(-scale):,}")
    return number + 0  # -0.00 becomes 0.00


def decimal_text(value: Decimal, places_min: int = 0) -> str:
    """All digits, no exponent, no trailing zeros beyond ``places_min`` places, never ``-0``."""
    text = f"{value if value else abs(value):f}"  # no sum: it would round to the digits of the context
    whole, _, places = text.partition(".")
    places = places.rstrip("0").ljust(places_min, "0")
    if whole == "-0" and not places.strip("0"):
        whole = "0"
    return f"{whole}.{places}" if places else whole


def exact_text(text: str, places_min: int = 0) -> str:
    """The same for a decimal that a database wrote, with its scale's places and no exponent."""
    whole, _, places = text.partition(".")
    places = places.rstrip("0").ljust(places_min, "0")
    return f"{whole}.{places}" if places else whole


def units_text(units: int, scale: int, places_min: int = 0) -> str:
    """The same for whole units of the last place."""
    digits = str(abs(units)).rjust(scale + 1, "0")
    sign = "-" if units < 0 else ""
    return exact_text(f"{sign}{digits[:-scale]}.{digits[-scale:]}", places_min)


def _exact(scale: int, places_min: int, example: str, description: str, *more: Any) -> Any:
    return Annotated[
        Decimal,
        BeforeValidator(lambda value: parse_decimal(value, scale)),
        PlainSerializer(lambda value: decimal_text(value, places_min), return_type=str, when_used="json"),
        WithJsonSchema(
            {
                "type": "string",
                "pattern": rf"^-?(0|[1-9][0-9]{{0,17}})(\.[0-9]{{1,{scale}}})?$",
                "examples": [example],
                "description": description,
            }
        ),
        *more,
    ]


Amount = _exact(MONEY_SCALE, 2, "1250000.00", "money: a decimal string")
Units = _exact(QUANTITY_SCALE, 0, "1500.5", "a quantity: a decimal string")
Rate = _exact(FRACTION_SCALE, 0, "0.08", "a fraction (0.08 = 8 %): a decimal string")
Price = _exact(FRACTION_SCALE, 2, "12.50", "a price: a decimal string")
Percent = _exact(FRACTION_SCALE - 2, 0, "10.5", "percent (10.5 = 10.5 %): a decimal string")
Multiple = _exact(FRACTION_SCALE, 4, "1.6300", "a multiple: a decimal string")


# Parts of a whole, and amounts whose direction is in the name of their field.
Share = _exact(FRACTION_SCALE, 0, "0.1", "a fraction from 0 to 1: a decimal string", Field(ge=0, le=1))
AmountNotNegative = _exact(MONEY_SCALE, 2, "1250000.00", "money, not negative: a decimal string", Field(ge=0))
UnitsNotNegative = _exact(QUANTITY_SCALE, 0, "1500.5", "a quantity, not negative: a decimal string", Field(ge=0))


def read_day(value: Any) -> date:
    """A calendar day written YYYY-MM-DD, in the range of years we keep."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("must be a calendar date written YYYY-MM-DD")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value} is not a day of the calendar") from None
    if not YEAR_MIN <= day.year <= YEAR_MAX:
        raise ValueError(f"must lie between {YEAR_MIN} and {YEAR_MAX}")
    return day


Day = Annotated[
    date, BeforeValidator(read_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2024-06-30"]})
]


def read_instant(value: Any) -> datetime:
    """An instant with its zone."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise ValueError("must be an instant with its zone, such as 2024-06-30T12:00:00Z")
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value} is not an instant of the calendar") from None
    if not YEAR_MIN <= instant.year <= YEAR_MAX:
        raise ValueError(f"must lie between {YEAR_MIN} and {YEAR_MAX}")
    return instant


Instant = Annotated[
    datetime,
    BeforeValidator(read_instant),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2024-06-30T12:00:00Z"]}),
]


def _clean(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("must be text")
    for character in value:
        kind = unicodedata.category(character)
        if kind == "Cs" or (kind == "Cc" and character not in "\n\r\t") or _is_noncharacter(character):
            raise ValueError(f"contains a character that cannot be kept (U+{ord(character):04X})")
        if character in _OVERRIDES:
            raise ValueError(f"contains a text-direction override (U+{ord(character):04X})")
    return unicodedata.normalize("NFC", value)


def _is_noncharacter(character: str) -> bool:
    """One of the code points that Unicode keeps for programs' own use and no text may hold."""
    code = ord(character)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _line(value: Any) -> str:
    text = _clean(value).strip()
    if any(character in text for character in "\n\r\t"):
        raise ValueError("must be a single line")
    if all(character in _BLANKS or unicodedata.category(character) in ("Cf", "Zs", "Mn") for character in text):
        raise ValueError("must contain something visible")
    return text


def text_schema(least: int, most: int) -> WithJsonSchema:
    """How the description says that a text has from ``least`` to ``most`` characters."""
    return WithJsonSchema({"type": "string", "minLength": least, "maxLength": most})


Name = Annotated[str, BeforeValidator(_line), Field(min_length=1, max_length=200), text_schema(1, 200)]
Label = Annotated[Name, Field(max_length=100), text_schema(1, 100)]
Prose = Annotated[
    str,
    BeforeValidator(_clean),
    Field(max_length=10_000),
    WithJsonSchema({"type": "string", "maxLength": 10_000}),
]


def name_key(name: str) -> str:
    """What makes two names the same: compatibility form, case folded, runs of spaces as one.

    One sign can become eighteen (ﷺ), so a key too long for its column ends in a digest of the whole.
    """
    key = _SPACES.sub(" ", unicodedata.normalize("NFKC", name).casefold()).strip()
    if len(key) <= KEY_CHARACTERS_MAX:
        return key
    return key[: KEY_CHARACTERS_MAX - 64] + hashlib.sha256(key.encode()).hexdigest()


def _id(value: Any) -> int:
    """A whole number, or its digits in a string: paths and queries have no other way to write one, and in a body a
    client whose numbers are doubles needs it beyond 2^53."""
    if isinstance(value, str) and re.fullmatch(r"[1-9][0-9]{0,18}", value, re.ASCII):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= INT64_MAX:
        raise ValueError("must be an id: a positive whole number")
    return value


Id = Annotated[
    int, BeforeValidator(_id), WithJsonSchema({"type": "integer", "format": "int64", "minimum": 1, "examples": [42]})
]


def _currency(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Z]{3}", value, re.ASCII):
        raise ValueError("must be a three-letter currency code such as USD")
    return value


CurrencyCode = Annotated[
    str,
    BeforeValidator(_currency),
    AfterValidator(lambda code: money.currency(code).code),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$", "examples": ["USD"]}),
]


def payable(amount: Decimal, currency: str, *, field: str = "amount") -> Decimal:
    """The amount, refused when it has more decimals than can be paid in its currency."""
    places = money.decimals(currency)
    if amount != round(amount, places):
        raise Invalid(
            f"{decimal_text(amount)} {currency} cannot be paid: {currency} has {places} decimals.",
            field=field,
            mend=f"Give at most {places} decimals.",
        )
    return amount


class ExactlyOne(Invalid):
    """Of some fields exactly one must be given."""


def exactly_one(**given: object) -> None:
    """Refuse unless exactly one of the named values is there."""
    names = [name for name, value in given.items() if value is not None]
    if len(names) != 1:
        listed = " or ".join(given)
        raise ExactlyOne(
            f"Exactly one of {listed} must be given, not {' and '.join(names) or 'none'}.",
            field=(names or list(given))[-1],
            mend=f"Name {listed}, one of them.",
        )


class WrongCurrency(Invalid):
    """An amount in another currency than the books it goes into."""


def same_currency(given: str | None, books: str, *, field: str = "currency") -> None:
    """Refuse a currency that is named and is not that of the books."""
    if given is not None and given != books:
        raise WrongCurrency(
            f"The books are in {books}; the amount is in {given}.", field=field, mend=f"Give the amount in {books}."
        )


class DateInFuture(Invalid):
    """What has not happened yet cannot be recorded."""


def happened(session: Session, day: date, *, field: str) -> date:
    """The day of a fact, refused when it lies after today (UTC)."""
    today = clock.today(session)
    if day > today:
        raise DateInFuture(
            f"{day} is in the future; today is {today}.", field=field, mend="Record it once it has happened."
        )
    return day
