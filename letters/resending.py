"""Sending a letter once more: to the person it was for, at the address where they are known now."""

from __future__ import annotations

import datetime as dt

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.entry import count_try
from accounts.errors import Refused, Stale
from accounts.models import Contact, StaffRole
from letters.body import Topic
from letters.kinds import TOPICS
from letters.models import Letter
from letters.selectors import READERS, letter_for
from letters.services import put_back, queue_copy

PER_PERSON = (10, dt.timedelta(hours=1))
PER_STAFF = (100, dt.timedelta(hours=1))
PER_LETTER = (3, dt.timedelta(days=1))


def send_again(*, letter_id: int, by: Actor) -> str:
    """Send a letter that went out, or was given up, once more; the address that it goes to.

    A contact gets it at their own confirmed address, whatever address it first went to. Staff who write have it sent to whom it
    was for, at the address that stands in the books today, as long as that person has a part in it.
    Raises `Refused` (`too_often`, `no_address`, `no_part`), `Stale` (`under_way`), `NotAllowed`, `Http404` for what they may not
    read.
    """
    by.require(by.can_write_messages if by.is_staff else by.contact is not None)
    letter = letter_for(by, letter_id)
    letter = letter.again_of or letter
    address = _address(letter, by)
    with transaction.atomic():
        letter = Letter.objects.select_for_update(of=("self",)).get(pk=letter.pk)
        waits = letter.copies.filter(state=Letter.State.QUEUED).exists()
        if waits or letter.state == Letter.State.QUEUED:
            raise Stale(_("This e-mail is on its way already."), code="under_way")
        _count(letter, by)
        if letter.state == Letter.State.FAILED and letter.to_email == address:
            put_back(letter)
        else:
            queue_copy(letter, to_email=address, user=letter.user if by.is_staff else by.user)
    return address


def _address(letter: Letter, by: Actor) -> str:
    if not by.is_staff and by.user is not None:
        if not EmailAddress.objects.filter(user=by.user, email=by.user.email, verified=True).exists():
            raise Refused(_("Confirm your e-mail address first."), code="no_address")
        return by.user.email.lower()
    if not _has_a_part(letter):
        raise Refused(_("This person has no part in it any more: nothing is sent to them."), code="no_part")
    present = letter.user.email if letter.user else letter.customer.email if letter.customer else letter.to_email
    if not present:
        raise Refused(_("No e-mail address is known any more for whom this was sent to."), code="no_address")
    return present.strip().lower()


def _has_a_part(letter: Letter) -> bool:
    """Whether who it was for may still read it: acts for the customer and may see such things, or works here. Papers are drawn
    anew, as they are today."""
    topic = TOPICS.get(letter.kind, Topic.PERSON)
    if letter.user_id is None or topic is Topic.PERSON:
        return True
    if topic is Topic.STAFF:
        return StaffRole.objects.filter(merchant=letter.merchant_id, user=letter.user_id).exists()
    return Contact.objects.filter(customer=letter.customer_id, user=letter.user_id, **{READERS[topic]: True}).exists()


def _count(letter: Letter, by: Actor) -> None:
    """Inside the sending's transaction: what is refused is rolled back with it, and only what was sent counts."""
    most, window = PER_STAFF if by.is_staff else PER_PERSON
    who = str(by.user.pk if by.user else 0)
    person = count_try("letter-again", who, most=most, window=window)
    if not (count_try("letter-again-one", str(letter.pk), most=PER_LETTER[0], window=PER_LETTER[1]) and person):
        raise Refused(_("This was sent again several times already. Please wait before you try once more."), code="too_often")
