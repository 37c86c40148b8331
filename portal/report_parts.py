"""Parts of the report form as plain values: what a template shows of an order, an account, a verdict."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import get_language

from banking.models import ReceivingAccount
from banking.money import CURRENCY_WORDS
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the payment comes to, in one line."""

    colour: str
    icon: str
    head: str
    text: str


@dataclass(frozen=True, kw_only=True)
class RowPicture:
    """One order to tick. `planned`: the shipping that sending will make. `offered`: the share that we put into its field."""

    pk: int
    title: str
    description: str
    due_on: dt.date
    due: Decimal
    ticked: bool
    overdue: bool = False
    planned: bool = False
    folded: bool = False
    allocation: str = ""
    offered: str = ""
    ticket: Ticket | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def allocation_name(self) -> str:
        return f"allocation-{self.pk}"


@dataclass(frozen=True, kw_only=True)
class AccountCard:
    """Where to pay. `methods`: keys of the methods that it takes, as `data-shown-when` wants them."""

    account: ReceivingAccount
    method_ids: frozenset[int] = frozenset()

    @property
    def kind(self) -> str:
        return str(self.account.get_kind_display())

    @property
    def currency(self) -> str:
        """The currency in words."""
        return CURRENCY_WORDS.get((self.account.currency, (get_language() or "es")[:2]), self.account.currency)

    @property
    def tail(self) -> str:
        """`···· 4821`; nothing for what is no number."""
        return f"···· {self.account.last_four}" if self.account.last_four.isdigit() else ""

    @property
    def number(self) -> str:
        """A long number in groups of four, as people compare it."""
        plain = self.account.number
        if not plain.isdigit() or len(plain) < 10:
            return plain
        return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))

    @property
    def methods(self) -> str:
        return ",".join(str(pk) for pk in sorted(self.method_ids))
