"""Rows of cells to movements: CSV, fixed width, workbooks and web pages all come through here."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from reconciliation.statements.amounts import Signs, decimals_written, read_amount
from reconciliation.statements.cells import (
    Cell,
    Cells,
    Watch,
    begins,
    fill_by_patterns,
    fitting,
    is_destroyed,
    plain,
    written,
)
from reconciliation.statements.checks import Draft, known_currency, same_account
from reconciliation.statements.dates import likely, read_date
from reconciliation.statements.profile import Place, Profile
from reconciliation.statements.rows import RejectedRow, Row, StatementRejected
from reconciliation.statements.unreadable import Unreadable

# The heading is looked for within so many rows after those that the profile skips.
HEADING_WITHIN = 60
_MONEY = ("amount", "debit", "credit", "balance")
_NOTHING = Decimal(0)
_WRITING = ("text", "reference", "payer_name", "payer_id", "origin_bank", "unique_id", "balance")


def read_table(
    rows: Iterable[Cells],
    profile: Profile,
    currency: str,
    *,
    account_number: str = "",
    places: Mapping[str, tuple[int, ...]] | None = None,
    watch: Watch | None = None,
) -> Draft:
    """Understand each row. `places` are known for fixed width, else found by the heading.

    Raises `StatementRejected` with `heading` (words or columns of the profile are not there), `several_accounts`, `too_many`.
    """
    reader = _Reader(profile, currency, account_number, watch)
    found = _without_footer(_body(rows, reader), profile.skip_footer, reader)
    body = found if places is not None else _after_heading(found, reader)
    if places is not None:
        reader.settle(places)
    for row in body:
        reader.take(row)
    if not reader.places:
        raise StatementRejected("heading", profile.start_after or ", ".join(_wanted(profile)))
    if reader.others and not reader.draft.rows:
        code = "other_account" if len(reader.others) == 1 else "several_accounts"
        raise StatementRejected(code, ", ".join(sorted(reader.others)))
    return reader.draft


def _wanted(profile: Profile) -> list[str]:
    """Names of columns that must be there; of several for one field, one is enough and stands for them."""
    firsts = (place[0] if isinstance(place, tuple) else place for place in profile.columns.values())
    return [key for key in firsts if isinstance(key, str)]


def _body(rows: Iterable[Cells], reader: _Reader) -> Iterator[Cells]:
    """The rows after those that the profile skips. Balances are looked for before and after the movements too."""
    profile = reader.profile
    started = not profile.start_after
    skipped = 0
    for row in rows:
        if not any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in row.cells) and not row.fault:
            skipped += 1
            continue
        if skipped < profile.skip_header:
            skipped += 1
            reader.tell(row, "skipped")
        elif not started:
            started = begins(row, (profile.start_after,))
            reader.tell(row, "skipped")
        elif reader.stopped or (profile.stop_at and begins(row, (profile.stop_at,))):
            reader.stopped = True
            reader.tell(row, "footer")
        else:
            yield row
            continue
        reader.balance_row(row)
    if not started:
        raise StatementRejected("heading", profile.start_after)


def _without_footer(rows: Iterator[Cells], count: int, reader: _Reader) -> Iterator[Cells]:
    held: deque[Cells] = deque()
    for row in rows:
        held.append(row)
        if len(held) > count:
            yield held.popleft()
    for row in held:
        reader.tell(row, "footer")
        reader.balance_row(row)


def _after_heading(rows: Iterator[Cells], reader: _Reader) -> Iterator[Cells]:
    """The rows below the heading, which is the first row that holds every column's name; or all rows where there is none."""
    if not reader.profile.header_row:
        reader.settle({name: _numbers(place) for name, place in reader.profile.columns.items()})
        yield from rows
        return
    for count, row in enumerate(rows):
        if reader.is_heading(row):
            reader.tell(row, "header")
            yield from rows
            return
        reader.tell(row, "skipped")
        reader.balance_row(row)
        if count >= HEADING_WITHIN:
            break
    raise StatementRejected("heading", ", ".join(_wanted(reader.profile)))


def _numbers(place: Place) -> tuple[int, ...]:
    keys = place if isinstance(place, tuple) else (place,)
    return tuple(key - 1 for key in keys if isinstance(key, int))


class _Reader:
    """What is known while the rows go by: where the columns are, and whose account was seen."""

    def __init__(self, profile: Profile, currency: str, account_number: str, watch: Watch | None) -> None:
        self.profile = profile
        self.currency = currency
        self.account = profile.account or account_number
        self.draft = Draft()
        self.signs = Signs.of(profile, currency)
        self.places: Mapping[str, tuple[int, ...]] = {}
        self.heading: tuple[str, ...] = ()
        self.stopped = False
        self.watch = watch
        self.others: set[str] = set()
        self.debit_marks = {mark.strip().upper() for mark in profile.debit_marks}
        self.credit_marks = {mark.strip().upper() for mark in profile.credit_marks}
        self.above: deque[Sequence[Cell]] = deque(maxlen=50)
        self.written: list[str] = []
        self.last = 0

    def settle(self, places: Mapping[str, tuple[int, ...]], heading: tuple[str, ...] = ()) -> None:
        """Where each field stands is known from here on."""
        self.places, self.heading = places, heading
        self.last = max((place for each in places.values() for place in each), default=0)
        self.written = [field for field in _WRITING if field in places and field not in {"text", "balance"}]

    def tell(self, row: Cells, role: str, became: Row | RejectedRow | None = None) -> None:
        if self.watch:
            self.watch(row, role, became)

    def is_heading(self, row: Cells) -> bool:
        """Whether the row names every column (columns by number take the first row); keeps where they are.

        Raises `StatementRejected("heading_twice")` for a name that stands twice: only a number can say which is meant.
        """
        names = tuple(plain(cell) for cell in row.cells)
        places: dict[str, tuple[int, ...]] = {}
        for field, place in self.profile.columns.items():
            keys = place if isinstance(place, tuple) else (place,)
            found = [
                key - 1 if isinstance(key, int) else names.index(plain(key))
                for key in keys
                if isinstance(key, int) or plain(key) in names
            ]
            if not found:
                return False
            twice = [key for key in keys if isinstance(key, str) and names.count(plain(key)) > 1]
            if twice:
                raise StatementRejected("heading_twice", twice[0], row.number)
            places[field] = tuple(found)
        self.settle(places, names)
        return True

    def take(self, row: Cells) -> None:
        """One row below the heading: a balance, a heading again, something to ignore, a movement or a refusal."""
        if not row.fault:
            if self.balance_row(row):
                self.tell(row, "balance")
                return
            if self.profile.ignore and begins(row, self.profile.ignore):
                self.tell(row, "ignored")
                return
        try:
            made = self._movement(row)
        except Unreadable as error:
            self.draft.reject(row.number, error.code, error.column, row.raw or " | ".join(map(str, row.cells)))
            self.tell(row, "rejected", self.draft.rejected[-1])
            return
        if made is None:
            self.tell(row, "ignored")
            return
        self.draft.rows.append(made)
        self.draft.count()
        self.tell(row, "row", made)

    def balance_row(self, row: Cells) -> bool:
        """Keep an opening or closing balance, if the row is one: in the balance column, else the last amount of the row."""
        for kind in ("opening", "closing"):
            words = self.profile.opening_text if kind == "opening" else self.profile.closing_text
            if not words or not begins(row, (words,)):
                continue
            if "account" in self.places and not self._is_ours(row):
                return True
            for cell in self._balance_cells(row):
                try:
                    amount, _signed = read_amount(cell, self.signs, "balance")
                except Unreadable:
                    continue
                if getattr(self.draft, kind) is None or kind == "closing":
                    setattr(self.draft, kind, amount)
                return True
            self.draft.reject(row.number, "balance", "balance", row.raw or " | ".join(map(str, row.cells)))
            return True
        return False

    def _balance_cells(self, row: Cells) -> list[str | Decimal]:
        column = [row.cells[place] for place in self.places.get("balance", ()) if place < len(row.cells)]
        ordered = [*column, *reversed(row.cells)]
        return [cell for cell in ordered if isinstance(cell, Decimal) or (isinstance(cell, str) and any(map(str.isdigit, cell)))]

    def _movement(self, row: Cells) -> Row | None:
        """The movement of a row, or None when it is another account's. Raises `Unreadable`."""
        if row.fault:
            raise Unreadable(row.fault)
        if self.heading and self._is_heading_again(row):
            raise Unreadable("repeated_header")
        self._check_width(row)
        if not self._is_ours(row):
            return None
        day = self._day(row)
        amount = self._amount(row)
        if amount == 0:
            raise Unreadable("zero", "amount")
        balance = self._balance(row)
        self._check_cut(row)
        self.above.append(row.cells)
        texts = self._texts(row)
        if balance is None and texts["balance"]:
            try:
                balance = read_amount(texts["balance"], self.signs, "balance")[0]
            except Unreadable as error:
                raise Unreadable("balance", "balance") from error
        return Row(
            number=row.number,
            booked_on=day,
            amount=amount,
            reference=texts["reference"],
            text=texts["text"],
            payer_name=texts["payer_name"],
            payer_id=texts["payer_id"],
            origin_bank=texts["origin_bank"],
            balance=balance,
            unique_id=texts["unique_id"],
        )

    def _is_heading_again(self, row: Cells) -> bool:
        """Whether the row says what the heading says. Its date decides at once for all but a few rows."""
        place = self.places["date"][0]
        cell = row.cells[place] if place < len(row.cells) else ""
        if not isinstance(cell, str) or cell[:1].isdigit() or plain(cell) != self.heading[place]:
            return False
        return tuple(plain(cell) for cell in row.cells[: len(self.heading)]) == self.heading

    def _check_width(self, row: Cells) -> None:
        """A row with more cells than the heading has shifted; one with fewer was cut, unless only unused cells are missing."""
        count, width = len(row.cells), len(self.heading)
        if count == width and count > self.last:
            return
        short = count <= self.last if not width else count < width and count < self.last + 2
        if short or (width and any(str(cell).strip() for cell in row.cells[width:])):
            raise Unreadable("columns")

    def _cell(self, row: Cells, field: str) -> Cell:
        for place in self.places.get(field, ()):
            if place < len(row.cells) and row.cells[place] != "":
                cell = row.cells[place]
                return cell.strip() if isinstance(cell, str) else cell
        return ""

    def _is_ours(self, row: Cells) -> bool:
        if "currency" in self.places:
            printed = known_currency(str(self._cell(row, "currency")))
            if printed and printed != self.currency:
                raise Unreadable("currency", "currency")
        account = written(self._cell(row, "account")) if "account" in self.places else ""
        if not account:
            return True
        if self.account and not same_account(account, self.account):
            self.others.add(account)
            return False
        if self.draft.account and self.draft.account != account:
            raise StatementRejected("several_accounts", f"{self.draft.account}, {account}", row.number)
        self.draft.account = account
        return True

    def _day(self, row: Cells) -> dt.date:
        cell = self._cell(row, "date")
        if isinstance(cell, dt.date):
            return likely(cell)
        return read_date(written(cell), self.profile.date_format)

    def _money(self, row: Cells, field: str) -> tuple[Decimal, bool] | None:
        cell = self._cell(row, field)
        if isinstance(cell, dt.date):
            raise Unreadable("amount", field)
        return None if cell == "" else read_amount(cell, self.signs, field)

    def _amount(self, row: Cells) -> Decimal:
        style = self.profile.amount_style
        if style == "debit_credit":
            return self._one_of_two(row)
        read = self._money(row, "amount")
        if read is None:
            raise Unreadable("amount", "amount")
        amount, signed = read
        if style == "signed":
            return amount
        mark = written(self._cell(row, "mark")).upper()
        is_debit = mark in self.debit_marks
        if not is_debit and mark not in self.credit_marks:
            raise Unreadable("sign", "mark")
        if signed and (amount < 0) != (is_debit and self.profile.debits_negative):
            raise Unreadable("sign", "amount")
        return -abs(amount) if is_debit else amount

    def _one_of_two(self, row: Cells) -> Decimal:
        """A debit or a credit, never both. A minus in the debit column stands only where the profile says so."""
        debit, credit = self._money(row, "debit"), self._money(row, "credit")
        if debit is None and credit is None:
            raise Unreadable("amount", "amount")
        out, into = debit[0] if debit else _NOTHING, credit[0] if credit else _NOTHING
        if out and into:
            raise Unreadable("sign", "amount")
        if into < 0 or (out and (out < 0) != self.profile.debits_negative):
            raise Unreadable("sign", "credit" if into < 0 else "debit")
        return into - abs(out) if out else into

    def _balance(self, row: Cells) -> Decimal | None:
        try:
            read = self._money(row, "balance")
        except Unreadable as error:
            raise Unreadable("balance", "balance") from error
        return None if read is None else read[0]

    def _check_cut(self, row: Cells) -> None:
        """The last line of a file without a line end, whose last cell has fewer decimals than those above it, has been cut."""
        place = len(row.cells) - 1
        if row.ended or not any(place in self.places.get(field, ()) for field in _MONEY):
            return
        above = [decimals_written(cells[place], self.signs.decimal) for cells in self.above if len(cells) > place]
        if decimals_written(row.cells[place], self.signs.decimal) < min(above, default=0):
            raise Unreadable("truncated")

    def _texts(self, row: Cells) -> dict[str, str]:
        """Every field that is writing: from its column, else by its pattern within the text."""
        texts = dict.fromkeys(_WRITING, "")
        texts["text"] = " ".join([part for part in self._parts(row, "text") if part])
        for field in self.written:
            texts[field] = next(filter(None, self._parts(row, field)), "")
        spoilt = ""
        if texts["reference"] and any(is_destroyed(part) for part in self._parts(row, "reference")):
            parts = self._parts(row, "reference")
            texts["reference"] = next((part for part in parts if part and not is_destroyed(part)), "")
            # The spoilt writing stays to be seen, where nobody takes it for a reference.
            spoilt = "" if texts["reference"] else f" [{next(filter(None, parts))}]"
        if self.profile.patterns:
            fill_by_patterns(texts, self.profile)
        texts["text"] = (texts["text"] + spoilt).strip()
        return fitting(texts)

    def _parts(self, row: Cells, field: str) -> list[str]:
        cells = row.cells
        return [written(cells[place]) for place in self.places.get(field, ()) if place < len(cells)]
