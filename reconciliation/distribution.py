"""How money is divided: pure arithmetic on `Decimal`, every division exact in sum. No database, no Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from banking.money import quantize, smallest_unit


class TooFine(ValueError):
    """There are more parts than smallest units to give them."""


@dataclass(frozen=True)
class Share:
    """`amount` for an order, or for the customer's credit when `order_id` is None."""

    order_id: int | None
    amount: Decimal


@dataclass(frozen=True)
class Piece:
    """From deposit number `deposit` to share number `share`: amounts in the currency of each."""

    deposit: int
    share: int
    source_amount: Decimal
    target_amount: Decimal


def shares_of(total: Decimal, wants: Sequence[tuple[int, Decimal]]) -> list[Share]:
    """Give `total` to the orders in the order they stand, each at most what it wants; the rest is credit (`order_id` None)."""
    shares, left = [], total
    for order_id, wanted in wants:
        given = min(left, wanted)
        if given > 0:
            shares.append(Share(order_id, given))
            left -= given
    if left > 0:
        shares.append(Share(None, left))
    return shares


def split(whole: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Split `whole` in proportion to `weights`, each part in whole minor units and above zero, the sum exactly `whole`.

    Rounds the running total, so that no part is off by more than one unit; a part that would be nothing gets one unit from the
    largest. Raises `TooFine` when there are not enough units.
    """
    unit = smallest_unit(currency)
    if whole < unit * len(weights):
        raise TooFine
    total_weight = sum(weights, Decimal(0))
    parts: list[Decimal] = []
    run, given = Decimal(0), Decimal(0)
    for weight in weights[:-1]:
        run += weight
        upto = quantize(whole * run / total_weight, currency)
        parts.append(upto - given)
        given = upto
    parts.append(whole - given)
    for position, part in enumerate(parts):
        if part <= 0:
            # There is a unit for each: where one part has none, another has two.
            largest = max(range(len(parts)), key=parts.__getitem__)
            parts[largest] -= unit - part
            parts[position] = unit
    return parts


def pair(deposits: Sequence[Decimal], shares: Sequence[Decimal], *, source_currency: str, target_currency: str) -> list[Piece]:
    """Lay deposits (in their own currency) against shares (in the target's) until both are used up.

    The sum of the source amounts of one deposit is exactly that deposit, the sum of the target amounts of one share exactly
    that share. Deposits of one currency; their worth is in proportion to their amounts.
    """
    total = sum(shares, Decimal(0))
    worths = list(deposits) if source_currency == target_currency else split(total, deposits, target_currency)
    if sum(worths, Decimal(0)) != total:
        raise ValueError("shares must use up the deposits")
    cuts: list[tuple[int, int, Decimal]] = []
    which, left = 0, worths[0]
    for number, share in enumerate(shares):
        open_part = share
        while open_part > 0:
            if left == 0:
                which, left = which + 1, worths[which + 1]
            taken = min(open_part, left)
            cuts.append((which, number, taken))
            open_part, left = open_part - taken, left - taken
    if source_currency == target_currency:
        return [Piece(deposit, share, taken, taken) for deposit, share, taken in cuts]
    pieces = []
    for deposit, amount in enumerate(deposits):
        own = [cut for cut in cuts if cut[0] == deposit]
        sources = split(amount, [taken for _, _, taken in own], source_currency)
        pieces += [Piece(deposit, share, source, taken) for (_, share, taken), source in zip(own, sources, strict=True)]
    return pieces
