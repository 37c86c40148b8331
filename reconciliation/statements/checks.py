"""What every reader's rows go through at the end: whose account, which money, and whether the file agrees with itself."""

from __future__ import annotations

import datetime as dt
import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from reconciliation.statements.rows import Problem, RejectedRow, Row, Statement, StatementRejected
from reconciliation.statements.simple_csv import MOST_ROWS
from reconciliation.statements.told import EVERY, tell

# A file in another order breaks its chain at every line; the first few say it.
MOST_BREAKS = 10
# Digits at the end of an account's number that name it, when a file prints only a part.
SHORTEST_END = 4
# ISO 4217 numbers, as the AEB-43 family writes currencies.
CURRENCY_NUMBERS = {
    "840": "USD", "978": "EUR", "928": "VES", "937": "VES", "170": "COP", "032": "ARS", "484": "MXN", "604": "PEN", "152": "CLP",
    "600": "PYG",
}  # fmt: skip
# Other names of the same money.
SAME_MONEY = {"VED": "VES", "BS": "VES", "BSS": "VES", "BSD": "VES"}


@dataclass
class Draft:
    """A statement while it is being read."""

    rows: list[Row] = field(default_factory=list)
    rejected: list[RejectedRow] = field(default_factory=list)
    opening: Decimal | None = None
    closing: Decimal | None = None
    account: str = ""
    currency: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    problems: list[Problem] = field(default_factory=list)

    def reject(self, number: int, code: str, column: str = "", raw: str = "") -> None:
        """Keep a row that could not be read. Raises `StatementRejected("too_many")` over the limit of rows."""
        self.rejected.append(RejectedRow(number=number, code=code, column=column, raw=raw[:300]))
        self.count()

    def count(self) -> None:
        found = len(self.rows) + len(self.rejected)
        if found > MOST_ROWS:
            raise StatementRejected("too_many")
        if found % EVERY == 0:
            tell(found)

    def cover(self, first: dt.date | None, last: dt.date | None) -> None:
        """Widen the period that the file names."""
        self.first_day = min(filter(None, (self.first_day, first)), default=None)
        self.last_day = max(filter(None, (self.last_day, last)), default=None)


def plain_number(amount: Decimal) -> str:
    return f"{amount:f}"


def known_currency(printed: str) -> str:
    """The ISO code of what a file prints, or blank where it prints something else than a code."""
    code = re.sub(r"[^0-9A-Z]", "", printed.upper())
    code = SAME_MONEY.get(code, CURRENCY_NUMBERS.get(code, code))
    return code if re.fullmatch("[A-Z]{3}", code) else ""


def same_account(printed: str, ours: str) -> bool:
    """Whether two writings name one account: equal, or the shorter one is the other's end. Stars hide digits.

    The AEB-43 family writes bank, branch and number (4, 4, 10) and leaves the two control digits between them out.
    """
    shown = re.sub(r"[^0-9A-Z*]", "", printed.upper())
    whole = re.sub(r"[^0-9A-Z]", "", ours.upper())
    if len(shown) == 18 and len(whole) >= 20 and shown == whole[-20:-12] + whole[-10:]:
        return True
    one = shown.rpartition("*")[2].lstrip("0")
    other = whole.lstrip("0")
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= SHORTEST_END and long.endswith(short))


def finish(draft: Draft, *, currency: str, account_number: str = "") -> Statement:
    """The statement, with what contradicts itself in it named.

    Raises `StatementRejected`: `no_rows`, `other_account`, `other_currency`.
    """
    if draft.account and account_number and not same_account(draft.account, account_number):
        raise StatementRejected("other_account", draft.account)
    printed = known_currency(draft.currency)
    if printed and printed != currency:
        raise StatementRejected("other_currency", draft.currency)
    if not draft.rows:
        first = draft.rejected[0] if draft.rejected else None
        if first and all(each.code == "currency" for each in draft.rejected):
            raise StatementRejected("other_currency", first.raw, first.number)
        detail = f"{first.code} {first.column}: {first.raw}" if first else ""
        raise StatementRejected("no_rows", detail, first.number if first else 0)
    problems = [*draft.problems, *_chain(draft), *_totals(draft)]
    days = [row.booked_on for row in draft.rows]
    draft.cover(None if draft.first_day else min(days), None if draft.last_day else max(days))
    return Statement(
        rows=draft.rows,
        rejected=draft.rejected,
        opening=draft.opening,
        closing=draft.closing,
        account=draft.account,
        currency=draft.currency,
        first_day=draft.first_day,
        last_day=draft.last_day,
        problems=problems,
    )


def _chain(draft: Draft) -> list[Problem]:
    """Breaks of the running balance, oldest first or newest first, whichever way holds better. Fills what was not printed."""
    rows = draft.rows
    if any(row.balance is None for row in rows):
        return _breaks(rows, draft.rejected)
    forward, backward = _breaks(rows, draft.rejected), _breaks(rows[::-1], draft.rejected)
    ordered, breaks = (rows[::-1], backward) if len(backward) < len(forward) else (rows, forward)
    first, last = ordered[0], ordered[-1]
    if (
        draft.opening is not None
        and first.balance is not None
        and draft.opening + first.amount != first.balance
        and not draft.rejected
    ):
        found = plain_number(draft.opening + first.amount)
        breaks = [Problem(code="chain", expected=plain_number(first.balance), found=found, line=first.number), *breaks]
    if not breaks and not draft.rejected and first.balance is not None:
        draft.opening = first.balance - first.amount if draft.opening is None else draft.opening
        draft.closing = last.balance if draft.closing is None else draft.closing
    return breaks[:MOST_BREAKS]


def _breaks(rows: Sequence[Row], rejected: Sequence[RejectedRow]) -> list[Problem]:
    """Where a balance does not follow from the one before. A rejected row between two explains a break: it is a known gap."""
    gaps = sorted(each.number for each in rejected)
    breaks = []
    for before, row in zip(rows, rows[1:], strict=False):
        if before.balance is None or row.balance is None or before.balance + row.amount == row.balance:
            continue
        low, high = sorted((before.number, row.number))
        place = bisect_right(gaps, low)
        if place == len(gaps) or gaps[place] >= high:
            found = plain_number(before.balance + row.amount)
            breaks.append(Problem(code="chain", expected=plain_number(row.balance), found=found, line=row.number))
    return breaks


def _totals(draft: Draft) -> list[Problem]:
    if draft.opening is None or draft.closing is None:
        return []
    found = draft.opening + sum((row.amount for row in draft.rows), Decimal(0))
    if found == draft.closing:
        return []
    return [Problem(code="totals", expected=plain_number(draft.closing), found=plain_number(found))]


def pick_account(found: Sequence[str], wanted: str) -> str:
    """Which of the accounts in a file is read: the only one, or the one that is wanted.

    Raises `StatementRejected("several_accounts")` when several are there and none, or more than one, is the wanted one.
    """
    accounts = list(dict.fromkeys(found))
    if len(accounts) <= 1:
        return accounts[0] if accounts else ""
    ours = [account for account in accounts if wanted and same_account(account, wanted)]
    if len(ours) != 1:
        raise StatementRejected("several_accounts", ", ".join(accounts))
    return ours[0]


def join_pages(pages: Sequence[Draft], account: str) -> Draft:
    """The pages of one account as one draft. A page that does not begin where the last one ended is a problem."""
    whole = Draft(account=account)
    for page in pages:
        whole.rows += page.rows
        whole.rejected += page.rejected
        whole.count()
        whole.problems += page.problems
        whole.currency = whole.currency or page.currency
        if page.currency and known_currency(page.currency) != known_currency(whole.currency):
            raise StatementRejected("other_currency", f"{whole.currency}, {page.currency}")
        whole.cover(page.first_day, page.last_day)
        if page.opening is not None and whole.closing is not None and page.opening != whole.closing:
            line = page.rows[0].number if page.rows else 0
            whole.problems.append(
                Problem(code="chain", expected=plain_number(page.opening), found=plain_number(whole.closing), line=line)
            )
        if whole.opening is None and page is pages[0]:
            whole.opening = page.opening
        whole.closing = page.closing
    return whole
