"""What a row of the table of addresses says, and how the addresses that exist are found. The rows stand in `table_*.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import URLResolver, get_resolver

from tests.safety.actors import World

Data = Mapping[str, Any]
NO_WAY = 405


def nothing(_world: World) -> Data:
    return {}


def no_args(_world: World) -> tuple[Any, ...]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Page:
    """One address and who gets what there.

    `who` may come in: `public`, `entry` (strangers), `signed_in`, `contact`, `customer:<permissions>`, `staff:<need>`, `file`
    (who sees Alice's files), `closed` (nobody). `get` is what they get; `post` what `by` gets with `data`, a body that is
    complete; 405 where there is none. `of_alice`: the arguments name something of Alice's, so that another customer finds
    nothing. `query`: parameters that the page knows, with good values. `writes`: whether a good POST leaves something in our
    tables. `needs_to_act`: what only the POST asks of a role, where more people may look. `notes`: the table in which a GET
    is written down, because what was looked at is private.
    """

    who: str
    args: Callable[[World], tuple[Any, ...]] = no_args
    of_alice: bool = False
    get: int = 200
    post: int = NO_WAY
    by: str = "alice"
    data: Callable[[World], Data] = nothing
    query: Callable[[World], Data] = nothing
    writes: bool = True
    needs_to_act: str = ""
    notes: str = ""

    @property
    def acts(self) -> bool:
        return self.post != NO_WAY

    @property
    def shows(self) -> bool:
        return self.get != NO_WAY


Table = dict[str, Page]


def addresses(urlconf: str) -> Iterator[tuple[str, str, Any]]:
    """(name or pattern, pattern, view) of every address; a name that stands twice comes twice."""
    yield from _walk(get_resolver(urlconf), "", "")


def _walk(resolver: URLResolver, before: str, space: str) -> Iterator[tuple[str, str, Any]]:
    for each in resolver.url_patterns:
        pattern = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _walk(each, pattern, f"{space}{each.namespace}:" if each.namespace else space)
        else:
            yield (f"{space}{each.name}" if each.name else pattern), pattern, each.callback


def filled(world: World, name: str, page: Page) -> str:
    """The address itself, with its arguments."""
    return world.url(name, *page.args(world))
