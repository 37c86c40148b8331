"""Pages that stand outside the houses or when something fails: front door, the demo's letters, error pages, no permission."""

from __future__ import annotations

import mailbox as boxes
import re
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from django.test import override_settings

from accounts.models import Contact
from tests.browser import looks
from tests.browser.scenery import words_of_rows
from tests.browser.town import Town
from tests.browser.visits import PORTAL_TARGET, look, nothing_wrong, share_of

pytestmark = pytest.mark.timeout(600)


ERRORS = (
    (404, "/andina/no-such-page/"), (404, "/no-such-merchant/"), (404, "/litoral/orders/"), (403, "/andina/staff/"),
    (404, "/andina/orders/2026-999999/"),
)  # fmt: skip


def test_errors_speak_the_readers_language(town: Town) -> None:
    found, words = [], looks.Languages(words_of_rows())
    for language in ("es", "en"):
        alicia = town.alicia(language=language, phone=False)
        for place, (status, path) in enumerate(ERRORS):
            answer = alicia.page.goto(town.origin + path)
            assert answer is not None
            found += [] if answer.status == status else [f"{path}: {answer.status}"]
            seen = look(alicia, words, target=PORTAL_TARGET, **share_of(alicia, place))
            found += [f"{path} {language}: {each}" for each in seen]
        assert alicia.page.get_by_role("link").count() > 1, "a page that is a dead end"
    nothing_wrong(found + town.close())


def test_a_failure_of_ours_shows_no_trace(town: Town) -> None:
    words = looks.Languages(words_of_rows())
    for language in ("es", "en"):
        alicia = town.alicia(language=language, phone=False)
        with patch("portal.home.debt_of", side_effect=RuntimeError("secret of the code")):
            assert alicia.open("portal:home") == 500
        nothing_wrong(look(alicia, words, target=PORTAL_TARGET, **share_of(alicia, 1)))
        assert "secret of the code" not in alicia.page.content()
        assert "Traceback" not in alicia.page.content()
        alicia.complaints.clear()


def test_too_many_tries_are_told(town: Town) -> None:
    stranger = town.person(None, language="en")
    for _ in range(12):
        stranger.open("account_login")
        stranger.fill("login", "somebody@perez.example")
        stranger.fill("password", "not this one")
        stranger.press("Sign in")
        stranger.page.wait_for_load_state("load")
        if "Too many" in stranger.text():
            break
    stranger.sees("Too many")
    nothing_wrong(look(stranger, looks.Languages(words_of_rows()), target=PORTAL_TARGET))


def test_somebody_without_permissions_is_told_so(town: Town) -> None:
    flags = [field.name for field in Contact._meta.fields if field.name.startswith("can_")]
    Contact.objects.filter(customer=town.customer).update(**dict.fromkeys(flags, False))
    words = looks.Languages(words_of_rows())
    for language in ("es", "en"):
        alicia = town.alicia(language=language, phone=False)
        assert alicia.open("portal:home") == 200
        alicia.sees(alicia.say("There is nothing here for you yet"))
        nothing_wrong(look(alicia, words, target=PORTAL_TARGET, **share_of(alicia, 1)))
        assert alicia.open("portal:orders") == 403


def test_the_front_door_and_the_letters_of_the_demo_are_sound(town: Town, tmp_path: Path, run_jobs: Any) -> None:
    from tests.browser import walks

    walks.report(town.alicia(), town.orders["4587"])
    run_jobs()
    kept = boxes.Maildir(tmp_path / "mail", create=True)
    for letter in town.mailbox.letters:
        kept.add(letter)
    found, subjects = [], {str(letter["Subject"]) for letter in town.mailbox.letters}
    words = looks.Languages(words_of_rows() | subjects)
    with override_settings(DEMO=True, DEMO_MAIL_DIR=tmp_path / "mail"):
        for language in ("es", "en"):
            visitor = town.person(None, language=language)
            for place, path in enumerate(("/", "/demo/letters/")):
                visitor.page.goto(town.origin + path)
                seen = look(visitor, words, target=PORTAL_TARGET, **share_of(visitor, place))
                found += [f"{path} {language}: {each}" for each in seen]
            visitor.page.locator("main a[href*='/demo/letters/']", has_text="HA-10301").first.click()
            visitor.page.wait_for_url(re.compile("/demo/letters/.+/"))
            # The letter speaks the customer's language, whoever reads it here.
            found += [
                f"a letter {language}: {each}" for each in look(visitor, None, target=PORTAL_TARGET, **share_of(visitor, 1))
            ]
            letter = visitor.page.frame_locator("iframe")
            assert "HA-10301" in letter.locator("body").inner_text()
    nothing_wrong(found + town.close())
