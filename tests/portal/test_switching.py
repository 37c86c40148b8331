"""One person with several customers and merchants, and the list of places where one is signed in."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from accounts import entry
from accounts.models import Contact
from accounts.selectors import actor_of
from portal.sessions import browser_of
from tests.cast import Cast, client_of
from tests.factories import make_contact, make_customer

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36"


def sign_in(cast: Cast, who: Any, agent: str = FIREFOX) -> tuple[Client, Any]:
    client = Client(HTTP_USER_AGENT=agent)
    answer = client.post(cast.url("account_login"), {"login": who.user.email, "password": "correct horse"})
    return client, answer


def test_who_acts_for_several_chooses_after_entry_and_begins_there_the_next_time(cast: Cast, far: Cast) -> None:
    assert cast.alice.user is not None
    second = make_contact(make_customer(cast.merchant, name="Segunda Casa"), cast.alice.user)
    make_contact(make_customer(far.merchant, name="Casa Lejana"), cast.alice.user)
    client, answer = sign_in(cast, cast.alice)
    assert answer["Location"] == cast.url("portal:choose")
    page = client.get(answer["Location"]).content.decode()
    for name in ("Alicia Álvarez", "Segunda Casa", "Casa Lejana"):
        assert name in page
    client.post(cast.url("portal:switch_customer"), {"customer": second.customer_id})
    home = client.get(cast.url("portal:home")).content.decode()
    assert "Segunda Casa" in home
    assert cast.url("portal:choose") in home
    again, _answer = sign_in(cast, cast.alice)
    assert "Segunda Casa" in again.get(cast.url("portal:profile")).content.decode()
    far_away = again.post(far.url("portal:switch_customer"), {"customer": far.a.pk})
    assert far_away.status_code == 404  # somebody else's customer
    actor = actor_of(cast.alice.user, cast.merchant)
    assert actor is not None
    assert (actor.contact, actor.doors) == (second, 3)


def test_who_acts_for_one_is_not_asked(cast: Cast) -> None:
    client, answer = sign_in(cast, cast.bob)
    assert answer["Location"] == cast.url("portal:home")
    assert cast.url("portal:choose") not in client.get(answer["Location"]).content.decode()
    assert Client().get(cast.url("portal:choose")).status_code == 302


def test_a_removed_customer_is_not_acted_for_any_more(cast: Cast) -> None:
    assert cast.alice.user is not None
    second = make_contact(make_customer(cast.merchant, name="Segunda Casa"), cast.alice.user)
    client = client_of(cast.alice)
    client.post(cast.url("portal:switch_customer"), {"customer": second.customer_id})
    Contact.objects.filter(pk=second.pk).delete()
    assert "Segunda Casa" not in client.get(cast.url("portal:profile")).content.decode()
    assert client.post(cast.url("portal:switch_customer"), {"customer": second.customer_id}).status_code == 404


def test_sessions_are_ended_one_by_one_and_all_others(cast: Cast) -> None:
    here, _ = sign_in(cast, cast.alice)
    phone, _ = sign_in(cast, cast.alice, CHROME)
    third, _ = sign_in(cast, cast.alice)
    foreign, _ = sign_in(cast, cast.bob)
    page = here.get(cast.url("usersessions_list")).content.decode()
    assert "Firefox, Windows" in page
    assert "Chrome, Android" in page
    assert "127.0.0.1" not in page
    of_phone = UserSession.objects.get(session_key=phone.session.session_key)
    of_bob = UserSession.objects.get(session_key=foreign.session.session_key)
    assert here.post(cast.url("session_end", of_bob.pk)).status_code == 404
    assert here.post(cast.url("session_end", of_phone.pk)).status_code == 302
    assert phone.get(cast.url("portal:orders")).status_code == 302
    assert third.get(cast.url("portal:orders")).status_code == 200
    here.post(cast.url("usersessions_list"))
    assert third.get(cast.url("portal:orders")).status_code == 302
    assert here.get(cast.url("portal:orders")).status_code == 200
    assert foreign.get(cast.url("portal:orders")).status_code == 200


def test_the_list_says_when_a_session_was_last_used(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = sign_in(cast, cast.alice)
    old = timezone.now() - dt.timedelta(hours=3)
    UserSession.objects.update(last_seen_at=old)
    monkeypatch.setattr(entry, "_noted", {})
    client.get(cast.url("portal:home"))
    seen = UserSession.objects.get().last_seen_at
    assert seen > old
    client.get(cast.url("portal:home"))
    assert UserSession.objects.get().last_seen_at == seen


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (FIREFOX, "Firefox, Windows"), (CHROME, "Chrome, Android"), ("", ""), ("curl/8.0", ""),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile Safari/604.1",
         "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Linux"),
    ],
)  # fmt: skip
def test_names_browsers_as_people_do(agent: str, name: str) -> None:
    assert browser_of(agent) == name
