"""Invitations to act for a customer: signed links, for one address, once, within a week. Their letters: `letters.people`."""

from __future__ import annotations

import datetime as dt
from typing import Unpack

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.contacts import lock_customer, may_manage, refuse_more_than_own, refuse_oneself
from accounts.errors import Refused
from accounts.models import Contact, Customer, Invitation, Merchant, Registration, User
from accounts.people import Permissions, note_changes, person_of

VALID_FOR = dt.timedelta(days=7)
MOST_LETTERS = 5
PERMISSIONS = ("can_see_orders", "can_report", "can_use_tickets", "can_manage_services", "can_manage_contacts")
_SALT = "concilia.invitation"


def token_of(invitation: Invitation) -> str:
    """What stands in the link: which invitation and for whom, signed. Nothing secret of it is kept."""
    return signing.Signer(salt=_SALT).sign_object([invitation.pk, invitation.email])


def invitation_of(token: str, merchant: Merchant) -> Invitation:
    """The invitation behind a link, whatever became of it; `Http404` for a link that nobody wrote, or another house's."""
    try:
        pk, email = signing.Signer(salt=_SALT).unsign_object(token)
    except (signing.BadSignature, ValueError, TypeError):
        raise Http404 from None
    found = Invitation.objects.select_related("customer", "invited_by").filter(pk=pk, email=email, merchant=merchant).first()
    if found is None:
        raise Http404
    return found


@transaction.atomic
def invite(*, customer: Customer, email: str, name: str, by: Actor, **permissions: Unpack[Permissions]) -> Invitation:
    """Ask a person to act for a customer; a permission that is left out is not given. An expired invitation makes room.

    Raises `Refused` (`bad_email`, `no_name`, `oneself`, `is_contact`, `is_invited`, `more_than_own`, `invitations_closed`).
    """
    by.require(may_manage(by, customer))
    customer = lock_customer(customer)
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="bad_email", fields=("email",)) from None
    if not name.strip():
        raise Refused(_("Write the person's name."), code="no_name", fields=("name",))
    if not by.is_staff and customer.merchant.registration == Registration.CLOSED:
        raise Refused(_("%(merchant)s adds people itself: write to support.") % {"merchant": customer.merchant.name},
                      code="invitations_closed")  # fmt: skip
    refuse_oneself(email, by=by)
    given = {permission: bool(permissions.get(permission)) for permission in PERMISSIONS}
    refuse_more_than_own(given, by=by, customer=customer)
    if Contact.objects.filter(customer=customer, user__email=email).exists():
        raise Refused(_("%(email)s is a contact already.") % {"email": email}, code="is_contact", fields=("email",))
    waiting = Invitation.objects.filter(customer=customer, email=email, accepted_at=None, withdrawn_at=None).first()
    if waiting is not None and not waiting.is_expired:
        raise Refused(
            _("%(email)s is invited already. Send the letter again, or withdraw the invitation first.") % {"email": email},
            code="is_invited",
            fields=("email",),
        )
    now = timezone.now()
    if waiting is not None:
        waiting.withdrawn_at = now
        waiting.save(update_fields=["withdrawn_at"])
    made = Invitation.objects.create(
        merchant_id=customer.merchant_id,
        customer=customer,
        email=email,
        name=name.strip(),
        invited_by=by.user,
        letters=1,
        expires_at=now + VALID_FOR,
        **given,
    )
    note_changes(customer, {}, {"invitation": email}, by=by)
    return made


@transaction.atomic
def renew_invitation(*, invitation: Invitation, by: Actor) -> Invitation:
    """Let an invitation be valid for another week, for a letter that is sent again.

    Raises `Refused` (`invitation_used`, `invitation_withdrawn`, `too_many_letters`).
    """
    by.require(may_manage(by, invitation.customer))
    invitation = _locked(invitation)
    _refuse_over(invitation, may_be_old=True)
    if invitation.letters >= MOST_LETTERS:
        raise Refused(
            _("This letter was sent %(count)d times. Withdraw the invitation and check the address.") % {"count": MOST_LETTERS},
            code="too_many_letters",
        )
    invitation.letters += 1
    invitation.expires_at = timezone.now() + VALID_FOR
    invitation.save(update_fields=["letters", "expires_at"])
    return invitation


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, by: Actor) -> None:
    """Make the link of an invitation worthless. Raises `Refused` (`invitation_used`, `invitation_withdrawn`)."""
    by.require(may_manage(by, invitation.customer))
    invitation = _locked(invitation)
    _refuse_over(invitation, may_be_old=True)
    invitation.withdrawn_at = timezone.now()
    invitation.save(update_fields=["withdrawn_at"])
    note_changes(invitation.customer, {"invitation": invitation.email}, {"invitation": ""}, by=by)


@transaction.atomic
def accept_invitation(*, invitation: Invitation, user: User | None) -> Contact:
    """Make the person a contact; the link is used up. `user`: who is signed in; None for a stranger, who proves the address next.

    Raises `Refused` (`invitation_used`, `invitation_withdrawn`, `invitation_expired`, `somebody_else`).
    """
    customer = lock_customer(invitation.customer)
    invitation = _locked(invitation)
    _refuse_over(invitation)
    if user is not None and user.email.lower() != invitation.email:
        raise Refused(
            _("This invitation is for %(email)s. Sign out, and open the link again.") % {"email": invitation.email},
            code="somebody_else",
        )
    person = user or person_of(invitation.email, name=invitation.name, language=customer.language)
    permissions = {name: getattr(invitation, name) for name in PERMISSIONS}
    contact, is_new = Contact.objects.get_or_create(
        merchant_id=customer.merchant_id, customer=customer, user=person, defaults=permissions
    )
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    if is_new:
        by = Actor(merchant=customer.merchant, user=person, contact=contact)
        note_changes(customer, {}, {"contact": person.email}, person=person, by=by)
    return contact


def open_invitations(customer: Customer) -> list[Invitation]:
    """Who was invited and has not answered, also too late, newest first."""
    return list(
        Invitation.objects.filter(
            merchant_id=customer.merchant_id, customer=customer, accepted_at__isnull=True, withdrawn_at__isnull=True
        ).order_by("-pk")
    )


def refusal_of(invitation: Invitation) -> Refused | None:
    """Why an invitation cannot be accepted (any more), as a sentence; None when it can."""
    try:
        _refuse_over(invitation)
    except Refused as refused:
        return refused
    return None


def _locked(invitation: Invitation) -> Invitation:
    return (
        Invitation.objects.select_for_update(of=("self",)).select_related("customer", "customer__merchant").get(pk=invitation.pk)
    )


def _refuse_over(invitation: Invitation, *, may_be_old: bool = False) -> None:
    if invitation.accepted_at is not None:
        raise Refused(_("This invitation was used already. Sign in with the address to which it came."), code="invitation_used")
    if invitation.withdrawn_at is not None:
        raise Refused(_("This invitation was withdrawn. Ask whoever invited you."), code="invitation_withdrawn")
    if invitation.is_expired and not may_be_old:
        raise Refused(_("This invitation is more than a week old. Ask for a new one."), code="invitation_expired")
