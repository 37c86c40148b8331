"""E-mails that the system sent are readable where they belong, and can be sent once more (S1-29)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Contact, Role, StaffRole
from letters.models import Letter
from letters.reading import parts_of
from letters.resending import send_again
from letters.selectors import failed_letters, letters_for
from tests.cast import client_of, house_url
from tests.factories import customer_actor, make_user, staff_actor

pytestmark = pytest.mark.django_db
TEXT = "Hola\n\n> <script>alert(1)</script>\n\nRead and answer:\nhttp://testserver/andina/tickets/A-1/\n\n--\nAndina\n"


def make_letter(to: Actor, kind: str = "conversation_message", **kw: Any) -> Letter:
    """A letter about the customer of `to` that went out: to themselves, or with `user=None` to the customer's address."""
    kw.setdefault("user", to.user)
    kw.setdefault("customer", to.customer)
    kw.setdefault("to_email", kw["user"].email if kw["user"] else "office@example.com")
    kw.setdefault("occasion", f"o{Letter.objects.count()}")
    words = {"subject": "Mensaje de Soporte", "text": TEXT, "html": "<script>", "context": {"number": "A-1", "text": "Hola"}}
    sent = {"state": "sent", "sent_at": timezone.now(), "language": "es", "about": "a"}
    return Letter.objects.create(merchant=to.merchant, kind=kind, **(words | sent | kw))


def test_the_list_shows_ones_own_letters_and_the_customers_and_nobody_elses() -> None:
    alice = customer_actor()
    colleague = customer_actor(alice.customer)
    own, shared = make_letter(alice), make_letter(alice, user=None)
    make_letter(colleague, subject="AJENO")
    make_letter(alice, is_secret=True, subject="CODIGO")
    make_letter(alice, kind="ticket_answered", subject="PERSONAL")
    make_letter(alice, state="queued", sent_at=None, subject="COLA")
    failed = make_letter(alice, state="failed", sent_at=None)
    assert set(letters_for(alice)) == {own, shared, failed}
    page = client_of(alice).get(house_url(alice.merchant, "portal:letters")).content.decode()
    assert "Mensaje de Soporte" in page
    assert "office@example.com" in page
    for hidden in ("AJENO", "CODIGO", "PERSONAL", "COLA"):
        assert hidden not in page


def test_who_may_no_longer_see_orders_reads_nothing_of_them() -> None:
    alice = customer_actor(can_see_orders=False, can_report=False)
    told = make_letter(alice, "credit_refunded", user=None)
    offer = make_letter(alice, "deposit_offered")
    assert not letters_for(alice)
    client = client_of(alice)
    assert client.get(house_url(alice.merchant, "portal:letter", told.pk)).status_code == 403
    assert client.get(house_url(alice.merchant, "portal:letter", offer.pk)).status_code == 404
    with pytest.raises(NotAllowed):
        send_again(letter_id=told.pk, by=alice)


def test_notices_about_access_are_for_the_person_alone() -> None:
    alice = customer_actor()
    colleague = customer_actor(alice.customer)
    notice = make_letter(alice, "account_message", customer=None)
    assert list(letters_for(alice)) == [notice]
    assert not letters_for(colleague)


def test_a_letter_is_shown_from_its_text_and_what_stands_in_it_cannot_act() -> None:
    alice = customer_actor()
    letter = make_letter(alice)
    page = client_of(alice).get(house_url(alice.merchant, "portal:letter", letter.pk)).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page
    assert 'href="http://testserver/andina/tickets/A-1/"' in page
    assert [part.kind for part in parts_of(letter)] == ["text", "quote", "link", "foot"]
    outside = Letter(text="Look:\nhttp://testserver.evil.example/x\n\nLook:\njavascript:alert(1)")
    assert [part.kind for part in parts_of(outside)] == ["text", "text"]


def test_a_letter_is_sent_again_to_ones_own_confirmed_address(run_jobs: Any) -> None:
    alice = customer_actor()
    letter = make_letter(alice, user=None)
    client = client_of(alice)
    answer = client.post(house_url(alice.merchant, "portal:letter", letter.pk))
    assert answer.status_code == 302
    assert client.post(house_url(alice.merchant, "portal:letter", letter.pk)).status_code == 409
    run_jobs()
    assert alice.user
    assert [message.to for message in mail.outbox] == [[alice.user.email]]
    assert alice.user.email in client.get(house_url(alice.merchant, "portal:letter", letter.pk)).content.decode()
    assert letters_for(alice).filter(again_of=letter).count() == 1


def test_an_address_that_was_never_confirmed_gets_nothing() -> None:
    user = make_user(is_verified=False)
    alice = customer_actor(user=user)
    letter = make_letter(alice)
    with pytest.raises(Refused) as refused:
        send_again(letter_id=letter.pk, by=alice)
    assert refused.value.code == "no_address"
    assert Letter.objects.count() == 1


def test_sending_again_has_an_end() -> None:
    alice = customer_actor()
    letter = make_letter(alice)
    for _time in range(3):
        send_again(letter_id=letter.pk, by=alice)
        for _impatience in range(4):  # what is refused sends nothing, and counts for nothing
            with pytest.raises(Stale):
                send_again(letter_id=letter.pk, by=alice)
        Letter.objects.filter(again_of=letter).update(state="sent", sent_at=timezone.now())
    with pytest.raises(Refused) as refused:
        send_again(letter_id=letter.pk, by=alice)
    assert refused.value.code == "too_often"
    assert Letter.objects.filter(again_of=letter).count() == 3


def test_staff_send_what_failed_again_to_the_mended_address(run_jobs: Any) -> None:
    alice = customer_actor()
    sue = staff_actor(alice.merchant, Role.SUPPORT)
    same = make_letter(alice, state="failed", sent_at=None, last_error="550 no such user")
    assert alice.customer
    old = make_letter(alice, user=None, to_email="old@example.com", state="failed", sent_at=None)
    assert set(failed_letters(sue)) == {same, old}
    assert send_again(letter_id=same.pk, by=sue) == same.to_email
    with pytest.raises(Stale):
        send_again(letter_id=same.pk, by=sue)
    assert send_again(letter_id=old.pk, by=sue) == alice.customer.email
    run_jobs()
    assert alice.user
    assert {message.to[0] for message in mail.outbox} == {alice.user.email, alice.customer.email}
    assert not failed_letters(sue)


def test_who_no_longer_acts_for_the_customer_is_sent_nothing_again() -> None:
    alice = customer_actor()
    sue = staff_actor(alice.merchant, Role.SUPPORT)
    letters = [make_letter(alice, "order_issued"), make_letter(sue, "conversation_answered", customer=alice.customer)]
    Contact.objects.filter(user=alice.user).delete()
    StaffRole.objects.filter(user=sue.user).delete()
    for letter in letters:
        with pytest.raises(Refused) as refused:
            send_again(letter_id=letter.pk, by=staff_actor(alice.merchant, Role.SUPPORT))
        assert refused.value.code == "no_part"
    assert not Letter.objects.filter(state="queued").exists()


@pytest.mark.parametrize(
    ("kind", "permission"),
    [("order_issued", "can_see_orders"), ("conversation_message", "can_use_tickets"), ("access_given", "can_manage_contacts")],
)
def test_who_may_no_longer_read_it_is_sent_nothing_again(kind: str, permission: str) -> None:
    alice = customer_actor(can_manage_contacts=True)
    letter = make_letter(alice, kind)
    Contact.objects.filter(user=alice.user).update(**{permission: False})
    with pytest.raises(Refused) as refused:
        send_again(letter_id=letter.pk, by=staff_actor(alice.merchant, Role.SUPPORT))
    assert refused.value.code == "no_part"
    assert not Letter.objects.filter(state="queued").exists()


def test_staff_see_a_customers_letters_and_an_auditor_sends_none() -> None:
    alice = customer_actor()
    letter = make_letter(alice, state="failed", sent_at=None, last_error="550 no such user")
    assert alice.customer
    otto = staff_actor(alice.merchant, Role.AUDITOR)
    client = client_of(otto)
    address = house_url(alice.merchant, "desk:letters")
    for query in (f"?customer={alice.customer.pk}&letter={letter.pk}", f"?letter={letter.pk}"):
        page = client.get(address + query).content.decode()
        assert "550 no such user" in page
        assert "&lt;script&gt;alert(1)" in page
    assert client.post(address, {"letter": letter.pk}).status_code == 403
    assert client.get(f"{address}?customer=99999999").status_code == 404
    assert not Letter.objects.filter(state="queued").exists()


def test_lists_cost_the_same_however_many_letters_there_are(django_assert_max_num_queries: Any) -> None:
    alice = customer_actor()
    assert alice.customer
    first = make_letter(alice)
    Letter.objects.bulk_create(copy_of(first, serial) for serial in range(60))
    client = client_of(alice)
    with django_assert_max_num_queries(9):
        page = client.get(house_url(alice.merchant, "portal:letters"))
    assert page.content.decode().count("Mensaje de Soporte") == 25


def copy_of(letter: Letter, serial: int) -> Letter:
    """Another row like `letter`."""
    fields = {field.attname: getattr(letter, field.attname) for field in Letter._meta.concrete_fields if field.name != "id"}
    return Letter(**fields | {"occasion": f"copy{serial}"})


def test_staff_who_are_contacts_too_read_as_contacts_in_the_portal() -> None:
    alice = customer_actor()
    assert alice.user
    staff = staff_actor(alice.merchant, Role.ACCOUNTANT, user=alice.user)
    hidden = make_letter(alice, "ticket_answered")
    both = dataclasses.replace(staff, contact=alice.contact)
    assert hidden in letters_for(both)
    client = client_of(alice)
    assert client.get(house_url(alice.merchant, "portal:letter", hidden.pk)).status_code == 404
