"""T11: registering tells nobody who has an access already, and a code is as strict as at the door."""

from __future__ import annotations

import re
import time
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Contact, Customer, Merchant, Registration, User
from accounts.registration import open_account
from letters.models import Letter
from tests.cast import Cast, user_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db
STRANGER = "nobody-knows-me@example.com"
DATA = {"person": "Ana Díaz", "name": "Díaz e Hijas", "tax_id": "J-1", "city": "Mérida", "phone": "0414 1234567"}


@pytest.fixture(autouse=True)
def _open(cast: Cast) -> None:
    Merchant.objects.filter(pk=cast.merchant.pk).update(registration=Registration.OPEN)
    cache.clear()


def code_of(email: str) -> str:
    return str(Letter.objects.filter(to_email=email).latest("pk").context["code"])


def asked(cast: Cast, email: str) -> Client:
    client = Client()
    assert client.post(cast.url("portal:register"), {"email": email})["Location"] == cast.url("portal:register_code")
    return client


def proved(cast: Cast, email: str) -> Client:
    client = asked(cast, email)
    client.post(cast.url("portal:register_code"), {"code": code_of(email)})
    return client


def plain(response: Any, email: str) -> str:
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce|X-CSRFToken": )="?[^"]*"', "", response.content.decode())
    return re.sub(r'X-CSRFToken": "[^"]*"', "", text).replace(email, "ADDRESS")


def test_known_and_unknown_addresses_are_answered_alike_and_cost_the_same(cast: Cast) -> None:
    seen = []
    for email in (user_of(cast.alice).email, user_of(cast.carol).email, STRANGER):
        client = Client()
        acts = []
        with CaptureQueriesContext(connection) as queries:
            first = client.post(cast.url("portal:register"), {"email": email})
        page = client.get(first["Location"])
        wrong = client.post(first["Location"], {"code": "x"})
        again = client.post(first["Location"], {"act": "resend"})
        acts += [first.status_code, first["Location"], page.status_code, plain(page, email), wrong.status_code]
        acts += [
            plain(wrong, email),
            again.status_code,
            again["Location"],
            len(queries),
            Letter.objects.filter(to_email=email).count(),
        ]
        seen.append(acts)
    assert seen[0] == seen[2]
    assert seen[1] == seen[2]


@pytest.mark.parametrize(("language", "subject"), [("es", "Su acceso a Hosting Andina"), ("en", "Your access to Hosting Andina")])
def test_a_stranger_becomes_a_customer_who_manages_it(
    cast: Cast, run_jobs: Any, mailoutbox: list[Any], language: str, subject: str
) -> None:
    client = Client()
    client.cookies["django_language"] = language
    client.post(cast.url("portal:register"), {"email": "Ana@Example.com"})
    client.post(cast.url("portal:register_code"), {"code": code_of("ana@example.com")})
    page = client.post(cast.url("portal:register_details"), DATA, follow=True)
    assert page.status_code == 200
    contact = Contact.objects.get(user__email="ana@example.com")
    assert (contact.user.name, contact.customer.name, contact.customer.city) == ("Ana Díaz", "Díaz e Hijas", "Mérida")
    assert contact.customer.email == "ana@example.com"
    assert contact.can_manage_contacts
    assert contact.user.emailaddress_set.get().verified
    assert client.get(cast.url("portal:contacts")).status_code == 200
    run_jobs()
    letter = next(each for each in mailoutbox if each.subject == subject)
    assert contact.customer.number in letter.body


def test_who_has_an_access_is_in_with_the_code_and_nothing_is_made(cast: Cast) -> None:
    before = Customer.objects.count()
    client = proved(cast, user_of(cast.alice).email)
    assert client.get(cast.url("portal:orders")).status_code == 200
    assert Customer.objects.count() == before


def test_registering_is_no_way_round_the_second_factor(cast: Cast) -> None:
    carol = cast.carol.user
    assert carol is not None
    Authenticator.objects.create(user=carol, type=Authenticator.Type.TOTP, data={"secret": "A" * 32})
    client = proved(cast, carol.email)
    assert "_auth_user_id" not in client.session


def test_a_person_of_another_merchant_becomes_a_customer_here_and_stays_themselves(cast: Cast, far: Cast) -> None:
    assert far.alice.user is not None
    client = proved(cast, far.alice.user.email)
    client.post(cast.url("portal:register_details"), DATA | {"person": "Somebody Else"})
    assert Contact.objects.filter(user=far.alice.user, merchant=cast.merchant).exists()
    assert User.objects.get(pk=far.alice.user.pk).name == "Alice"


def test_codes_are_few_and_short_lived(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = asked(cast, STRANGER)
    for _ in range(3):
        assert client.post(cast.url("portal:register_code"), {"code": "x"}).status_code == 422
    assert client.post(cast.url("portal:register_code"), {"code": code_of(STRANGER)}).status_code == 422
    for _ in range(4):
        client.post(cast.url("portal:register_code"), {"act": "resend"})
    assert Letter.objects.filter(to_email=STRANGER).count() == 3
    late = asked(cast, "late@example.com")
    monkeypatch.setattr("portal.registration.time", SimpleNamespace(time=lambda: time.time() + 605))
    assert late.post(cast.url("portal:register_code"), {"code": code_of("late@example.com")}).status_code == 422
    assert not User.objects.filter(email__in=(STRANGER, "late@example.com")).exists()


def test_nothing_is_made_without_the_code_or_by_a_second_click(cast: Cast, far: Cast) -> None:
    client = asked(cast, STRANGER)
    assert client.post(cast.url("portal:register_details"), DATA)["Location"] == cast.url("portal:register")
    assert not User.objects.filter(email=STRANGER).exists()
    client.post(cast.url("portal:register_code"), {"code": code_of(STRANGER)})
    assert client.get(far.url("portal:register_details")).status_code == 302  # proved at Andina alone
    bad = client.post(cast.url("portal:register_details"), DATA | {"person": "", "phone": "abc"})
    assert bad.status_code == 422
    assert 'value="Díaz e Hijas"' in bad.content.decode()
    open_account(merchant=cast.merchant, email=STRANGER, person="Ana")  # the first of two clicks
    assert client.post(cast.url("portal:register_details"), DATA).status_code == 302
    assert Contact.objects.filter(user__email=STRANGER).count() == 1


@pytest.mark.parametrize("registration", [Registration.INVITATION, Registration.CLOSED])
def test_a_merchant_that_is_not_open_makes_nobody(cast: Cast, registration: str) -> None:
    client = proved(cast, STRANGER)
    Merchant.objects.filter(pk=cast.merchant.pk).update(registration=registration)
    assert client.post(cast.url("portal:register_details"), DATA).status_code == 422
    letters = Letter.objects.count()
    page = Client().post(cast.url("portal:register"), {"email": "x@example.com"})
    assert page.status_code == 200
    assert 'name="email"' not in page.content.decode()
    assert Letter.objects.count() == letters
    assert not User.objects.filter(email=STRANGER).exists()


def test_who_was_switched_off_does_not_come_back_this_way(cast: Cast) -> None:
    user = make_user(email="off@example.com", is_active=False)
    client = proved(cast, user.email)
    client.post(cast.url("portal:register_details"), DATA)
    assert "_auth_user_id" not in client.session


# The dotless i and the long s: the database's comparison without case takes them for i and s.
LOOKALIKES = ("alıce@andina.example", "alice@andına.example")


@pytest.mark.parametrize("email", LOOKALIKES)
def test_an_address_that_only_looks_like_somebodys_lets_nobody_in(cast: Cast, email: str) -> None:
    """Seen to fail: with `email__iexact` the code that came to the stranger's address signed the stranger in as Alice."""
    client = proved(cast, email)
    assert "_auth_user_id" not in client.session
    client.post(cast.url("portal:register_details"), DATA)
    assert client.session["_auth_user_id"] != str(user_of(cast.alice).pk)
    assert Contact.objects.get(user__email=email).customer != cast.a
