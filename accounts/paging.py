"""Long lists, a page at a time: what nobody pages through is neither counted nor sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Case, Model, QuerySet, When
from django.utils.functional import cached_property

# Nobody pages farther through the lists of a whole house; who looks for something adds a word instead.
MOST_LISTED = 2000
MOST_FOUND = 200

M = TypeVar("M", bound=Model)


class Parts(Generic[M]):
    """A list as the parts of which it is made, one after the other, each in an order that an index keeps.

    As much of a list as a paginator asks for; no more than `MOST_LISTED` rows of it.
    """

    ordered = True

    def __init__(self, whole: QuerySet[M], *parts: QuerySet[M]) -> None:
        self.whole = whole
        self.parts = parts or (whole,)

    @cached_property
    def total(self) -> int:
        """How many rows there are, as far as they are shown and one more."""
        return self.whole.order_by()[: MOST_LISTED + 1].count()

    @property
    def is_cut(self) -> bool:
        """Whether there is more than is listed."""
        return self.total > MOST_LISTED

    def count(self) -> int:
        return min(self.total, MOST_LISTED)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[M]:
        begin, end = wanted.start, wanted.stop
        rows: list[M] = []
        for part in self.parts:
            found = list(part[begin:end])
            rows += found
            if found:
                begin, end = 0, end - begin - len(found)
            elif begin:
                passed = part.order_by()[:begin].count()
                begin, end = begin - passed, end - passed
        return rows

    def page(self, number: int | str | None, size: int) -> Page[M]:
        """A page of them, the nearest that there is."""
        return _page(self, number, size)


class Found(Generic[M]):
    """What a search found, in the order of `rows`, but first what has the very number. Three statements, whatever it finds.

    The keys of what fits are read first, as the index gives them, and no more than `MOST_FOUND`; they alone are sorted. In one
    statement the database would have to guess whether to sort what fits or to walk the list until enough of it fits, and where it
    guesses wrong it reads everything.
    """

    ordered = True

    def __init__(self, rows: QuerySet[M], found: QuerySet[M], numbers: Sequence[str]) -> None:
        self.rows, self.found, self.numbers = rows, found, numbers

    @cached_property
    def keys(self) -> list[int]:
        """Keys of what fits, and one more than are shown when there is more."""
        return list(self.found.order_by().values_list("pk", flat=True)[: MOST_FOUND + 1])

    @property
    def is_cut(self) -> bool:
        """Whether there is more than is listed."""
        return len(self.keys) > MOST_FOUND

    def count(self) -> int:
        return min(len(self.keys), MOST_FOUND)

    def __len__(self) -> int:
        return self.count()

    def __getitem__(self, wanted: slice) -> list[M]:
        named = list(self.found.order_by().filter(number__in=self.numbers).values_list("pk", flat=True))
        others = [key for key in self.keys if key not in named]
        shown = self.rows.filter(pk__in=[*named, *others][:MOST_FOUND])
        if named:
            shown = shown.order_by(Case(When(pk__in=named, then=0), default=1), *self.rows.query.order_by)
        return list(shown[wanted])

    def page(self, number: int | str | None, size: int) -> Page[M]:
        """A page of them, the nearest that there is."""
        return _page(self, number, size)


def _page(listed: Any, number: int | str | None, size: int) -> Page[Any]:
    """As much of a list as a paginator asks for is all that it needs."""
    return Paginator(listed, size).get_page(number)
