"""What a method adds to a payment (IGTF): computed once, rounded by the currency. Pure but for the words.

The surcharge is added to what the orders get, so it is the share p / (100 + p) of what is paid: of a part too.
"""

from __future__ import annotations

from decimal import Decimal

from banking.models import PaymentMethod
from banking.money import quantize


def with_surcharge(net: Decimal, per_cent: Decimal, currency: str) -> Decimal:
    """What has to be paid so that the orders get `net`."""
    return net + quantize(net * per_cent / 100, currency)


def surcharge_within(paid: Decimal, per_cent: Decimal, currency: str) -> Decimal:
    """How much of `paid` is surcharge. For what `with_surcharge` gave it is exactly what was added there."""
    if not per_cent or not paid.is_finite():
        return Decimal(0)
    return quantize(paid * per_cent / (100 + per_cent), currency)


def surcharge_label(method: PaymentMethod, per_cent: Decimal | None = None) -> str:
    """`IGTF 3 %`."""
    rate = method.surcharge_per_cent if per_cent is None else per_cent
    text = f"{rate:f}"
    return f"{method.surcharge_name} {text.rstrip('0').rstrip('.') if '.' in text else text}\u00a0%"
