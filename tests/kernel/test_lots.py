"""Lots: published cases, a per-share ledger written plainly beside it, and the identities that must always hold."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from vestry.kernel import lots
from vestry.kernel.errors import KernelError
from vestry.kernel.lots import Event, buy, dividend, fee, return_of_capital, sell, split

GOLDEN: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "golden" / "lots.yaml").read_text())
DAY = date(2024, 1, 1)
ALL = ("fifo", "lifo", "hifo", "lofo", "average")


def close(value: Decimal | float | None, expected: float, within: float = 1e-9) -> bool:
    return value is not None and abs(float(value) - expected) <= within


def trades(rows: Sequence[Sequence[Any]]) -> list[Event]:
    return [
        buy(on, quantity, price, fee)
        if kind == "B"
        else sell(on, quantity, price, fee)
        if kind == "S"
        else dividend(on, price, fee)
        for on, kind, quantity, price, fee in rows
    ]


# --- published cases ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", GOLDEN["average_investment"], ids=lambda case: case["title"])
def test_return_on_average_investment_matches_the_published_figures(case: dict[str, Any]) -> None:
    events = trades(case["transactions"])
    result = lots.return_on_average_investment(events, price=case["price"], as_of=case["as_of"])
    book = lots.book(events, "average", fees="separate")
    expected = case["expected"]
    for name in ("gain", "net_gain", "average_investment", "rate", "net_rate"):
        assert close(getattr(result, name), expected[name], GOLDEN["average_investment_within"]), name
    assert result.reason is None
    assert book.income == Decimal(str(case.get("income", 0)))
    if expected["average_cost"] is None:
        assert book.average_cost is None
    else:
        assert close(book.average_cost, expected["average_cost"])


def test_a_holding_bought_and_valued_the_same_day_has_no_average_investment() -> None:
    result = lots.return_on_average_investment([buy(DAY, 1, 100)], price=110, as_of=DAY)
    assert (result.rate, result.net_rate, result.average_investment) == (None, None, None)
    assert result.gain == 10
    assert result.reason is not None


def test_two_short_sales_average_their_prices_by_quantity() -> None:
    case = GOLDEN["short"]
    for method in ALL:
        book = lots.book([sell(DAY, n, p) for n, p in case["sells"]], method, allow_shorts=True)
        assert book.average_cost == Decimal(str(case["average_cost"]))
        assert book.quantity == -2
        assert book.value(100) == -200


@pytest.mark.parametrize("case", GOLDEN["splits"])
@pytest.mark.parametrize("method", ALL)
def test_a_split_changes_shares_and_unit_cost_but_not_cost(case: dict[str, Any], method: Any) -> None:
    events = [buy(DAY, 10, 100), *(split(DAY + timedelta(1), *ratio) for ratio in case["ratios"])]
    if case["sold"]:
        events.append(sell(DAY + timedelta(2), case["sold"], 60))
    book = lots.book(events, method)
    assert close(book.quantity, case["quantity"])
    assert close(book.average_cost, case["average_cost"])
    assert book.cost == case["cost"]
    assert len(book.disposals) == (1 if case["sold"] else 0)


def test_fifo_cost_with_an_interleaved_sale_matches_portfolio_performance() -> None:
    case = GOLDEN["fifo_with_interleaved_sale"]
    # The source gives totals: a purchase's is booked whole as its fee, a sale's through its exact price.
    events = [
        buy(DAY + timedelta(i), quantity, 0, amount)
        if kind == "B"
        else sell(DAY + timedelta(i), quantity, Decimal(str(amount)) / quantity)
        for i, (kind, quantity, amount) in enumerate(case["transactions"])
    ]
    book = lots.book(events)
    expected = case["expected"]
    for lot, (quantity, unit_cost) in zip(book.lots, case["lots"], strict=True):
        assert lot.quantity == quantity
        assert close(lot.unit_cost, unit_cost)
    assert book.quantity == expected["quantity"]
    assert close(book.cost, expected["cost"])
    assert close(book.realised, expected["realised"])
    assert close(book.unrealised(case["price"]), expected["unrealised"], 1e-7)
    assert book.reconcile(case["price"]).difference == 0


@pytest.mark.parametrize("case", GOLDEN["booking"]["expected"])
def test_the_method_decides_which_lots_are_consumed(case: dict[str, Any]) -> None:
    events = [buy(on, quantity, price) for quantity, price, on in GOLDEN["booking"]["lots"]]
    book = lots.book([*events, sell("2015-10-10", case["reduce"], 130)], case["method"])
    taken = [[part.quantity, part.cost / part.quantity] for part in book.disposals]
    assert taken == [[Decimal(n), Decimal(str(c))] for n, c in case["taken"]]


@pytest.mark.parametrize("method", ALL)
def test_selling_more_than_held_is_refused(method: Any) -> None:
    events = [buy(on, quantity, price) for quantity, price, on in GOLDEN["booking"]["lots"]]
    with pytest.raises(lots.SoldMoreThanHeld, match=r"16.*exceeds the 15 held"):
        lots.book([*events, sell("2015-10-10", GOLDEN["booking"]["too_many"], 130)], method)


def test_the_irs_mutual_fund_example_by_fifo_and_by_average_basis() -> None:
    case = GOLDEN["mutual_fund"]
    events = [buy(DAY + timedelta(i), n, 0, cost) for i, (n, cost) in enumerate(case["lots"])]
    average = lots.book(events, "average")
    assert close(average.average_cost, case["average"]["unit_cost"], 5e-4)
    events.append(sell(DAY + timedelta(9), case["sold"], case["price"]))
    fifo = lots.book(events)
    assert sum(part.cost for part in fifo.disposals) == case["fifo"]["cost"]
    assert fifo.realised == case["fifo"]["gain"]
    sold = lots.book(events, "average")
    assert close(sum(part.cost for part in sold.disposals), case["average"]["cost"], 5e-3)
    assert sold.average_cost is not None
    assert average.average_cost is not None
    assert close(sold.average_cost, float(average.average_cost), 1e-9)


# --- each kind of event, with figures worked by hand ----------------------------------------------------------------


def test_specific_identification_takes_the_named_lots() -> None:
    events = [buy(DAY, 10, 10, lot="A"), buy(DAY, 10, 20, lot="B"), buy(DAY, 10, 30, lot="C")]
    book = lots.book([*events, sell(DAY + timedelta(40), 12, 25, lots={"C": 10, "A": 2})], "specific")
    assert [(part.lot, part.quantity, part.cost, part.gain) for part in book.disposals] == [
        ("C", 10, 300, -50),
        ("A", 2, 20, 30),
    ]
    assert [part.days_held for part in book.disposals] == [40, 40]
    assert [(lot.lot, lot.quantity) for lot in book.lots] == [("A", 8), ("B", 10)]


def test_a_named_lot_overrides_fifo_for_that_sale_only() -> None:
    events = [buy(DAY, 10, 10, lot="A"), buy(DAY, 10, 20, lot="B")]
    book = lots.book([*events, sell(DAY, 5, 25, lots=[("B", 5)]), sell(DAY, 5, 25)])
    assert [part.lot for part in book.disposals] == ["B", "A"]


@pytest.mark.parametrize(
    ("method", "sale", "error"),
    [
        ("specific", sell(DAY, 5, 25), lots.LotsNotDesignated),
        ("average", sell(DAY, 5, 25, lots={"A": 5}), lots.LotsNotDesignated),
        ("specific", sell(DAY, 5, 25, lots={"Z": 5}), lots.UnknownLot),
        ("specific", sell(DAY, 11, 25, lots={"A": 11}), lots.UnknownLot),
        ("specific", sell(DAY, 11, 25, lots=[("A", 6), ("A", 5)]), lots.UnknownLot),
    ],
)
def test_lots_that_cannot_be_sold_so_are_refused(method: Any, sale: Event, error: type[Exception]) -> None:
    with pytest.raises(error):
        lots.book([buy(DAY, 10, 10, lot="A"), buy(DAY, 10, 20, lot="B"), sale], method)


def test_designated_lots_must_add_up_to_the_sale() -> None:
    with pytest.raises(KernelError, match="add up to the 5 sold"):
        sell(DAY, 5, 25, lots={"A": 4})


def test_a_short_sale_may_not_name_lots() -> None:
    with pytest.raises(lots.UnknownLot, match="only 0 are held"):
        lots.book([sell(DAY, 5, 25, lots={"A": 5})], allow_shorts=True)


def test_two_open_lots_cannot_share_a_name() -> None:
    with pytest.raises(lots.UnknownLot, match="already open"):
        lots.book([buy(DAY, 1, 1, lot="A"), buy(DAY, 1, 1, lot="A")])


def test_capitalised_fees_move_into_cost_and_proceeds() -> None:
    book = lots.book([buy(DAY, 10, 10, 5), sell(DAY, 4, 12, 2), fee(DAY, 1)])
    (part,) = book.disposals
    assert (part.cost, part.proceeds, part.fee, part.gain) == (42, 46, 2, 4)
    assert (book.cost, book.fees, book.capitalised_fees, book.cash) == (63, 1, 7, -60)


def test_separate_fees_leave_cost_and_proceeds_gross() -> None:
    book = lots.book([buy(DAY, 10, 10, 5), sell(DAY, 4, 12, 2), fee(DAY, 1)], fees="separate")
    (part,) = book.disposals
    assert (part.cost, part.proceeds, part.fee, part.gain) == (40, 48, 2, 8)
    assert (book.cost, book.fees, book.capitalised_fees, book.cash) == (60, 8, 0, -60)


def test_a_sale_fee_is_shared_over_the_lots_it_consumes_by_quantity() -> None:
    book = lots.book([buy(DAY, 10, 10), buy(DAY, 20, 10), sell(DAY, 30, 12, 6)])
    assert [(part.fee, part.proceeds) for part in book.disposals] == [(2, 118), (4, 236)]


def test_a_dividend_is_income_and_its_withholding_a_fee() -> None:
    book = lots.book([buy(DAY, 10, 10), dividend(DAY, 8, 3, rate=2)])
    assert (book.income, book.fees, book.realised, book.cost, book.cash) == (8, 3, 0, 100, -95)
    assert (book.base_income, book.base_fees, book.base_cash) == (16, 6, -90)


def test_return_of_capital_reduces_cost_and_beyond_it_is_gain() -> None:
    events = [buy(DAY, 10, 10, lot="dear"), buy(DAY, 10, 2, lot="cheap")]
    some = lots.book([*events, return_of_capital(DAY, 30)])
    assert [lot.cost for lot in some.lots] == [85, 5]
    assert not some.disposals
    more = lots.book([*events, return_of_capital(DAY, 60)])
    assert [lot.cost for lot in more.lots] == [70, 0]
    (part,) = more.disposals
    assert (part.kind, part.lot, part.quantity, part.proceeds, part.cost, part.gain) == (
        "return_of_capital", "cheap", 0, 10, 0, 10,
    )  # fmt: skip
    assert more.reconcile(7).difference == 0


def test_return_of_capital_paid_on_a_short_beyond_its_proceeds_is_a_loss() -> None:
    events = [sell(DAY, 10, 1), return_of_capital(DAY, -12)]
    book = lots.book(events, allow_shorts=True)
    (part,) = book.disposals
    assert (part.cost, part.proceeds, part.gain, book.cost) == (2, 0, -2, 0)
    assert book.reconcile(3).difference == 0


@pytest.mark.parametrize(
    "events",
    [
        [split(DAY, 2)],
        [return_of_capital(DAY, 5)],
        [buy(DAY, 1, 1), sell(DAY, 1, 1), return_of_capital(DAY, 5)],
        [buy(DAY, 1, 1), return_of_capital(DAY, -5)],
    ],
)
def test_a_split_or_return_of_capital_needs_a_position_on_its_side(events: list[Event]) -> None:
    with pytest.raises(lots.NothingHeld):
        lots.book(events)


def test_cash_in_lieu_sells_the_fraction_after_a_split() -> None:
    book = lots.book([buy(DAY, 15, 10), split(DAY, 1, 10, cash_in_lieu_price=90)])
    (part,) = book.disposals
    assert (part.kind, part.quantity, part.proceeds, part.cost, part.gain) == (
        "cash_in_lieu", Decimal("0.5"), 45, 50, -5,
    )  # fmt: skip
    assert (book.quantity, book.cost, book.cash) == (1, 100, -105)
    assert not lots.book([buy(DAY, 20, 10), split(DAY, 1, 10, cash_in_lieu_price=90)]).disposals


def test_cash_in_lieu_covers_the_fraction_of_a_short() -> None:
    book = lots.book([sell(DAY, 15, 10), split(DAY, 1, 10, cash_in_lieu_price=90)], allow_shorts=True)
    assert (book.quantity, book.realised, book.cash) == (-1, 5, 105)


def test_a_split_of_several_lots_keeps_the_position_whole() -> None:
    book = lots.book([*(buy(DAY, 1, 10) for _ in range(3)), split(DAY, 1, 3)])
    assert book.quantity == 1
    assert lots.book([*(buy(DAY, 1, 10) for _ in range(3)), split(DAY, 1, 3), sell(DAY, 1, 30)]).lots == ()


def test_a_purchase_covers_shorts_before_it_opens_a_long_lot() -> None:
    book = lots.book([sell(DAY, 10, 50, 10), buy(DAY, 15, 40, 15)], allow_shorts=True)
    (part,) = book.disposals
    assert (part.kind, part.quantity, part.proceeds, part.cost, part.gain) == ("cover", 10, 490, 410, 80)
    assert (book.quantity, book.cost) == (5, 205)
    assert book.reconcile(60).difference == 0


def test_a_sale_closes_the_long_before_it_opens_a_short() -> None:
    book = lots.book([buy(DAY, 10, 40), sell(DAY, 15, 50)], allow_shorts=True)
    assert (book.realised, book.quantity, book.cost, book.unrealised(45)) == (100, -5, -250, 25)


def test_hifo_covers_the_short_with_the_smallest_gain_first() -> None:
    events = [sell(DAY, 1, 50, rate=1), sell(DAY, 1, 30), buy(DAY, 1, 40)]
    assert lots.book(events, "hifo", allow_shorts=True).realised == -10
    assert lots.book(events, "lofo", allow_shorts=True).realised == 10


def test_the_moving_average_is_changed_by_purchases_only() -> None:
    events = [buy(DAY, 10, 10), buy(DAY, 10, 20), sell(DAY, 5, 30), buy(DAY, 5, 35)]
    assert lots.book(events[:3], "average").average_cost == 15
    assert lots.book(events, "average").average_cost == 20
    assert {lot.unit_cost for lot in lots.book(events, "average").lots} == {Decimal(20)}


def test_base_gain_splits_into_price_and_exchange_effect() -> None:
    # Bought 10 at 100 USD when a dollar cost 0.8 euro; now 120 USD and 0.9.
    book = lots.book([buy(DAY, 10, 100, rate="0.8")])
    check = book.reconcile_base(120, "0.9")
    assert (book.base_cost, check.unrealised, check.difference) == (800, 280, 0)
    assert book.unrealised_fx_split(120, "0.9") == (180, 100)
    sold = lots.book([buy(DAY, 10, 100, rate="0.8"), sell(DAY, 10, 120, rate="0.9")])
    assert (sold.realised, sold.base_realised, sold.base_cash) == (200, 280, 280)
    assert sold.disposals[0].base_proceeds == 1080


def test_events_are_taken_by_date_and_as_of_stops_the_replay() -> None:
    events = [sell("2024-03-01", 1, 30), buy("2024-01-01", 1, 10), buy("2024-02-01", 1, 20)]
    assert lots.book(events).realised == 20
    assert lots.book(events, as_of="2024-02-01").quantity == 2
    assert lots.book(events, as_of="2024-01-31").quantity == 1


def test_flows_and_invested_cost_are_kept_by_date() -> None:
    book = lots.book([buy("2024-01-01", 2, 10, 1), dividend("2024-02-01", 3), sell("2024-03-01", 1, 30)])
    assert book.flows == ((date(2024, 1, 1), -21), (date(2024, 2, 1), 3), (date(2024, 3, 1), 30))
    assert [cost for _, cost in book.invested] == [21, 21, Decimal("10.5")]


def test_explain_shows_every_event_and_the_lots_it_consumed() -> None:
    told = lots.book([buy(DAY, 2, 10), sell(DAY, 1, 30), fee(DAY, 1), dividend(DAY, 1), split(DAY, 2)]).explain()
    steps = told["steps"]
    assert isinstance(steps, list)
    assert steps == [
        "2024-01-01 buy 2 at 10, fee 0",
        "2024-01-01 sell 1 at 30, fee 0",
        "  lot 1 of 2024-01-01: 1 for 30, cost 10.000000000000, gain 20.000000000000",
        "2024-01-01 fee 1",
        "2024-01-01 dividend 1, withheld 0",
        "2024-01-01 split 2 for 1: 2 shares held",
    ]
    assert told == {
        "method": "fifo",
        "fees": "capitalised",
        "convention": "owner's cash: money out negative; gain = proceeds − cost of the lots consumed",
        "identity": "realised + unrealised + income − fees = value + cash",
        "steps": steps,
    }


def test_a_period_reconciles_between_two_valuations() -> None:
    events = [
        buy("2024-01-01", 10, 10),
        buy("2024-02-01", 10, 12, 1),
        sell("2024-03-01", 15, 15, 2),
        dividend("2024-03-05", 4),
    ]
    check = lots.period_reconciliation(events, start="2024-01-31", start_price=11, end="2024-03-31", end_price=16)
    assert (check.realised, check.income, check.fees) == (Decimal("62.5"), 4, 0)
    assert check.unrealised == Decimal("9.5")
    assert (check.value, check.cash, check.gain, check.value_change, check.difference) == (-30, 106, 76, 76, 0)
    with pytest.raises(KernelError, match="before it starts"):
        lots.period_reconciliation(events, start="2024-03-31", start_price=1, end="2024-01-31", end_price=1)


def test_a_cost_can_be_kept_to_the_currency_s_cents() -> None:
    book = lots.book([buy(DAY, 3, 0, 10), sell(DAY, 1, 5), sell(DAY, 1, 5), sell(DAY, 1, 5)], money_places=2)
    assert [part.cost for part in book.disposals] == [Decimal("3.33"), Decimal("3.34"), Decimal("3.33")]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: buy(DAY, 0, 1), "^quantity must be positive, got 0$"),
        (lambda: buy(DAY, 1, -1), "^price must not be negative, got -1$"),
        (lambda: buy(DAY, 1, 1, -1), "^fee must not be negative, got -1$"),
        (lambda: buy(DAY, float("nan"), 1), "^quantity must be a finite number"),
        (lambda: buy(DAY, 1, "x"), "^price must be a number"),
        (lambda: buy("yesterday", 1, 1), "^'yesterday' is not a date"),
        (lambda: buy(DAY, 1, 1, rate=0), "^rate must be positive, got 0$"),
        (lambda: sell(DAY, -1, 1), "^quantity must be positive, got -1$"),
        (lambda: sell(DAY, 1, -1), "^price must not be negative, got -1$"),
        (lambda: sell(DAY, 1, 1, -1), "^fee must not be negative, got -1$"),
        (lambda: sell(DAY, 1, 1, rate=-1), "^rate must be positive, got -1$"),
        (lambda: sell(DAY, 1, 1, lots={"A": 0}), "^quantity of lot A must be positive, got 0$"),
        (lambda: sell(DAY, 1, 1, lots={"A": 2}), "^the designated lots do not add up to the 1 sold$"),
        (lambda: split(DAY, 0), "^new shares must be positive, got 0$"),
        (lambda: split(DAY, 1, 0), "^old shares must be positive, got 0$"),
        (lambda: split(DAY, 2, 1, cash_in_lieu_price=0), "^cash-in-lieu price must be positive, got 0$"),
        (lambda: split(DAY, 2, rate=0), "^rate must be positive, got 0$"),
        (lambda: return_of_capital(DAY, 0), "^a return of capital of zero changes nothing: leave it out$"),
        (lambda: return_of_capital(DAY, "x"), "^amount must be a number"),
        (lambda: return_of_capital(DAY, 1, rate=0), "^rate must be positive, got 0$"),
        (lambda: dividend(DAY, float("inf")), "^amount must be a finite number"),
        (lambda: dividend(DAY, 1, -1), "^fee must not be negative, got -1$"),
        (lambda: dividend(DAY, 1, rate=0), "^rate must be positive, got 0$"),
        (lambda: fee(DAY, "x"), "^amount must be a number"),
        (lambda: fee(DAY, 1, rate=0), "^rate must be positive, got 0$"),
        (
            lambda: lots.book([], "cheapest"),  # type: ignore[arg-type]
            "^unknown cost method 'cheapest'; one of fifo, lifo, hifo, lofo, average, specific$",
        ),
        (
            lambda: lots.book([], fees="hidden"),  # type: ignore[arg-type]
            "^fees must be 'capitalised' or 'separate', got 'hidden'$",
        ),
        (lambda: lots.book([], money_places=-1), "^money_places must not be negative, got -1$"),
        (
            lambda: lots.book([replace(buy(DAY, 1, 1), kind="gift")]),  # type: ignore[arg-type]
            "^unknown event kind 'gift'; one of buy, sell, split, dividend, return_of_capital, fee$",
        ),
        (lambda: lots.book([sell(DAY, 2, 1)]), "^sale of 2 on 2024-01-01 exceeds the 0 held$"),
        (lambda: lots.book([split(DAY, 2)]), "^a split on 2024-01-01 needs a position$"),
        (
            lambda: lots.book([return_of_capital(DAY, 5)]),
            "^a return of capital of 5 on 2024-01-01 does not fit the 0 shares held$",
        ),
        (
            lambda: lots.book([buy(DAY, 2, 1), sell(DAY, 1, 1)], "specific"),
            "^the sale of 1 on 2024-01-01 must name its lots$",
        ),
        (
            lambda: lots.book([buy(DAY, 2, 1, lot="A"), sell(DAY, 1, 1, lots={"A": 1})], "average"),
            "^average cost knows no single lots; sell without naming them$",
        ),
        (
            lambda: lots.book([buy(DAY, 2, 1), sell(DAY, 1, 1, lots={"A": 1})]),
            "^lot A does not hold the 1 sold from it on 2024-01-01$",
        ),
        (
            lambda: lots.book([buy(DAY, 2, 1, lot="A"), buy(DAY, 2, 1, lot="A")]),
            "^lot A is already open; give the purchase of 2024-01-01 another name$",
        ),
        (
            lambda: lots.book([buy(DAY, 1, 1, lot="A"), sell(DAY, 2, 1, lots={"A": 2})], allow_shorts=True),
            "^the sale of 2 on 2024-01-01 names lots, but only 1 are held$",
        ),
        (
            lambda: lots.book([buy(DAY, "1e-18", 10), split(DAY, 1, 10)]),
            "^the split on 2024-01-01 would leave a lot less than 1e-18 shares$",
        ),
        (
            lambda: lots.period_reconciliation([], start="2024-02-01", start_price=1, end="2024-01-01", end_price=1),
            r"^the period ends \(2024-01-01\) before it starts \(2024-02-01\)$",
        ),
    ],
)
def test_bad_input_is_refused_in_words_the_user_can_act_on(make: Any, words: str) -> None:
    with pytest.raises(KernelError, match=words):
        make()


def test_events_carry_what_they_were_given_and_a_rate_of_one() -> None:
    assert buy(DAY, 2, 3) == Event("buy", DAY, quantity=Decimal(2), price=Decimal(3))
    assert buy(DAY, 2, 3, 4, lot="A", rate=5) == Event(
        "buy", DAY, quantity=Decimal(2), price=Decimal(3), fee=Decimal(4), lot="A", rate=Decimal(5)
    )
    assert sell(DAY, 2, 3) == Event("sell", DAY, quantity=Decimal(2), price=Decimal(3))
    assert sell(DAY, 2, 3, 4, lots={"A": 2}, rate=5) == Event(
        "sell", DAY, quantity=Decimal(2), price=Decimal(3), fee=Decimal(4), lots=(("A", Decimal(2)),), rate=Decimal(5)
    )
    assert split(DAY, 2) == Event("split", DAY, ratio=(Decimal(2), Decimal(1)))
    assert split(DAY, 2, 3, cash_in_lieu_price=4, rate=5) == Event(
        "split", DAY, price=Decimal(4), ratio=(Decimal(2), Decimal(3)), rate=Decimal(5)
    )
    assert dividend(DAY, 2) == Event("dividend", DAY, amount=Decimal(2))
    assert dividend(DAY, 2, 3, rate=4) == Event("dividend", DAY, amount=Decimal(2), fee=Decimal(3), rate=Decimal(4))
    assert return_of_capital(DAY, 2) == Event("return_of_capital", DAY, amount=Decimal(2))
    assert return_of_capital(DAY, 2, rate=3) == Event("return_of_capital", DAY, amount=Decimal(2), rate=Decimal(3))
    assert fee(DAY, 2) == Event("fee", DAY, amount=Decimal(2))
    assert fee(DAY, 2, rate=3) == Event("fee", DAY, amount=Decimal(2), rate=Decimal(3))


def test_income_and_fees_add_up_over_events_in_both_currencies() -> None:
    book = lots.book([dividend(DAY, 5, 1, rate=2), dividend(DAY, 7, 2, rate=3), fee(DAY, 4, rate=2), fee(DAY, 1)])
    assert (book.income, book.fees, book.cash) == (12, 8, 4)
    assert (book.base_income, book.base_fees, book.base_cash) == (31, 17, 14)


def test_side_by_side_shows_each_method_under_the_fees_asked_for() -> None:
    events = [buy(DAY, 1, 20, 1), buy(DAY, 1, 10, 1), buy(DAY, 1, 30, 1), sell(DAY, 1, 40, 2)]
    gross = lots.side_by_side(events, fees="separate")
    assert {method: book.realised for method, book in gross.items()} == {
        "fifo": 20, "lifo": 10, "hifo": 10, "lofo": 30, "average": 20,
    }  # fmt: skip
    assert {book.fee_treatment for book in gross.values()} == {"separate"}
    assert lots.side_by_side(events, ["lofo"])["lofo"].realised == 27


def test_cash_in_lieu_may_close_the_whole_position() -> None:
    long = lots.book([buy(DAY, 5, 10, rate=2), split(DAY, 1, 10, cash_in_lieu_price=90, rate=3)])
    assert (long.lots, long.realised, long.cash, long.base_cash) == ((), -5, -5, 35)
    assert (long.disposals[0].base_proceeds, long.disposals[0].base_cost, long.disposals[0].fee) == (135, 100, 0)
    short = lots.book([sell(DAY, 5, 10), split(DAY, 1, 10, cash_in_lieu_price=90)], allow_shorts=True)
    assert (short.lots, short.realised, short.cash) == ((), 5, 5)


def test_return_of_capital_beyond_cost_in_base_currency_alone_is_a_gain_there_alone() -> None:
    book = lots.book([buy(DAY, 1, 100, rate=1), return_of_capital(DAY, 60, rate=2)])
    (part,) = book.disposals
    assert (part.gain, part.base_gain, part.fee, book.cost, book.base_cost) == (0, 20, 0, 40, 0)
    assert book.steps == (
        "2024-01-01 buy 1 at 100, fee 0",
        "2024-01-01 return of capital 60 on 1 shares",
        "  lot 1 of 2024-01-01: 0 for 0, cost 0, gain 0",
    )


def test_lofo_and_hifo_compare_unit_costs_not_amounts() -> None:
    events = [buy(DAY, 10, 5), buy(DAY, 1, 6), sell(DAY, 1, 10)]
    assert lots.book(events, "lofo").realised == 5
    assert lots.book(events, "hifo").realised == 4


def test_average_cost_of_a_part_is_rounded_from_the_pool_not_from_a_lot() -> None:
    events = [*(buy(DAY, 1, 0, amount) for amount in (8, 6, 6)), sell(DAY, "0.5", 10)]
    book = lots.book(events, "average", money_places=2)
    assert [part.cost for part in book.disposals] == [Decimal("3.33")]
    assert book.cost == Decimal("16.67")


def test_a_cover_in_base_currency_earns_the_rates_of_both_days() -> None:
    book = lots.book([sell(DAY, 10, 50, rate=2), buy(DAY, 10, 40, rate=3)], allow_shorts=True)
    (part,) = book.disposals
    assert (part.base_proceeds, part.base_cost, part.base_gain) == (1000, 1200, -200)
    assert part.gain == 100


def test_open_lots_and_disposals_say_what_they_are() -> None:
    book = lots.book([buy("2023-05-01", 2, 10, lot="A"), sell(DAY, 1, 30)])
    assert [(lot.lot, lot.acquired_on, lot.quantity, lot.cost) for lot in book.lots] == [("A", date(2023, 5, 1), 1, 10)]
    assert [(part.kind, part.lot, part.acquired_on) for part in book.disposals] == [("sale", "A", date(2023, 5, 1))]


def test_a_fraction_of_a_share_can_be_named_and_sold() -> None:
    book = lots.book([buy(DAY, "0.5", 10, lot="A"), sell(DAY, "0.5", 30, lots={"A": "0.5"})], "specific")
    assert (book.realised, book.lots) == (10, ())


def test_a_return_of_capital_on_less_than_a_share_is_accepted() -> None:
    assert lots.book([buy(DAY, "0.5", 10), return_of_capital(DAY, 1)]).cost == 4
    assert lots.book([buy(DAY, "0.5", 10), return_of_capital(DAY, 6)]).realised == 1


def test_an_empty_book_is_all_zero_and_has_no_average_cost() -> None:
    book = lots.book([])
    assert (book.quantity, book.cost, book.realised, book.value(10), book.average_cost) == (0, 0, 0, 0, None)


def test_floats_are_read_by_their_shortest_text() -> None:
    assert lots.book([buy(DAY, 0.1, 0.2)]).cost == Decimal("0.02")


# --- an independent method: a ledger of single shares in fractions ----------------------------------------------------


@dataclass
class Share:
    """A unit of holding (one thousandth of a share as bought), with its own cost."""

    opened: int
    cost: Fraction
    size: Fraction


def plain_ledger(events: Sequence[Event], method: str) -> tuple[Fraction, Fraction, Fraction]:
    """(realised, cost left, shares left) by moving single thousandths one at a time; fees capitalised; no shorts."""
    shares: list[Share] = []
    realised = Fraction(0)
    for number, event in enumerate(events):
        units = int(event.quantity * 1000)
        if event.kind == "buy":
            cost = (Fraction(event.quantity) * Fraction(event.price) + Fraction(event.fee)) / units
            shares += [Share(number, cost, Fraction(1, 1000)) for _ in range(units)]
        elif event.kind == "sell":
            net = Fraction(event.quantity) * Fraction(event.price) - Fraction(event.fee)
            left = Fraction(event.quantity)
            while left:
                index = pick(shares, method)
                share = shares[index]
                part = min(left, share.size)
                cost = share.cost * part / share.size
                if method == "average":
                    mean = sum((s.cost for s in shares), Fraction(0)) / sum((s.size for s in shares), Fraction(0))
                    cost = mean * part
                    whole = sum((s.cost for s in shares), Fraction(0)) - cost
                    share.size -= part
                    held = sum((s.size for s in shares), Fraction(0))
                    for s in shares:
                        s.cost = whole * s.size / held if held else Fraction(0)
                else:
                    share.cost -= cost
                    share.size -= part
                realised += net * part / Fraction(event.quantity) - cost
                left -= part
                if not share.size:
                    shares.pop(index)
        elif event.kind == "split":
            for share in shares:
                share.size *= Fraction(event.ratio[0]) / Fraction(event.ratio[1])
    return realised, sum((s.cost for s in shares), Fraction(0)), sum((s.size for s in shares), Fraction(0))


def pick(shares: Sequence[Share], method: str) -> int:
    order = range(len(shares))
    if method == "lifo":
        return len(shares) - 1
    if method == "hifo":
        return max(order, key=lambda i: (shares[i].cost / shares[i].size, -shares[i].opened, -i))
    if method == "lofo":
        return min(order, key=lambda i: (shares[i].cost / shares[i].size, shares[i].opened, i))
    return 0


cents = st.integers(1, 5000).map(lambda n: Decimal(n) / 100)
charges = st.integers(0, 300).map(lambda n: Decimal(n) / 100)


TRADES = ("buy", "sell", "split")
FULL = (*TRADES, "sell", "dividend", "roc", "fee")


@st.composite
def histories(draw: st.DrawFn, *, small: bool = False, extras: bool = True) -> list[Event]:
    """Purchases, then any mix of what may follow, never selling more than is held."""
    quantities = st.integers(1, 40).map(lambda n: Decimal(n) / 1000) if small else cents
    events, held = [], Decimal(0)
    for day in range(draw(st.integers(1, 9))):
        on = DAY + timedelta(day)
        kind = draw(st.sampled_from(FULL if extras else TRADES))
        if kind == "buy" or not held:
            quantity = draw(quantities)
            held += quantity
            events.append(buy(on, quantity, draw(cents), draw(charges), rate=draw(cents)))
        elif kind == "sell":
            quantity = held if draw(st.booleans()) else (held / 2).quantize(Decimal("0.001"))
            if quantity:
                held -= quantity
                events.append(sell(on, quantity, draw(cents), draw(charges), rate=draw(cents)))
        elif kind == "split":
            new = draw(st.sampled_from([2, 3, 5]))
            held *= new
            events.append(split(on, new))
        elif kind == "dividend":
            events.append(dividend(on, draw(cents), draw(charges), rate=draw(cents)))
        elif kind == "roc":
            events.append(return_of_capital(on, draw(cents), rate=draw(cents)))
        else:
            events.append(fee(on, draw(charges), rate=draw(cents)))
    return events


@settings(max_examples=40, deadline=None)
@given(histories(small=True, extras=False), st.sampled_from(ALL))
def test_the_book_agrees_with_a_ledger_of_single_shares(events: list[Event], method: Any) -> None:
    realised, cost, quantity = plain_ledger(events, method)
    book = lots.book(events, method)
    assert abs(Fraction(book.realised) - realised) < Fraction(1, 10**9)
    assert abs(Fraction(book.cost) - cost) < Fraction(1, 10**9)
    assert Fraction(book.quantity) == quantity


@settings(max_examples=150, deadline=None)
@given(histories(), st.sampled_from(ALL), st.sampled_from(["capitalised", "separate"]), cents, cents)
def test_realised_unrealised_income_and_fees_reconcile_to_the_last_digit(
    events: list[Event], method: Any, fees: Any, price: Decimal, rate: Decimal
) -> None:
    book = lots.book(events, method, fees=fees)
    assert book.reconcile(price).difference == 0
    assert book.reconcile_base(price, rate).difference == 0
    assert sum(book.unrealised_fx_split(price, rate)) == book.reconcile_base(price, rate).unrealised


sides = st.lists(st.tuples(st.booleans(), cents, cents, charges), min_size=1, max_size=10)


@settings(max_examples=100, deadline=None)
@given(sides, st.sampled_from(ALL), st.sampled_from(["capitalised", "separate"]), cents, st.integers(0, 9))
def test_books_with_shorts_reconcile_to_the_last_digit(
    rows: list[tuple[bool, Decimal, Decimal, Decimal]], method: Any, fees: Any, price: Decimal, at: int
) -> None:
    events = [(buy if up else sell)(DAY + timedelta(i), *row) for i, (up, *row) in enumerate(rows)]
    events.insert(
        min(at, len(events)), split(DAY + timedelta(min(at, len(events) - 1)), 3, 7, cash_in_lieu_price=price)
    )
    try:
        book = lots.book(events, method, fees=fees, allow_shorts=True)
    except lots.NothingHeld:
        return
    assert book.reconcile(price).difference == 0
    assert book.quantity == sum(lot.quantity for lot in book.lots)
    assert all(lot.quantity * book.quantity > 0 for lot in book.lots)


@settings(max_examples=60, deadline=None)
@given(histories(), cents)
def test_methods_differ_in_timing_but_not_in_total_gain(events: list[Event], price: Decimal) -> None:
    books = lots.side_by_side(events)
    assert set(books) == set(ALL)
    assert len({book.reconcile(price).gain for book in books.values()}) == 1
    assert len({book.quantity for book in books.values()}) == 1


@settings(max_examples=60, deadline=None)
@given(histories(), st.sampled_from(ALL), st.sampled_from([2, 10, 1000]))
def test_gains_are_homogeneous_in_the_amounts(events: list[Event], method: Any, factor: int) -> None:
    scaled = [
        replace(event, price=event.price * factor, fee=event.fee * factor, amount=event.amount * factor)
        for event in events
    ]
    plain, bigger = lots.book(events, method), lots.book(scaled, method)
    assert abs(bigger.realised - plain.realised * factor) < Decimal("1e-7")
    assert abs(bigger.cost - plain.cost * factor) < Decimal("1e-7")


@settings(max_examples=40, deadline=None)
@given(histories().flatmap(lambda events: st.tuples(st.just(events), st.permutations(events))))
def test_the_order_in_which_events_are_given_does_not_matter(pair: tuple[list[Event], list[Event]]) -> None:
    assert lots.book(pair[0]) == lots.book(pair[1])


@settings(max_examples=40, deadline=None)
@given(histories())
def test_one_sale_under_hifo_never_gains_more_than_under_any_other_method(events: list[Event]) -> None:
    bought = [event for event in events if event.kind != "sell"]
    quantity = (lots.book(bought).quantity / 3).quantize(Decimal("0.001"))
    if quantity:
        books = lots.side_by_side([*bought, sell(DAY + timedelta(99), quantity, 10)])
        assert all(books["hifo"].realised <= book.realised + Decimal("1e-9") for book in books.values())
