"""Signing in as people do it: letters in their language, a first password, a second factor, several devices."""

from __future__ import annotations

import datetime as dt
import re
import threading
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.contacts import add_contact
from accounts.entry import count_try, sweep_tries
from accounts.jobs import sweep_entry
from accounts.models import EntryTries, User
from letters.models import Letter
from tests.cast import Cast, house_url

pytestmark = pytest.mark.django_db


def page(cast: Cast, name: str) -> str:
    return house_url(cast.merchant, name)


def with_code(cast: Cast, email: str) -> Client:
    client = Client()
    client.post(page(cast, "account_request_login_code"), {"email": email})
    code = Letter.objects.filter(to_email=email).latest("pk").context["code"]
    client.post(page(cast, "account_confirm_login_code"), {"code": code})
    return client


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.mark.parametrize(
    ("language", "subject", "other"),
    [("es", "Su código para Hosting Andina", "Your code"), ("en", "Your code for Hosting Andina", "Su código")],
)
def test_a_code_comes_in_the_readers_language_whatever_the_page(
    cast: Cast, run_jobs: Any, mailoutbox: list[Any], language: str, subject: str, other: str
) -> None:
    assert cast.alice.user is not None
    User.objects.filter(pk=cast.alice.user.pk).update(language=language)
    client = Client()
    client.cookies["django_language"] = "en" if language == "es" else "es"
    client.post(page(cast, "account_request_login_code"), {"email": cast.alice.user.email})
    code = Letter.objects.get().context["code"]
    run_jobs()
    letter = mailoutbox[0]
    assert letter.subject == subject
    assert code in letter.body
    assert code in letter.alternatives[0][0]
    assert other not in letter.body + letter.alternatives[0][0]
    assert code not in letter.subject
    client.post(page(cast, "account_confirm_login_code"), {"code": f" {code[:3]} {code[3:]} "})
    assert is_signed_in(client)


def test_a_new_contact_gets_in_by_code_which_proves_the_address(cast: Cast) -> None:
    contact = add_contact(customer=cast.a, email="nueva@example.com", name="Nueva", by=cast.sue)
    client = with_code(cast, "nueva@example.com")
    assert is_signed_in(client)
    assert contact.user.emailaddress_set.get().verified


def test_and_sets_a_first_password(cast: Cast) -> None:
    add_contact(customer=cast.a, email="nueva@example.com", name="Nueva", by=cast.sue)
    client = with_code(cast, "nueva@example.com")
    passwords = {"password1": "battery staple 9", "password2": "battery staple 9"}
    assert client.post(page(cast, "account_set_password"), passwords).status_code == 302
    assert is_signed_in(client)
    fresh = Client()
    fresh.post(page(cast, "account_login"), {"login": "NUEVA@example.com", "password": "battery staple 9"})
    assert is_signed_in(fresh)
    notice = Letter.objects.filter(to_email="nueva@example.com").latest("pk")
    assert "battery" not in str(notice.context)
    assert notice.context["heading"] == "Su acceso ha cambiado"


@pytest.mark.parametrize(
    ("password", "why"), [("short", "10"), ("password1234", "com"), ("12345678901", "num"), ("alice@andina.example", "")]
)
def test_weak_passwords_are_refused_with_a_sentence(cast: Cast, password: str, why: str) -> None:
    client = Client()
    assert cast.alice.user is not None
    client.post(page(cast, "account_login"), {"login": cast.alice.user.email, "password": "correct horse"})
    answer = client.post(
        page(cast, "account_change_password"), {"oldpassword": "correct horse", "password1": password, "password2": password}
    )
    assert answer.status_code == 200
    assert why in answer.content.decode()
    assert User.objects.get(pk=cast.alice.user.pk).check_password("correct horse")


def test_somebody_with_a_password_and_an_unproved_address_proves_it_first(cast: Cast) -> None:
    assert cast.alice.user is not None
    cast.alice.user.emailaddress_set.update(verified=False)
    client = Client()
    answer = client.post(page(cast, "account_login"), {"login": cast.alice.user.email, "password": "correct horse"})
    assert answer["Location"] == page(cast, "account_email_verification_sent")
    assert not is_signed_in(client)
    client.post(answer["Location"], {"code": "000000"})
    assert not is_signed_in(client)
    client.post(answer["Location"], {"code": Letter.objects.latest("pk").context["code"]})
    assert is_signed_in(client)
    assert cast.alice.user.emailaddress_set.get().verified


def test_staff_set_up_their_second_factor_and_use_a_recovery_code(cast: Cast) -> None:
    assert cast.carol.user is not None
    client = Client()
    login = {"login": cast.carol.user.email, "password": "correct horse"}
    client.post(page(cast, "account_login"), login)
    setup = page(cast, "mfa_activate_totp")
    again = client.get(setup)["Location"]
    client.post(again, {"password": "correct horse"})
    form = client.get(setup)
    assert form.status_code == 200
    secret = client.session["mfa.totp.secret"]
    cache.clear()
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post(setup, {"code": code}).status_code == 302
    assert Authenticator.objects.filter(user=cast.carol.user).count() == 2
    codes = client.get(page(cast, "mfa_view_recovery_codes"))
    recovery = re.findall(r"\b\d{8}\b", codes.content.decode())[0]
    for lets_in in (True, False):
        fresh = Client()
        answer = fresh.post(page(cast, "account_login"), login)
        fresh.post(answer["Location"], {"code": recovery})
        assert is_signed_in(fresh) is lets_in


def test_wrong_passwords_are_limited_and_say_so_in_both_languages(cast: Cast) -> None:
    assert cast.alice.user is not None
    for language, sentence in (("es", "Demasiados intentos"), ("en", "Too many tries")):
        cache.clear()
        client = Client()
        client.cookies["django_language"] = language
        for _ in range(6):
            answer = client.post(page(cast, "account_login"), {"login": cast.alice.user.email, "password": "wrong"})
        assert sentence in answer.content.decode()
        client.post(page(cast, "account_login"), {"login": cast.alice.user.email, "password": "correct horse"})
        assert not is_signed_in(client)


@pytest.mark.parametrize("login", ["", "no address", "x" * 5000, "a@b.example\x00", "<script>@x.example"])
def test_odd_input_at_the_door_is_answered_in_words(cast: Cast, login: str) -> None:
    assert Client().post(page(cast, "account_login"), {"login": login, "password": "p\x00"}).status_code == 200
    assert Client().post(page(cast, "account_request_login_code"), {"email": login}).status_code == 200
    assert Client().post(page(cast, "account_reset_password"), {"email": login}).status_code == 200


def test_counters_start_again_after_their_window(cast: Cast) -> None:
    minute = dt.timedelta(minutes=1)
    assert [count_try("x", "me", most=2, window=minute) for _ in range(3)] == [True, True, False]
    assert count_try("x", "you", most=2, window=minute)
    assert count_try("y", "me", most=2, window=minute)
    EntryTries.objects.update(until=timezone.now() - minute)
    assert count_try("x", "ME ", most=2, window=minute)
    assert EntryTries.objects.count() == 3


def test_the_sweep_removes_what_is_over(cast: Cast) -> None:
    count_try("old", "me", most=1, window=dt.timedelta(minutes=-1))
    count_try("new", "me", most=1, window=dt.timedelta(minutes=1))
    Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - dt.timedelta(days=1))
    sweep_entry(timestamp=0)
    assert EntryTries.objects.count() == 1
    assert not Session.objects.exists()
    assert sweep_tries() == 0


@pytest.mark.django_db(transaction=True)
def test_tries_made_at_once_are_all_counted() -> None:
    answers: list[bool] = []

    def attempt() -> None:
        try:
            answers.append(count_try("x", "me", most=3, window=dt.timedelta(minutes=1)))
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False] * 9 + [True] * 3
