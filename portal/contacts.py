"""Who acts for the customer: list, invite, permissions, remove. For contacts who may manage the others."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, customer_page
from accounts.contacts import change_contact, remove_contact
from accounts.entry import count_try
from accounts.errors import Refused
from accounts.forms import ContactForm, PermissionsForm
from accounts.invitations import PERMISSIONS, open_invitations, withdraw_invitation
from accounts.models import Contact, Invitation, Registration
from letters.people import resend_invitation, send_invitation
from portal.requests import Visitor, visitor_of

FORM_METHODS = ["GET", "HEAD", "POST"]
INVITATIONS_A_DAY = 30
BAD_INPUT, CONFLICT = 422, 409


@require_safe
@customer_page("manage_contacts")
def show_list(request: HouseRequest) -> HttpResponseBase:
    """Everybody who acts for the customer with what they may do, and who was invited."""
    return _list(request, visitor_of(request))


def _list(request: HouseRequest, visitor: Visitor, *, refusal: str = "") -> HttpResponseBase:
    context = {
        "contacts": _contacts(visitor),
        "invitations": open_invitations(visitor.customer),
        "may_invite": visitor.merchant.registration != Registration.CLOSED,
        "customer": visitor.customer,
        "refusal": refusal,
    }
    return render(request, "portal/contacts.html", context, status=CONFLICT if refusal else 200)


def _contacts(visitor: Visitor) -> list[Contact]:
    found = Contact.objects.filter(merchant=visitor.merchant, customer=visitor.customer).select_related("user")
    return list(found.order_by("user__name", "pk"))


def _contact(visitor: Visitor, pk: int) -> Contact:
    found = next((each for each in _contacts(visitor) if each.pk == pk), None)
    if found is None:
        raise Http404
    found.customer = visitor.customer
    return found


@require_http_methods(FORM_METHODS)
@customer_page("manage_contacts")
def invite(request: HouseRequest) -> HttpResponseBase:
    """Invite a person by e-mail."""
    visitor = visitor_of(request)
    form = ContactForm(request.POST if request.method == "POST" else None)
    form.offer_only(visitor.contact)
    refusal, status = "", BAD_INPUT if form.is_bound else 200
    if form.is_bound and form.is_valid():
        if not count_try("invitation", str(visitor.customer.pk), most=INVITATIONS_A_DAY, window=dt.timedelta(days=1)):
            refusal, status = _("Too many invitations today. Try again tomorrow, or write to support."), 429
        else:
            try:
                invitation = send_invitation(customer=visitor.customer, by=visitor.actor, **form.cleaned_data)
            except Refused as refused:
                refusal, status = refused.message, CONFLICT
            else:
                messages.success(request, _("We sent the invitation to %(email)s.") % {"email": invitation.email})
                return redirect("portal:contacts")
    context = {"form": form, "refusal": refusal, "customer": visitor.customer}
    return render(request, "portal/contact_invite.html", context, status=status)


@require_http_methods(FORM_METHODS)
@customer_page("manage_contacts")
def change(request: HouseRequest, pk: int) -> HttpResponseBase:
    """What one contact may do."""
    visitor = visitor_of(request)
    contact = _contact(visitor, pk)
    initial = {name: getattr(contact, name) for name in PERMISSIONS}
    form = PermissionsForm(request.POST if request.method == "POST" else None, initial=initial)
    form.offer_only(visitor.contact, present=contact)
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            change_contact(contact=contact, by=visitor.actor, **form.cleaned_data)
        except Refused as refused:
            refusal = refused.message
        else:
            messages.success(request, _("What %(name)s may do was changed.") % {"name": contact.user})
            # Who gave the right to manage contacts away may not see the list any more.
            own_right_is_gone = contact.pk == visitor.contact.pk and not form.cleaned_data["can_manage_contacts"]
            return redirect("portal:home" if own_right_is_gone else "portal:contacts")
    context = {"form": form, "contact": contact, "is_self": contact.pk == visitor.contact.pk, "refusal": refusal}
    return render(request, "portal/contact.html", context, status=CONFLICT if refusal else 200)


@require_http_methods(FORM_METHODS)
@customer_page("manage_contacts")
def remove(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Ask once more, then take the person's access away."""
    visitor = visitor_of(request)
    contact = _contact(visitor, pk)
    is_self, refusal = contact.pk == visitor.contact.pk, ""
    if request.method == "POST":
        try:
            remove_contact(contact=contact, by=visitor.actor)
        except Refused as refused:
            refusal = refused.message
        else:
            messages.success(
                request,
                _("%(name)s no longer acts for %(customer)s.") % {"name": contact.user, "customer": visitor.customer.name},
            )
            return redirect("portal:about" if is_self else "portal:contacts")
    context = {"contact": contact, "is_self": is_self, "customer": visitor.customer, "refusal": refusal}
    return render(request, "portal/contact_remove.html", context, status=CONFLICT if refusal else 200)


@require_POST
@customer_page("manage_contacts")
def answer_invitation(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Send the letter of an invitation again (`act=resend`), or withdraw it."""
    visitor = visitor_of(request)
    invitation = _invitation(visitor, pk)
    try:
        if request.POST.get("act") == "resend":
            resend_invitation(invitation=invitation, by=visitor.actor)
            messages.success(request, _("We sent the invitation to %(email)s.") % {"email": invitation.email})
        else:
            withdraw_invitation(invitation=invitation, by=visitor.actor)
            messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    except Refused as refused:
        return _list(request, visitor, refusal=refused.message)
    return redirect("portal:contacts")


def _invitation(visitor: Visitor, pk: int) -> Invitation:
    found = Invitation.objects.filter(merchant=visitor.merchant, customer=visitor.customer, pk=pk).first()
    if found is None:
        raise Http404
    return found
