"""Getting in: a code by e-mail on a phone, password and second factor for staff, and where one lands afterwards."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

from config.demo.people import PASSWORD
from tests.browser.person import Person
from tests.browser.town import NOW, Town


def code_of_the_app(secret: str) -> str:
    """What the authenticator app shows now."""
    counter = next(iter(yield_hotp_counters_from_time()))
    return str(format_hotp_value(hotp_value(secret, counter)))


def sign_in(who: Person, email: str, password: str = PASSWORD) -> None:
    """Write e-mail and password on the page that asks for them."""
    who.fill("login", email)
    who.fill("password", password)
    who.press("Sign in")


def test_a_customer_gets_in_by_a_code_and_lands_where_she_wanted(town: Town, run_jobs: Any) -> None:
    alicia = town.person(None, phone=True)
    alicia.open("portal:orders")
    alicia.page.wait_for_url(re.compile("/account/login/"))
    alicia.press("Get a code by e-mail")
    alicia.fill("email", town.customer.email)
    alicia.press("Send the code")
    alicia.page.wait_for_url(re.compile("/code/confirm/"))
    run_jobs()
    subject, text, html = town.mailbox.last_to(town.customer.email)
    found = re.search(r"\b\d{6}\b", text)
    assert found, subject
    assert found[0] in html
    alicia.fill("code", found[0])
    alicia.press("Confirm")
    alicia.wait_for("portal:orders")
    alicia.sees("2026-004512")

    # The code works once, and another browser cannot use it.
    other = town.person(None, phone=True)
    other.open("account_request_login_code")
    other.fill("email", town.customer.email)
    other.press("Send the code")
    other.page.wait_for_url(re.compile("/code/confirm/"))
    other.fill("code", found[0])
    other.press("Confirm")
    other.sees("Este código no es correcto")
    other.open("portal:orders")
    other.page.wait_for_url(re.compile("/account/login/"))


def test_staff_get_in_only_with_a_second_factor(town: Town) -> None:
    clerk = town.andina.staff["Carmen"].user
    carmen = town.person(None, language="en")
    carmen.open("desk:queue")
    sign_in(carmen, clerk.email)
    # Without a factor she is led to make one, after her password once more, and to nothing else.
    carmen.page.wait_for_url(re.compile("/account/reauthenticate/"))
    carmen.open("desk:queue")
    carmen.page.wait_for_url(re.compile("/account/reauthenticate/"))
    carmen.fill("password", PASSWORD)
    carmen.press("Confirm")
    carmen.wait_for("mfa_activate_totp")
    secret = "".join(carmen.page.locator("#authenticator_secret").get_attribute("value").split())
    carmen.fill("code", code_of_the_app(secret))
    carmen.page.locator("main button.btn-primary").click()
    carmen.page.wait_for_load_state("load")
    assert Authenticator.objects.filter(user=clerk, type=Authenticator.Type.TOTP).exists()
    carmen.open("desk:queue")
    assert carmen.is_at("desk:queue")

    # The next time the code is asked for.
    again = town.person(None, language="en")
    again.open("desk:queue")
    sign_in(again, clerk.email)
    again.wait_for("mfa_authenticate")
    again.fill("code", "000000")
    again.press("Sign in")
    again.sees("This code is not right")
    # A code is good once: the app shows the next one half a minute later.
    with time_machine.travel(NOW + dt.timedelta(minutes=2), tick=True):
        again.fill("code", code_of_the_app(secret))
        again.press("Sign in")
        again.wait_for("desk:queue")


def test_nobody_learns_who_has_an_account(town: Town, run_jobs: Any) -> None:
    stranger = town.person(None, language="en")
    for email in (town.customer.email, "nobody@perez.example"):
        stranger.open("account_login")
        sign_in(stranger, email, "not the password")
        stranger.sees("The e-mail address or the password is not right.")
        assert stranger.page.input_value('[name="login"]') == email
    run_jobs()
    assert town.mailbox.to("nobody@perez.example") == []
