"""The page of contacts and the link of an invitation, as people use them."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.actors import Actor
from accounts.invitations import invite, token_of
from accounts.models import Contact, Invitation, Merchant, Registration, User
from letters.models import Letter
from tests.cast import Cast, client_of
from tests.factories import make_contact, make_customer

pytestmark = pytest.mark.django_db
NEW = {"email": "nueva@example.com", "name": "Nueva Persona", "can_report": "on"}


def link_of(invitation: Invitation, cast: Cast) -> str:
    return cast.url("portal:invitation", token=token_of(invitation))


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.parametrize(("language", "subject"), [("es", "lo invita"), ("en", "invites you")])
def test_invites_by_letter_and_the_invited_comes_in(
    cast: Cast, run_jobs: Any, mailoutbox: list[Any], language: str, subject: str
) -> None:
    cast.a.language = language
    cast.a.save()
    answer = client_of(cast.alice).post(cast.url("portal:contact_invite"), NEW)
    assert answer.status_code == 302
    invitation = Invitation.objects.get()
    run_jobs()
    letter = mailoutbox[-1]
    assert subject in letter.subject
    assert link_of(invitation, cast) in letter.body
    assert Letter.objects.get().text == ""  # who reads the letters we sent finds no key there
    stranger = Client()
    page = stranger.get(link_of(invitation, cast))
    assert page.status_code == 200
    assert not Contact.objects.filter(user__email=NEW["email"]).exists()  # a program that opens links accepts nothing
    cache.clear()
    accepted = stranger.post(link_of(invitation, cast))
    assert accepted["Location"] == cast.url("account_confirm_login_code")
    code = Letter.objects.filter(to_email=NEW["email"]).latest("pk").context["code"]
    stranger.post(accepted["Location"], {"code": code})
    assert stranger.get(cast.url("portal:report")).status_code == 200
    assert stranger.get(cast.url("portal:orders")).status_code == 403
    assert User.objects.get(email=NEW["email"]).emailaddress_set.get().verified


def test_a_link_that_is_over_says_why(cast: Cast) -> None:
    made = invite(customer=cast.a, email="x@example.com", name="X", by=cast.alice)
    url = link_of(made, cast)
    for change, words in (
        ({"expires_at": timezone.now() - dt.timedelta(days=1)}, "más de una semana"),
        ({"withdrawn_at": timezone.now()}, "fue anulada"),
        ({"accepted_at": timezone.now()}, "ya se usó"),
    ):
        Invitation.objects.filter(pk=made.pk).update(
            **{"expires_at": timezone.now() + dt.timedelta(days=1), "withdrawn_at": None, "accepted_at": None} | change
        )
        for answer in (Client().get(url), Client().post(url)):
            assert answer.status_code == 410
            assert words in text_of(answer)
    assert not User.objects.filter(email="x@example.com").exists()
    assert Client().get(cast.url("portal:invitation", token="nonsense")).status_code == 404


def test_somebody_else_who_is_signed_in_cannot_take_it(cast: Cast) -> None:
    made = invite(customer=cast.a, email="x@example.com", name="X", by=cast.alice)
    client = client_of(cast.bob)
    assert "x@example.com" in text_of(client.get(link_of(made, cast)))
    assert client.post(link_of(made, cast)).status_code == 409
    assert not Contact.objects.filter(customer=cast.a, user=cast.bob.user).exists()


def test_a_known_person_who_is_signed_in_accepts_with_one_click(cast: Cast, far: Cast) -> None:
    assert far.bob.user is not None
    made = invite(customer=cast.a, email=far.bob.user.email, name="B", by=cast.alice)
    client = client_of(far.bob)
    assert client.post(link_of(made, cast))["Location"] == cast.url("portal:home")
    assert client.get(cast.url("portal:home")).status_code == 200
    assert client.get(far.url("portal:home")).status_code == 200


def test_bad_input_loses_nothing(cast: Cast) -> None:
    client = client_of(cast.alice)
    assert cast.nora.user is not None
    for said, status, words in (
        ({**NEW, "email": "no es correo"}, 422, 'value="Nueva Persona"'),
        ({**NEW, "email": cast.nora.user.email}, 409, "ya es un contacto"),
    ):
        answer = client.post(cast.url("portal:contact_invite"), said)
        assert answer.status_code == status
        assert words in text_of(answer)
        assert 'value="Nueva Persona"' in text_of(answer)
    assert not Invitation.objects.exists()
    assert not Letter.objects.exists()
    Merchant.objects.filter(pk=cast.merchant.pk).update(registration=Registration.CLOSED)
    assert client.post(cast.url("portal:contact_invite"), NEW).status_code == 409
    assert cast.url("portal:contact_invite") not in text_of(client.get(cast.url("portal:contacts")))


def test_the_last_manager_is_told_why_they_must_stay(cast: Cast) -> None:
    client, own = client_of(cast.alice), cast.alice.contact
    assert own is not None
    for name, said in (("portal:contact", {"can_see_orders": "on"}), ("portal:contact_remove", {})):
        answer = client.post(cast.url(name, own.pk), said)
        assert answer.status_code == 409
        assert "única persona que administra" in text_of(answer)
    own.refresh_from_db()
    assert own.can_manage_contacts


def test_a_removed_person_sees_nothing_from_the_next_click_on(cast: Cast) -> None:
    nora, client = cast.nora, client_of(cast.nora)
    assert nora.contact is not None
    assert client.get(cast.url("portal:home")).status_code == 200
    client_of(cast.alice).post(cast.url("portal:contact_remove", nora.contact.pk))
    assert client.get(cast.url("portal:profile")).status_code == 302  # signed out: she has no part anywhere
    assert "_auth_user_id" not in client.session


def test_permissions_hold_from_the_next_click(cast: Cast) -> None:
    nora, client = cast.nora, client_of(cast.nora)
    assert nora.contact is not None
    assert client.get(cast.url("portal:orders")).status_code == 403
    client_of(cast.alice).post(cast.url("portal:contact", nora.contact.pk), {"can_see_orders": "on"})
    assert client.get(cast.url("portal:orders")).status_code == 200


def test_an_invitation_is_sent_again_and_withdrawn(cast: Cast) -> None:
    made = invite(customer=cast.a, email="x@example.com", name="X", by=cast.alice)
    client, url = client_of(cast.alice), cast.url("portal:contact_invitation", made.pk)
    for _ in range(4):
        assert client.post(url, {"act": "resend"}).status_code == 302
    assert client.post(url, {"act": "resend"}).status_code == 409
    assert Letter.objects.filter(to_email="x@example.com").count() == 4
    assert client.post(url, {"act": "withdraw"}).status_code == 302
    assert client.post(url, {"act": "withdraw"}).status_code == 409
    assert client.post(cast.url("portal:contact_invitation", 999_999)).status_code == 404


def test_staff_invite_and_see_what_was_changed(cast: Cast) -> None:
    sue, page = client_of(cast.sue), cast.url("desk:customer", cast.a.pk)
    answer = sue.post(cast.url("desk:contact_new", cast.a.pk), {**NEW, "act": "invite"})
    assert answer["Location"] == page
    assert not Contact.objects.filter(user__email=NEW["email"]).exists()
    shown = text_of(sue.get(page))
    assert "Cambios de datos" in shown
    assert NEW["email"] in shown
    url = cast.url("desk:contact_invitation", cast.a.pk, Invitation.objects.get().pk)
    assert sue.post(url, {"act": "withdraw"}).status_code == 302
    own = cast.alice.contact
    assert own is not None
    assert sue.post(cast.url("desk:contact_remove", cast.a.pk, own.pk)).status_code == 400
    make_contact(cast.a, can_manage_contacts=True)
    assert sue.post(cast.url("desk:contact_remove", cast.a.pk, own.pk)).status_code == 302


@pytest.mark.parametrize(
    ("language", "subject", "sentence"),
    [
        (
            "es",
            "Nueva Persona tiene acceso a la cuenta de",
            "Hosting Andina dio a Nueva Persona (nueva@example.com) acceso a la cuenta",
        ),
        (
            "en",
            "Nueva Persona has access to the account of",
            "Hosting Andina gave Nueva Persona (nueva@example.com) access to the",
        ),
    ],
)
def test_who_manages_the_people_hears_of_whom_staff_let_in(
    cast: Cast, run_jobs: Any, mailoutbox: list[Any], language: str, subject: str, sentence: str
) -> None:
    User.objects.filter(pk=cast.alice.user.pk).update(language=language)  # type: ignore[union-attr]
    make_contact(cast.a, can_report=True, can_manage_contacts=False)  # whose affair it is not
    sue, address = client_of(cast.sue), cast.url("desk:contact_new", cast.a.pk)
    for _time in range(2):  # given other permissions, nobody is new
        assert sue.post(address, NEW).status_code == 302
    run_jobs()
    [letter] = mailoutbox
    assert letter.to == [cast.alice.user.email]  # type: ignore[union-attr]
    assert subject in letter.subject
    assert sentence in " ".join(letter.body.split())
    assert cast.url("portal:contacts") in letter.body
    read = Letter.objects.get(kind="access_given")
    assert client_of(cast.alice).get(cast.url("portal:letter", read.pk)).status_code == 200
    newcomer = client_of(Actor(merchant=cast.merchant, user=User.objects.get(email=NEW["email"])))
    assert newcomer.get(cast.url("portal:letter", read.pk)).status_code in (403, 404)


def test_who_is_let_in_first_tells_nobody_but_the_customers_own_address(cast: Cast) -> None:
    customer = make_customer(cast.merchant, email="oficina@avila.example")
    sue, address = client_of(cast.sue), cast.url("desk:contact_new", customer.pk)
    sue.post(address, {**NEW, "can_manage_contacts": "on"})
    assert Letter.objects.get(kind="access_given").to_email == "oficina@avila.example"
    other = make_customer(cast.merchant, email=NEW["email"])
    sue.post(cast.url("desk:contact_new", other.pk), NEW)
    assert Letter.objects.filter(kind="access_given").count() == 1


def test_an_invitation_that_is_accepted_is_told_and_says_who_invited(cast: Cast) -> None:
    made = invite(customer=cast.a, email="x@example.com", name="X", can_report=True, by=cast.alice)
    Client().post(link_of(made, cast))
    told = Letter.objects.get(kind="access_given")
    assert (told.to_email, told.context["who"]) == (cast.alice.user.email, str(cast.alice.user))  # type: ignore[union-attr]
    made = invite(customer=cast.a, email="y@example.com", name="Y", can_report=True, by=cast.sue)
    Client().post(link_of(made, cast))
    assert Letter.objects.filter(kind="access_given").latest("pk").context["who"] == cast.merchant.name
