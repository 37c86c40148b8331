"""The best one-to-one assignment for everybody at once, with "stay unmatched" always allowed, and how sure each part of it is.

Transfers and lines that are joined by possible pairs make components; each is solved by itself. A chosen pair's margin is what
the optimum loses without it, exactly: the least costly cycle of exchanges through it. Gains and margins are tenths of a bit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from reconciliation.matching.columns import Bools, Ints, ints
from reconciliation.matching.weights import MOST_IN_COMPONENT

# Further than any sum of gains, and still far from the end of int64 when added up.
FAR = 1 << 40
# A component beyond this many cells is not solved at all but taken from the best pair down.
MOST_CELLS = 4_000_000
# Shortest paths are worked out for many components of about one size together.
SIZES = (3, 4, 5, 6, 8, 10, 13, 17, 24, 34, 48, 68, 96, 136, 192, 272, MOST_IN_COMPONENT + 1)
BATCH = 1 << 21


@dataclass(frozen=True, kw_only=True)
class Assignment:
    """Per pair: whether it is chosen; what is lost when its transfer takes another line (or its line goes to another transfer)
    instead, at most its own gain; whether its component was too large to say (then the margins are 0).
    """

    chosen: Bools
    margin_transfer: Ints
    margin_line: Ints
    too_large: Bools


@dataclass(frozen=True, kw_only=True)
class Component:
    """Positions of its pairs, and row (transfer) and column (line) of each in its table."""

    pairs: Ints
    row: Ints
    column: Ints
    rows: int
    columns: int


def assign(transfer: Ints, line: Ints, gain: Ints) -> Assignment:
    """Solves everything. Each pair comes once; gains are above 0. Sorted pairs make the result the same in any order of input."""
    size = len(gain)
    chosen, large = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    by_transfer, by_line = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    result = Assignment(chosen=chosen, margin_transfer=by_transfer, margin_line=by_line, too_large=large)
    if not size:
        return result
    _, row = np.unique(transfer, return_inverse=True)
    _, column = np.unique(line, return_inverse=True)
    label = _labels(row, column)
    degree = _star(label, row, column)
    _solve_stars(result, row, column, gain, np.flatnonzero(degree))
    waiting: dict[int, list[tuple[Component, Ints, Ints]]] = {}
    for component in _components(label, row, column, np.flatnonzero(~degree)):
        table = np.full((component.rows, component.columns), -FAR, dtype=np.int64)
        table[component.row, component.column] = gain[component.pairs]
        taken = _solve(table, component, gain)
        chosen[component.pairs] = taken[component.row] == component.column
        if component.rows > MOST_IN_COMPONENT:
            large[component.pairs] = True
            continue
        bucket = next(each for each in SIZES if each > component.rows)
        waiting.setdefault(bucket, []).append((component, table, taken))
        if len(waiting[bucket]) * bucket * bucket > BATCH:
            _margins(result, waiting.pop(bucket), bucket)
    for bucket, batch in waiting.items():
        _margins(result, batch, bucket)
    return result


def _labels(row: Ints, column: Ints) -> Ints:
    """The component of every pair."""
    rows, columns = int(row.max()) + 1, int(column.max()) + 1
    graph = coo_array((np.ones(len(row), dtype=np.int8), (row, column + rows)), shape=(rows + columns, rows + columns))
    _, label = connected_components(graph.tocsr(), directed=False)
    return ints(label[row])


def _star(label: Ints, row: Ints, column: Ints) -> Bools:
    """Which pairs belong to a component with one transfer only or one line only."""
    count = np.bincount(label)
    rows = np.bincount(label, weights=1.0 / np.bincount(row)[row])
    columns = np.bincount(label, weights=1.0 / np.bincount(column)[column])
    return np.asarray((count > 0) & ((np.rint(rows) == 1) | (np.rint(columns) == 1)), dtype=np.bool_)[label]


def _solve_stars(result: Assignment, row: Ints, column: Ints, gain: Ints, pairs: Ints) -> None:
    """In a star the best pair is chosen, and its margin is the distance to the second."""
    degree_of_row = np.bincount(row)
    centre = np.where(degree_of_row[row[pairs]] > 1, row[pairs], -1 - column[pairs])
    order = np.lexsort((pairs, -gain[pairs], centre))
    pairs, centre = pairs[order], centre[order]
    first = np.flatnonzero(np.diff(centre, prepend=centre[:1] - 1))
    best = pairs[first]
    following = np.append(gain[pairs], 0)[first + 1]
    second = np.where(np.diff(np.append(first, len(pairs))) > 1, following, 0)
    result.chosen[best] = True
    wide = degree_of_row[row[best]] > 1
    result.margin_transfer[best] = np.where(wide, gain[best] - second, gain[best])
    result.margin_line[best] = np.where(wide, gain[best], gain[best] - second)


def _components(label: Ints, row: Ints, column: Ints, pairs: Ints) -> list[Component]:
    if not len(pairs):
        return []
    order = np.argsort(label[pairs], kind="stable")
    pairs = pairs[order]
    local_row, local_column = _local(label[pairs], row[pairs]), _local(label[pairs], column[pairs])
    edges = np.append(np.flatnonzero(np.diff(label[pairs], prepend=-1)), len(pairs)).tolist()
    found = []
    for start, end in zip(edges[:-1], edges[1:], strict=True):
        rows, columns = local_row[start:end], local_column[start:end]
        found.append(
            Component(pairs=pairs[start:end], row=rows, column=columns, rows=int(rows.max()) + 1, columns=int(columns.max()) + 1)
        )
    return found


def _local(label: Ints, place: Ints) -> Ints:
    """Numbers places from 0 within each component, in their order."""
    known, number = np.unique(place, return_inverse=True)
    owner = np.zeros(len(known), dtype=np.int64)
    owner[number] = label
    order = np.lexsort((known, owner))
    sorted_owner = owner[order]
    start = np.flatnonzero(np.diff(sorted_owner, prepend=-1))
    local = np.empty(len(known), dtype=np.int64)
    local[order] = np.arange(len(known)) - np.repeat(start, np.diff(np.append(start, len(known))))
    return ints(local[number])


def _solve(table: Ints, component: Component, gain: Ints) -> Ints:
    """The column of each row, -1 for none."""
    taken = np.full(component.rows, -1, dtype=np.int64)
    if table.size > MOST_CELLS:
        used: set[int] = set()
        for place in np.argsort(-gain[component.pairs], kind="stable").tolist():
            row, column = int(component.row[place]), int(component.column[place])
            if taken[row] < 0 and column not in used:
                taken[row] = column
                used.add(column)
        return taken
    rows, columns = linear_sum_assignment(np.maximum(table, 0), maximize=True)
    good = table[rows, columns] > 0
    taken[rows[good]] = columns[good]
    return taken


def _margins(result: Assignment, batch: list[tuple[Component, Ints, Ints]], size: int) -> None:
    """Margins of components with fewer than `size` transfers, all at once.

    Node i is transfer i, the last node nobody. An arc i -> k means that i takes the line of k, who looks on; i -> nobody that i
    takes a free line (or none), nobody -> k that the line of k stays free. Its length is what is lost. Every other assignment is
    made of cycles, and no cycle is shorter than 0, for the assignment is the best one.
    """
    arcs = np.full((len(batch), size, size), FAR, dtype=np.int64)
    own = np.zeros((len(batch), size), dtype=np.int64)
    free = np.full((len(batch), size), FAR, dtype=np.int64)
    nobody = size - 1
    for place, (component, table, taken) in enumerate(batch):
        rows = component.rows
        held = np.flatnonzero(taken >= 0)
        mine = np.zeros(rows, dtype=np.int64)
        mine[held] = table[held, taken[held]]
        own[place, :rows] = mine
        arcs[place, :rows, held] = (mine[held] - table[:, taken[held]]).T
        unused = np.ones(component.columns, dtype=np.bool_)
        unused[taken[held]] = False
        if unused.any():
            free[place, :rows] = -table[:, unused].max(axis=1)
        arcs[place, :rows, nobody] = np.minimum(free[place, :rows], 0)
        arcs[place, nobody, :rows] = mine
    np.minimum(arcs, FAR, out=arcs)
    diagonal = np.arange(size)
    arcs[:, diagonal, diagonal] = FAR
    path = arcs.copy()
    path[:, diagonal, diagonal] = 0
    for middle in range(size):
        np.minimum(path, path[:, :, middle, None] + path[:, None, middle, :], out=path)
    # Out of i to another line, and back; into i from another transfer, and there from i.
    back = np.swapaxes(path, 1, 2)
    out = (arcs + back)[:, :, :nobody].min(axis=2)
    out = np.minimum(out, free + path[:, nobody, :])
    into = (path + np.swapaxes(arcs, 1, 2))[:, :, :nobody].min(axis=2)
    by_transfer, by_line = np.minimum(out, own), np.minimum(into, own)
    for place, (component, _, taken) in enumerate(batch):
        chosen = np.flatnonzero(taken[component.row] == component.column)
        row = component.row[chosen]
        result.margin_transfer[component.pairs[chosen]] = by_transfer[place, row]
        result.margin_line[component.pairs[chosen]] = by_line[place, row]
