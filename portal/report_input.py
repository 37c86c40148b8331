"""What was posted on the report form, told apart: what the customer typed, and what we had offered and they left as it was.

Amounts and shares are offered in the fields themselves, with a hidden copy beside each (`t-0-offered`, `offered-17`). What still
equals its copy is ours and follows when other orders are ticked or another account is chosen. What differs is the customer's.
"""

from __future__ import annotations

import datetime as dt
import re
import uuid
from decimal import Decimal

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import get_language

from banking.money import convert, format_number
from reports.forms import ReportForm, TransferForm
from reports.forms.fields import read_uuid
from reports.forms.withholding import withheld_so_far
from reports.models import VOUCHER_FILES
from reports.rates import dated_rate
from reports.surcharge import with_surcharge


def typed_data(posted: QueryDict) -> QueryDict:
    """A changeable copy of what was posted, without the shares that we had offered: blank leaves them to the rule."""
    data = posted.copy()
    for name in posted:
        share = re.fullmatch(r"allocation-(\d{1,18})", name, re.ASCII)
        if share and posted[name] == posted.get(f"offered-{share[1]}"):
            data[name] = ""
    if posted.get("act") == "add_transfer":
        _add_transfer(data)
    if posted.get("act") == "add_withholding":
        taken = {int(match[1]) for name in data if (match := re.match(r"w-(\d)-", name, re.ASCII))}
        data[f"w-{min(set(range(10)) - taken, default=9)}-number"] = ""
    removed = re.fullmatch(r"remove_(transfer|withholding):(\d{1,2})", posted.get("act", ""), re.ASCII)
    if removed:
        for name in [name for name in data if name.startswith(f"{removed[1][0]}-{removed[2]}-")]:
            del data[name]
    if posted.get("act") == "add_shipping":
        data["add_shipping"] = data["wants_paper"] = "1"
    if posted.get("act") == "remove_shipping":
        data.pop("add_shipping", None)
    return data


def _add_transfer(data: QueryDict) -> None:
    """A further transfer begins like the first one."""
    taken = {int(match[1]) for name in data if (match := re.match(r"t-(\d{1,2})-", name, re.ASCII))}
    new = max(taken, default=-1) + 1
    for name in ("method", "account", "paid_on", "origin_bank"):
        data[f"t-{new}-{name}"] = data.get(f"t-{min(taken, default=0)}-{name}", "")
    data[f"t-{new}-amount"] = ""


def uploads_of(files: MultiValueDict[str, UploadedFile[bytes]]) -> dict[int, list[UploadedFile[bytes]]]:
    """Position of a transfer (from 1) or voucher → files that came with the request, unchecked."""
    found = {}
    for name in files:
        match = re.fullmatch(r"([tw])-(\d{1,2})-receipt", name, re.ASCII)
        if match:
            found[int(match[2]) + 1 + (VOUCHER_FILES if match[1] == "w" else 0)] = list(files.getlist(name))
    return found


def taken_out(posted: QueryDict) -> list[uuid.UUID]:
    """Files that stood on the page and were not sent back: the customer unticked or removed them."""
    gone = []
    for name in posted:
        match = re.fullmatch(r"([tw]-\d{1,2})-listed", name, re.ASCII)
        if match:
            kept = set(posted.getlist(f"{match[1]}-files"))
            gone += [key for text in posted.getlist(name) if text not in kept and (key := read_uuid(text)) is not None]
    return gone


def key_of(request: HttpRequest) -> uuid.UUID | None:
    """The key of the draft that the address names (`?draft=`)."""
    return read_uuid(request.GET.get("draft", ""))


def paid_day(transfer: TransferForm) -> dt.date | None:
    """The day typed, when it can be read; read without judging the rest of the form."""
    field = transfer.fields.get("paid_on")
    if field is None:
        return transfer.current.paid_on if transfer.current else None
    try:
        day = field.clean(transfer["paid_on"].value())
    except Exception:  # noqa: BLE001 (an unreadable date is told when the form is checked)
        return None
    return day if isinstance(day, dt.date) else None


def offered_amount(form: ReportForm, transfer: TransferForm) -> str:
    """What the amount of the first transfer starts with: the debt of the ticked orders in the currency of the chosen account,
    less what was withheld, with the method's surcharge.

    At the rate of the payment date; nothing when there is no such rate or no order is ticked.
    """
    orders = [choice.order for choice in form.order_choices if choice.is_ticked]
    currencies = {order.currency for order in orders}
    if len(currencies) != 1 or transfer.index != form.transfers.forms[0].index:
        return ""
    own, paid_in = currencies.pop(), transfer.currency
    total = sum((order.amount_due for order in orders), Decimal(0))
    if form.is_bound and form.data.get("add_shipping") and own == form.merchant.currency:
        total += planned_cost(form)
    total -= withheld_so_far(form.vouchers)
    if paid_in != own:
        day = paid_day(transfer)
        rate = dated_rate(form.merchant, own, paid_in, day) if day else None
        if rate is None:
            return ""
        total = convert(total, rate.rate, paid_in)
    if transfer.method_now is not None:
        total = with_surcharge(total, transfer.method_now.surcharge_per_cent, paid_in)
    return format_number(total, paid_in, get_language() or "es") if total > 0 else ""


def planned_cost(form: ReportForm) -> Decimal:
    """What the shipping that sending will add costs; 0 when the ticked orders carry one already, or it is not offered."""
    from reports.selectors import shipping_right
    from reports.shipping import shipping_cost

    if shipping_right(form.customer, form.ticked) is not None:
        return Decimal(0)
    return shipping_cost(form.merchant) or Decimal(0)


def offer_amount(form: ReportForm, *, fills_blank: bool) -> str:
    """Renew the amount of the first transfer while it is still ours; gives back the offer for the hidden copy.

    `fills_blank`: an amount that nobody typed and nobody offered is filled too, but never on the way to the check page.
    """
    first = form.transfers.forms[0]
    if "amount" not in first.fields or "orders" not in form.fields:
        return ""
    offered = offered_amount(form, first)
    copy = f"{first.prefix}-offered"
    if isinstance(form.data, QueryDict) and copy in form.data:
        name = first.add_prefix("amount")
        typed = form.data.get(name, "").strip()
        if typed == form.data[copy] and (typed or fills_blank):
            form.data[name] = offered
    return offered
