"""A file of customers and orders on the desk: read, looked at with its columns, brought in, undone. Its bytes stay beside it.

Nothing is written before somebody has seen what it comes to. What is brought in is planned anew in the same transaction, since
the house may have changed since it was looked at.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models, transaction
from django.http import Http404
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.models import Contact, Customer, CustomerSearch
from accounts.selectors import actor_of
from accounts.setup_history import note_setup
from files.tables import TableRow, UnreadableTable, read_table
from orders.csv_layout import COLUMNS, REQUIRED, REQUIRED_OF_ORDERS, Problem, guess_mapping, rows_by
from orders.import_words import SAID
from orders.imports import Plan, plan_import, write_plan
from orders.models import ImportedRow, Order, OrderBalance, OrderImport, OrderLine, OrderSearch

BRING_JOB = "orders.jobs.bring_in"
# As many new customers and orders are written while somebody waits; more are a job's.
MOST_AT_ONCE = 200
PROBLEMS_KEPT = 500
MOST_SHOWN, LONGEST_SHOWN = 3, 200
# What hangs on an order or a customer and goes with it; everything else means that somebody has used it.
GOES_ALONG = (OrderLine, OrderBalance, OrderSearch, ImportedRow, Contact, CustomerSearch)


@transaction.atomic
def read_import(*, file_name: str, content: bytes, by: Actor) -> OrderImport:
    """Read a file and say what it comes to, with its columns guessed. Raises `NotAllowed`, `Refused(unreadable)`."""
    by.require(by.can_register)
    table = _table(content)
    headings = [(cell or "").strip()[:100] for cell in table[0].cells]
    made = OrderImport(
        merchant=by.merchant, file_name=file_name[:200], sha256=hashlib.sha256(content).hexdigest(), content=content,
        headings=headings, mapping=_usual_mapping(by, headings), by=by.user,
    )  # fmt: skip
    _look(made, table)
    made.save()
    return made


@transaction.atomic
def map_import(*, import_id: int, mapping: Mapping[str, int], by: Actor) -> OrderImport:
    """Say which column is which, and look at the file again. Raises `Refused(bad_mapping)`, `Stale`, `Http404`."""
    by.require(by.can_register)
    made = _locked(import_id, by, OrderImport.State.READ)
    if set(mapping) - set(COLUMNS) or len(set(mapping.values())) != len(mapping):
        raise Refused(_("A column of the file stands for one thing alone."), code="bad_mapping")
    if any(not 0 <= place < len(made.headings) for place in mapping.values()):
        raise Refused(_("Choose from the columns of the file."), code="bad_mapping")
    made.mapping = dict(mapping)
    _look(made, _table(bytes(made.content)))
    made.save(update_fields=["mapping", "outcome"])
    return made


def bring_in(*, import_id: int, skips_bad: bool = False, by: Actor) -> OrderImport:
    """Write what the file brings: at once when it is little, else by a job (its state tells).

    Raises `Refused`: `has_problems` unless `skips_bad`, `nothing_new`, `not_mapped`; `Stale` when it was brought in meanwhile.
    """
    by.require(by.can_register)
    with transaction.atomic():
        made = _locked(import_id, by, OrderImport.State.READ)
        outcome = made.outcome
        if outcome["missing"]:
            raise Refused(_("Say first which column is which."), code="not_mapped")
        if outcome["problem_count"] and not skips_bad:
            raise Refused(_("Some rows cannot be brought in. Leave them out, or put the file right."), code="has_problems")
        new = outcome["customers"]["new"] + outcome["orders"]["new"]
        if not new:
            raise Refused(_("The file brings nothing new."), code="nothing_new")
        made.state, made.skips_bad = OrderImport.State.QUEUED, skips_bad
        made.save(update_fields=["state", "skips_bad"])
        if new <= MOST_AT_ONCE:
            return _write(made, by)
        app.configure_task(BRING_JOB, lock=f"orders/import/{made.pk}").defer(
            import_id=made.pk, user_id=by.user.pk if by.user else None, language=translation.get_language() or "es"
        )
    return made


def write_queued(*, import_id: int, user_id: int | None, language: str) -> None:
    """What the job does: the same for the person who asked, in their language. Again it does nothing."""
    with transaction.atomic(), translation.override(language):
        found = OrderImport.objects.select_for_update(of=("self",)).select_related("merchant", "by")
        made = found.filter(pk=import_id, state=OrderImport.State.QUEUED).first()
        if made is None:
            return
        by = None if made.by is None or made.by.pk != user_id else actor_of(made.by, made.merchant)
        if by is None or not by.can_register:
            # Who asked is no longer on the staff: nobody stands for these orders.
            made.state, made.ended_at = OrderImport.State.FAILED, timezone.now()
            made.save(update_fields=["state", "ended_at"])
            return
        _write(made, by)


@transaction.atomic
def undo_import(*, import_id: int, by: Actor) -> tuple[int, int]:
    """Take away what a file brought and nobody has used since; how many went, and how many stay because they were used.

    Used is: paid, void, reported, written about, changed, given a contact: whatever points at it. Raises `Stale`, `Http404`.
    """
    by.require(by.can_register)
    made = _locked(import_id, by, OrderImport.State.DONE)
    rows = ImportedRow.objects.filter(source=made)
    orders = set(rows.filter(order__isnull=False).values_list("order_id", flat=True))
    # The lock of an order is its balance: nobody pays or reports it while we look.
    balances = OrderBalance.objects.select_for_update().filter(order_id__in=orders).order_by("pk")
    used = {each.order_id for each in balances if each.paid}
    used |= set(Order.objects.filter(pk__in=orders).exclude(voided_at=None).values_list("pk", flat=True))
    used |= _pointed_at(Order, orders)
    _erase(Order, orders - used)
    customers = set(rows.filter(customer__isnull=False).values_list("customer_id", flat=True))
    list(Customer.objects.select_for_update().filter(pk__in=customers).order_by("pk").values_list("pk"))
    # The door that came with the customer goes with it while nobody has come in; any other person means that it is used.
    doors = Contact.objects.filter(customer_id__in=customers)
    idle = doors.filter(user__last_login__isnull=True, created_at__lte=made.ended_at)
    stay = _pointed_at(Customer, customers) | set(doors.exclude(pk__in=idle.values("pk")).values_list("customer_id", flat=True))
    Contact.objects.filter(customer_id__in=customers - stay).delete()
    _erase(Customer, customers - stay)
    gone, kept = len(orders - used) + len(customers - stay), len(used) + len(stay)
    made.state, made.ended_at, made.undone_by = OrderImport.State.UNDONE, timezone.now(), by.user
    made.outcome = {**made.outcome, "undone": gone, "kept": kept}
    made.save(update_fields=["state", "ended_at", "undone_by", "outcome"])
    note_setup("import", {}, {"taken_away": str(gone)}, subject=made.file_name, by=by)
    return gone, kept


def order_imports_for(actor: Actor) -> models.QuerySet[OrderImport]:
    """The files that were sent, newest first, without their bytes."""
    actor.require(actor.can_register)
    return OrderImport.objects.filter(merchant=actor.merchant).defer("content").select_related("by").order_by("-pk")


def order_import_for(actor: Actor, pk: int) -> OrderImport:
    """One of them; `Http404` otherwise."""
    found = order_imports_for(actor).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def brought_before(made: OrderImport) -> OrderImport | None:
    """The same bytes, brought in before and not undone."""
    same = OrderImport.objects.filter(merchant=made.merchant, sha256=made.sha256, state=OrderImport.State.DONE)
    return same.exclude(pk=made.pk).defer("content").order_by("-pk").first()


def first_rows(made: OrderImport) -> list[TableRow]:
    """The first rows below the headings, to know the columns by: kept when the file was read, for reading it takes its time."""
    return [TableRow(number=number, cells=tuple(cells)) for number, cells in made.outcome.get("first", [])]


def problems_of(made: OrderImport) -> list[Problem]:
    """What was refused of a file, as far as it was kept. A version before stored sentences: they stand as they were said."""
    if "refused" in made.outcome:
        return [Problem(*each) for each in made.outcome["refused"]]
    return [Problem(row, SAID, column, {"text": text}) for row, text, column in made.outcome.get("problems", [])]


def _write(made: OrderImport, by: Actor) -> OrderImport:
    """Plan once more and write, with a row for each thing made. Ends `failed` when problems came that nobody agreed to."""
    problems: list[Problem] = []
    plan = plan_import(made.merchant, rows_by(_table(bytes(made.content)), made.mapping, problems), problems)
    rows: list[ImportedRow] = []
    with transaction.atomic():
        outcome = write_plan(
            made.merchant, plan, by=by,
            made=lambda customer, order: rows.append(
                ImportedRow(merchant=made.merchant, source=made, customer=customer, order=order)
            ),
        )  # fmt: skip
        is_good = made.skips_bad or not outcome.errors
        if is_good:
            ImportedRow.objects.bulk_create(rows, batch_size=5000)
        else:
            transaction.set_rollback(True)
    made.state = OrderImport.State.DONE if is_good else OrderImport.State.FAILED
    made.outcome = {**_told(plan, outcome.errors), "missing": [], "written": len(rows) if is_good else 0}
    made.ended_at = timezone.now()
    made.save(update_fields=["state", "outcome", "ended_at"])
    if is_good:
        note_setup("import", {}, {"brought_in": str(len(rows))}, subject=made.file_name, by=by)
    return made


def _look(made: OrderImport, table: Sequence[TableRow]) -> None:
    """Write into the row what the file comes to under its mapping; which columns are missing when it cannot be said yet."""
    needed = REQUIRED + (REQUIRED_OF_ORDERS if "order_number" in made.mapping else ())
    missing = [name for name in needed if name not in made.mapping]
    if "order_number" in made.mapping and not {"order_description", "line_description"} & set(made.mapping):
        missing.append("order_description")
    first = [[row.number, [cell and cell[:LONGEST_SHOWN] for cell in row.cells]] for row in table[1 : MOST_SHOWN + 1]]
    seen = {"missing": missing, "rows": len(table) - 1, "first": first}
    if missing:
        made.outcome = _told(Plan(), []) | seen
        return
    problems: list[Problem] = []
    plan = plan_import(made.merchant, rows_by(table, made.mapping, problems), problems)
    made.outcome = _told(plan, plan.problems) | seen


def _told(plan: Plan, problems: Sequence[Problem]) -> dict[str, Any]:
    return {
        "rows": plan.rows,
        "customers": {"new": len(plan.customers), "known": plan.customers_known, "refused": plan.customers_refused},
        "orders": {"new": len(plan.orders), "known": plan.orders_known, "refused": plan.orders_refused},
        "amounts": {currency: str(amount) for currency, amount in sorted(plan.amounts.items())},
        "problem_count": len(problems),
        "refused": [each.stored() for each in problems[:PROBLEMS_KEPT]],
    }


def _usual_mapping(by: Actor, headings: Sequence[str]) -> dict[str, int]:
    """As this house read the same headings the last time, else as their names tell."""
    last = OrderImport.objects.filter(merchant=by.merchant, headings=list(headings)).exclude(state=OrderImport.State.READ)
    found = last.order_by("-pk").values_list("mapping", flat=True).first()
    return dict(found) if found else guess_mapping(headings)


def _table(content: bytes) -> list[TableRow]:
    try:
        return read_table(content)
    except UnreadableTable as error:
        raise Refused(str(error), code="unreadable", fields=("file",)) from None


def _locked(pk: int, by: Actor, state: str) -> OrderImport:
    made = (
        OrderImport.objects.select_for_update(of=("self",)).select_related("merchant").filter(merchant=by.merchant, pk=pk).first()
    )
    if made is None:
        raise Http404
    if made.state != state:
        raise Stale(_("This file is in another state meanwhile."), code="import_moved")
    return made


def _pointed_at(model: type[models.Model], keys: Iterable[int]) -> set[int]:
    """Those of the rows that something else points at: one query for each kind of thing that can."""
    found: set[int] = set()
    wanted = list(keys)
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.related_model in GOES_ALONG or not wanted:
            continue
        other, name = relation.related_model, relation.field.attname
        found |= set(other._default_manager.filter(**{f"{name}__in": wanted}).values_list(name, flat=True))
    return found


def _erase(model: type[models.Model], keys: Iterable[int]) -> None:
    wanted = list(keys)
    if model is Order:
        ImportedRow.objects.filter(order_id__in=wanted).delete()
        OrderLine.objects.filter(order_id__in=wanted).delete()
        OrderBalance.objects.filter(order_id__in=wanted).delete()
    else:
        ImportedRow.objects.filter(customer_id__in=wanted).delete()
    model._default_manager.filter(pk__in=wanted).delete()
