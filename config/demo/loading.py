"""Filling the demo's database, once: everything is made by the product's own services, each at its own moment."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import cast

from django.db import transaction
from django.test.utils import override_settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from accounts.models import Merchant
from config.demo import alicia, companies, neighbours, plan, scenes
from config.demo.back_office import listen, work_in_the_back_office
from config.demo.stage import set_stage
from config.demo.subscriptions import subscribe
from config.demo.support import talk_to_support
from reconciliation.audit import audit_books

HOUSES = (companies.ANDINA, companies.LITORAL, neighbours.CAFETAL, neighbours.PAMPA)
# Of the last so many payments another system hears.
HEARD = 36


class DemoIsWrong(RuntimeError):
    """The books of the demo do not prove themselves: a defect of the product, never of the data."""


def is_loaded() -> bool:
    """Whether the demo's merchants are there."""
    return Merchant.objects.filter(slug="litoral").exists()


def load() -> None:
    """Make everything, in one transaction, then run the jobs that it left: pictures are prepared, old letters go nowhere."""
    with transaction.atomic():
        for seed, data in enumerate(HOUSES, start=7):
            merchant = load_merchant(data, seed)
            if findings := list(audit_books(merchant)):
                raise DemoIsWrong(findings)
    with override_settings(EMAIL_BACKEND="django.core.mail.backends.dummy.EmailBackend"):
        worker = app.with_connector(cast(DjangoConnector, app.connector).get_worker_connector())
        worker.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)


def load_merchant(data: dict[str, object], seed: int) -> Merchant:
    """One merchant with everything that happened in its house."""
    zone = zoneinfo.ZoneInfo(str(data["time_zone"]))
    # Bills of the past go to nobody; those that are issued from now on do.
    stage = set_stage({**data, "mails_bills": False}, dt.datetime.now(zone).date(), seed)
    subscribe(stage)
    first = alicia.issue_first_orders(stage)
    count = neighbours.ORDERS.get(stage.merchant.slug, scenes.ORDERS_PER_MERCHANT)
    orders = scenes.issue_orders(stage, count - len(first))
    payments = plan.plan_payments(stage, orders) + alicia.plan_first_payments(stage, first)
    payments.sort(key=lambda payment: payment.sent_at)
    now = dt.datetime.now(dt.UTC)
    for payment in payments:
        payment.sent_at = min(payment.sent_at, now - dt.timedelta(minutes=5))
    scenes.bring_statements(stage, payments)
    for payment in payments[:-HEARD]:
        scenes.play(stage, payment)
    endpoint = listen(stage)
    for payment in payments[-HEARD:]:
        scenes.play(stage, payment)
    work_in_the_back_office(stage, payments, endpoint)
    Merchant.objects.filter(pk=stage.merchant.pk).update(mails_bills=True)
    talk_to_support(stage)
    return stage.merchant
