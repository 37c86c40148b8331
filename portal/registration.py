"""Registering with a merchant: an address that is proved by a code first, then the data, then one is in.

A known address and an unknown one are answered alike: both get a code, and only who has read it learns that they have an access
already, by getting in.
"""

from __future__ import annotations

import time
from typing import Any

from allauth.account.internal.flows.email_verification import verify_email_indirectly
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django import forms
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.entry import count_try
from accounts.errors import Refused
from accounts.forms import CustomerForm, NameField
from accounts.models import Merchant, Registration, User
from accounts.registration import part_of
from letters.people import register
from portal.adapters import AccountAdapter, house_of, write_entry_letter
from portal.entry import REQUESTS_PER_ACCOUNT, REQUESTS_PER_ADDRESS, WINDOW, check_code, client_address

FORM_METHODS = ["GET", "HEAD", "POST"]
STATE = "registration"
CODE_LIVES_S = 600
MOST_LETTERS = 3
BAD_INPUT = 422


class AddressForm(forms.Form):
    """The address that wants to register. Limits count what was typed, known or not."""

    email = forms.EmailField(label=gettext_lazy("E-mail"))

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_email(self) -> str:
        typed = str(self.cleaned_data["email"]).lower()
        by_account = count_try("code-request", typed, most=REQUESTS_PER_ACCOUNT, window=WINDOW)
        by_address = count_try("code-request-ip", client_address(self.request), most=REQUESTS_PER_ADDRESS, window=WINDOW)
        if not (by_account and by_address):
            raise AccountAdapter().validation_error("too_many_login_attempts")
        return typed


class CodeForm(forms.Form):
    """The code that came to the address: three tries, ten minutes, once, in the session that asked."""

    code = forms.CharField(label=gettext_lazy("Code"), max_length=20)

    def __init__(self, *args: Any, state: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.state, self.expected_code = state, str(state["code"])

    def clean_code(self) -> str:
        typed = "".join(sign for sign in str(self.cleaned_data["code"]) if sign.isalnum())

        def compare() -> str:
            is_old = time.time() - float(self.state["at"]) > CODE_LIVES_S
            if is_old or not constant_time_compare(typed, self.expected_code):
                raise AccountAdapter().validation_error("incorrect_code")
            return typed

        return check_code(self, str(self.state["email"]), compare)


class NewAccountForm(CustomerForm):
    """Who registers, and the customer that they open."""

    person = NameField(
        label=gettext_lazy("Your name"), max_length=150, error_messages={"required": gettext_lazy("Write your name.")}
    )
    name = NameField(
        label=gettext_lazy("Company"), max_length=200, required=False,
        help_text=gettext_lazy("Left empty, the account is in your own name."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["email"]
        del self.fields["language"]


@require_http_methods(FORM_METHODS)
def start(request: HttpRequest) -> HttpResponseBase:
    """The address. Merchants that are not open say how people get in there."""
    merchant = house_of(request)
    if request.user.is_authenticated:
        return redirect("portal:choose")
    is_open = merchant.registration == Registration.OPEN
    form = AddressForm(request.POST if request.method == "POST" and is_open else None, request=request)
    if form.is_bound and form.is_valid():
        _send(request, merchant, form.cleaned_data["email"], letters=1)
        return redirect("portal:register_code")
    return render(request, "portal/register.html", {"form": form, "is_open": is_open}, status=BAD_INPUT if form.is_bound else 200)


@never_cache
@require_http_methods(FORM_METHODS)
def prove(request: HttpRequest) -> HttpResponseBase:
    """The code. Who has an access already is in with it; everybody else goes on to their data."""
    merchant, state = house_of(request), _state(request)
    if state is None or request.user.is_authenticated:
        return redirect("portal:register")
    if request.POST.get("act") == "resend":
        if state["letters"] < MOST_LETTERS:
            _send(request, merchant, state["email"], letters=state["letters"] + 1)
        return redirect("portal:register_code")
    form = CodeForm(request.POST if request.method == "POST" else None, state=state)
    if form.is_bound and form.is_valid():
        known = part_of(state["email"], merchant)
        if known is not None:
            messages.info(request, _("You are registered already: you are in."))
            return _enter(request, known)
        request.session[STATE] = state | {"is_proved": True, "code": get_random_string(32)}
        return redirect("portal:register_details")
    context = {"form": form, "email": state["email"], "can_resend": state["letters"] < MOST_LETTERS}
    return render(request, "portal/register_code.html", context, status=BAD_INPUT if form.is_bound else 200)


@never_cache
@require_http_methods(FORM_METHODS)
def details(request: HttpRequest) -> HttpResponseBase:
    """Name, company, tax number, address; then the customer is made and the person is in."""
    merchant, state = house_of(request), _state(request)
    if state is None or not state.get("is_proved") or request.user.is_authenticated:
        return redirect("portal:register")
    known = User.objects.known_by(state["email"])
    initial = {"person": known.name if known else ""}
    form = NewAccountForm(request.POST if request.method == "POST" else None, merchant=merchant, initial=initial)
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            contact = register(
                merchant=merchant, email=state["email"], language=get_language() or merchant.default_language, **form.cleaned_data
            )
        except Refused as refused:
            if refused.code == "is_registered" and (user := part_of(state["email"], merchant)) is not None:
                return _enter(request, user)  # the second of two clicks
            refusal = refused.message
        else:
            if form.tax_id_note:
                messages.warning(request, form.tax_id_note)
            number = contact.customer.number
            messages.success(request, _("Welcome. Your customer number is %(number)s.") % {"number": number})
            return _enter(request, contact.user)
    context = {"form": form, "email": state["email"], "refusal": refusal}
    return render(request, "portal/register_details.html", context, status=BAD_INPUT if form.is_bound else 200)


def _state(request: HttpRequest) -> dict[str, Any] | None:
    """The registration under way in this session at this merchant."""
    state = request.session.get(STATE)
    return state if isinstance(state, dict) and state.get("merchant") == house_of(request).pk else None


def _send(request: HttpRequest, merchant: Merchant, email: str, *, letters: int) -> None:
    """A new code in the session and in a letter; the same work whoever has the address."""
    code = get_random_string(6, "0123456789")
    request.session[STATE] = {
        "merchant": merchant.pk, "email": email, "code": code, "at": time.time(), "letters": letters
    }  # fmt: skip
    if request.session.session_key is None:
        request.session.save()
    write_entry_letter(merchant, "email_confirmation_signup", email, {"code": code})


def _enter(request: HttpRequest, user: User) -> HttpResponseBase:
    """Sign in with the code that was given: by way of the second factor where the person has one."""
    del request.session[STATE]
    record_authentication(request, user, method="code", email=user.email)
    verify_email_indirectly(request, user, user.email)
    response: HttpResponseBase = perform_login(request, Login(user=user, email=user.email))
    return response
