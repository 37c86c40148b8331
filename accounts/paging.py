"""Long lists, a page at a time: what nobody pages through is neither counted nor sorted."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from django.core.paginator import Page, Paginator
from django.db.models import Model, QuerySet
from django.utils.functional import cached_property

# Nobody pages farther through the lists of a whole house; who looks for something adds a word instead.
MOST_LISTED = 2000
MOST_FOUND = 200

M = TypeVar("M", bound=Model)


class Parts(Generic[M]):
    """A list as the parts of which it is made, one after the other, each in an order that an index keeps.

    As much of a list as a paginator asks for; no more than `most` rows of it.
    """

    ordered = True

    def __init__(self, whole: QuerySet[M], *parts: QuerySet[M], most: int = MOST_LISTED) -> None:
        self.whole = whole
        self.parts = parts or (whole,)
        self.most = most

    @cached_property
    def total(self) -> int:
        """How many rows there are, as far as they are shown and one more."""
        return self.whole.order_by()[: self.most + 1].count()

    @property
    def is_cut(self) -> bool:
        """Whether there is more than is listed."""
        return self.total > self.most

    def count(self) -> int:
        return min(self.total, self.most)

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

    def first(self, most: int) -> list[M]:
        """The first rows, with nothing counted."""
        return self[0:most]

    def page(self, number: int | str | None, size: int) -> Page[M]:
        """A page of them, the nearest that there is."""
        listed: Any = self
        return Paginator(listed, size).get_page(number)
