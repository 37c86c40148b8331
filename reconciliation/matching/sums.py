"""Which few amounts add up to a given one: meet in the middle on whole numbers, stopping at the second answer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from reconciliation.matching.columns import Ints, ints
from reconciliation.matching.weights import MOST_FOR_SUM, MOST_PARTS

# So many amounts have few enough subsets to look at all of them.
FEW = 11


def sets_that_add_up(amounts: Sequence[int], target: int, *, least: int = 2, most: int = MOST_PARTS) -> list[tuple[int, ...]]:
    """Up to two sets of `least` to `most` positions whose amounts add up to `target`: none, the only one, or two of several.

    Amounts are above 0; at most `MOST_FOR_SUM` of them (ValueError beyond). The first answer has the least parts.
    """
    if len(amounts) > MOST_FOR_SUM:
        raise ValueError("too many amounts")
    if len(amounts) <= FEW:
        total, count = _subsets(ints(amounts), most)
        good = np.flatnonzero((total == target) & (count >= least))
        order = good[np.argsort(count[good], kind="stable")]
        return [_positions(place) for place in order[:2].tolist()]
    half = len(amounts) // 2
    low_sum, low_count = _subsets(ints(amounts[:half]), most)
    high_sum, high_count = _subsets(ints(amounts[half:]), most)
    found: list[tuple[int, ...]] = []
    for parts in range(least, most + 1):
        for of_low in range(parts + 1):
            low, high = np.flatnonzero(low_count == of_low), np.flatnonzero(high_count == parts - of_low)
            order = high[np.argsort(high_sum[high], kind="stable")]
            first = np.searchsorted(high_sum[order], target - low_sum[low], side="left")
            last = np.searchsorted(high_sum[order], target - low_sum[low], side="right")
            for place in np.flatnonzero(last > first).tolist():
                for other in range(int(first[place]), min(int(last[place]), int(first[place]) + 2)):
                    found.append(_positions(int(low[place]) | int(order[other]) << half))
                    if len(found) == 2:
                        return found
    return found


def _subsets(amounts: Ints, most: int) -> tuple[Ints, Ints]:
    """Sum and size of every subset, by its bits; too large ones get the size -1."""
    total, count = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    for amount in amounts.tolist():
        total, count = np.concatenate([total, total + amount]), np.concatenate([count, count + 1])
    return ints(total), ints(np.where(count > most, -1, count))


def _positions(bits: int) -> tuple[int, ...]:
    return tuple(place for place in range(bits.bit_length()) if bits >> place & 1)
