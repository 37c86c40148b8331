"""Django's admin is for the installation's administrators, by the same door as everything else."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import Merchant, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchant() -> Merchant:
    """Any merchant; its sign-in page is where strangers are sent."""
    return Merchant.objects.create(
        slug="faro", name="Faro", country="EC", time_zone="America/Guayaquil", currency="USD", ticket_prefix="FA"
    )


def signed_in(client: Client, **fields: Any) -> Client:
    """Somebody who came in."""
    client.force_login(
        User.objects.create_user("root@example.com", "pass-word-1", name="Root", **fields),
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    return client


def test_strangers_are_sent_to_sign_in(client: Client, merchant: Merchant) -> None:
    answer = client.get("/admin/", follow=True)
    assert answer.redirect_chain[-1][0] == "/faro/account/login/?next=%2Fadmin%2F"
    assert answer.status_code == 200


def test_without_a_merchant_there_is_no_door(client: Client) -> None:
    assert client.get("/admin/login/").status_code == 404


@pytest.mark.parametrize("fields", [{}, {"is_staff": True}, {"is_superuser": True}])
def test_people_who_are_no_administrators_are_refused(client: Client, merchant: Merchant, fields: dict[str, bool]) -> None:
    assert signed_in(client, **fields).get("/admin/", follow=True).status_code == 403


def test_an_administrator_without_a_second_factor_is_refused(client: Client, merchant: Merchant, settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = True
    assert signed_in(client, is_staff=True, is_superuser=True).get("/admin/", follow=True).status_code == 403


def test_an_administrator_comes_in(client: Client, merchant: Merchant, settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = False  # as in the demo
    assert signed_in(client, is_staff=True, is_superuser=True).get("/admin/").status_code == 200
