"""What the customer declared beside what was to be expected, line by line, each with a mark: agrees, differs, unknown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.models import Merchant
from accounts.text import fold
from banking.models import Bank
from banking.money import convert, format_money
from orders.dates import today_at, written
from orders.models import Order
from reports.models import Transfer, Withholding
from reports.view import ReportView


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line. `mark`: `agrees`, `close`, `differs`, `doubt`, `off` (an amount) or `unknown`."""

    label: str
    declared: str
    expected: str
    mark: str
    result: str
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """The lines of one transfer, or (without one) of the whole report."""

    title: str
    rows: list[Row]


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known beside the report: methods taken, transfers whose reference was used, usual banks of the customer."""

    takes_method: dict[int, bool]
    used_references: frozenset[int]
    usual_banks: Sequence[Bank]


def money(amount: Decimal, currency: str) -> str:
    """An amount in the reader's language."""
    return format_money(amount, currency, get_language() or "es")


def plain_number(number: Decimal, *, least: int = 0) -> str:
    """A rate or quantity without the zeros at its end, but for `least` places: `36,74` in Spanish, `36.74` in English."""
    number = number.normalize()
    places = max(least, -int(number.as_tuple().exponent), 0)
    text = f"{number:.{places}f}"
    return text.replace(".", ",") if (get_language() or "es").startswith("es") else text


def compare(merchant: Merchant, view: ReportView, known: Known) -> list[Group]:
    """All lines, by transfer. Reads nothing."""
    several = len(view.transfers) > 1
    groups = []
    if several:
        groups.append(Group(title=_("Whole report"), rows=[_amount(view)]))
    for number, transfer in enumerate(view.transfers, start=1):
        rows = [_declared_amount(transfer)] if several else [_amount(view)]
        rows += [_account(transfer, known), _date(merchant, view, transfer)]
        if transfer.surcharge:
            rows.append(_surcharge(transfer))
        rows += [row for row in (_origin(transfer, known), _reference(transfer, known)) if row]
        rows += _person(view, transfer)
        title = _("Transfer %(number)d of %(count)d") % {"number": number, "count": len(view.transfers)} if several else ""
        groups.append(Group(title=title, rows=rows))
    if view.withholdings:
        title = _("Withholding vouchers")
        groups.append(Group(title=title, rows=[*(_voucher(view, each) for each in view.withholdings), _together(view)]))
    return groups


def _amount(view: ReportView) -> Row:
    """The sum declared beside what the orders owe, in the currency that was paid when there is one."""
    transfers, orders = view.transfers, [each.order for each in view.allocations]
    currencies = {(transfer.currency, transfer.rate) for transfer in transfers}
    owed = view.current.allocated if not view.ticket.is_live else sum((order.amount_due for order in orders), Decimal(0))
    owed = max(Decimal(0), owed - view.current.withheld)
    if len(currencies) == 1:
        currency, rate = currencies.pop()
        declared = sum((transfer.amount for transfer in transfers), Decimal(0))
        expected = owed if rate is None else convert(owed, rate, currency)
        expected += sum((transfer.surcharge for transfer in transfers), Decimal(0))
        if rate is not None and owed == view.current.paid:
            expected = declared  # promised at the rate, so cents of rounding are no difference
        note = _rate_note(transfers[0], view.currency, owed) if rate is not None else ""
    else:
        currency, declared, expected, note = view.currency, view.current.paid, owed, ""
    if not orders:
        return Row(
            label=_("Amount"), declared=money(declared, currency), expected=_("Payment in advance, no order"), mark="unknown",
            result=_("All of it to credit"),
        )  # fmt: skip
    counted = ngettext("%(money)s, %(count)d order", "%(money)s, %(count)d orders", len(orders)) % {
        "money": money(expected, currency), "count": len(orders),
    }  # fmt: skip
    mark, result = _difference(declared - expected, currency)
    return Row(label=_("Amount"), declared=money(declared, currency), expected=counted, mark=mark, result=result, note=note)


def _surcharge(transfer: Transfer) -> Row:
    """What of the amount pays no order."""
    return Row(
        label=transfer.surcharge_label, declared=money(transfer.surcharge, transfer.currency),
        expected=_("Within the amount"), mark="unknown", result=_("Pays no order"),
    )  # fmt: skip


def _voucher(view: ReportView, voucher: Withholding) -> Row:
    """A withholding voucher as it was declared. Whether it is good, a person sees on its picture."""
    shown = any(each.pk == voucher.pk and files for each, files in view.current.vouchers_with_files())
    mark, result = ("unknown", _("Compare it with its picture")) if shown else ("doubt", _("Without a picture"))
    return Row(
        label=str(voucher.kind), declared=f"{money(voucher.amount, voucher.currency)} · {voucher.number}",
        expected=_("Dated %(date)s") % {"date": written(voucher.issued_on)}, mark=mark, result=result,
    )  # fmt: skip


def _together(view: ReportView) -> Row:
    """Deposit and vouchers together beside what the orders owe."""
    orders = [each.order for each in view.allocations]
    owed = view.current.allocated if not view.ticket.is_live else sum((order.amount_due for order in orders), Decimal(0))
    mark, result = _difference(view.value - owed, view.currency)
    declared = _("%(paid)s paid + %(withheld)s withheld") % {
        "paid": money(view.current.paid, view.currency), "withheld": money(view.current.withheld, view.currency),
    }  # fmt: skip
    return Row(label=_("Together"), declared=declared, expected=money(owed, view.currency), mark=mark, result=result)


def _rate_note(transfer: Transfer, currency: str, owed: Decimal) -> str:
    return _("%(money)s at %(rate)s (%(source)s, %(date)s)") % {
        "money": money(owed, currency),
        "rate": plain_number(transfer.rate or Decimal(1)),
        "source": transfer.rate_source or "–",
        "date": written(transfer.rate_date or transfer.paid_on),
    }


def _difference(difference: Decimal, currency: str) -> tuple[str, str]:
    if difference > 0:
        return "off", _("%(money)s too much") % {"money": money(difference, currency)}
    if difference < 0:
        return "off", _("%(money)s missing") % {"money": money(-difference, currency)}
    return "agrees", _("Agrees")


def _declared_amount(transfer: Transfer) -> Row:
    return Row(
        label=_("Amount"), declared=money(transfer.amount, transfer.currency), expected=_("See the whole report"),
        mark="unknown", result="",
    )  # fmt: skip


def _account(transfer: Transfer, known: Known) -> Row:
    takes = known.takes_method.get(transfer.pk, False)
    expected = _("Takes: %(method)s") if takes else _("Does not take: %(method)s")
    mark, result = ("agrees", _("Agrees")) if takes else ("differs", _("Differs"))
    if not transfer.account.is_active:
        mark, result = "doubt", _("Closed account")
    return Row(
        label=_("Account"), declared=str(transfer.account), expected=expected % {"method": transfer.method.name}, mark=mark,
        result=result,
    )  # fmt: skip


def _date(merchant: Merchant, view: ReportView, transfer: Transfer) -> Row:
    orders: list[Order] = [each.order for each in view.allocations]
    declared, age = written(transfer.paid_on), (today_at(merchant) - transfer.paid_on).days
    expected = _("After the orders were issued") if orders else _("No order to compare with")
    if any(order.issued_on > transfer.paid_on for order in orders):
        return Row(label=_("Date"), declared=declared, expected=expected, mark="differs", result=_("Before the order"))
    if view.ticket.is_live and age > merchant.report_age_warning_days:
        result = _("%(days)d days ago") % {"days": age}
        return Row(label=_("Date"), declared=declared, expected=expected, mark="doubt", result=result)
    mark, result = ("agrees", _("Agrees")) if orders else ("unknown", _("Nothing to compare"))
    return Row(label=_("Date"), declared=declared, expected=expected, mark=mark, result=result)


def _origin(transfer: Transfer, known: Known) -> Row | None:
    if transfer.origin_bank is None and not transfer.origin_bank_name:
        return None
    declared = str(transfer.origin_bank) if transfer.origin_bank else transfer.origin_bank_name
    if not known.usual_banks:
        expected, mark, result = _("No verified payment before"), "unknown", _("Nothing to compare")
    else:
        expected = _("Usually pays from %(bank)s") % {"bank": ", ".join(str(bank) for bank in known.usual_banks)}
        usual = transfer.origin_bank_id in {bank.pk for bank in known.usual_banks}
        mark, result = ("agrees", _("Agrees")) if usual else ("doubt", _("Another one this time"))
    return Row(label=_("Origin"), declared=declared, expected=expected, mark=mark, result=result)


def _reference(transfer: Transfer, known: Known) -> Row | None:
    label = _("Reference")
    if not transfer.reference:
        if "reference" not in transfer.method.asks:
            return None
        return Row(label=label, declared=_("none given"), expected="", mark="unknown", result=_("Nothing to compare"))
    declared, expected = transfer.reference_raw or transfer.reference, _("In no other report")
    if transfer.pk in known.used_references:
        return Row(label=label, declared=declared, expected=expected, mark="doubt", result=_("Repeated, see the signals"))
    return Row(label=label, declared=declared, expected=expected, mark="agrees", result=_("Not repeated"))


def _person(view: ReportView, transfer: Transfer) -> list[Row]:
    """Who paid: the customer, somebody else, or as the method names them."""
    customer, current = view.report.customer, view.current
    rows = []
    if current.payer_name:
        declared = f"{current.payer_name} {current.payer_tax_id}".strip()
        expected = _("The customer is %(name)s") % {"name": customer.name}
        rows.append(Row(label=_("Payer"), declared=declared, expected=expected, mark="doubt", result=_("Somebody else paid")))
    elif not transfer.sender_name:
        rows.append(Row(label=_("Payer"), declared=customer.name, expected=_("The customer"), mark="agrees", result=_("Agrees")))
    name = current.payer_name or customer.name
    if transfer.sender_name:
        rows.append(_alike(_("Sender"), " ".join(filter(None, [transfer.sender_name, transfer.sender_email])), name))
    if transfer.payer_phone:
        rows.append(_same_digits(_("Telephone"), transfer.payer_phone, customer.phone))
    if transfer.payer_id:
        rows.append(_same_digits(_("Document"), transfer.payer_id, current.payer_tax_id or customer.tax_id))
    return rows


def _alike(label: str, declared: str, name: str) -> Row:
    shared = set(fold(declared).split()) & set(fold(name).split())
    mark, result = ("close", _("Alike")) if shared else ("doubt", _("Another name"))
    return Row(label=label, declared=declared, expected=name, mark=mark, result=result)


def _same_digits(label: str, declared: str, known: str) -> Row:
    """Numbers written in two ways are one when their last seven digits agree."""
    if not known:
        return Row(label=label, declared=declared, expected=_("not known"), mark="unknown", result=_("Nothing to compare"))
    own, other = ("".join(sign for sign in text if sign.isdigit()) for text in (declared, known))
    mark, result = ("agrees", _("Agrees")) if own[-7:] == other[-7:] else ("doubt", _("Another one"))
    return Row(label=label, declared=declared, expected=known, mark=mark, result=result)
