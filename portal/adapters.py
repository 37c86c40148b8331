"""What allauth asks of us: where people go after signing in, who may register, and how its letters leave.

An unknown address costs the same work as a known one: its letter is written and rolled back, so that neither the answer nor the
time it takes tells who has an account here.
"""

from __future__ import annotations

import base64
import hashlib
import time
import uuid
from typing import Any
from urllib.parse import unquote, urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context as current
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.entry import count_try
from accounts.models import Contact, Merchant, StaffRole, User
from accounts.people import note_person
from accounts.selectors import Recipient, actor_for, doors_of, language_of
from letters.addresses import merchant_url
from letters.services import queue_letter
from portal.entry import SECRET_LETTERS, WINDOW, entry_letter, entry_message

ADMIN = "/admin/"
# Letters to addresses without an account here. They are written, so that the time tells nothing, and never sent.
NOBODY = frozenset({"unknown_account", "account_already_exists"})


class AccountAdapter(DefaultAccountAdapter):
    """Entry at a merchant's address."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "account_inactive": _("This access is switched off. Write to support."),
        "email_password_mismatch": _("The e-mail address or the password is not right."),
        "incorrect_code": _("This code is not right, or it is no longer valid."),
        "incorrect_password": _("This password is not right."),
        "enter_current_password": _("Write your present password."),
        "invalid_login": _("The e-mail address or the password is not right."),
        "invalid_password_reset": _("This link is no longer valid. Ask for a new one."),
        "invalid_or_expired_key": _("This link is no longer valid. Ask for a new one."),
        "too_many_login_attempts": _("Too many tries. Wait a few minutes and ask for a new code."),
        "rate_limited": _("Too many requests. Wait a few minutes."),
        "duplicate_email": _("This address is yours already."),
        "email_taken": _("This address cannot be used."),
        "same_as_current": _("This is what it is now."),
        "unverified_primary_email": _("Prove this address first."),
        "cannot_remove_primary_email": _("You cannot remove the address you sign in with."),
        "unknown_email": _("The e-mail address or the password is not right."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Merchants add their customers; nobody registers by themselves yet."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """Only a path inside the house one signs in to: not another site, not another merchant, not by way of `..`."""
        plain = unquote(url or "")
        parts = urlsplit(plain)
        if not plain or parts.scheme or parts.netloc or "\\" in plain or any(ord(sign) < 32 for sign in plain):
            return False
        return plain.startswith(get_script_prefix()) and not {".", ".."} & set(unquote(parts.path).split("/"))

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Staff to their desk, customers to their first page or to the choice of one, others to the house that is theirs."""
        wanted = request.POST.get("next") or request.GET.get("next") or ""
        user = request.user
        if wanted == ADMIN and getattr(user, "is_superuser", False):
            return ADMIN
        actor = actor_for(request, house_of(request))
        if isinstance(user, User) and not (actor and actor.is_staff) and (actor.doors if actor else len(doors_of(user))) > 1:
            return reverse("portal:choose")
        if actor is None:
            return _own_house(user) or (ADMIN if getattr(user, "is_superuser", False) else get_script_prefix())
        for name in ("desk:queue",) if actor.is_staff else ("portal:home",):
            try:
                return reverse(name)
            except NoReverseMatch:
                continue
        return get_script_prefix()

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """A proved address takes the place of the old one: the merchants of whose customers the person acts see the change."""
        before = email_address.user.email
        with transaction.atomic():
            is_proved = bool(super().confirm_email(request, email_address))
            if is_proved and before.lower() != email_address.email.lower():
                note_person(email_address.user, {"email": before}, {"email": email_address.email})
        return is_proved

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The link of a letter is built from the installation's own origin, whatever host the request named."""
        address = merchant_url(house_of(current.request), "account_reset_password_from_key", uidb36="UID", key="KEY")
        return address.replace("UID-KEY", key)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put the letter into the outbox, in the reader's language. Secret ones lose their text once sent."""
        request = current.request
        name = template_prefix.rpartition("/")[2]
        _start_the_clock(request)
        request._letter_written = True
        if name in NOBODY:
            _write_to_nobody(request, email)
            return
        write_entry_letter(house_of(request), name, email, context)

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None,
        message_context: dict[str, Any] | None = None, extra_tags: str = "", message: str | None = None,
    ) -> None:  # fmt: skip
        """allauth's short messages in our words; those that tell nothing new are left out."""
        if message_template and message_template.endswith("login_code_sent.txt"):
            # A code asked for again: for an unknown address allauth writes no letter, and would be quicker.
            _start_the_clock(request)
            if not getattr(request, "_letter_written", False):
                _write_to_nobody(request, str((message_context or {}).get("email", "")))
        if message_template and message is None:
            message = entry_message(message_template, message_context or {})
            if not message:
                return
        super().add_message(request, level, None, None, extra_tags, message)


class MFAAdapter(DefaultMFAAdapter):
    """Second factors. Their secrets stand encrypted in the database, under a key made from `SECRET_KEY`."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("This code is not right, or it is no longer valid."),
        "unverified_email": _("Prove your e-mail address first."),
        "cannot_delete_authenticator": _("You cannot switch the second factor off."),
        "cannot_generate_recovery_codes": _("Set up the second factor first."),
        "add_email_blocked": _("Switch the second factor off before you change your address."),
    }

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return _box().decrypt(encrypted_text.encode()).decode()


def house_of(request: HttpRequest) -> Merchant:
    """The merchant at whose address somebody signs in; allauth's pages exist nowhere else."""
    merchant: Merchant = request.merchant  # type: ignore[attr-defined]
    return merchant


def _own_house(user: Any) -> str:
    """The first page of a merchant in which the person has a part, or nothing."""
    if not isinstance(user, User):
        return ""
    slug = (
        StaffRole.objects.filter(user=user, merchant__is_active=True).values_list("merchant__slug", flat=True).first()
        or Contact.objects.filter(user=user, merchant__is_active=True).values_list("merchant__slug", flat=True).first()
    )
    return f"/{slug}/" if slug else ""


def write_entry_letter(merchant: Merchant, name: str, email: str, context: dict[str, Any]) -> None:
    """Queue one of the door's letters, in the reader's language. Secret ones lose their text once sent."""
    user = User.objects.known_by(email)
    language = language_of(email, merchant)
    with translation.override(language):
        words = entry_letter(name, merchant, context)
    queue_letter(
        merchant=merchant,
        kind="account_message",
        about=f"user:{user.pk if user else 0}",
        occasion=f"{name}:{uuid.uuid4().hex}",
        recipients=[Recipient(email=email, language=language, user_id=user.pk if user else None)],
        context=words,
        is_secret=name in SECRET_LETTERS,
    )


def _write_to_nobody(request: HttpRequest, email: str) -> None:
    """The work of a letter, and one small commit, for an address that has no account; nothing remains of the letter."""
    with transaction.atomic():
        write_entry_letter(house_of(request), "login_code", email, {"code": "000000"})
        transaction.set_rollback(True)
    count_try("nobody", email, most=0, window=WINDOW)


def _start_the_clock(request: HttpRequest) -> None:
    """A code asked for again is valid as long as the first one was: its ten minutes begin now."""
    stage = getattr(request, "_login_stage", None)
    if stage is not None and "at" in stage.state:
        stage.state["at"] = time.time()


def _box() -> MultiFernet:
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"concilia.second-factor\x00" + str(key).encode()).digest() for key in keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])
