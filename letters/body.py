"""The parts of a letter, and the kinds of letters that there are: who may read which follows from what each speaks of."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.models import Merchant

Facts = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One row: a label with a text, or an amount (text of a decimal) with its currency, or a moment, or a date."""

    label: str
    text: str = ""
    amount: str = ""
    currency: str = ""
    at: datetime | None = None
    on: date | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.text or self.amount or self.at or self.on)


@dataclass(frozen=True, kw_only=True)
class Body:
    """The parts of a letter. `quote` is somebody's own words, `code` is to be typed, `link` where `button` leads."""

    subject: str
    heading: str
    paragraphs: tuple[str, ...] = ()
    quote: str = ""
    rows: tuple[Fact, ...] = ()
    after: tuple[str, ...] = ()
    code: str = ""
    button: str = ""
    link: str = ""

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(row for row in self.rows if not row.is_empty)


class Topic(enum.StrEnum):
    """What a kind of letter speaks of: a contact reads in the portal what they may see there, and no more."""

    ORDERS = "orders"
    REPORTS = "reports"
    TICKETS = "tickets"
    SERVICES = "services"
    PEOPLE = "people"  # who acts for the customer
    PERSON = "person"  # one's own access: for the person alone
    STAFF = "staff"  # to a member of the staff: nobody's in the portal


Writer = Callable[[Merchant, Facts], Body]
KINDS: dict[str, Writer] = {}
TOPICS: dict[str, Topic] = {}


def kind(name: str, topic: Topic) -> Callable[[Writer], Writer]:
    """Register the function as the writer of letters of that kind, which speaks of `topic`."""

    def register(writer: Writer) -> Writer:
        KINDS[name], TOPICS[name] = writer, topic
        return writer

    return register
