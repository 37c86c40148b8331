"""The merchant as script prefix, its public page, languages, several customers, and refusals that no page caught."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth import get_user
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.urls import get_script_prefix

from accounts.errors import NotAllowed, Refused, Stale
from accounts.middleware import ActorMiddleware
from accounts.models import Merchant, User
from accounts.selectors import actor_for
from tests.cast import Cast, client_of, house_url
from tests.factories import customer_actor, make_contact, make_customer

pytestmark = pytest.mark.django_db


# --- Addresses --------------------------------------------------------------------------------


def test_every_merchant_has_its_own_public_page(cast: Cast, far: Cast) -> None:
    for house, other in ((cast, far), (far, cast)):
        page = Client().get(house_url(house.merchant, "portal:about"))
        assert page.status_code == 200
        assert house.merchant.name in page.content.decode()
        assert other.merchant.name not in page.content.decode()
        assert f"/{other.merchant.slug}/" not in page.content.decode()
        assert house_url(house.merchant, "account_login") in page.content.decode()
    assert get_script_prefix() == "/"


def test_the_first_page_of_a_stranger_is_the_public_page(cast: Cast) -> None:
    assert Client().get("/andina")["Location"] == "/andina/"
    page = Client().get("/andina/").content.decode()
    assert "Acceso clientes" in page


def test_an_unknown_or_closed_merchant_is_404(cast: Cast) -> None:
    assert Client().get("/nobody/").status_code == 404
    Merchant.objects.filter(pk=cast.merchant.pk).update(is_active=False)
    assert Client().get("/andina/").status_code == 404


@pytest.mark.parametrize(
    "path", ["/%00/", "/andina%00/", "//andina/", "/ANDINA/", "/andina/../litoral/x/", "/" + "a" * 3000 + "/"]
)
def test_odd_addresses_are_404(cast: Cast, path: str) -> None:
    assert Client().get("/", PATH_INFO=path.replace("%00", "\x00")).status_code in {301, 302, 404}


@pytest.mark.parametrize(
    "name",
    ["account_login", "account_request_login_code", "account_reset_password", "account_reset_password_done", "account_signup",
     "account_inactive", "account_logout"],
)  # fmt: skip
@pytest.mark.parametrize("language", ["es", "en"])
def test_the_entry_pages_stand_in_the_house(cast: Cast, name: str, language: str) -> None:
    client = Client()
    client.cookies["django_language"] = language
    page = client.get(house_url(cast.merchant, name), follow=True)
    text = page.content.decode()
    assert page.status_code == 200
    assert f'lang="{language}"' in text
    assert 'action="/account/' not in text
    assert 'href="/account/' not in text


@pytest.mark.parametrize(
    "name", ["account_change_password", "account_email", "mfa_index", "usersessions_list", "account_reauthenticate"]
)
def test_a_members_entry_pages_stand_in_the_house(cast: Cast, name: str) -> None:
    page = client_of(cast.alice).get(house_url(cast.merchant, name))
    assert page.status_code == 200
    assert 'href="/account/' not in page.content.decode()


def test_a_page_for_members_sends_strangers_to_sign_in_and_back(cast: Cast) -> None:
    wanted = house_url(cast.merchant, "portal:orders")
    answer = Client().get(wanted)
    assert answer["Location"] == f"{house_url(cast.merchant, 'account_login')}?next={wanted.replace('/', '%2F')}"
    client = Client()
    assert cast.alice.user is not None
    back = client.post(answer["Location"], {"login": cast.alice.user.email, "password": "correct horse", "next": wanted})
    assert back["Location"] == wanted


def test_somebody_of_another_house_finds_nothing_here(cast: Cast, far: Cast) -> None:
    assert client_of(far.alice).get(house_url(cast.merchant, "portal:orders")).status_code == 404
    assert client_of(cast.nora).get(house_url(cast.merchant, "portal:orders")).status_code == 403
    assert client_of(cast.carol).get(house_url(cast.merchant, "portal:orders")).status_code == 403


# --- Public page ------------------------------------------------------------------------------


def test_the_public_page_says_how_to_pay_and_whom_to_ask(cast: Cast) -> None:
    Merchant.objects.filter(pk=cast.merchant.pk).update(
        support_email="soporte@andina.example", support_phone="+582125551234", support_whatsapp="+584241234567",
        intro_es="Somos Andina.", intro_en="We are Andina.", how_to_pay_es="Pague así.",
    )  # fmt: skip
    page = Client().get("/andina/").content.decode()
    for text in ("Somos Andina.", "Pague así.", "soporte@andina.example", "+58 212-5551234", "https://wa.me/584241234567"):
        assert text in page
    assert f'data-copy="{cast.account.number}"' in page
    assert "We are Andina." not in page
    client = Client()
    client.cookies["django_language"] = "en"
    assert "We are Andina." in client.get("/andina/").content.decode()


def test_accounts_that_are_not_public_or_not_active_are_not_shown(cast: Cast) -> None:
    type(cast.account).objects.filter(pk=cast.account.pk).update(is_public=False)
    assert cast.account.number not in Client().get("/andina/").content.decode()
    type(cast.account).objects.filter(pk=cast.account.pk).update(is_public=True, is_active=False)
    assert cast.account.number not in Client().get("/andina/").content.decode()


def test_what_merchants_write_is_text(cast: Cast) -> None:
    Merchant.objects.filter(pk=cast.merchant.pk).update(
        name="<script>alert(1)</script>", intro_es="<img src=x onerror=alert(1)>", support_email='"><b>@x.example'
    )
    page = Client().get("/andina/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert '"><b>' not in page


def test_the_logo_is_a_picture_and_nothing_else(cast: Cast) -> None:
    url = house_url(cast.merchant, "merchant_logo")
    assert Client().get(url).status_code == 404
    Merchant.objects.filter(pk=cast.merchant.pk).update(logo_png=b"\x89PNG<script>")
    answer = Client().get(url)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


# --- Language and customers -------------------------------------------------------------------


def test_a_language_chosen_is_kept_on_the_device_and_in_the_profile(cast: Cast) -> None:
    client = client_of(cast.alice)
    answer = client.post(house_url(cast.merchant, "set_language"), {"language": "en", "next": "/andina/"})
    assert answer["Location"] == "/andina/"
    assert client.cookies["django_language"].value == "en"
    assert cast.alice.user is not None
    assert User.objects.get(pk=cast.alice.user.pk).language == "en"
    client.post(house_url(cast.merchant, "set_language"), {"language": "xx", "next": "https://evil.example/"})
    assert User.objects.get(pk=cast.alice.user.pk).language == "en"


def test_the_language_is_the_profiles_else_the_merchants_never_the_browsers(cast: Cast) -> None:
    english = Client(headers={"accept-language": "en"})
    assert english.get("/andina/")["Content-Language"] == "es"
    assert cast.alice.user is not None
    User.objects.filter(pk=cast.alice.user.pk).update(language="en")
    assert client_of(cast.alice).get(house_url(cast.merchant, "portal:about"))["Content-Language"] == "en"


def test_a_contact_of_several_customers_chooses_for_whom_to_act(cast: Cast) -> None:
    second = make_customer(cast.merchant)
    assert cast.alice.user is not None
    make_contact(second, cast.alice.user)
    client = client_of(cast.alice)
    url = house_url(cast.merchant, "portal:switch_customer")
    answer = client.post(url, {"customer": second.pk, "next": "/litoral/"})
    assert answer["Location"] == "/andina/"
    assert acting_for(client, cast) == second.pk
    for other in (cast.b.pk, 0, "x", "²", "9" * 30, ""):
        assert client.post(url, {"customer": other}).status_code == 404
    assert acting_for(client, cast) == second.pk


def test_a_customer_chosen_at_one_merchant_means_nothing_at_another(cast: Cast, far: Cast) -> None:
    elsewhere = customer_actor(far.a, cast.alice.user)
    client = client_of(cast.alice)
    assert (
        client.post(house_url(cast.merchant, "portal:switch_customer"), {"customer": elsewhere.contact.customer_id}).status_code
        == 404
    )  # type: ignore[union-attr]
    assert client.post(house_url(far.merchant, "portal:switch_customer"), {"customer": far.a.pk}).status_code == 302
    assert acting_for(client, cast) == cast.a.pk


def acting_for(client: Client, cast: Cast) -> int:
    request: Any = RequestFactory().get("/")
    request.session = client.session
    request.user = get_user(request)
    actor = actor_for(request, cast.merchant)
    assert actor is not None
    assert actor.customer is not None
    return actor.customer.pk


# --- What no page caught ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raised", "status", "sentence"),
    [
        (NotAllowed(), 403, ""),
        (Refused("Somebody paid it.", code="paid"), 409, "Somebody paid it."),
        (Stale("It is <closed>.", code="wrong_state"), 409, "It is &lt;closed&gt;."),
    ],
)
def test_refusals_become_pages(cast: Cast, raised: Exception, status: int, sentence: str) -> None:
    request: HttpRequest = RequestFactory().get("/andina/x/")
    request.merchant, request.actor, request.user = cast.merchant, cast.alice, cast.alice.user  # type: ignore[attr-defined,assignment]
    answer = ActorMiddleware(lambda request: None).process_exception(request, raised)  # type: ignore[arg-type,return-value]
    assert answer is not None
    assert answer.status_code == status
    assert sentence in answer.content.decode()
    assert ActorMiddleware(lambda request: None).process_exception(request, ValueError()) is None  # type: ignore[arg-type,return-value]
