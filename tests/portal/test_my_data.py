"""My data: the customer's, which letters come, the history, and another e-mail address."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from accounts.models import Contact, Customer, DataChange, User
from letters.models import Letter
from tests.cast import Cast, client_of, contact_of, user_of

pytestmark = pytest.mark.django_db
DATA = {"name": "Panadería Álvarez C.A.", "tax_id": "J-12345678-9", "language": "es", "city": "Mérida", "phone": "0414 1234567"}


def test_the_customer_s_data_change_and_the_merchant_sees_it(cast: Cast) -> None:
    client = client_of(cast.alice)
    answer = client.post(cast.url("portal:customer_data"), DATA, follow=True)
    page = answer.content.decode()
    assert "no parece un RIF válido" in page  # a warning: it is taken all the same
    customer = Customer.objects.get(pk=cast.a.pk)
    assert (customer.name, customer.tax_id, customer.phone) == (DATA["name"], DATA["tax_id"], "+584141234567")
    assert {each.field for each in DataChange.objects.filter(customer=cast.a)} == {"name", "tax_id", "city", "phone", "email"}
    seen = client_of(cast.sue).get(cast.url("desk:customer", cast.a.pk)).content.decode()
    for word in ("Cambios de datos", "Alicia Álvarez", "Panadería Álvarez", "Mérida"):
        assert word in seen


def test_bad_data_are_refused_and_kept_in_the_form(cast: Cast) -> None:
    answer = client_of(cast.alice).post(cast.url("portal:customer_data"), DATA | {"phone": "abc", "email": "x"})
    assert answer.status_code == 422
    assert 'value="Panadería Álvarez C.A."' in answer.content.decode()
    assert Customer.objects.get(pk=cast.a.pk).name == "Alicia Álvarez"
    assert not DataChange.objects.exists()
    assert client_of(cast.nora).get(cast.url("portal:customer_data")).status_code == 403


def test_letters_are_chosen_and_what_is_not_offered_stays(cast: Cast) -> None:
    alice = cast.alice.contact
    assert alice is not None
    client_of(cast.alice).post(cast.url("portal:profile_letters"), {"gets_order_letters": "on"})
    alice.refresh_from_db()
    assert (alice.gets_order_letters, alice.gets_ticket_letters) == (True, False)
    nora = cast.nora.contact
    assert nora is not None
    client_of(cast.nora).post(cast.url("portal:profile_letters"), {})
    nora.refresh_from_db()
    assert (nora.gets_order_letters, nora.gets_ticket_letters) == (True, True)


def test_who_manages_nobody_sees_no_changes_of_people(cast: Cast) -> None:
    DataChange.objects.create(
        merchant=cast.merchant, customer=cast.a, person=cast.nora.user, field="contact", after="kw@x.example"
    )
    DataChange.objects.create(merchant=cast.merchant, customer=cast.a, field="city", after="Trujillo")
    url = cast.url("portal:profile")
    for manages, sees in ((True, True), (False, False)):
        Contact.objects.filter(pk=contact_of(cast.alice).pk).update(can_manage_contacts=manages)
        page = client_of(cast.alice).get(url).content.decode()
        assert "Trujillo" in page
        assert ("kw@x.example" in page) is sees


def ask_for(cast: Cast, email: str) -> tuple[Client, Any]:
    cache.clear()
    client = Client()
    client.post(cast.url("account_login"), {"login": user_of(cast.alice).email, "password": "correct horse"})
    client.post(cast.url("account_reauthenticate"), {"password": "correct horse"})
    return client, client.post(cast.url("account_email"), {"email": email, "action_add": ""})


def test_a_new_address_is_proved_and_the_old_one_is_told(cast: Cast, run_jobs: Any, mailoutbox: list[Any]) -> None:
    old, new = user_of(cast.alice).email, "alicia@example.com"
    client, answer = ask_for(cast, new)
    assert User.objects.get(pk=user_of(cast.alice).pk).email == old
    code = Letter.objects.filter(to_email=new).latest("pk").context["code"]
    client.post(answer["Location"], {"code": code})
    assert User.objects.get(pk=user_of(cast.alice).pk).email == new
    run_jobs()
    assert any(letter.to == [old] and "ha cambiado" in letter.subject for letter in mailoutbox)
    change = DataChange.objects.get(customer=cast.a, field="email")
    assert (change.before, change.after, change.person_id, change.by_id) == (old, new, *[user_of(cast.alice).pk] * 2)


def test_somebody_else_s_address_is_answered_as_a_free_one(cast: Cast) -> None:
    seen = []
    for email in ("frei@example.com", user_of(cast.bob).email):
        client, answer = ask_for(cast, email)
        page = client.get(answer["Location"])
        body = page.content.decode().replace(email, "ADDRESS")
        assert EmailAddress.objects.filter(user=cast.alice.user).count() == 1
        seen.append((answer.status_code, answer["Location"], page.status_code, body.count("ADDRESS"), len(body) // 100))
        again = client.post(answer["Location"], {"code": "000000"})
        seen[-1] += (again.status_code,)
    assert seen[0] == seen[1]
    assert EmailAddress.objects.get(email=user_of(cast.bob).email).user == user_of(cast.bob)
    assert User.objects.filter(email=user_of(cast.alice).email).exists()


def test_a_name_is_one_line_without_a_web_address(cast: Cast) -> None:
    client, address = client_of(cast.alice), cast.url("portal:customer_data")
    client.post(address, DATA | {"name": "Panadería\r\n\tÁlvarez"})
    assert Customer.objects.get(pk=cast.a.pk).name == "Panadería Álvarez"
    for name in ("Gane en WWW.premio.example", "Cobre en https://premio.example"):
        answer = client.post(address, DATA | {"name": name})
        assert (answer.status_code, "Un nombre no lleva una dirección web" in answer.content.decode()) == (422, True)
    assert Customer.objects.get(pk=cast.a.pk).name == "Panadería Álvarez"


def test_a_form_without_its_token_is_answered_by_a_page_of_ours(cast: Cast) -> None:
    client, address = client_of(cast.alice, enforce_csrf_checks=True), cast.url("portal:customer_data")
    answer = client.post(address, DATA, headers={"Referer": f"http://testserver{address}"})
    page = answer.content.decode()
    assert (answer.status_code, "Esta página estuvo abierta demasiado tiempo" in page) == (403, True)
    assert (f'href="http://testserver{address}"' in page, "DEBUG" in page, "cookie not set" in page) == (True, False, False)
    assert "evil.example" not in client.post(address, DATA, headers={"Referer": "http://evil.example/"}).content.decode()
