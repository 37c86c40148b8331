"""The installation's admin: another door, the same key; most of it only to look at."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts.models import Customer, Merchant, User
from tests.cast import Cast, client_of
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(cast: Cast) -> Client:
    user = make_user(email="root@example.com", is_staff=True, is_superuser=True)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={})
    client = Client()
    client.force_login(user)
    return client


def test_strangers_and_members_stay_out(cast: Cast) -> None:
    assert "/account/login/" in Client().get("/admin/", follow=True).redirect_chain[-1][0]
    for actor in (cast.alice, cast.ada):
        assert client_of(actor).get("/admin/", follow=True).status_code == 403


def test_a_superuser_needs_the_second_factor(cast: Cast) -> None:
    user = make_user(is_staff=True, is_superuser=True)
    client = Client()
    client.force_login(user)
    assert client.get("/admin/accounts/merchant/", follow=True).status_code == 403


@pytest.mark.parametrize(
    "page",
    ["accounts/merchant", "accounts/user", "accounts/customer", "accounts/contact", "accounts/staffrole", "banking/bank",
     "banking/referenceformat", "banking/receivingaccount", "banking/paymentmethod", "banking/exchangerate"],
)  # fmt: skip
def test_lists_open(root: Client, page: str) -> None:
    assert root.get(f"/admin/{page}/").status_code == 200


def test_who_belongs_where_is_only_looked_at(root: Client, cast: Cast) -> None:
    answer = root.post(f"/admin/accounts/customer/{cast.a.pk}/change/", {"name": "Changed"})
    assert answer.status_code == 403
    assert root.post(f"/admin/accounts/customer/{cast.a.pk}/delete/", {"post": "yes"}).status_code == 403
    assert root.get("/admin/accounts/staffrole/add/").status_code == 403
    assert Customer.objects.get(pk=cast.a.pk).name == "Alicia Álvarez"


def test_a_merchants_address_and_currency_stay(root: Client, cast: Cast) -> None:
    form = root.get(f"/admin/accounts/merchant/{cast.merchant.pk}/change/").context["adminform"].form
    values = {name: value for name, value in form.initial.items() if value is not None}
    values |= {
        "business_hours": '{"1": [["08:00", "17:00"]]}',
        "extra_holidays": "[]",
        "name": "Renamed",
        "slug": "other",
        "currency": "EUR",
    }
    answer = root.post(f"/admin/accounts/merchant/{cast.merchant.pk}/change/", values)
    assert answer.status_code == 302, answer.context["errors"]
    merchant = Merchant.objects.get(pk=cast.merchant.pk)
    assert (merchant.slug, merchant.currency, merchant.name) == ("andina", "USD", "Renamed")


def test_an_address_changed_here_is_unproved(root: Client, cast: Cast) -> None:
    assert cast.alice.user is not None
    member = client_of(cast.alice)
    values = {"email": "moved@example.com", "name": "Alice", "language": "es", "is_active": "on"}
    assert root.post(f"/admin/accounts/user/{cast.alice.user.pk}/change/", values).status_code == 302
    assert User.objects.get(pk=cast.alice.user.pk).email == "moved@example.com"
    assert list(EmailAddress.objects.filter(user=cast.alice.user).values_list("email", "verified")) == [
        ("moved@example.com", False)
    ]
    assert member.get("/andina/account/email/").status_code == 302
    taken = root.post(f"/admin/accounts/user/{cast.alice.user.pk}/change/", {**values, "email": "BOB@andina.example"})
    assert taken.status_code == 200
    assert User.objects.get(pk=cast.alice.user.pk).email == "moved@example.com"
