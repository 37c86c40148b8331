"""The door: forms that count tries where requests cannot share one, and the words of the letters and messages of entry."""

from __future__ import annotations

import datetime as dt
from typing import Any

from allauth.account import forms as account_forms
from allauth.account.adapter import get_adapter
from allauth.core import context as current
from allauth.mfa.base import forms as mfa_forms
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.entry import count_try, forget_tries
from accounts.models import Merchant

WINDOW = dt.timedelta(minutes=15)
TRIES_PER_CODE = 3
TRIES_PER_ACCOUNT = 12
TRIES_PER_ADDRESS = 60
REQUESTS_PER_ACCOUNT = 5
REQUESTS_PER_ADDRESS = 40
SECOND_FACTOR_TRIES = 5
SECOND_FACTOR_WINDOW = dt.timedelta(minutes=5)
SECRET_LETTERS = frozenset({"login_code", "email_confirmation", "email_confirmation_signup", "password_reset_key"})


class RequestCodeForm(account_forms.RequestLoginCodeForm):
    """An address that wants a code. Limits count what was typed, so that known and unknown addresses meet them alike."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail")

    def clean_email(self) -> str:
        typed = str(self.cleaned_data.get("email", ""))
        by_account = count_try("code-request", typed, most=REQUESTS_PER_ACCOUNT, window=WINDOW)
        by_address = count_try("code-request-ip", client_address(current.request), most=REQUESTS_PER_ADDRESS, window=WINDOW)
        if not (by_account and by_address):
            raise get_adapter().validation_error("too_many_login_attempts")
        return str(super().clean_email())


class ConfirmCodeForm(account_forms.ConfirmLoginCodeForm):
    """A code to sign in: three tries each, once, in the session that asked for it."""

    def clean_code(self) -> str:
        stage = current.request._login_stage
        code = check_code(self, str(stage.state.get("email", "")), lambda: super(ConfirmCodeForm, self).clean_code())
        if "user_id" not in stage.state:
            raise get_adapter().validation_error("incorrect_code")
        return code


class ConfirmEmailForm(account_forms.ConfirmEmailVerificationCodeForm):
    """A code that proves an address, with the same limits."""

    def clean_code(self) -> str:
        return check_code(self, str(self.email or ""), lambda: super(ConfirmEmailForm, self).clean_code())


class SecondFactorForm(mfa_forms.AuthenticateForm):
    """A code of the authenticator, or a recovery code, while signing in."""

    def clean_code(self) -> str:
        return check_second_factor(self.user.pk, lambda: super(SecondFactorForm, self).clean_code())


class SecondFactorAgainForm(mfa_forms.ReauthenticateForm):
    """The same before a delicate act of somebody who is signed in."""

    def clean_code(self) -> str:
        return check_second_factor(self.user.pk, lambda: super(SecondFactorAgainForm, self).clean_code())


def check_code(form: Any, email: str, compare: Any) -> str:
    """Count the try, then compare, then mark the code used. Counting first means that tries made together are all counted."""
    request = current.request
    issued = f"{request.session.session_key}:{email}:{form.expected_code}"
    allowed = [
        count_try("code", issued, most=TRIES_PER_CODE, window=WINDOW),
        count_try("code-account", email, most=TRIES_PER_ACCOUNT, window=WINDOW),
        count_try("code-ip", client_address(request), most=TRIES_PER_ADDRESS, window=WINDOW),
    ]
    if not all(allowed):
        raise get_adapter().validation_error("too_many_login_attempts")
    code = str(compare())
    if not count_try("code-used", issued, most=1, window=WINDOW):
        raise get_adapter().validation_error("incorrect_code")
    forget_tries("code-account", email)
    return code


def check_second_factor(user_id: int, compare: Any) -> str:
    """Count the try of a second factor, then compare; a success starts again at none."""
    if not count_try("second-factor", str(user_id), most=SECOND_FACTOR_TRIES, window=SECOND_FACTOR_WINDOW):
        raise get_adapter().validation_error("too_many_login_attempts")
    code = str(compare())
    forget_tries("second-factor", str(user_id))
    return code


def client_address(request: HttpRequest) -> str:
    """The client's address as the trusted proxies tell it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def entry_letter(name: str, merchant: Merchant, context: dict[str, Any]) -> dict[str, str]:
    """The words of one of allauth's letters, in the language that is active now, as facts of the kind `account_message`."""
    house = {"merchant": merchant.name}
    if name == "login_code":
        return {
            "subject": _("Your code for %(merchant)s") % house,
            "heading": _("Your code to sign in"),
            "text": _("Write this code on the page where you asked for it. It is valid for 10 minutes and works once.")
            + "\n\n"
            + _("If you did not ask for it, do nothing: nobody gets in without it. We never ask you for it."),
            "code": str(context["code"]),
        }
    if name in {"email_confirmation", "email_confirmation_signup"}:
        return {
            "subject": _("Confirm your address for %(merchant)s") % house,
            "heading": _("Confirm your e-mail address"),
            "text": _("Write this code on the page to show that this address is yours. It is valid for 10 minutes."),
            "code": str(context["code"]),
        }
    if name == "password_reset_key":
        return {
            "subject": _("A new password for %(merchant)s") % house,
            "heading": _("Choose a new password"),
            "text": _("Somebody, probably you, asked for a new password. The link works once.")
            + "\n\n"
            + _("If it was not you, do nothing: your password stays as it is."),
            "link": str(context["password_reset_url"]),
            "button": _("Choose a new password"),
        }
    return {
        "subject": _("Your access to %(merchant)s has changed") % house,
        "heading": _("Your access has changed"),
        "text": _notice(name) + "\n\n" + _("If it was not you, change your password and write to support at once."),
    }


def _notice(name: str) -> str:
    """What happened to somebody's access, in a sentence."""
    sentences = {
        "password_changed": _("Your password was changed."),
        "password_set": _("A password was set."),
        "password_reset": _("Your password was changed by the link of an e-mail."),
        "email_changed": _("The e-mail address with which you sign in was changed."),
        "email_confirm": _("An e-mail address was confirmed."),
        "email_deleted": _("An e-mail address was removed."),
        "totp_activated": _("The second factor was switched on."),
        "totp_deactivated": _("The second factor was switched off."),
        "recovery_codes_generated": _("New recovery codes were made; the old ones are void."),
    }
    return sentences.get(name, _("Something about how you sign in was changed."))


def entry_message(template: str, context: dict[str, Any]) -> str:
    """What to show instead of one of allauth's messages; nothing for those that a person can see for themselves."""
    sentences = {
        "password_changed": _("Your new password is set."),
        "password_set": _("Your password is set."),
        "email_confirmed": _("%(email)s is confirmed."),
        "email_confirmation_sent": _("We sent a code to %(email)s."),
        "email_confirmation_failed": _("%(email)s cannot be confirmed."),
        "email_deleted": _("%(email)s was removed."),
        "primary_email_set": _("You sign in with the new address from now on."),
        "unverified_primary_email": _("Prove this address first."),
        "cannot_delete_primary_email": _("You cannot remove the address you sign in with."),
        "totp_activated": _("The second factor is switched on."),
        "totp_deactivated": _("The second factor is switched off."),
        "recovery_codes_generated": _("New recovery codes were made."),
        "sessions_logged_out": _("You are signed out on the other devices."),
    }
    sentence = sentences.get(template.rpartition("/")[2].removesuffix(".txt"), "")
    return sentence % {"email": context.get("email", "")} if sentence else ""
