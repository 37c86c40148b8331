"""Who acts for a customer: permissions, removing, invitations, and that one who manages the others stays whatever happens."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils import timezone

from accounts.addresses import add_address, shipping_place_of
from accounts.contacts import add_contact, change_contact, choose_letters, remove_contact
from accounts.errors import NotAllowed, Refused
from accounts.invitations import accept_invitation, invitation_of, invite, renew_invitation, token_of, withdraw_invitation
from accounts.models import Contact, DataChange, Invitation, Merchant, Registration, User
from accounts.selectors import changes_of, recipients_of
from accounts.services import change_customer, change_profile
from tests.cast import Cast, client_of, contact_of, user_of
from tests.factories import customer_actor, make_contact, make_customer, make_user
from tests.races import run_after

pytestmark = pytest.mark.django_db


def invited(cast: Cast, **more: object) -> Invitation:
    said: dict[str, Any] = {"email": "Nueva@Example.com", "name": "Nueva", "can_report": True} | more
    return invite(customer=cast.a, by=cast.alice, **said)


def test_the_last_manager_stays(cast: Cast) -> None:
    alice = cast.alice.contact
    assert alice is not None
    for act in (
        lambda: remove_contact(contact=alice, by=cast.alice),
        lambda: remove_contact(contact=alice, by=cast.sue),
        lambda: change_contact(contact=alice, can_manage_contacts=False, by=cast.alice),
        lambda: add_contact(customer=cast.a, email=str(alice.user.email), can_manage_contacts=False, by=cast.sue),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "last_manager"
        assert "Alice" in refusal.value.message
    alice.refresh_from_db()
    assert alice.can_manage_contacts
    off = make_contact(cast.a, make_user(is_active=False), can_manage_contacts=True)
    with pytest.raises(Refused):  # who cannot get in manages nothing
        remove_contact(contact=alice, by=cast.alice)
    User.objects.filter(pk=off.user_id).update(is_active=True)
    remove_contact(contact=alice, by=cast.alice)
    assert not Contact.objects.filter(pk=alice.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_remove_one_another_leave_one() -> None:
    customer = make_customer()
    one, other = (customer_actor(customer, can_manage_contacts=True) for _ in range(2))
    first, second = contact_of(one), contact_of(other)
    with run_after("accounts.contacts.lock_customer", lambda: remove_contact(contact=first, by=other)) as race:
        remove_contact(contact=second, by=one)
    assert race.waited
    assert isinstance(race.error, Refused)
    assert list(Contact.objects.filter(customer=customer)) == [first]


def test_nobody_gives_more_than_they_have(cast: Cast) -> None:
    manager = customer_actor(cast.a, can_see_orders=False, can_manage_contacts=True)
    nora = cast.nora.contact
    assert nora is not None
    with pytest.raises(Refused) as refusal:
        change_contact(contact=nora, can_see_orders=True, can_report=True, by=manager)
    assert (refusal.value.code, refusal.value.fields) == ("more_than_own", ("can_see_orders",))
    with pytest.raises(Refused):
        add_contact(customer=cast.a, email="x@example.com", by=manager)  # the defaults would give it
    with pytest.raises(Refused):
        invite(customer=cast.a, email="x@example.com", name="X", can_see_orders=True, by=manager)
    change_contact(contact=nora, can_report=True, by=manager)
    nora.refresh_from_db()
    assert (nora.can_report, nora.can_see_orders) == (True, False)
    alice = cast.alice.contact
    assert alice is not None
    change_contact(contact=alice, can_see_orders=True, can_use_tickets=False, by=manager)  # what she has may stay
    assert not User.objects.filter(email="x@example.com").exists()


def test_who_has_no_part_left_is_signed_out(cast: Cast, far: Cast) -> None:
    nora, epoch = contact_of(cast.nora), user_of(cast.nora).session_epoch
    elsewhere = make_contact(far.a, nora.user)
    remove_contact(contact=nora, by=cast.alice)
    assert User.objects.get(pk=nora.user_id).session_epoch == epoch  # signed in for the other customer
    remove_contact(contact=elsewhere, by=far.sue)
    assert User.objects.get(pk=nora.user_id).session_epoch == epoch + 1
    with pytest.raises(Http404):
        remove_contact(contact=elsewhere, by=far.sue)


def test_an_invitation_lets_its_person_in_once(cast: Cast) -> None:
    made = invited(cast)
    assert (made.email, made.can_report, made.can_see_orders) == ("nueva@example.com", True, False)
    contact = accept_invitation(invitation=made, user=None)
    assert (contact.user.email, contact.can_report, contact.can_see_orders) == ("nueva@example.com", True, False)
    assert not contact.user.emailaddress_set.get().verified  # the code that comes next proves it
    with pytest.raises(Refused) as refusal:
        accept_invitation(invitation=made, user=None)
    assert refusal.value.code == "invitation_used"
    assert Contact.objects.filter(user=contact.user).count() == 1


def test_an_invitation_is_for_its_address_alone(cast: Cast) -> None:
    made = invited(cast)
    with pytest.raises(Refused) as refusal:
        accept_invitation(invitation=made, user=cast.bob.user)
    assert refusal.value.code == "somebody_else"
    made.refresh_from_db()
    assert made.accepted_at is None
    assert not Contact.objects.filter(customer=cast.a, user=cast.bob.user).exists()


def test_an_invitation_to_an_address_that_looks_like_somebodys_is_not_theirs(cast: Cast) -> None:
    made = invited(cast, email="bob@andına.example")
    contact = accept_invitation(invitation=made, user=None)
    assert contact.user != cast.bob.user
    assert User.objects.known_by(" BOB@andina.example ") == cast.bob.user


def test_an_invitation_ends(cast: Cast) -> None:
    made = invited(cast)
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    with pytest.raises(Refused, match="una semana") as refusal:
        accept_invitation(invitation=made, user=None)
    assert refusal.value.code == "invitation_expired"
    renew_invitation(invitation=made, by=cast.alice)
    withdraw_invitation(invitation=made, by=cast.alice)
    with pytest.raises(Refused) as gone:
        accept_invitation(invitation=made, user=None)
    assert gone.value.code == "invitation_withdrawn"
    for act in (renew_invitation, withdraw_invitation):
        with pytest.raises(Refused):
            act(invitation=made, by=cast.alice)
    assert not User.objects.filter(email="nueva@example.com").exists()


def test_the_invitations_of_who_was_removed_are_void(cast: Cast) -> None:
    other = customer_actor(cast.a, can_manage_contacts=True)
    made = invite(customer=cast.a, email="x@example.com", name="X", by=other)
    assert other.contact is not None
    remove_contact(contact=other.contact, by=cast.alice)
    with pytest.raises(Refused) as refusal:
        accept_invitation(invitation=made, user=None)
    assert refusal.value.code == "invitation_withdrawn"


def test_who_is_there_or_invited_is_not_invited_again(cast: Cast) -> None:
    assert cast.nora.user is not None
    made = invited(cast)
    for email, code in ((cast.nora.user.email.upper(), "is_contact"), ("nueva@example.com", "is_invited"), ("x", "bad_email")):
        with pytest.raises(Refused) as refusal:
            invited(cast, email=email)
        assert refusal.value.code == code
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(merchant=cast.merchant, customer=cast.a, email=made.email, name="X", expires_at=timezone.now())
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    assert invited(cast).pk != made.pk
    assert DataChange.objects.filter(field="invitation").count() == 2


def test_who_may_not_manage_invites_nobody(cast: Cast, far: Cast) -> None:
    made = invited(cast)
    for actor in (cast.bob, cast.nora, cast.otto, far.alice, far.sue):
        with pytest.raises(NotAllowed):
            invite(customer=cast.a, email="x@example.com", name="X", by=actor)
        with pytest.raises(NotAllowed):
            withdraw_invitation(invitation=made, by=actor)
    Merchant.objects.filter(pk=cast.merchant.pk).update(registration=Registration.CLOSED)
    with pytest.raises(Refused) as refusal:
        invited(cast, email="x@example.com")
    assert refusal.value.code == "invitations_closed"
    assert invite(customer=cast.a, email="x@example.com", name="X", by=cast.sue).pk


def test_a_link_is_signed_and_stays_in_its_house(cast: Cast, far: Cast) -> None:
    made = invited(cast)
    token = token_of(made)
    assert invitation_of(token, cast.merchant) == made
    for bad in (token[:-1], token + "x", "", "x:y:z", token_of(Invitation(pk=made.pk, email="other@example.com"))):
        with pytest.raises(Http404):
            invitation_of(bad, cast.merchant)
    with pytest.raises(Http404):
        invitation_of(token, far.merchant)


def test_changes_are_history_that_nobody_changes(cast: Cast) -> None:
    change_customer(customer=cast.a, by=cast.alice, city="Mérida", name=cast.a.name)
    nora = cast.nora.contact
    assert nora is not None
    change_contact(contact=nora, can_report=True, by=cast.alice)
    change_profile(name="Alicia Nueva", by=cast.alice)
    found = [(each.who, each.person, each.before, each.after, each.is_tick) for each in changes_of(cast.a)]
    assert found == [
        ("Alicia Nueva", "", "Alice", "Alicia Nueva", False),
        ("Alicia Nueva", "Nora", "", "1", True),
        ("Alicia Nueva", "", "", "Mérida", False),
    ]
    assert changes_of(cast.b) == []
    for sql in ("UPDATE accounts_datachange SET after = 'x'", "DELETE FROM accounts_datachange"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_contact_says_which_letters_come(cast: Cast) -> None:
    choose_letters(gets_ticket_letters=False, gets_order_letters=True, by=cast.alice)
    assert recipients_of(cast.a) == []  # she asked for none: the customer's own address does not get them instead
    assert [each.email for each in recipients_of(cast.a, about="orders")] == ["alice@andina.example"]
    choose_letters(gets_ticket_letters=True, gets_order_letters=False, by=cast.alice)
    assert [each.email for each in recipients_of(cast.a)] == ["alice@andina.example"]
    assert recipients_of(cast.a, about="orders") == []


def test_staff_do_not_make_themselves_a_customers_contact(cast: Cast) -> None:
    for act in (
        lambda: add_contact(customer=cast.a, email="CAROL@andina.example ", can_report=True, by=cast.carol),
        lambda: invite(customer=cast.a, email="carol@andina.example", name="Carol", can_report=True, by=cast.carol),
    ):
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code == "oneself"
    assert not Contact.objects.filter(user=user_of(cast.carol)).exists()
    assert not Invitation.objects.exists()


def test_places_are_added_and_removed_with_a_history_and_offered_for_paper(cast: Cast) -> None:
    client, address = client_of(cast.alice), cast.url("portal:addresses")
    assert client.post(address, {"kind": "shipping", "label": "Oficina", "address": ""}).status_code == 422
    kept = {"kind": "shipping", "label": "Oficina", "address": "Calle 9", "city": "Mérida", "phone": "0412 1234567"}
    assert client.post(address, kept).status_code == 302
    place = cast.a.addresses.get()
    assert (shipping_place_of(cast.a), place.city) == (place, "Mérida")
    assert client_of(cast.nora).get(address).status_code == 403
    with pytest.raises(NotAllowed):
        add_address(customer=cast.a, kind="billing", address="x", by=cast.bob)
    assert client_of(cast.bob).post(address, {"remove": place.pk}).status_code == 404
    assert client.post(address, {"remove": place.pk}).status_code == 302
    assert shipping_place_of(cast.a) == cast.a
    told = DataChange.objects.filter(customer=cast.a, field="shipping").order_by("pk").values_list("before", "after")
    assert list(told) == [("", "Oficina, Calle 9, Mérida"), ("Oficina, Calle 9, Mérida", "")]
