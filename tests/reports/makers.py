"""What a browser posts for a report."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from orders.dates import today_at
from orders.models import Order
from reports.forms import ReportForm
from tests.factories import make_bank
from tests.reports.conftest import Scene


def typed(scene: Scene, *orders: Order, **changes: Any) -> QueryDict:
    """A good report of `orders` as posted; `changes` are names with `_` for `-` after `t_0`, None takes a name away."""
    yesterday = today_at(scene.merchant) - dt.timedelta(days=1)
    values: dict[str, Any] = {
        "key": str(uuid.uuid4()),
        "orders": [str(order.pk) for order in orders],
        "t-0-method": str(scene.cast.transfer.pk),
        "t-0-account": str(scene.usd.pk),
        "t-0-amount": str(sum(order.amount_due for order in orders) or "10,00"),
        "t-0-paid_on": yesterday.isoformat(),
        "t-0-reference": "0045 7755 7244 2",
        "t-0-origin_bank": str(make_bank(country="VE", code="9998").pk),
    }
    for name, value in changes.items():
        key = "-".join(name.split("_", 2)) if name.startswith(("t_", "w_")) else name.replace("allocation_", "allocation-")
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value
    data = QueryDict(mutable=True)
    for name, value in values.items():
        data.setlist(name, value if isinstance(value, list) else [str(value)])
    return data


def form_of(scene: Scene, data: Any, files: Any = None, **kw: Any) -> ReportForm:
    """The form as a page would make it."""
    return ReportForm(data, MultiValueDict(files or {}), customer=scene.customer, **kw)


def sentences(form: ReportForm) -> dict[str, list[str]]:
    """Field → what is said beside it."""
    said = {name: [str(each) for each in errors] for name, errors in form.errors.items()}
    for each in form.transfers.forms:
        said |= {each.add_prefix(name): [str(error) for error in errors] for name, errors in each.errors.items()}
    for voucher in form.vouchers:
        said |= {voucher.add_prefix(name): [str(error) for error in errors] for name, errors in voucher.errors.items()}
    return said
