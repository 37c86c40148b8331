"""T11: the door. Who has an account stays unknown, codes are few and short-lived, sessions end when they should."""

from __future__ import annotations

import re
import statistics
import time
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.backends.db import SessionStore
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import EntryTries, Role, User
from accounts.services import change_email, end_role, set_role
from letters.models import Letter
from tests.cast import Cast, client_of, house_url

pytestmark = pytest.mark.django_db
STRANGER = "nobody-knows-me@example.com"


def email_of(cast: Cast) -> str:
    assert cast.alice.user is not None
    return cast.alice.user.email


def ask_code(client: Client, cast: Cast, email: str) -> Any:
    cache.clear()  # allauth's own limits are not what is tested here
    return client.post(house_url(cast.merchant, "account_request_login_code"), {"email": email})


def code_sent(email: str) -> str:
    letter = Letter.objects.filter(to_email=email).latest("pk")
    return str(letter.context["code"])


def give_code(client: Client, cast: Cast, code: str) -> Any:
    return client.post(house_url(cast.merchant, "account_confirm_login_code"), {"code": code})


def is_in(client: Client, cast: Cast) -> bool:
    """Whether a page for members opens."""
    return client.get(house_url(cast.merchant, "account_change_password")).status_code == 200 or (
        "password/set" in client.get(house_url(cast.merchant, "account_change_password")).get("Location", "")
    )


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def plain_page(response: Any, email: str) -> str:
    """A page without what differs on every request."""
    text = re.sub(r'(csrfmiddlewaretoken" value|nonce|X-CSRFToken": )="?[^"]*"', "", response.content.decode())
    text = re.sub(r'X-CSRFToken": "[^"]*"', "", text)
    return text.replace(email, "ADDRESS")


# --- Nobody learns who has an account ---------------------------------------------------------


@pytest.mark.parametrize("language", ["es", "en"])
def test_asking_for_a_code_answers_alike_for_known_and_unknown(cast: Cast, language: str) -> None:
    pages = []
    for email in (email_of(cast), STRANGER):
        client = Client()
        client.cookies["django_language"] = language
        response = ask_code(client, cast, email)
        assert response.status_code == 302
        page = client.get(response["Location"])
        again = client.post(response["Location"], {"action": "resend"})
        after = client.get(again["Location"])
        refused = give_code(client, cast, "000000")
        pages.append(
            (response["Location"], sorted(client.cookies), page.status_code, plain_page(page, email), again.status_code,
             plain_page(after, email), refused.status_code, plain_page(refused, email))
        )  # fmt: skip
    assert pages[0] == pages[1]
    assert not Letter.objects.filter(to_email=STRANGER).exists()
    assert Letter.objects.filter(to_email=email_of(cast)).count() == 2


def test_a_password_for_an_unknown_address_is_refused_alike(cast: Cast) -> None:
    url = house_url(cast.merchant, "account_login")
    pages = []
    for email in (email_of(cast), STRANGER):
        response = Client().post(url, {"login": email, "password": "not the password"})
        pages.append((response.status_code, plain_page(response, email)))
    assert pages[0] == pages[1]


def test_a_new_password_is_promised_alike(cast: Cast) -> None:
    url = house_url(cast.merchant, "account_reset_password")
    pages = []
    for email in (email_of(cast), STRANGER):
        client = Client()
        response = client.post(url, {"email": email})
        pages.append((response.status_code, response["Location"], plain_page(client.get(response["Location"]), email)))
    assert pages[0] == pages[1]
    assert not Letter.objects.filter(to_email=STRANGER).exists()
    assert Letter.objects.filter(to_email=email_of(cast)).exists()


def test_an_unknown_address_costs_the_same_work(cast: Cast) -> None:
    """Time as such is measured below, roughly; here is what makes it: the letter and its job are written for both."""
    acts = [
        ("account_request_login_code", {"email": "ADDRESS"}),
        ("account_confirm_login_code", {"action": "resend"}),
        ("account_reset_password", {"email": "ADDRESS"}),
    ]
    for email in (email_of(cast), STRANGER):
        client = Client()
        for page, typed in acts:
            with CaptureQueriesContext(connection) as queries:
                client.post(house_url(cast.merchant, page), {key: text.replace("ADDRESS", email) for key, text in typed.items()})
            done = " ".join(query["sql"] for query in queries.captured_queries)
            assert done.count('INSERT INTO "letters_letter"') == 1, (email, page)
            assert done.count("defer_job") == 1, (email, page)


@pytest.mark.parametrize(
    ("page", "field", "more"),
    [
        ("account_request_login_code", "email", {}),
        ("account_reset_password", "email", {}),
        ("account_login", "login", {"password": "not the password"}),
    ],
)
def test_known_and_unknown_take_the_same_time(
    cast: Cast, settings: Any, monkeypatch: pytest.MonkeyPatch, page: str, field: str, more: dict[str, str]
) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    monkeypatch.setattr("portal.entry.REQUESTS_PER_ACCOUNT", 1000)
    assert cast.alice.user is not None
    cast.alice.user.set_password("correct horse")
    cast.alice.user.save()
    url = house_url(cast.merchant, page)
    took: dict[str, list[float]] = {email_of(cast): [], STRANGER: []}
    for round_number in range(13):
        for email, times in took.items():
            cache.clear()
            client = Client()
            start = time.perf_counter()
            client.post(url, {field: email, **more})
            if round_number:
                times.append(time.perf_counter() - start)
    known, unknown = (statistics.median(times) for times in took.values())
    assert abs(known - unknown) < 0.5 * max(known, unknown) + 0.005, (known, unknown)


# --- Codes ------------------------------------------------------------------------------------


def put_back(key: str, waiting: dict[str, Any]) -> None:
    """Let a session be as another request had read it."""
    store = SessionStore()
    store._session_key, store._session_cache = key, dict(waiting)  # type: ignore[attr-defined]
    store.save(must_create=True)


def test_a_code_lets_in_once(cast: Cast) -> None:
    client = Client()
    ask_code(client, cast, email_of(cast))
    code = code_sent(email_of(cast))
    assert len(code) == 6
    assert give_code(client, cast, code).status_code == 302
    assert is_in(client, cast)
    client.post(house_url(cast.merchant, "account_logout"))
    give_code(client, cast, code)
    assert not is_in(client, cast)


def test_the_same_code_twice_at_once_opens_one_session(cast: Cast) -> None:
    one, other = Client(), Client()
    ask_code(one, cast, email_of(cast))
    code, waiting, key = code_sent(email_of(cast)), dict(one.session), one.session.session_key
    assert key
    other.cookies["sessionid"] = key
    assert give_code(one, cast, code).status_code == 302
    put_back(key, waiting)  # the second request had read the session before the first one signed in
    give_code(other, cast, code)
    assert is_in(one, cast)
    assert not is_in(other, cast)


def test_a_code_is_bound_to_the_session_that_asked(cast: Cast) -> None:
    ask_code(Client(), cast, email_of(cast))
    other = Client()
    ask_code(other, cast, STRANGER)
    give_code(other, cast, code_sent(email_of(cast)))
    assert not is_in(other, cast)


@pytest.mark.parametrize(("seconds", "lets_in"), [(595, True), (605, False)])
def test_a_code_lives_ten_minutes(cast: Cast, monkeypatch: pytest.MonkeyPatch, seconds: int, lets_in: bool) -> None:
    client = Client()
    ask_code(client, cast, email_of(cast))
    later = SimpleNamespace(time=lambda: time.time() + seconds)
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time", later)
    give_code(client, cast, code_sent(email_of(cast)))
    assert is_in(client, cast) is lets_in


def test_a_code_asked_for_again_replaces_the_first_and_lives_as_long(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client()
    ask_code(client, cast, email_of(cast))
    first = code_sent(email_of(cast))
    url = house_url(cast.merchant, "account_confirm_login_code")
    monkeypatch.setattr("portal.adapters.time", SimpleNamespace(time=lambda: time.time() + 500))
    client.post(url, {"action": "resend"})
    second = code_sent(email_of(cast))
    monkeypatch.setattr("allauth.account.internal.flows.code_verification.time", SimpleNamespace(time=lambda: time.time() + 1000))
    if first != second:
        give_code(client, cast, first)
        assert not is_in(client, cast)
    give_code(client, cast, second)
    assert is_in(client, cast)


def test_a_code_can_be_asked_for_again_twice(cast: Cast) -> None:
    client = Client()
    ask_code(client, cast, email_of(cast))
    for _ in range(5):
        client.post(house_url(cast.merchant, "account_confirm_login_code"), {"action": "resend"})
    assert Letter.objects.filter(to_email=email_of(cast)).count() == 3


def test_three_wrong_codes_end_it(cast: Cast) -> None:
    client = Client()
    ask_code(client, cast, email_of(cast))
    code = code_sent(email_of(cast))
    for _ in range(3):
        give_code(client, cast, wrong(code))
    give_code(client, cast, code)
    assert not is_in(client, cast)


def test_tries_made_together_are_all_counted(cast: Cast) -> None:
    """Each request reads the session as it was before the others: allauth's own count stays at none."""
    client = Client()
    ask_code(client, cast, email_of(cast))
    code, waiting = code_sent(email_of(cast)), dict(client.session)
    for _ in range(3):
        give_code(client, cast, wrong(code))
        session = client.session
        session.update(waiting)
        session.save()
    give_code(client, cast, code)
    assert not is_in(client, cast)


def test_an_account_has_few_tries_whatever_the_session(cast: Cast) -> None:
    for _ in range(4):
        client = Client()
        ask_code(client, cast, email_of(cast))
        for _ in range(3):
            give_code(client, cast, wrong(code_sent(email_of(cast))))
    client = Client()
    ask_code(client, cast, email_of(cast))
    give_code(client, cast, code_sent(email_of(cast)))
    assert not is_in(client, cast)


def test_an_address_has_few_tries_whatever_the_account(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.entry.TRIES_PER_ADDRESS", 2)
    for number in range(2):
        client = Client()
        ask_code(client, cast, f"stranger{number}@example.com")
        give_code(client, cast, "123456")
    client = Client()
    ask_code(client, cast, email_of(cast))
    give_code(client, cast, code_sent(email_of(cast)))
    assert not is_in(client, cast)
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    ask_code(elsewhere, cast, email_of(cast))
    give_code(elsewhere, cast, code_sent(email_of(cast)))
    assert is_in(elsewhere, cast)


def test_an_address_gets_few_letters(cast: Cast) -> None:
    for email in (email_of(cast), STRANGER):
        answers = [ask_code(Client(), cast, email).status_code for _ in range(7)]
        assert answers == [302] * 5 + [200] * 2
    assert Letter.objects.filter(to_email=email_of(cast)).count() == 5


def test_counters_hold_no_address_in_the_clear(cast: Cast) -> None:
    ask_code(Client(), cast, email_of(cast))
    assert EntryTries.objects.exists()
    assert not [row for row in EntryTries.objects.all() if "@" in row.key or len(row.key) != 64]


def test_a_sent_code_is_forgotten_by_the_outbox(cast: Cast, run_jobs: Any) -> None:
    ask_code(Client(), cast, email_of(cast))
    code = code_sent(email_of(cast))
    run_jobs()
    letter = Letter.objects.get(to_email=email_of(cast))
    assert letter.state == Letter.State.SENT
    assert code not in f"{letter.text} {letter.html} {letter.subject} {letter.context}"


# --- Sessions ---------------------------------------------------------------------------------


def test_a_new_password_ends_every_other_session(cast: Cast) -> None:
    old = client_of(cast.alice)
    assert is_in(old, cast)
    here = Client()
    here.post(house_url(cast.merchant, "account_login"), {"login": email_of(cast), "password": "correct horse"})
    answer = here.post(
        house_url(cast.merchant, "account_change_password"),
        {"oldpassword": "correct horse", "password1": "battery staple 9", "password2": "battery staple 9"},
    )
    assert answer.status_code == 302
    assert is_in(here, cast)
    assert not is_in(old, cast)


def test_a_change_of_role_ends_sessions(cast: Cast) -> None:
    carol = cast.carol.user
    assert carol is not None
    client = client_of(cast.carol)
    assert is_in(client, cast)
    set_role(merchant=cast.merchant, email=carol.email, name=carol.name, role=Role.SENIOR, by=cast.ada)
    assert not is_in(client, cast)
    carol.refresh_from_db()
    again = client_of(cast.carol)
    assert is_in(again, cast)
    end_role(staff_role=carol.staff_roles.get(), by=cast.ada)
    assert not is_in(again, cast)


def test_becoming_staff_ends_the_session_of_a_customer(cast: Cast) -> None:
    client = client_of(cast.alice)
    set_role(merchant=cast.merchant, email=email_of(cast), name="Alice", role=Role.SUPPORT, by=cast.ada)
    assert not is_in(client, cast)


def test_switching_a_person_off_ends_sessions_for_good(cast: Cast) -> None:
    client = client_of(cast.alice)
    User.objects.filter(email=email_of(cast)).update(is_active=False)
    assert not is_in(client, cast)
    User.objects.filter(email=email_of(cast)).update(is_active=True)
    assert not is_in(client, cast)


def test_saving_an_old_copy_of_a_person_revives_no_session(cast: Cast) -> None:
    carol = cast.carol.user
    assert carol is not None
    client = client_of(cast.carol)
    old_copy = User.objects.get(pk=carol.pk)
    set_role(merchant=cast.merchant, email=carol.email, name=carol.name, role=Role.SUPPORT, by=cast.ada)
    old_copy.save()
    assert not is_in(client, cast)


# --- The address ------------------------------------------------------------------------------


def test_a_changed_address_is_unproved_until_its_code_is_given(cast: Cast) -> None:
    client = Client()
    client.post(house_url(cast.merchant, "account_login"), {"login": email_of(cast), "password": "correct horse"})
    client.post(house_url(cast.merchant, "account_reauthenticate"), {"password": "correct horse"})
    new = "alice.new@example.com"
    answer = client.post(house_url(cast.merchant, "account_email"), {"email": new, "action_add": ""})
    assert answer.status_code == 302
    assert not EmailAddress.objects.filter(email=new, verified=True).exists()
    assert User.objects.filter(email=email_of(cast)).exists()
    client.post(house_url(cast.merchant, "account_email_verification_sent"), {"code": "000000"})
    assert not User.objects.filter(email=new).exists()
    client.post(house_url(cast.merchant, "account_email_verification_sent"), {"code": code_sent(new)})
    assert User.objects.filter(email=new).exists()
    assert EmailAddress.objects.get(email=new).verified


def test_an_address_changed_by_the_installation_is_unproved_and_ends_sessions(cast: Cast) -> None:
    assert cast.alice.user is not None
    client = client_of(cast.alice)
    change_email(user=cast.alice.user, email="Other@Example.com")
    assert [(each.email, each.verified) for each in EmailAddress.objects.filter(user=cast.alice.user)] == [
        ("other@example.com", False)
    ]
    assert not is_in(client, cast)
    fresh = Client()
    fresh.post(house_url(cast.merchant, "account_login"), {"login": "other@example.com", "password": "correct horse"})
    assert not is_in(fresh, cast)
    assert Letter.objects.filter(to_email="other@example.com").exists()
