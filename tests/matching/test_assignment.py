"""The best assignment and its margins, held to a slow search over everything."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from reconciliation.matching import assignment
from reconciliation.matching.assignment import assign
from reconciliation.matching.columns import ints
from reconciliation.matching.sums import sets_that_add_up

Edges = dict[tuple[int, int], int]


def best(edges: Edges) -> int:
    """The greatest sum of gains, by an own way."""
    if not edges:
        return 0
    table = np.zeros((max(t for t, _ in edges) + 1, max(m for _, m in edges) + 1))
    for (t, m), gain in edges.items():
        table[t, m] = gain
    return int(table[linear_sum_assignment(table, maximize=True)].sum())


def solved(edges: Edges) -> dict[tuple[int, int], tuple[int, int]]:
    """Chosen pairs with both margins."""
    rows = sorted(edges)
    found = assign(ints([t for t, _ in rows]), ints([m for _, m in rows]), ints([edges[pair] for pair in rows]))
    return {
        pair: (int(found.margin_transfer[place]), int(found.margin_line[place]))
        for place, pair in enumerate(rows)
        if found.chosen[place]
    }


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.integers(1, 300), max_size=25))
def test_the_assignment_is_the_best_and_its_margins_are_exact(edges: Edges) -> None:
    chosen = solved(edges)
    total = sum(edges[pair] for pair in chosen)
    assert total == best(edges)
    assert len({t for t, _ in chosen}) == len({m for _, m in chosen}) == len(chosen)
    for pair, (by_transfer, by_line) in chosen.items():
        without = best({key: gain for key, gain in edges.items() if key != pair})
        assert min(by_transfer, by_line) == total - without
        # What is lost when the transfer, or the line, must find another partner or stay alone, the other side staying alone.
        no_line = {key: gain for key, gain in edges.items() if key[1] != pair[1]}
        no_transfer = {key: gain for key, gain in edges.items() if key[0] != pair[0]}
        assert by_transfer <= total - best(no_line)
        assert by_line <= total - best(no_transfer)
        assert by_transfer >= total - without
        assert by_line >= total - without


def test_equal_evidence_twice_has_no_margin() -> None:
    chosen = solved({(0, 0): 150, (0, 1): 150, (1, 0): 150, (1, 1): 150})
    assert set(chosen.values()) == {(0, 0)}


def test_a_chain_is_solved_as_a_whole() -> None:
    # Greedy would take (0, 1) with 100 and leave 10; together 90 + 90 are more.
    assert solved({(0, 0): 90, (0, 1): 100, (1, 1): 90}) == {(0, 0): (80, 90), (1, 1): (90, 80)}


def test_margins_do_not_depend_on_the_size_of_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(11)
    edges = {
        (base * 5 + t, base * 5 + m): rng.randint(1, 200)
        for base in range(40)
        for t in range(4)
        for m in range(5)
        if rng.random() < 0.7
    }
    whole = solved(edges)
    monkeypatch.setattr(assignment, "BATCH", 1)
    assert solved(edges) == whole


def test_a_component_beyond_the_bounds_is_assigned_without_margins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assignment, "MOST_IN_COMPONENT", 2)
    edges = {(t, m): 100 + t for t in range(3) for m in range(3)}
    found = assign(*(ints(column) for column in zip(*((t, m, gain) for (t, m), gain in edges.items()), strict=True)))
    assert found.too_large.all()
    assert found.chosen.sum() == 3
    monkeypatch.setattr(assignment, "MOST_CELLS", 2)
    found = assign(*(ints(column) for column in zip(*((t, m, gain) for (t, m), gain in edges.items()), strict=True)))
    assert found.chosen.sum() == 3


@settings(max_examples=200, deadline=None)
@given(st.lists(st.integers(1, 30), max_size=14), st.integers(2, 120))
def test_sums_are_found_as_by_trying_everything(amounts: list[int], target: int) -> None:
    slow = [
        places
        for size in range(2, 7)
        for places in itertools.combinations(range(len(amounts)), size)
        if sum(amounts[place] for place in places) == target
    ]
    found = sets_that_add_up(amounts, target)
    assert len(found) == min(2, len(slow))
    assert set(found) <= set(slow)
    if found:
        assert len(found[0]) == len(slow[0])


def test_sums_stop_at_the_second_answer_and_at_the_bounds() -> None:
    assert len(sets_that_add_up([10] * 24, 60)) == 2
    with pytest.raises(ValueError, match="too many"):
        sets_that_add_up([10] * 25, 60)
