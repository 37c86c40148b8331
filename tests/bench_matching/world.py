"""A made-up month: payments that happened, what banks print of them, and what customers report of them. Same seed, same month."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from typing import Any

from banking.references import normalize_reference
from reconciliation.matching.columns import Lines, Transfers, ints, seen_in_thirty_days
from tests.bench_matching.parameters import Parameters

FIRST_DAY = 739_556  # a Saturday: business days are 2 … 6 of seven
BANKS = ("0102", "0105", "0108", "0134", "0172", "0174", "0175", "0191")
NUMBERED = {"0102": 8, "0105": 12, "0108": 10, "0134": 11, "0172": 6, "0174": 9, "0175": 8, "0191": 13}
FIRST = ("Alicia", "José", "María", "Pedro", "Carmen", "Luis", "Ana", "Rafael", "Yolanda", "Jesús", "Rosa", "Miguel")
LAST = ("Pérez", "González", "Rodríguez", "Núñez", "Hernández", "Ávila", "Rojas", "Blanco", "Medina", "Salazar", "Suárez", "León")
FIRMS = ("Comercial El Sol", "Inversiones Ávila", "Distribuidora Central", "Repuestos Caroní", "Panadería La Espiga")


@dataclass(kw_only=True)
class Customer:
    number: int
    document: str
    name: str
    bank: str
    payer: str  # the document that pays


@dataclass(kw_only=True)
class Payment:
    """What happened: so much money, moved on a day, numbered by a bank."""

    customer: Customer
    account: int
    amount: int  # cents
    day: int
    bank: str
    number: str
    document: str
    name: str


@dataclass(kw_only=True)
class Month:
    """Rows of both sides and the truth: pairs of identities that belong together. `twice`: second reports by the same customer of
    a payment, and its line: right as well, if they get it and the first does not. Lines know whose payment they are (`customer`).
    """

    transfers: list[dict[str, Any]] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    truth: set[tuple[int, int]] = field(default_factory=set)
    twice: set[tuple[int, int]] = field(default_factory=set)


def resting(parameters: Parameters) -> frozenset[int]:
    """Week-ends."""
    return frozenset(day for day in range(FIRST_DAY - 60, FIRST_DAY + parameters.days + 120) if (day - FIRST_DAY) % 7 < 2)


class Maker:
    """Makes one month."""

    def __init__(self, seed: int, parameters: Parameters) -> None:
        self.rng = random.Random(f"month {seed}")
        self.p = parameters
        self.month = Month()
        self.resting = resting(parameters)
        self.counter = {bank: self.rng.randrange(10 ** (digits - 1), 9 * 10 ** (digits - 1)) for bank, digits in NUMBERED.items()}
        scale = parameters.reports / 10_000
        count = max(8, round(parameters.prices * scale))
        self.prices = sorted({self.rng.choice((500, 1000, 2500, 100)) * self.rng.randint(1, 60) for _ in range(count)})
        self.popular = [1 / (place + 2) for place in range(len(self.prices))]
        self.rng.shuffle(self.prices)
        self.customers = [
            self.make_customer(number) for number in range(1, round(parameters.reports * parameters.customers_per_report))
        ]
        for one in self.customers:
            if self.happens(parameters.shared_payer):
                one.payer = self.rng.choice(self.customers).payer

    def happens(self, share: float) -> bool:
        return self.rng.random() < share

    def make_customer(self, number: int) -> Customer:
        rng = self.rng
        document = f"J{rng.randrange(10**8, 5 * 10**8)}" if self.happens(0.3) else f"V{rng.randrange(10**6, 3 * 10**7)}"
        name = (
            f"{rng.choice(FIRMS)} {number}"
            if document[0] == "J"
            else f"{rng.choice(FIRST)} {rng.choice(LAST)} {rng.choice(LAST)}"
        )
        return Customer(number=number, document=document, name=name, bank=rng.choice(BANKS), payer=document)

    def make(self) -> Month:
        """All payments of the month, cases and all, then shuffled identities."""
        while len(self.month.transfers) < self.p.reports:
            self.one_payment()
        for _ in range(round(self.p.reports * self.p.strangers)):
            self.print_line(self.stranger())
        self.shuffle()
        return self.month

    # --- payments ---

    def amount(self) -> int:
        rng = self.rng
        if self.happens(self.p.at_list_price):
            return rng.choices(self.prices, self.popular)[0]
        if self.happens(self.p.several_orders / (1 - self.p.at_list_price)):
            return sum(rng.choices(self.prices, self.popular, k=rng.randint(2, 5)))
        return rng.randint(300, 400_000)

    def number(self, bank: str) -> str:
        """The bank counts all its transfers, not only ours; six digits begin anew."""
        self.counter[bank] += self.rng.randint(1, 400)
        return str(self.counter[bank])[-NUMBERED[bank] :].zfill(NUMBERED[bank])

    def payment(self, customer: Customer, **given: Any) -> Payment:
        rng = self.rng
        by_another = self.happens(self.p.paid_by_another)
        bank = customer.bank if self.happens(0.9) else rng.choice(BANKS)
        values = {
            "customer": customer,
            "account": rng.choice(self.p.accounts),
            "amount": self.amount(),
            "day": FIRST_DAY + rng.randrange(self.p.days),
            "bank": bank,
            "document": f"V{rng.randrange(10**6, 3 * 10**7)}" if by_another else customer.payer,
            "name": f"{rng.choice(FIRST)} {rng.choice(LAST)}" if by_another else customer.name,
            **given,
        }
        return Payment(**values, number=given.get("number") or self.number(values["bank"]))

    def stranger(self, **given: Any) -> Payment:
        return self.payment(self.make_customer(0), **given)

    def one_payment(self) -> None:
        """One payment and, now and then, what makes it hard."""
        paid = self.payment(self.rng.choice(self.customers))
        if self.happens(self.p.one_for_several):
            return self.one_for_several(paid)
        if self.happens(self.p.several_for_one):
            return self.several_for_one(paid)
        transfer = self.report(paid)
        line = None if self.happens(self.p.line_missing) else self.print_line(paid)
        self.bind(transfer, line)
        if self.happens(self.p.reported_twice + self.p.stolen):
            self.report_again(paid, transfer, line)
        if self.happens(self.p.neighbours):
            self.neighbour(paid)
        if self.happens(self.p.twins):
            self.pay_again(paid, day=paid.day)
        if self.happens(self.p.regular_payers):
            self.pay_again(paid, day=paid.day + self.rng.choice((1, 2, 3, 7, 7, 7)))
        if self.happens(self.p.strangers_that_sum):
            self.sum_of_open(paid)
        return None

    def pay_again(self, paid: Payment, *, day: int) -> None:
        """The same payer, the same amount; either side may be missing."""
        again = replace(paid, day=day, number=self.number(paid.bank))
        transfer = None if self.happens(0.25) else self.report(again)
        self.bind(transfer, None if self.happens(0.15) else self.print_line(again))

    def neighbour(self, paid: Payment) -> None:
        """A number one digit apart, anywhere; of some pairs only the wrong halves are there."""
        if self.happens(self.p.neighbours_halved):
            # Reported is one whose money never came, the bank shows one that nobody reported.
            paid = replace(paid, amount=self.amount(), number=self.number(paid.bank))
            self.report(paid)
            self.print_line(self.one_digit_off(paid, len(paid.number) - self.rng.randint(1, 4)))
            return
        near = self.one_digit_off(paid, self.rng.randrange(len(paid.number)))
        self.bind(self.report(near), self.print_line(near))

    def one_digit_off(self, paid: Payment, place: int) -> Payment:
        digit = str((int(paid.number[place]) + self.rng.randint(1, 9)) % 10)
        return replace(paid, number=paid.number[:place] + digit + paid.number[place + 1 :])

    def sum_of_open(self, paid: Payment) -> None:
        """The customer reports three more payments whose money never comes; a stranger's deposit is the sum of two of them."""
        open_ones = [self.payment(paid.customer, account=paid.account, day=paid.day) for _ in range(3)]
        for one in open_ones:
            self.report(one)
        self.print_line(self.stranger(account=paid.account, day=paid.day, amount=open_ones[0].amount + open_ones[1].amount))

    def one_for_several(self, paid: Payment) -> None:
        """One deposit, reported in two or three parts that all name it."""
        parts = self.rng.randint(2, 3)
        cuts = sorted(self.rng.sample(range(100, max(100 + parts, paid.amount)), parts - 1)) if paid.amount > 200 else [1]
        line = self.print_line(paid)
        for first, last in zip([0, *cuts], [*cuts, paid.amount], strict=True):
            if last > first:
                self.bind(self.report(replace(paid, amount=last - first), exact=True), line)

    def several_for_one(self, paid: Payment) -> None:
        """Two or three deposits, reported as one transfer without a reference or with that of the first."""
        first = max(1, paid.amount // self.rng.randint(2, 4))
        transfer = self.report(paid, exact=True, reference="" if self.happens(0.7) else None)
        for amount, number in ((first, paid.number), (paid.amount - first, self.number(paid.bank))):
            self.bind(transfer, self.print_line(replace(paid, amount=max(1, amount), number=number)))

    def report_again(self, paid: Payment, transfer: int, line: int | None) -> None:
        """Reported twice by the customer, or once more by somebody who saw the receipt."""
        stolen = self.happens(self.p.stolen / (self.p.stolen + self.p.reported_twice))
        by = self.rng.choice(self.customers) if stolen else paid.customer
        again = self.report(replace(paid, customer=by))
        if stolen or self.happens(self.p.flag_notices):
            self.month.transfers[transfer]["flagged"] = self.month.transfers[again]["flagged"] = True
        if line is not None and not stolen:
            self.month.twice.add((again, line))

    # --- what is seen of them ---

    def business_day(self, day: int, later: int) -> int:
        while later or day in self.resting:
            day += 1
            if day not in self.resting and later:
                later -= 1
        return day

    def print_line(self, paid: Payment) -> int:
        """One line of the bank's file."""
        rng, p = self.rng, self.p
        place = p.accounts.index(paid.account)
        later = rng.choices(range(len(p.booked_after)), p.booked_after)[0]
        number = self.number(paid.bank) if self.happens(p.renumbered) else paid.number
        shape = rng.choices(list(p.printed), list(p.printed.values()))[0]
        reference = {
            "as_numbered": number,
            "padded_13": number.zfill(13),
            "padded_15": number.zfill(15),
            "in_text": "NONREF",
            "last_8": number[-8:],
            "prefixed": f"V{rng.randint(1, 9)}{number}",
            "composite": f"{paid.bank}{rng.randrange(10**6)}-{number}",
        }[shape]
        if self.happens(p.destroyed):
            reference, shape = "", "destroyed"
        bank, document, name = (
            self.happens(p.shows_bank[place]),
            self.happens(p.shows_document[place]),
            self.happens(p.shows_name[place]),
        )
        in_text = self.happens(0.4)
        text = " ".join(
            [
                rng.choice(("TRF.OB", "PAGO MOVIL", "TRANSFERENCIA DE TERCEROS", "ABONO", "CR.I/REC")),
                paid.bank if bank and in_text else "",
                number if shape == "in_text" else "",
                paid.document if document and in_text else "",
                paid.name.upper()[:22] if name and in_text else "",
                str(rng.randrange(10**4)) if self.happens(0.1) else "",
            ]
        )
        kept = paid.amount - max(1, paid.amount * rng.randint(3, 15) // 1000) if self.happens(p.fee_kept) else paid.amount
        self.month.lines.append(
            {
                "customer": paid.customer.number,
                "account": paid.account,
                "amount": max(1, kept) * 100,
                "day": self.business_day(paid.day, later),
                "reference": normalize_reference(reference),
                "zeros": leading_zeros(reference),
                "text": " ".join(text.split()),
                "bank_code": paid.bank if bank and not in_text else "",
                "payer_id": paid.document if document and not in_text else "",
                "payer_name": paid.name.upper()[:30] if name and not in_text else "",
            }
        )
        return len(self.month.lines) - 1

    def report(self, paid: Payment, *, exact: bool = False, reference: str | None = None) -> int:
        """One declared transfer. The document is the payer's as declared, else the customer's own."""
        rng, p = self.rng, self.p
        day = paid.day
        if self.happens(p.day_off_by_one):
            day += rng.choice((-1, 1))
        elif self.happens(p.day_far_off):
            day += rng.choice((-30, -10, -7, 7, 10, 30))
        amount = paid.amount
        if not exact and self.happens(p.amount_mistyped):
            amount = rng.choice((amount * 10, max(1, amount // 10), amount + 100, amount + 1))
        bank = paid.bank if self.happens(p.declares_bank) else ""
        if bank and self.happens(p.declares_wrong_bank):
            bank = rng.choice(BANKS)
        third = paid.document != paid.customer.document and self.happens(0.5)
        account = rng.choice(p.accounts) if self.happens(p.wrong_account) else paid.account
        typed = self.typed(paid) if reference is None else reference
        self.month.transfers.append(
            {
                "group": paid.customer.number,
                "account": account,
                "method": 1,
                "amount": amount * 100,
                "day": day,
                "reference": normalize_reference(typed),
                "zeros": leading_zeros(typed),
                "bank_code": bank,
                "payer_id": paid.document if third else paid.customer.document,
                "payer_names": (paid.name, paid.customer.name) if third else (paid.customer.name,),
                "flagged": False,
            }
        )
        return len(self.month.transfers) - 1

    def typed(self, paid: Payment) -> str:
        """The reference as a customer writes it."""
        rng, p, number = self.rng, self.p, paid.number
        if self.happens(p.blank_reference):
            return ""
        if self.happens(p.other_number):
            return str(rng.randrange(10**5, 10**8))
        if self.happens(p.date_as_reference):
            return f"2026{(paid.day - FIRST_DAY) // 30 + 11:02d}{(paid.day - FIRST_DAY) % 30 + 1:02d}"
        place = rng.randrange(len(number) - 1)
        if self.happens(p.mistyped):
            number = number[:place] + rng.choice("0123456789") + number[place + 1 :]
        elif self.happens(p.swapped):
            number = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
        shape = rng.choices(list(p.typed), list(p.typed.values()))[0]
        return {
            "as_printed": number,
            "without_zeros": number.lstrip("0"),
            "last_8": number[-8:],
            "last_6": number[-6:],
            "last_5": number[-5:],
            "last_4": number[-4:],
            "with_spaces": f"{number[:4]} {number[4:]}",
            "padded": number.zfill(15),
            "look_alikes": number.replace("0", "О").replace("6", "б"),
        }[shape]

    def bind(self, transfer: int | None, line: int | None) -> None:
        if transfer is not None and line is not None:
            self.month.truth.add((transfer, line))

    def shuffle(self) -> None:
        """Identities say nothing about what belongs together."""
        month = self.month
        for rows, base in ((month.transfers, 1), (month.lines, 1)):
            numbers = list(range(base, base + len(rows)))
            self.rng.shuffle(numbers)
            for row, number in zip(rows, numbers, strict=True):
                row["id"] = number
        named = [{(month.transfers[t]["id"], month.lines[m]["id"]) for t, m in pairs} for pairs in (month.truth, month.twice)]
        month.truth, month.twice = named
        month.transfers.sort(key=lambda row: row["id"])
        month.lines.sort(key=lambda row: row["id"])


def make_month(seed: int, parameters: Parameters | None = None) -> Month:
    """The month of this seed."""
    return Maker(seed, parameters or Parameters()).make()


def leading_zeros(reference: str) -> int:
    """As the database counts them."""
    return len(reference) - len(reference.lstrip("0"))


def columns_of(month: Month) -> tuple[Transfers, Lines]:
    """Both sides as the matching reads them."""
    import numpy as np

    def numbers(rows: list[dict[str, Any]], name: str) -> Any:
        return ints([row[name] for row in rows])

    def words(rows: list[dict[str, Any]], *names: str) -> dict[str, Any]:
        return {name: [row[name] for row in rows] for name in names}

    mine, theirs = month.transfers, month.lines
    transfers = Transfers(
        **{name: numbers(mine, name) for name in ("id", "group", "account", "method", "amount", "day", "zeros")},
        **words(mine, "reference", "bank_code", "payer_id", "payer_names"),
        flagged=np.array([row["flagged"] for row in mine], dtype=np.bool_),
    )
    account, amount, day = (numbers(theirs, name) for name in ("account", "amount", "day"))
    lines = Lines(
        id=numbers(theirs, "id"),
        account=account,
        amount=amount,
        free=amount,
        day=day,
        seen=seen_in_thirty_days(account, amount, day),
        zeros=numbers(theirs, "zeros"),
        **words(theirs, "reference", "text", "bank_code", "payer_id", "payer_name"),
    )
    return transfers, lines
