"""The other side of T18, in a process with the settings of the installation that is shot at: `python -m tests.safety.kill_town`.

`found` makes a merchant and prints what a customer's browser needs, `bank` books what was reported and brings the bank's files
until it is ended, `count` prints what the database holds.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import django

ORDERS = 1200


def found() -> dict[str, Any]:
    """A merchant that accepts what is certain by itself, and Alice, who is signed in and owes much."""
    from decimal import Decimal

    from tests.cast import client_of, make_cast
    from tests.factories import make_bank, make_order
    from tickets.services import prepare_merchant

    cast = make_cast(slug="andina", name="Hosting Andina", auto_accept=True, auto_accept_limit=Decimal(5000))
    prepare_merchant(merchant=cast.merchant, by=cast.ada)
    orders = [make_order(cast.a, f"{10 + number}.00").pk for number in range(ORDERS)]
    bank = make_bank(country="VE", code="0134")
    client = client_of(cast.alice)
    return {
        "orders": orders,
        "bank": bank.pk,
        "account": cast.account.pk,
        "form": cast.url("portal:report"),
        "check": cast.url("portal:report_check"),
        "cookies": {name: each.value for name, each in client.cookies.items()},
    }


def bank() -> None:
    """What was reported is on the bank's next file; a person of accounting brings it in, whatever else falls over."""
    from django.db import Error, connection

    while True:
        try:
            _bring()
        except Error:
            connection.close()
        time.sleep(0.5)


def _bring() -> None:
    from accounts.actors import Actor
    from accounts.errors import Refused
    from accounts.models import StaffRole
    from reconciliation import services
    from reconciliation.models import StatementImport, StatementLine
    from reports.models import Transfer

    role = StaffRole.objects.select_related("merchant", "user").get(merchant__slug="andina", role="accountant")
    carol = Actor(merchant=role.merchant, user=role.user, role=role.role)
    for each in StatementImport.objects.filter(merchant=role.merchant, state="preview").values_list("pk", flat=True):
        try:
            services.commit_import(import_id=each, by=carol)
        except Refused:
            continue
    if StatementImport.objects.filter(merchant=role.merchant, state__in=("reading", "preview", "committing")).exists():
        return
    known = StatementLine.objects.filter(merchant=role.merchant).values_list("reference_raw", flat=True)
    new = Transfer.objects.filter(merchant=role.merchant).exclude(reference_raw__in=list(known)).order_by("pk")
    rows = [f"{each.paid_on};{each.amount:.2f};{each.reference_raw};TRANSFERENCIA" for each in new]
    if rows:
        content = "\n".join(["fecha;monto;referencia;texto", *rows, ""]).encode()
        account = Transfer.objects.filter(merchant=role.merchant).values_list("account_id", flat=True).first()
        services.receive_statement(merchant=role.merchant, account_id=account, file_name="banco.csv", content=content, by=carol)


def count() -> dict[str, Any]:
    """Reports by their form's key, lines by their reference, jobs that are not done, files that wait, and what the audit says."""
    from django.db import connection
    from procrastinate.contrib.django import app

    from accounts.models import Merchant
    from files.models import StoredFile
    from reconciliation.audit import audit_books
    from reconciliation.models import StatementLine
    from reports.models import PaymentReport
    from tickets.models import Ticket

    merchant = Merchant.objects.get(slug="andina")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing') AND (scheduled_at IS NULL OR "
            "scheduled_at <= now()) AND task_name NOT LIKE 'builtin%'"
        )
        jobs = cursor.fetchone()[0]
        # What runs by the clock comes again by itself.
        cursor.execute("SELECT DISTINCT task_name FROM procrastinate_jobs WHERE status = 'failed'")
        by_the_clock = {name for name, _id in app.periodic_registry.periodic_tasks}
        failed = sorted({name for (name,) in cursor.fetchall()} - by_the_clock)
    reports = PaymentReport.objects.filter(merchant=merchant)
    return {
        "reports": [[str(key), number] for key, number in reports.values_list("key", "ticket__number")],
        "references": list(StatementLine.objects.filter(merchant=merchant).values_list("reference_raw", flat=True)),
        "verified": Ticket.objects.filter(merchant=merchant, state="verified").count(),
        "waiting_files": StoredFile.objects.filter(merchant=merchant, state="received").count(),
        "jobs": jobs,
        "failed": failed,
        "audit": [f"{each.check}: {each.text}" for each in audit_books(merchant)],
    }


if __name__ == "__main__":
    django.setup()
    said = {"found": found, "bank": bank, "count": count}[sys.argv[1]]()
    print(json.dumps(said))
