"""What the demo's houses sell month by month, what the first customers have of it, and when people are reminded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from accounts.actors import Actor
from config.demo import companies
from config.demo.stage import Stage
from orders.models import ServiceOffer, ServicePolicy
from orders.service_acts import make_service, suspend_service
from reports.models import ReminderPolicy

# Spanish, English, period, price before tax in dollars.
HOSTING = (
    ("Hosting Pyme", "Small business hosting", "monthly", "9.90"),
    ("Hosting Empresarial", "Business hosting", "monthly", "17.24"),
    ("Servidor virtual VPS 2", "Virtual server VPS 2", "monthly", "34.48"),
    ("Certificado SSL Wildcard", "Wildcard SSL certificate", "yearly", "21.55"),
)
FIBRE = (
    ("Fibra Hogar 200 Mbps", "Home fibre 200 Mbps", "monthly", "24.00"),
    ("Fibra Empresa 500 Mbps", "Business fibre 500 Mbps", "monthly", "62.00"),
    ("IP fija", "Static IP", "monthly", "7.00"),
)
OFFERS = {"andina": HOSTING, "litoral": FIBRE}
# Of the offers: which, paid until so many days from now, and whether it is suspended.
HAS = ((1, 12, False), (2, 19, False), (0, -9, True))


def subscribe(stage: Stage) -> None:
    """Offers, rules and a few services, by the services' own acts; houses without offers have reminders alone."""
    merchant, system = stage.merchant, Actor.system(stage.merchant)
    ReminderPolicy.objects.create(merchant=merchant, is_on=True)
    offers = OFFERS.get(merchant.slug)
    if not offers:
        return
    tax_name, tax_rate = companies.TAX[merchant.slug]
    ServicePolicy.objects.create(
        merchant=merchant, may_order=True, may_change=True, may_cancel=True, bills_renewals=True, renewal_days=5
    )
    ServiceOffer.objects.bulk_create(
        ServiceOffer(
            merchant=merchant, name_es=name_es, name_en=name_en, period=period, price=Decimal(price), tax_name=tax_name,
            tax_rate=tax_rate,
        )
        for name_es, name_en, period, price in offers
    )  # fmt: skip
    for customer in stage.customers[:2]:
        for which, days, is_suspended in HAS:
            name, _english, period, price = offers[which]
            service = make_service(
                customer=customer, name=name, period=period, price=Decimal(price), tax_name=tax_name, tax_rate=tax_rate,
                paid_until=stage.today + dt.timedelta(days=days), by=system,
            )  # fmt: skip
            if is_suspended:
                suspend_service(service_id=service.pk, note="Sin pago", by=system)
