"""Customers and orders from a file: sent, its columns named, what it comes to seen, brought in, undone."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from desk.acts import FORM_METHODS
from desk.fields import offer
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from files.checks import display_name
from files.tables import MOST_BYTES
from orders.csv_layout import Problem
from orders.import_files import (
    bring_in,
    brought_before,
    first_rows,
    map_import,
    order_import_for,
    order_imports_for,
    problems_of,
    read_import,
    undo_import,
)
from orders.import_words import problem_in_words
from orders.models import OrderImport

MOST_IMPORTS = 10
PROBLEMS_SHOWN = 100
State = OrderImport.State
# Our columns as people call them, in the order in which they are asked for.
COLUMN_NAMES: Mapping[str, Any] = {
    "customer_number": gettext_lazy("Customer number"),
    "customer_name": gettext_lazy("Name or company"),
    "customer_email": gettext_lazy("E-mail"),
    "customer_tax_id": gettext_lazy("Tax id"),
    "customer_phone": gettext_lazy("Telephone"),
    "customer_language": gettext_lazy("Language of letters"),
    "customer_address": gettext_lazy("Address"),
    "customer_state": gettext_lazy("State or province"),
    "customer_city": gettext_lazy("City"),
    "order_number": gettext_lazy("Order number"),
    "order_description": gettext_lazy("What the order is for"),
    "order_kind": gettext_lazy("Kind of order"),
    "currency": gettext_lazy("Currency"),
    "issued_on": gettext_lazy("Issued on"),
    "due_on": gettext_lazy("Due on"),
    "line_description": gettext_lazy("What the line is for"),
    "line_kind": gettext_lazy("Kind of line"),
    "quantity": gettext_lazy("Quantity"),
    "unit_price": gettext_lazy("Price of one"),
    "tax_name": gettext_lazy("Name of the tax"),
    "tax_percent": gettext_lazy("Tax, per cent"),
}


class OrderFileForm(forms.Form):
    """The file."""

    file = forms.FileField(
        label=gettext_lazy("CSV or XLSX file"),
        help_text=gettext_lazy("One row an order, or several rows with the same order number. The first row names the columns."),
        error_messages={"required": gettext_lazy("Choose the file.")},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.tsv,.xlsx,.xls"}),
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 20 MB. Split it."), code="too_large")
        return upload


class MappingForm(forms.Form):
    """Which column of the file is which of ours."""

    def __init__(self, data: Any, *, made: OrderImport) -> None:
        super().__init__(data, initial={name: str(place) for name, place in made.mapping.items()})
        none = ("", pgettext_lazy("column", "None"))
        columns = [(str(place), heading or f"({place + 1})") for place, heading in enumerate(made.headings)]
        for name, label in COLUMN_NAMES.items():
            self.fields[name] = forms.ChoiceField(label=label, required=False)
            offer(self, name, [none, *columns])

    def mapping(self) -> dict[str, int]:
        """As `map_import` takes it."""
        return {name: int(place) for name, place in self.cleaned_data.items() if place}


@require_http_methods(FORM_METHODS)
@staff_page("register")
def import_orders(request: HouseRequest) -> HttpResponseBase:
    """Send a file; the last ones stand below."""
    member = member_of(request)
    is_sent = request.method == "POST"
    form = OrderFileForm(request.POST if is_sent else None, request.FILES if is_sent else None)
    if is_sent and form.is_valid():
        upload = form.cleaned_data["file"]
        try:
            made = read_import(file_name=display_name(upload.name or ""), content=upload.read(), by=member.actor)
        except Refused as refused:
            form.add_error("file", refused.message)
        else:
            return redirect("desk:order_import", made.pk)
    context = {"form": form, "imports": order_imports_for(member.actor)[:MOST_IMPORTS]}
    return show(request, member, "desk/orders_import.html", context, status=BAD_INPUT if is_sent else 200)


@require_http_methods(FORM_METHODS)
@staff_page("register")
def order_import(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One file: its columns, what it comes to, row by row what is refused. POST `what`: map, bring, undo."""
    member = member_of(request)
    made = order_import_for(member.actor, pk)
    what = request.POST.get("what", "") if request.method == "POST" else ""
    form = MappingForm(request.POST if what == "map" else None, made=made)
    refusal, status = "", 200
    if request.method == "POST":
        status = BAD_INPUT
        try:
            said = _act(member, made, what, form, skips_bad=request.POST.get("skips_bad") == "on")
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
            made = order_import_for(member.actor, pk)
        else:
            if said is not None:
                if said:
                    messages.success(request, said)
                return redirect("desk:order_import", pk)
    context = {
        "made": made,
        "form": form if made.state == State.READ else None,
        "refusal": refusal,
        "sums": [(name, made.outcome.get(key, {})) for key, name in (("customers", _("Customers")), ("orders", _("Orders")))],
        "amounts": [(currency, Decimal(amount)) for currency, amount in made.outcome.get("amounts", {}).items()],
        "missing": [COLUMN_NAMES[name] for name in made.outcome.get("missing", [])],
        "problems": [_told(made, each) for each in problems_of(made)[:PROBLEMS_SHOWN]],
        "more_problems": max(0, made.outcome.get("problem_count", 0) - PROBLEMS_SHOWN),
        "before": brought_before(made) if made.state == State.READ else None,
        "rows": first_rows(made) if made.state == State.READ else [],
        "is_good": made.state == State.READ and not made.outcome.get("missing") and _brings(made),
    }
    return show(request, member, "desk/order_import.html", context, status=status)


def _brings(made: OrderImport) -> int:
    return int(made.outcome["customers"]["new"] + made.outcome["orders"]["new"])


def _told(made: OrderImport, problem: Problem) -> tuple[int, str, str]:
    """A row's number, the column as the file calls it, and the sentence with that name."""
    place = made.mapping.get(problem.column)
    heading = made.headings[place] if place is not None and place < len(made.headings) else ""
    name = heading or str(COLUMN_NAMES.get(problem.column, problem.column))
    return problem.row, name, problem_in_words(problem, f"«{name}»")


def _act(member: Member, made: OrderImport, what: str, form: MappingForm, *, skips_bad: bool) -> str | None:
    """Do it; the sentence to say, None where the form is not valid."""
    if what == "map":
        if not form.is_valid():
            return None
        map_import(import_id=made.pk, mapping=form.mapping(), by=member.actor)
        return ""
    if what == "undo":
        gone, kept = undo_import(import_id=made.pk, by=member.actor)
        said = ngettext("%(count)d thing was taken away.", "%(count)d things were taken away.", gone) % {"count": gone}
        stays = ngettext(
            "%(count)d stays: somebody has used it.", "%(count)d stay: somebody has used them.", kept
        ) % {"count": kept}  # fmt: skip
        return f"{said} {stays}" if kept else said
    bring_in(import_id=made.pk, skips_bad=skips_bad, by=member.actor)
    return ""
