"""Paper invoices: the list to pick from (on screen, on paper, as a file), and the steps of those that are ticked."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.http import QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, Member, key_of, member_of, show, status_of
from reconciliation.downloads import as_file
from reconciliation.exports import Column, Export
from reports.models import Shipment, ShipmentState
from reports.services import deliver_shipment, hand_over_shipment, prepare_shipment, return_shipment
from reports.shipment_selectors import TABS, WAITING, count_shipments, in_tab, list_shipments

NAMES = {
    ShipmentState.REQUESTED.value: pgettext_lazy("paper invoices", "To prepare"),
    ShipmentState.PREPARED.value: pgettext_lazy("paper invoices", "To hand over"),
    ShipmentState.HANDED_OVER.value: pgettext_lazy("paper invoices", "On their way"),
    ShipmentState.DELIVERED.value: pgettext_lazy("paper invoices", "Delivered"),
    ShipmentState.RETURNED.value: pgettext_lazy("paper invoices", "Came back"),
    WAITING: pgettext_lazy("paper invoices", "Not yet paid"),
}
HEADS = (
    gettext_lazy("Ticket"), gettext_lazy("Customer"), gettext_lazy("Address"), gettext_lazy("City"), gettext_lazy("State"),
    gettext_lazy("Reference point"), gettext_lazy("Telephone"), gettext_lazy("Orders"),
)  # fmt: skip
MOST_ROWS = 50_000
MOST_AT_ONCE = 200
Act = Callable[..., Shipment]


@require_http_methods(FORM_METHODS)
@staff_page()
def show_shipments(request: HouseRequest) -> HttpResponseBase:
    """`?tab=` one of `TABS`, `?format=csv` the whole tab. POST `act` for each of `shipments`; what is refused stays ticked."""
    member = member_of(request)
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else ShipmentState.REQUESTED.value
    if request.method != "POST" and request.GET.get("format") == "csv":
        return as_file(_export(member, tab), "csv")
    refusals: list[str] = []
    status = 200
    if request.method == "POST":
        done, refusals, status = _act_on_all(member, request.POST)
        if done:
            said = ngettext("%(count)d paper invoice moved on.", "%(count)d paper invoices moved on.", done)
            messages.success(request, said % {"count": done})
        if not refusals:
            return redirect(f"{reverse('desk:shipments')}?tab={tab}")
    text = request.GET.get("page", "1")
    page = list_shipments(member.actor, tab, int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1)
    counts = count_shipments(member.actor)
    context = {
        "tab": tab,
        "tab_name": NAMES[tab],
        "tabs": [(name, NAMES[name], counts.get(name, 0)) for name in TABS],
        "page": page,
        "rows": [(each, request.POST.get(f"tracking-{each.pk}", "")) for each in page],
        "ticked": set(request.POST.getlist("shipments")),
        "typed": request.POST,
        "refusal": "\n".join(refusals),
        "refusals": refusals,
    }
    return show(request, member, "desk/shipments.html", context, status=status)


def _act_on_all(member: Member, data: QueryDict) -> tuple[int, list[str], int]:
    """How many were moved, what was refused (each sentence once), and the status of the answer."""
    keys = [key for key in (key_of(each) for each in data.getlist("shipments")[:MOST_AT_ONCE]) if key is not None]
    carrier, note = data.get("carrier", ""), data.get("note", "")
    acts: dict[str, Callable[[int], Act]] = {
        "prepare": lambda _key: prepare_shipment,
        "hand_over": lambda key: partial(hand_over_shipment, carrier=carrier, tracking=data.get(f"tracking-{key}", "")),
        "deliver": lambda _key: deliver_shipment,
        "come_back": lambda _key: partial(return_shipment, note=note),
    }
    act = acts.get(data.get("act", ""))
    if act is None or not keys:
        member.actor.require(member.actor.can_register)
        return 0, [_("Tick at least one paper invoice.")], BAD_INPUT
    done, status = 0, 200
    refused: dict[str, None] = {}
    for key in keys:
        try:
            act(key)(shipment_id=key, by=member.actor)
        except Refused as problem:
            refused[problem.message], status = None, status_of(problem)
        else:
            done += 1
    return done, list(refused), status


def _export(member: Member, tab: str) -> Export:
    """Everything of a tab, for labels."""
    rows = [
        (
            each.wish.report.ticket.number, each.wish.report.customer.name, each.wish.address, each.wish.city, each.wish.state,
            each.wish.reference_point, each.wish.phone, ", ".join(one.order.number for one in each.wish.report.allocations.all()),
        )
        for each in in_tab(member.actor, tab)[:MOST_ROWS]
    ]  # fmt: skip
    return Export(name=f"paper-invoices-{tab}", columns=[Column(head=str(head)) for head in HEADS], rows=rows, count=len(rows))
