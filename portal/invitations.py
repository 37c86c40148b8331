"""The link of an invitation: who invites to what, and accepting it. Opening it changes nothing, as programs open links too."""

from __future__ import annotations

from allauth.account.internal.flows.login_by_code import LoginCodeVerificationProcess
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.entry import count_try
from accounts.errors import Refused
from accounts.invitations import invitation_of, refusal_of
from accounts.models import Contact, Invitation
from accounts.selectors import SESSION_CUSTOMER
from letters.people import take_up_invitation
from portal.adapters import house_of
from portal.entry import REQUESTS_PER_ADDRESS, WINDOW, client_address

GONE = 410


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, token: str) -> HttpResponseBase:
    """Show the invitation, and accept it. A stranger then gets a code at the address, which proves that it is theirs."""
    merchant = house_of(request)
    invitation = invitation_of(token, merchant)
    user = request.user if request.user.is_authenticated else None
    refused, status = refusal_of(invitation), 200
    if refused is None and request.method == "POST":
        try:
            contact = take_up_invitation(invitation=invitation, user=user)
        except Refused as problem:
            refused = problem
            status = 409
        else:
            return _enter(request, contact, is_known=user is not None)
    if refused is not None and refused.code != "somebody_else":
        status = GONE
    context = {
        "invitation": invitation,
        "customer": invitation.customer,
        "inviter": _inviter(invitation),
        "over": refused.message if refused and status == GONE else "",
        "is_somebody_else": user is not None and user.email.lower() != invitation.email,
    }
    response = render(request, "portal/invitation.html", context, status=status)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the key
    return response


def _enter(request: HttpRequest, contact: Contact, *, is_known: bool) -> HttpResponseBase:
    """To the customer's first page; a stranger by way of a code that is sent to the address now."""
    request.session[SESSION_CUSTOMER.format(merchant_id=contact.merchant_id)] = contact.customer_id
    if is_known:
        return redirect("portal:home")
    if not count_try("code-request-ip", client_address(request), most=REQUESTS_PER_ADDRESS, window=WINDOW):
        return redirect("account_request_login_code")
    LoginCodeVerificationProcess.initiate(request=request, user=contact.user, email=contact.user.email)
    return redirect("account_confirm_login_code")


def _inviter(invitation: Invitation) -> str:
    """The person of the customer's who invited; the merchant where its staff did."""
    who = invitation.invited_by
    if who is None or not Contact.objects.filter(customer=invitation.customer_id, user=who).exists():
        return ""
    return str(who)
