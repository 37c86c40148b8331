"""Customers as staff see them: find, look, make, change, and the people who act for them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.addresses import addresses_of
from accounts.contacts import remove_contact
from accounts.errors import Refused
from accounts.forms import ContactForm, CustomerForm, NewCustomerForm
from accounts.invitations import open_invitations, withdraw_invitation
from accounts.models import Contact, Customer, Invitation
from accounts.selectors import changes_of, customer_for, list_customers
from accounts.services import create_customer
from desk.acts import FORM_METHODS
from desk.order_rows import rows_of
from desk.requests import BAD_INPUT, Member, member_of, show, status_of
from letters.people import change_customer, give_access, resend_invitation, send_invitation
from orders.selectors import OrderFilters, list_orders
from reconciliation.selectors import history_of_customer
from reconciliation.selectors.payers import group_of_customer
from reports.selectors import debt_of
from tickets.selectors import conversations_for, tickets_for

PAGE_SIZE = 50
SHOWN = 20


@require_safe
@staff_page()
def show_customers(request: HouseRequest) -> HttpResponseBase:
    """Customers by name; `?q=` finds by words in name, number, tax id, e-mail or telephone."""
    member = member_of(request)
    query = request.GET.get("q", "").replace("\x00", "")[:100].strip()
    page = list_customers(member.actor, query).page(request.GET.get("page"), PAGE_SIZE)
    return show(request, member, "desk/customers.html", {"page": page, "query": query})


@require_safe
@staff_page()
def show_customer(request: HouseRequest, pk: int) -> HttpResponseBase:
    """One customer: debt, orders, tickets, conversations, credit, people."""
    member = member_of(request)
    return customer_page(request, member, _customer(member, pk))


def _customer(member: Member, pk: int) -> Customer:
    customer = customer_for(member.actor, pk)
    customer.merchant = member.merchant
    return customer


def customer_page(
    request: HouseRequest,
    member: Member,
    customer: Customer,
    *,
    contact_form: ContactForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponseBase:
    """The customer's page, also as the answer to a contact that was refused."""
    orders = list_orders(member.actor, OrderFilters(customer_id=customer.pk), page_size=SHOWN)
    context: dict[str, Any] = {
        "customer": customer,
        "debt": debt_of(customer),
        "payer_group": group_of_customer(member.actor, customer),
        "history": history_of_customer(member.actor, customer),
        "orders": orders,
        "rows": rows_of(member.merchant, orders.object_list),
        "tickets": tickets_for(member.actor).filter(customer=customer)[:SHOWN],
        "conversations": conversations_for(member.actor).filter(customer=customer, ticket__isnull=True)[:SHOWN],
        "contacts": contacts_of_customer(member, customer),
        "invitations": open_invitations(customer),
        "changes": changes_of(customer),
        "addresses": addresses_of(customer),
        "contact_form": contact_form or ContactForm(),
        "can_register": member.actor.can_register,
        "refusal": refusal,
    }
    return show(request, member, "desk/customer.html", context, status=status)


def contacts_of_customer(member: Member, customer: Customer) -> list[Contact]:
    """People who act for a customer of this merchant, oldest first."""
    return list(Contact.objects.filter(merchant=member.merchant, customer=customer).select_related("user").order_by("pk"))


@require_http_methods(FORM_METHODS)
@staff_page("register")
def new_customer(request: HouseRequest) -> HttpResponseBase:
    """A new customer, with a number of its own or the next one."""
    member = member_of(request)
    form = NewCustomerForm(request.POST if request.method == "POST" else None, merchant=member.merchant)
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                customer = create_customer(merchant=member.merchant, by=member.actor, **form.cleaned_data)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                _warn_of_tax_id(request, form)
                messages.success(request, _("Customer %(number)s is made.") % {"number": customer.number})
                return redirect("desk:customer", customer.pk)
    return show(request, member, "desk/customer_form.html", {"form": form, "refusal": refusal}, status=status)


@require_http_methods(FORM_METHODS)
@staff_page("register")
def edit_customer(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Change a customer's data."""
    member = member_of(request)
    customer = _customer(member, pk)
    data = request.POST if request.method == "POST" else None
    form = CustomerForm(data, merchant=member.merchant, initial=CustomerForm.initial_of(customer))
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            try:
                change_customer(customer=customer, by=member.actor, **form.cleaned_data)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                _warn_of_tax_id(request, form)
                messages.success(request, _("The data are kept."))
                return redirect("desk:customer", pk)
    context = {"form": form, "customer": customer, "refusal": refusal}
    return show(request, member, "desk/customer_form.html", context, status=status)


def _warn_of_tax_id(request: HouseRequest, form: CustomerForm) -> None:
    if form.tax_id_note:
        messages.warning(request, form.tax_id_note)


@require_POST
@staff_page("register")
def new_contact(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Let a person act for a customer, who gets in with a code by e-mail; or ask them by a letter (`act=invite`)."""
    member = member_of(request)
    customer = _customer(member, pk)
    form = ContactForm(request.POST)
    refusal, status = "", BAD_INPUT
    if form.is_valid():
        try:
            if request.POST.get("act") == "invite":
                invitation = send_invitation(customer=customer, by=member.actor, **form.cleaned_data)
                done = _("We sent the invitation to %(email)s.") % {"email": invitation.email}
            else:
                contact = give_access(customer=customer, by=member.actor, **form.cleaned_data)
                done = _("%(name)s may act for this customer.") % {"name": contact.user}
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
        else:
            messages.success(request, done)
            return redirect("desk:customer", pk)
    return customer_page(request, member, customer, contact_form=form, refusal=refusal, status=status)


@require_POST
@staff_page("register")
def drop_contact(request: HouseRequest, pk: int, contact_pk: int) -> HttpResponseBase:
    """Take a person's access to a customer away."""
    member = member_of(request)
    customer = _customer(member, pk)
    contact = next((each for each in contacts_of_customer(member, customer) if each.pk == contact_pk), None)
    if contact is None:
        raise Http404
    try:
        remove_contact(contact=contact, by=member.actor)
    except Refused as refused:
        return customer_page(request, member, customer, refusal=refused.message, status=status_of(refused))
    messages.success(request, _("%(name)s no longer acts for this customer.") % {"name": contact.user})
    return redirect("desk:customer", pk)


@require_POST
@staff_page("register")
def answer_invitation(request: HouseRequest, pk: int, invitation_pk: int) -> HttpResponseBase:
    """Send the letter of an invitation again (`act=resend`), or withdraw it."""
    member = member_of(request)
    customer = _customer(member, pk)
    invitation = Invitation.objects.filter(merchant=member.merchant, customer=customer, pk=invitation_pk).first()
    if invitation is None:
        raise Http404
    try:
        if request.POST.get("act") == "resend":
            resend_invitation(invitation=invitation, by=member.actor)
            messages.success(request, _("We sent the invitation to %(email)s.") % {"email": invitation.email})
        else:
            withdraw_invitation(invitation=invitation, by=member.actor)
            messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    except Refused as refused:
        return customer_page(request, member, customer, refusal=refused.message, status=status_of(refused))
    return redirect("desk:customer", pk)
