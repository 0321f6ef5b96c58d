from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vestry.kernel import money
from vestry.kernel.errors import KernelError
from vestry.kernel.money import allocate, round_money

D = Decimal


@pytest.mark.parametrize(
    ("code", "places"),
    [
        ("EUR", 2),
        ("usd", 2),
        (" JPY ", 0),
        ("KRW", 0),
        ("XOF", 0),
        ("ISK", 0),
        ("KWD", 3),
        ("TND", 3),
        ("CLF", 4),
        ("UYW", 4),
    ],
)
def test_a_currency_knows_its_iso_4217_decimals(code: str, places: int) -> None:
    assert money.decimals(code) == places
    assert money.currency(code).code == code.strip().upper()
    assert money.quantum(code) == D(1).scaleb(-places)


@pytest.mark.parametrize(
    ("code", "because"),
    [
        ("XXX", "no currency"),
        ("XAU", "gold"),
        ("DEM", "replaced by EUR"),
        ("HRK", "replaced by EUR"),
        ("ZWL", "replaced by ZWG"),
        ("ANG", "replaced by XCG"),
        ("EURO", "not an ISO 4217"),
        ("", "not an ISO 4217"),
        (None, "not an ISO 4217"),
    ],
)
def test_a_code_that_is_no_current_currency_is_refused_saying_why(code: str, because: str) -> None:
    with pytest.raises(money.CurrencyError, match=because):
        money.currency(code)


def test_the_table_holds_the_currencies_of_the_world_once_each() -> None:
    listed = [code for codes in money._BY_DECIMALS.values() for code in codes.split()]
    assert len(listed) == len(set(listed)) == len(money.CURRENCIES) > 155
    assert all(len(code) == 3 and code.isupper() for code in listed)
    assert not set(money.OBSOLETE) & set(listed)
    assert set(money.OBSOLETE.values()) <= set(listed)


@pytest.mark.parametrize(
    ("amount", "places", "rounding", "expected"),
    [
        ("2.345", 2, "half_even", "2.34"),
        ("2.355", 2, "half_even", "2.36"),
        ("-2.345", 2, "half_even", "-2.34"),
        ("2.345", 2, "half_up", "2.35"),
        ("-2.345", 2, "half_up", "-2.35"),
        ("2.349", 2, "down", "2.34"),
        ("-2.341", 2, "up", "-2.35"),
        ("-2.341", 2, "floor", "-2.35"),
        ("-2.349", 2, "ceiling", "-2.34"),
        ("1250.5", "JPY", "half_even", "1250"),
        ("1.2345", "KWD", "half_up", "1.235"),
        ("123456", -3, "half_up", "123E+3"),
        ("-0.004", 2, "half_up", "0.00"),
    ],
)
def test_rounding_follows_the_rule_it_is_given(amount: str, places: int | str, rounding: str, expected: str) -> None:
    rounded = round_money(amount, places, rounding)
    assert str(rounded) == str(D(expected))


def test_rounding_keeps_amounts_larger_than_the_usual_28_digits() -> None:
    assert round_money("1234567890123456789012345678901234.565", 2) == D("1234567890123456789012345678901234.56")


def test_an_unknown_rounding_is_refused() -> None:
    with pytest.raises(KernelError, match=r"^rounding must be one of half_even, half_up, down, up, floor, ceil"):
        round_money("1.5", 0, "bankers")


@pytest.mark.parametrize("bad", [D("NaN"), D("Infinity"), float("nan"), float("inf"), "", "1,5", None, True, [1]])
def test_what_is_no_finite_number_is_refused(bad: object) -> None:
    finite = "a finite number" if isinstance(bad, (float, D)) else "a number"
    with pytest.raises(KernelError) as caught:
        money.to_decimal(bad)  # type: ignore[arg-type]
    assert str(caught.value) == f"amount must be {finite}, not {bad!r}"


def test_a_float_is_read_as_it_prints_and_a_fraction_exactly() -> None:
    assert money.to_decimal(0.1) == D("0.1")
    assert money.to_decimal(Fraction(1, 8)) == D("0.125")
    assert money.to_decimal(" 12.50 ") == D("12.50")
    with pytest.raises(KernelError, match=r"^fee 1/3 has no finite decimal"):
        money.to_decimal(Fraction(1, 3), "fee")


def test_an_amount_with_more_decimals_than_its_currency_is_not_payable() -> None:
    assert str(money.payable("1.500", "EUR")) == "1.50"
    assert str(money.payable(7, "JPY")) == "7"
    with pytest.raises(KernelError, match=r"1\.505 has more decimals than EUR"):
        money.payable("1.505", "EUR")
    with pytest.raises(KernelError, match="JPY"):
        money.payable("0.5", "JPY")


def test_thirds_of_a_hundred_give_the_odd_cent_to_the_first() -> None:
    assert allocate(100, [1, 1, 1]) == [D("33.34"), D("33.33"), D("33.33")]
    assert [str(share) for share in allocate("100", [1, 1, 1], "JPY")] == ["34", "33", "33"]


def test_the_odd_cents_go_to_the_largest_remainders() -> None:
    # Quotas 14.2857…, 28.5714…, 57.1428…: cut to the cent 14.28, 28.57, 57.14; the cent left goes to the first (0.57).
    assert allocate(100, [1, 2, 4]) == [D("14.29"), D("28.57"), D("57.14")]


def test_a_tie_goes_to_the_larger_weight_and_then_to_the_earlier_position() -> None:
    assert allocate("0.02", [1, 1, 1, 1]) == [D("0.01"), D("0.01"), D("0.00"), D("0.00")]
    assert allocate(1, [1, 3], 0) == [D(0), D(1)]
    assert allocate(1, [1, 1], 0) == [D(1), D(0)]
    # Quotas 0.5 and 1.5: the remainders tie, the larger weight is served.
    assert allocate(2, [1, 3], 0) == [D(0), D(2)]


def test_a_negative_total_is_the_mirror_image() -> None:
    assert allocate(-100, [1, 1, 1]) == [D("-33.34"), D("-33.33"), D("-33.33")]


def test_a_weight_of_zero_gets_nothing_even_of_the_remainder() -> None:
    assert allocate("0.05", [0, 1, 0, 1, 1]) == [D(0), D("0.02"), D(0), D("0.02"), D("0.01")]


def test_weights_may_be_signed_as_long_as_they_have_a_sum() -> None:
    assert allocate(100, [3, -1]) == [D("150.00"), D("-50.00")]
    assert allocate(100, [-1, -3]) == [D("25.00"), D("75.00")]


@given(st.integers(-1000, 1000), st.lists(st.integers(1, 50), min_size=1, max_size=9))
def test_negative_weights_split_as_their_magnitudes_do(cents: int, weights: list[int]) -> None:
    total = D(cents).scaleb(-2)
    assert allocate(total, [-w for w in weights]) == allocate(total, weights)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ([], "^there are no weights to split by$"),
        ([0, 0], "^the weights sum to zero, so there is nothing to split by$"),
        ([1, -1], "^the weights sum to zero"),
        ([D("0.0")], "^the weights sum to zero"),
        ([1, "x"], "^weight must be a number, not 'x'$"),
        ([True], "^weight must be a number, not True$"),
    ],
)
def test_weights_without_a_sum_are_refused(weights: list[int], message: str) -> None:
    with pytest.raises(KernelError, match=message):
        allocate(100, weights)
    with pytest.raises(KernelError, match=message):
        money.allocate_with_steps(100, weights)


def test_a_total_that_is_no_number_is_refused_by_its_name() -> None:
    for work in (allocate, money.allocate_with_steps):
        with pytest.raises(KernelError, match=r"^total must be a number, not 'x'$"):
            work("x", [1])


def test_a_total_finer_than_the_shares_is_refused() -> None:
    with pytest.raises(KernelError, match="more than 2 decimals"):
        allocate("10.005", [1, 1])
    assert allocate("10.005", [1, 1], 3) == [D("5.003"), D("5.002")]


@pytest.mark.parametrize("bad", [2.5, True, None])
def test_decimals_must_be_a_count_or_a_currency(bad: object) -> None:
    with pytest.raises(KernelError, match=f"^decimals must be a whole number or a currency code, not {bad!r}$"):
        allocate(100, [1], bad)  # type: ignore[arg-type]


def test_long_decimal_weights_are_exact() -> None:
    third = D("0." + "3" * 60)
    shares = allocate("1000000000000000000000000000000.01", [third, third, third])
    assert shares == [D("333333333333333333333333333333.34")] * 2 + [D("333333333333333333333333333333.33")]


def test_a_thousand_investors_share_to_the_cent() -> None:
    weights = [D(1_000_000 + 37 * i) / 7 for i in range(2_500)]
    total = D("98765432.11")
    shares = allocate(total, weights)
    assert sum(shares) == total
    whole = sum(weights)
    assert all(abs(share - total * weight / whole) < D("0.01") for share, weight in zip(shares, weights, strict=True))


def test_the_steps_name_the_positions_that_got_a_unit_more() -> None:
    steps = money.allocate_with_steps(100, [1, 2, 4])
    assert steps.raised == (0,)
    assert steps.shares == tuple(allocate(100, [1, 2, 4]))
    assert steps.explain() == {
        "total": "100",
        "unit": "0.01",
        "weights": ["1", "2", "4"],
        "method": "largest remainder; ties to the larger weight, then to the earlier position",
        "raised": [0],
        "shares": ["14.29", "28.57", "57.14"],
    }
    assert money.allocate_with_steps(1, [D("0.25"), D("0.5")]).explain()["weights"] == ["1/4", "1/2"]
    large = "1234567890123456789012345678901234.56"
    assert str(money.allocate_with_steps(large, [1]).shares[0]) == large


totals = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15)
weight = st.one_of(
    st.integers(0, 10**12),
    st.decimals(0, 10**9, places=6),
    st.fractions(0, 1000),
    st.floats(0, 1e9, allow_nan=False),
)


@given(totals, st.lists(weight, min_size=1, max_size=40).filter(lambda weights: any(weights)))
def test_shares_sum_to_the_total_and_stay_within_a_cent_of_their_quota(total: Decimal, weights: list[Fraction]) -> None:
    shares = allocate(total, weights)
    assert sum(shares) == total
    exact = [Fraction(money.to_decimal(w)) if isinstance(w, float) else Fraction(w) for w in weights]
    whole = sum(exact)
    for share, w in zip(shares, exact, strict=True):
        assert share.as_tuple().exponent == -2
        assert abs(Fraction(share) - Fraction(total) * w / whole) < Fraction(1, 100)
        assert w or share == 0
    assert [-share for share in allocate(-total, weights)] == shares


@given(totals, st.lists(st.integers(1, 10**6), min_size=1, max_size=20), st.integers(1, 10**6))
def test_scaling_all_weights_changes_nothing(total: Decimal, weights: list[int], factor: int) -> None:
    assert allocate(total, [factor * w for w in weights]) == allocate(total, weights)


@given(totals, st.lists(st.integers(1, 10**6), min_size=2, max_size=20))
def test_a_larger_weight_never_gets_less(total: Decimal, weights: list[int]) -> None:
    shares = allocate(abs(total), weights)
    ordered = sorted(zip(weights, shares, strict=True))
    assert all(lower[1] <= upper[1] for lower, upper in pairwise(ordered) if lower[0] < upper[0])
