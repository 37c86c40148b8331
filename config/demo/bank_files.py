"""The files that the demo's banks hand out, each in its bank's own layout, so that a newcomer can drop them where they belong."""

from __future__ import annotations

import csv
import datetime as dt
import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from banking.models import ReceivingAccount


@dataclass(frozen=True, kw_only=True)
class Movement:
    """One row as the bank knows it. `amount` is signed; `balance` is the account's after it."""

    day: dt.date
    amount: Decimal
    reference: str
    payer: str = ""
    payer_id: str = ""
    origin_bank: str = ""
    balance: Decimal = Decimal(0)

    @property
    def text(self) -> str:
        """What a bank prints about it."""
        if self.amount < 0:
            return "COMISION POR SERVICIO"
        return (
            " ".join(filter(None, ("TRF.OB", self.origin_bank, self.payer_id, self.payer))) if self.payer else "ABONO EN CUENTA"
        )


@dataclass(frozen=True, kw_only=True)
class BankFile:
    """A layout's key (`reconciliation.statements.layouts`), how its files end, and what writes one."""

    layout: str
    ending: str
    write: Callable[[ReceivingAccount, Sequence[Movement]], str]
    encoding: str = "utf-8"

    def content(self, account: ReceivingAccount, rows: Sequence[Movement]) -> bytes:
        """The file's bytes."""
        return self.write(account, rows).encode(self.encoding)


def _latin(amount: Decimal) -> str:
    """`1.234,56`."""
    return f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))


def _opening(rows: Sequence[Movement]) -> Decimal:
    return rows[0].balance - rows[0].amount


def _banesco(_account: ReceivingAccount, rows: Sequence[Movement]) -> str:
    parts = [
        f"D{row.day:%d/%m/%Y}\r\nT{'+' if row.amount > 0 else '-'}{_latin(abs(row.amount))}\r\nN{row.reference:0>11}\r\n"
        f"P{row.text}\r\nLCategoria1Abono1\r\n^\r\n"
        for row in rows
    ]
    return "!Tipo:Banco\r\n" + "".join(parts)


def _venezuela(account: ReceivingAccount, rows: Sequence[Movement]) -> str:
    def line(day: dt.date, reference: str, text: str, amount: Decimal, balance: Decimal, kind: str) -> str:
        debit, credit = (f"{int(each * 100):018d}" for each in (max(-amount, Decimal(0)), max(amount, Decimal(0))))
        return f"{account.number}{day:%d%m%Y}{reference:0>13}{text[:30]:30}{debit}{credit}{int(balance * 100):018d}{kind}\r\n"

    first = line(rows[0].day, "0", "SALDO INICIAL", Decimal(0), _opening(rows), "SI0000")
    return first + "".join(
        line(row.day, row.reference, row.payer or row.text, row.amount, row.balance, "NC1700" if row.amount > 0 else "ND5404")
        for row in rows
    )


def _mercantil(account: ReceivingAccount, rows: Sequence[Movement]) -> str:
    def amount(value: Decimal) -> str:
        return f"{abs(value):.2f}".replace(".", ",")

    parts = [
        f":20:D{rows[0].day:%d%m%y}H{rows[-1].day:%d%m%y}", f":25:{account.number[-12:]}", ":28:91001/31",
        f":60F:C{rows[0].day:%y%m%d}VES{amount(_opening(rows))}",
    ]  # fmt: skip
    for row in rows:
        mark = "C" if row.amount > 0 else "D"
        parts.append(f":61:{row.day:%y%m%d}{row.day:%m%d}{mark}{amount(row.amount)}NMSCNONREF//{row.reference}")
        parts.append(f":86:670?00{row.text[:40]}?100239?20TERMINAL:0033?21SALDO:      {_latin(row.balance)}")
    return "\r\n".join(parts) + "\r\n"


def _provincial(account: ReceivingAccount, rows: Sequence[Movement]) -> str:
    def cents(value: Decimal, width: int = 14) -> str:
        return f"{int(abs(value) * 100):0{width}d}"

    number = ",".join((account.number[:4], account.number[4:8], account.number[-10:]))
    branch = ",".join((account.number[:4], account.number[4:8]))
    lines = [f"00,0{account.number[:3]},{rows[-1].day:%y%m%d},"]
    # A section a day; each opens with what the one before it closed with.
    for day, found in itertools.groupby(rows, key=lambda row: row.day):
        part = list(found)
        sums = [(len(side), sum(side, Decimal(0))) for side in _sides(part)]
        day_twice = f"{day:%y%m%d},{day:%y%m%d}"
        lines.append(f"11,{number},{day_twice},2,{cents(_opening(part))},928,3,{account.holder[:26].upper().replace(',', ' ')},")
        lines += [
            f"22,{branch},{day_twice},00,{'017' if row.amount > 0 else '039'},{2 if row.amount > 0 else 1},{cents(row.amount)},"
            f"{row.reference[-10:]:0>10},{row.text[:40]}"
            for row in part
        ]
        totals = ",".join(f"{count:05d},{cents(total)}" for count, total in sums)
        lines.append(f"33,{number},{totals},2,{cents(part[-1].balance)},928")
    return "\r\n".join([*lines, f"88,999999999999999999,{len(lines):06d},"]) + "\r\n"


def _sides(rows: Sequence[Movement]) -> tuple[list[Decimal], list[Decimal]]:
    """What went out and what came in."""
    return [row.amount for row in rows if row.amount < 0], [row.amount for row in rows if row.amount > 0]


def _pichincha(account: ReceivingAccount, rows: Sequence[Movement]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerows([["Cuenta", account.number], ["Titular", account.holder], ["Movimientos"]])
    writer.writerow(["Fecha", "Tipo", "Monto", "Detalle", "Fecha contable", "Categoría"])
    for row in rows:
        day, kind = f"{row.day:%d/%m/%Y}", "Ingreso" if row.amount > 0 else "Egreso"
        words = f"TRANSFERENCIA {row.reference} {row.payer}".strip() if row.amount > 0 else row.text
        writer.writerow([day, kind, _latin(abs(row.amount)), words, day, "Transferencias"])
    return out.getvalue()


def _bancolombia(_account: ReceivingAccount, rows: Sequence[Movement]) -> str:
    lines = ["FECHA\tDESCRIPCIÓN\tSUCURSAL\tDCTO.\tVALOR\tSALDO"]
    for row in rows:
        words = f"TRANSFERENCIA DE {row.payer}" if row.payer else row.text
        cells = [
            f"{row.day:%Y/%m/%d}",
            words[:40],
            "CANAL CORRESPONSA",
            row.reference,
            f"{row.amount:,.2f}",
            f"{row.balance:,.2f}",
        ]
        lines.append("\t".join(cells))
    return "\n".join(lines) + "\n"


GALICIA_HEADINGS = (
    "Fecha", "Descripción", "Origen", "Débitos", "Créditos", "Grupo de Conceptos", "Concepto", "Número de Terminal",
    "Observaciones Cliente", "Número de Comprobante", "Leyendas Adicionales 1", "Leyendas Adicionales 2",
    "Leyendas Adicionales 3", "Leyendas Adicionales 4", "Tipo de Movimiento", "Saldo",
)  # fmt: skip


def _galicia(_account: ReceivingAccount, rows: Sequence[Movement]) -> str:
    lines = [";".join(GALICIA_HEADINGS)]
    for row in rows:
        debit, credit = (_latin(each) for each in (max(-row.amount, Decimal(0)), max(row.amount, Decimal(0))))
        words = "TRANSFERENCIA DE TERCEROS" if row.payer else row.text
        lines.append(
            f"{row.day:%d/%m/%Y};{words};;{debit};{credit};;VARIOS;;;{row.reference};{row.payer};;;;Movimiento;{_latin(row.balance)}"
        )
    return "\r\n".join(lines) + "\r\n"


def _own_sheet(_account: ReceivingAccount, rows: Sequence[Movement]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["date", "amount", "reference", "text", "payer_name", "origin_bank", "balance"])
    for row in rows:
        writer.writerow([row.day.isoformat(), row.amount, row.reference, row.text, row.payer, row.origin_bank, row.balance])
    return out.getvalue()


OWN_SHEET = BankFile(layout="", ending="csv", write=_own_sheet)
BY_BANK = {
    ("VE", "0134"): BankFile(layout="ve-banesco-qif", ending="qif", write=_banesco),
    ("VE", "0102"): BankFile(layout="ve-venezuela-txt", ending="txt", write=_venezuela),
    ("VE", "0105"): BankFile(layout="ve-mercantil-mt940", ending="txt", write=_mercantil),
    ("VE", "0108"): BankFile(layout="ve-provincial-aeb43", ending="csv", write=_provincial),
    ("CO", "1007"): BankFile(layout="co-bancolombia-txt", ending="txt", write=_bancolombia),
    ("AR", "007"): BankFile(layout="ar-galicia-csv", ending="csv", write=_galicia, encoding="latin-1"),
    ("EC", "0010"): BankFile(layout="ec-pichincha-csv", ending="csv", write=_pichincha),
}


def file_of(account: ReceivingAccount) -> BankFile:
    """How the bank of this account writes its files; the house's own sheet where we have no layout of it."""
    return BY_BANK.get((account.merchant.country, account.bank.code if account.bank else ""), OWN_SHEET)


def name_of(account: ReceivingAccount, day: dt.date) -> str:
    """`banesco-01340412354121004821-2026-11-24.qif`."""
    bank = "".join(sign for sign in account.title.split()[-1].lower() if sign.isalnum())
    number = "".join(sign for sign in account.number if sign.isdigit())
    return "-".join(filter(None, (bank, number, f"{day:%Y-%m-%d}"))) + f".{file_of(account).ending}"
