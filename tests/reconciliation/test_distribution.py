"""Dividing money: sums are exact, nothing is negative, whatever the amounts and the rate."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from banking.money import quantize, smallest_unit
from reconciliation.distribution import Share, TooFine, pair, shares_of, split

CENTS = st.integers(1, 10**9).map(lambda cents: Decimal(cents) / 100)


@given(CENTS, st.lists(CENTS, max_size=6))
def test_shares_fill_one_order_after_the_other_and_the_rest_is_credit(total: Decimal, wants: list[Decimal]) -> None:
    shares = shares_of(total, list(enumerate(wants)))
    assert sum(share.amount for share in shares) == total
    assert all(share.amount > 0 for share in shares)
    for share in shares:
        if share.order_id is not None:
            assert share.amount <= wants[share.order_id]
    full = [share.order_id for share in shares if share.order_id is not None and share.amount == wants[share.order_id]]
    assert full == list(range(len(full)))


def test_an_order_that_wants_nothing_gets_nothing() -> None:
    assert shares_of(Decimal(5), [(1, Decimal(0)), (2, Decimal(3))]) == [Share(2, Decimal(3)), Share(None, Decimal(2))]


@example(Decimal("0.01"), [Decimal("0.01")], "CLP")
@given(CENTS, st.lists(CENTS, min_size=1, max_size=8), st.sampled_from(["USD", "CLP"]))
def test_a_split_is_exact_and_every_part_above_zero(whole: Decimal, weights: list[Decimal], currency: str) -> None:
    whole = quantize(whole, currency)
    try:
        parts = split(whole, weights, currency)
    except TooFine:
        assert whole < len(weights) * smallest_unit(currency)
        return
    assert sum(parts) == whole
    assert all(part > 0 and part == quantize(part, currency) for part in parts)


@given(
    st.lists(CENTS, min_size=1, max_size=4),
    st.lists(st.integers(1, 100), min_size=1, max_size=5),
    st.sampled_from(["1", "36.7", "0.00025", "4012.5"]),
)
def test_pieces_use_up_deposits_and_shares_exactly(deposits: list[Decimal], cuts: list[int], rate: str) -> None:
    same = rate == "1"
    source, target = ("USD", "USD") if same else ("VES", "USD")
    total = quantize(sum(deposits, Decimal(0)) / Decimal(rate), target)
    assume(total >= Decimal("0.01") * len(cuts))
    try:
        shares = split(total, [Decimal(cut) for cut in cuts], target)
        pieces = pair(deposits, shares, source_currency=source, target_currency=target)
    except TooFine:
        return
    for number, deposit in enumerate(deposits):
        assert sum(piece.source_amount for piece in pieces if piece.deposit == number) == deposit
    for number, share in enumerate(shares):
        assert sum(piece.target_amount for piece in pieces if piece.share == number) == share
    assert all(piece.source_amount > 0 and piece.target_amount > 0 for piece in pieces)
    assert not same or all(piece.source_amount == piece.target_amount for piece in pieces)


def test_a_cent_goes_to_nobody_twice() -> None:
    assert split(Decimal("0.02"), [Decimal(1), Decimal(1), Decimal("0.0001")][:2], "USD") == [Decimal("0.01"), Decimal("0.01")]
    with pytest.raises(TooFine):
        split(Decimal("0.02"), [Decimal(1)] * 3, "USD")


def test_shares_that_do_not_use_up_the_deposits_are_an_error() -> None:
    with pytest.raises(ValueError, match="use up"):
        pair([Decimal(5)], [Decimal(4)], source_currency="USD", target_currency="USD")
