"""T11, staff: the second factor, where one may go after signing in, and that links of letters lead to us."""

from __future__ import annotations

import re
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import set_script_prefix

from accounts.access import customer_page, member_page, staff_page
from accounts.actors import Actor
from accounts.errors import NotAllowed
from letters.models import Letter
from portal.adapters import MFAAdapter
from tests.cast import Cast, client_of, house_url

pytestmark = pytest.mark.django_db
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def with_totp(actor: Actor) -> None:
    cache.clear()
    TOTP.activate(actor.user, SECRET)


def totp_now() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def sign_in(cast: Cast, actor: Actor, **query: str) -> tuple[Client, Any]:
    assert actor.user is not None
    client = Client()
    answer = client.post(
        house_url(cast.merchant, "account_login"), {"login": actor.user.email, "password": "correct horse", **query}
    )
    return client, answer


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def page_as(actor: Actor, decorator: Any) -> Any:
    """What a page behind `decorator` answers to `actor`."""
    set_script_prefix(f"/{actor.merchant.slug}/")
    request = RequestFactory().get(f"/{actor.merchant.slug}/somewhere/")
    request.user, request.actor, request.merchant = actor.user, actor, actor.merchant  # type: ignore[attr-defined,assignment]
    request.urlconf = "config.merchant_urls"  # type: ignore[attr-defined]
    from django.urls import set_urlconf

    set_urlconf("config.merchant_urls")
    try:
        return decorator(lambda request: HttpResponse("inside"))(request)
    finally:
        set_urlconf(None)


# --- Second factor ----------------------------------------------------------------------------


def test_staff_without_a_second_factor_are_sent_to_set_one_up(cast: Cast) -> None:
    answer = page_as(cast.carol, staff_page())
    assert answer.status_code == 302
    assert answer["Location"] == house_url(cast.merchant, "mfa_activate_totp")
    with_totp(cast.carol)
    assert page_as(cast.carol, staff_page()).content == b"inside"


def test_the_demo_alone_does_without(cast: Cast, settings: Any) -> None:
    settings.STAFF_TOTP_REQUIRED = False
    assert page_as(cast.carol, staff_page()).content == b"inside"


def test_customers_need_none(cast: Cast) -> None:
    assert page_as(cast.alice, customer_page("report")).content == b"inside"
    assert page_as(cast.alice, member_page).content == b"inside"


@pytest.mark.parametrize(
    ("who", "need", "allowed"),
    [
        ("carol", "decide", True), ("carol", "sign", False), ("dan", "sign", True), ("sue", "decide", False),
        ("sue", "register", True), ("otto", "write", False), ("otto", None, True), ("ada", "administer", True),
        ("dan", "administer", False), ("alice", None, False),
    ],
)  # fmt: skip
def test_staff_pages_ask_for_the_role(cast: Cast, settings: Any, who: str, need: Any, allowed: bool) -> None:
    settings.STAFF_TOTP_REQUIRED = False
    if allowed:
        assert page_as(getattr(cast, who), staff_page(need)).content == b"inside"
    else:
        with pytest.raises(NotAllowed):
            page_as(getattr(cast, who), staff_page(need))


@pytest.mark.parametrize("permission", ["see_orders", "report", "use_tickets", "manage_services", "manage_contacts"])
def test_customer_pages_ask_for_the_permission(cast: Cast, permission: Any) -> None:
    with pytest.raises(NotAllowed):
        page_as(cast.nora, customer_page(permission))
    with pytest.raises(NotAllowed):
        page_as(cast.carol, customer_page(permission))
    assert page_as(cast.alice, customer_page(permission)).content == b"inside"


def test_a_password_alone_does_not_let_in_who_has_a_second_factor(cast: Cast) -> None:
    with_totp(cast.carol)
    client, answer = sign_in(cast, cast.carol)
    assert answer["Location"] == house_url(cast.merchant, "mfa_authenticate")
    assert not is_signed_in(client)
    client.post(answer["Location"], {"code": totp_now()})
    assert is_signed_in(client)


def test_a_code_by_e_mail_alone_does_not_either(cast: Cast) -> None:
    with_totp(cast.carol)
    assert cast.carol.user is not None
    client = Client()
    client.post(house_url(cast.merchant, "account_request_login_code"), {"email": cast.carol.user.email})
    code = Letter.objects.latest("pk").context["code"]
    client.post(house_url(cast.merchant, "account_confirm_login_code"), {"code": code})
    assert not is_signed_in(client)
    client.post(house_url(cast.merchant, "mfa_authenticate"), {"code": totp_now()})
    assert is_signed_in(client)


def test_five_wrong_second_factors_and_the_right_one_waits(cast: Cast) -> None:
    with_totp(cast.carol)
    for _ in range(5):
        client, answer = sign_in(cast, cast.carol)
        cache.clear()  # allauth's own limit would hide ours
        client.post(answer["Location"], {"code": "000000"})
    client, answer = sign_in(cast, cast.carol)
    cache.clear()
    client.post(answer["Location"], {"code": totp_now()})
    assert not is_signed_in(client)


def test_a_second_factor_works_once(cast: Cast) -> None:
    with_totp(cast.carol)
    code = totp_now()
    client, answer = sign_in(cast, cast.carol)
    client.post(answer["Location"], {"code": code})
    assert is_signed_in(client)
    other, answer = sign_in(cast, cast.carol)
    other.post(answer["Location"], {"code": code})
    assert not is_signed_in(other)


def test_the_secret_of_a_second_factor_is_not_stored_in_the_clear(cast: Cast) -> None:
    with_totp(cast.carol)
    stored = Authenticator.objects.get().data["secret"]
    assert SECRET not in stored
    assert MFAAdapter().decrypt(stored) == SECRET


def test_setting_it_up_asks_for_the_password_again(cast: Cast) -> None:
    client = client_of(cast.alice)
    answer = client.get(house_url(cast.merchant, "mfa_activate_totp"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(house_url(cast.merchant, "account_reauthenticate"))


def test_changing_the_address_asks_for_the_password_again(cast: Cast) -> None:
    client = client_of(cast.alice)
    answer = client.post(house_url(cast.merchant, "account_email"), {"email": "new@example.com", "action_add": ""})
    assert answer["Location"].startswith(house_url(cast.merchant, "account_reauthenticate"))
    assert not Letter.objects.exists()


# --- Where one goes ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "followed"),
    [
        ("/andina/orders/", True),
        ("/andina/account/email/?a=1", True),
        ("/litoral/orders/", False),
        ("/andina/../litoral/", False),
        ("/andina/%2e%2e/litoral/", False),
        ("/andina/%252e%252e/litoral/", False),
        ("//evil.example/andina/", False),
        ("/\\evil.example/andina/", False),
        ("/andina\\..\\litoral/", False),
        ("/andina/\\..\\..\\litoral/", False),
        ("/andina/.\t./litoral/", False),
        ("https://evil.example/andina/", False),
        ("http://testserver/andina/", False),
        ("javascript:alert(1)", False),
        ("/andina/\r\nSet-Cookie:a=b", False),
        ("/andinax/", False),
        ("/", False),
    ],
)
def test_next_is_followed_inside_the_house_alone(cast: Cast, far: Cast, wanted: str, followed: bool) -> None:
    client, answer = sign_in(cast, cast.alice, next=wanted)
    assert is_signed_in(client)
    assert answer["Location"] == (wanted if followed else house_url(cast.merchant, "portal:home"))


def test_who_belongs_elsewhere_is_sent_home(cast: Cast, far: Cast) -> None:
    _client, answer = sign_in(cast, far.alice)
    assert answer["Location"] == "/litoral/"


def test_who_belongs_elsewhere_finds_nothing_inside(cast: Cast, far: Cast) -> None:
    from django.http import Http404

    for decorator in (customer_page(), staff_page(), member_page):
        set_script_prefix("/andina/")
        request: Any = RequestFactory().get("/andina/somewhere/")
        request.user, request.actor, request.merchant = far.alice.user, None, cast.merchant
        with pytest.raises(Http404):
            decorator(lambda request: HttpResponse("inside"))(request)  # type: ignore[operator]


def test_a_reset_link_leads_to_us_whatever_the_host_header_says(cast: Cast, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    assert cast.alice.user is not None
    Client(headers={"host": "evil.example"}).post(
        house_url(cast.merchant, "account_reset_password"), {"email": cast.alice.user.email}
    )
    link = Letter.objects.latest("pk").context["link"]
    assert link.startswith(f"{settings.SITE_URL}/andina/account/password/reset/key/")


def test_a_reset_link_works_once(cast: Cast) -> None:
    assert cast.alice.user is not None
    Client().post(house_url(cast.merchant, "account_reset_password"), {"email": cast.alice.user.email})
    path = re.sub(r"^https?://[^/]+", "", Letter.objects.latest("pk").context["link"])
    client, late = Client(), Client()
    form = client.get(path)["Location"]
    late_form = late.get(path)["Location"]
    passwords = {"password1": "battery staple 9", "password2": "battery staple 9"}
    assert client.post(form, passwords).status_code == 302
    cast.alice.user.refresh_from_db()
    assert cast.alice.user.check_password("battery staple 9")
    late.post(late_form, {"password1": "mine now 12345", "password2": "mine now 12345"})
    cast.alice.user.refresh_from_db()
    assert cast.alice.user.check_password("battery staple 9")


def test_nobody_registers_by_themselves(cast: Cast) -> None:
    url = house_url(cast.merchant, "account_signup")
    answer = Client().post(url, {"email": "new@example.com", "password1": "battery staple 9", "password2": "battery staple 9"})
    assert answer.status_code == 200
    assert type(cast.alice.user).objects.filter(email="new@example.com").count() == 0
