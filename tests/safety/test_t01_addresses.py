"""T1: every address, everybody, GET and POST. Another merchant's house is 404, a missing permission 403, a stranger signs
in first; who is refused changes nothing. An address without a row in the tables fails, so that a new page says whose it is.

Seen to fail: without the need of a role or the permission of a contact in `accounts/access.py`, without the second factor there
or in `files/views.py`, with an address that no row names, with `csrf_exempt` on an act, with an admin that may change tickets.
"""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib import admin

from tests.factories import make_user
from tests.safety.actors import World, body_of, tables
from tests.safety.doors import AWAY, IN, NEEDS, PEOPLE, PERMISSIONS, SECOND_FACTOR, door, leaks
from tests.safety.fixtures import built_world, world
from tests.safety.nasty import share
from tests.safety.pages import NO_WAY, Page, Table, addresses, filled
from tests.safety.table_api import API
from tests.safety.table_desk import DESK
from tests.safety.table_house import ADMIN_MODELS, INSTALLATION, MERCHANT_ENTRY, admin_patterns
from tests.safety.table_portal import PORTAL

__all__ = ["built_world", "world"]

MERCHANT: Table = MERCHANT_ENTRY | PORTAL | DESK
EVERYTHING: Table = MERCHANT | INSTALLATION

SIGN_IN = "/andina/account/login/"
TRIED = frozenset({200, 302, 400, 409, 422})  # what an act may say to somebody who may try it
REFUSALS = frozenset({403, 404, NO_WAY})


def test_every_address_of_a_merchant_stands_in_the_tables() -> None:
    named = {name for name, _pattern, _view in addresses("config.merchant_urls")}
    assert named - set(API) - {"api:nowhere"} == set(MERCHANT)  # keys, not people: test_t01_api


def test_every_address_of_the_installation_stands_in_the_tables() -> None:
    found = {re.sub(r"\^\(\?P<app_label>.*\)/\$", "<app_label>/", pattern) for _name, pattern, _view in addresses("config.urls")}
    assert found == {name.removeprefix("/") for name in INSTALLATION} | admin_patterns()


def test_no_page_of_helpdesk_or_of_its_api_answers() -> None:
    for urlconf in ("config.urls", "config.merchant_urls"):
        borrowed = [
            pattern
            for _name, pattern, view in addresses(urlconf)
            if view.__module__.split(".")[0] in {"helpdesk", "rest_framework", "bootstrap4form"}
        ]
        assert not borrowed
    assert not [model for model in admin.site._registry if model._meta.app_label == "helpdesk"]


@pytest.mark.parametrize("path", ["helpdesk/", "helpdesk/tickets/", "helpdesk/rss/", "helpdesk/view/", "api/tickets/", "kb/"])
def test_nothing_of_helpdesk_is_found_at_its_usual_addresses(world: World, path: str) -> None:
    for who in ("stranger", "alice", "ada", "root"):
        assert world.ask(who, "get", f"/{path}").status_code == 404
        assert world.ask(who, "get", f"/andina/{path}").status_code == 404
        assert world.ask(who, "get", f"/andina/staff/{path}").status_code == 404


def expected(page: Page, who: str, method: str) -> set[int]:
    """The statuses that are right."""
    status = page.get if method == "get" else page.post
    opened = door(page, who)
    if page.who == "closed":
        return {404} if status != NO_WAY else {NO_WAY}
    if opened in (AWAY, SECOND_FACTOR) and (status != NO_WAY or page.who == "signed_in"):
        return {302}
    if status == NO_WAY:
        return {NO_WAY}
    if isinstance(opened, int):
        return {opened}
    if method == "post" and page.needs_to_act and page.needs_to_act not in NEEDS[who]:
        return {403}
    if page.who == "signed_in" and who != page.by:
        return {200, 302, 404}  # their own, or nothing to do there
    if method == "get" or who == page.by:
        return {status} if who in PERMISSIONS or page.who != "public" else {status, 302}
    return set(TRIED)


def people_for(name: str, method: str, *, thoroughly: bool) -> tuple[str, ...]:
    """Everybody for whom the answer could differ; where there is no such method, three are enough to see it.

    Who is let in sees the same page as the next: who is turned back is always asked, of the others the one whom the page is
    for, and one more, at each page another; `thoroughly` all.
    """
    page = EVERYTHING[name]
    if (page.get if method == "get" else page.post) == NO_WAY:
        return ("stranger", page.by, "far_alice")
    spared = {"customer": {"dan", "new"}, "staff": {"reader", "reporter", "manager"}}.get(page.who.partition(":")[0], set())
    asked = tuple(who for who in PEOPLE if who not in spared and (method == "get" or who not in ("far_ada", "root")))
    if thoroughly:
        return asked
    inside = tuple(who for who in asked if who != page.by and not expected(page, who, method) <= REFUSALS)
    kept = share(inside, name, 1)
    return tuple(who for who in asked if who in kept or who not in inside)


@pytest.mark.parametrize("thoroughly", [False, pytest.param(True, marks=pytest.mark.soak)])
@pytest.mark.parametrize("name", EVERYTHING)
def test_each_address_answers_everybody_as_the_table_says(world: World, name: str, thoroughly: bool) -> None:
    page = EVERYTHING[name]
    url = filled(world, name, page)
    wrong = []
    for method in ("get", "post"):
        for who in people_for(name, method, thoroughly=thoroughly):
            data = page.data(world) if method == "post" else {}
            with world.undone():
                answer = world.ask(who, method, url, data)
                changed = world.changed()
            opened = door(page, who)
            if answer.status_code not in expected(page, who, method):
                wrong.append((method, who, answer.status_code, expected(page, who, method), body_of(answer)[-300:]))
            if opened == AWAY and answer.status_code == 302 and not answer.headers["Location"].startswith(SIGN_IN):
                wrong.append((method, who, answer.headers["Location"]))
            if opened == SECOND_FACTOR and answer.status_code == 302 and "2fa/totp/activate" not in answer.headers["Location"]:
                wrong.append((method, who, answer.headers["Location"]))
            if answer.status_code in REFUSALS:
                wrong += [(method, who, "leaks", word) for word in leaks(who, world, body_of(answer))]
            wrong += [(method, who, "changed", table) for table in changed - allowed_changes(page, who, method)]
            if method == "post" and who == page.by and page.acts and page.writes and not changed:
                wrong.append((method, who, "the good body did nothing", answer.status_code))
    assert not wrong


def allowed_changes(page: Page, who: str, method: str) -> set[str]:
    """Tables that this request may touch: all for an act by who may, the note of who looked for staff."""
    if method == "get":
        return {"files_fileview"} if page.who == "file" and who in NEEDS else {page.notes} if door(page, who) == IN else set()
    if door(page, who) != IN or (page.needs_to_act and page.needs_to_act not in NEEDS[who]):
        # A report that arrives after its session ended is kept for the person to whom the form was given: it needs their token.
        return set()
    return set(tables())


@pytest.mark.parametrize("name", [name for name, page in EVERYTHING.items() if page.acts and page.who != "closed"])
def test_no_act_works_without_the_token_of_its_form(world: World, name: str) -> None:
    """Another site that makes a browser post is refused, whoever is signed in there."""
    page = EVERYTHING[name]
    client = world.clients[page.by]
    client.handler.enforce_csrf_checks = True
    try:
        with world.undone():
            answer = world.ask(page.by, "post", filled(world, name, page), page.data(world))
            assert answer.status_code == 403
            assert not world.changed()
    finally:
        client.handler.enforce_csrf_checks = False


# --- The installation's admin ----------------------------------------------------------------


def admin_addresses() -> list[str]:
    filled_in = []
    for pattern in sorted(admin_patterns()):
        path = pattern.replace("<path:object_id>", "1").replace("<path:content_type_id>", "1")
        if "<app_label>" in path:
            filled_in += [f"/admin/{app}/" for app in ADMIN_MODELS]
        else:
            filled_in.append("/" + path.replace("(?P<url>.*)$", "nowhere/"))
    return filled_in


@pytest.mark.parametrize("who", ["stranger", "alice", "ada", "far_ada"])
def test_the_admin_is_closed_to_everybody_but_who_runs_the_installation(world: World, who: str) -> None:
    wrong = []
    for url in admin_addresses():
        for method in ("get", "post") if who in ("stranger", "ada") else ("get",):
            with world.undone():
                answer = world.ask(who, method, url, {"_save": "1", "name": "x"})
                if world.changed():
                    wrong.append((url, method, "changed"))
            where = answer.headers.get("Location", "")
            if url == "/admin/login/":
                is_right = where.startswith(SIGN_IN) if who == "stranger" else answer.status_code == 403
            else:
                is_right = answer.status_code == 302 and (where.startswith("/admin/login/") or url == "/admin/logout/")
            if not is_right:
                wrong.append((url, method, answer.status_code, where))
    assert not wrong


# What a merchant's own people write on their pages, and money and states: nobody changes it here, not even who may look.
LOOKED_AT = (
    "accounts/customer", "accounts/contact", "accounts/staffrole", "banking/receivingaccount", "banking/paymentmethod",
    "banking/exchangerate", "letters/letter", "orders/order", "orders/orderline", "reports/paymentreport", "reports/transfer",
    "reports/shippingwish", "reconciliation/ledgerentry", "reconciliation/match", "reconciliation/settlement",
    "reconciliation/statementimport", "reconciliation/statementline", "tickets/ticket", "tickets/ticketevent",
)  # fmt: skip


@pytest.mark.parametrize("model", LOOKED_AT)
def test_the_admin_only_looks_at_what_services_write(world: World, model: str) -> None:
    pk = apps.get_model(*model.split("/"))._default_manager.earliest("pk").pk
    for page in ("add/", f"{pk}/change/", f"{pk}/delete/"):
        with world.undone():
            said = {"_save": "1", "post": "yes", "state": "verified", "role": "administrator"}
            answer = world.ask("root", "post", f"/admin/{model}/{page}", said)
            assert answer.status_code == 403, (page, answer.status_code)
            assert not world.changed()
    assert world.ask("root", "get", f"/admin/{model}/").status_code == 200


def test_who_runs_the_installation_needs_a_second_factor(world: World) -> None:
    client = world.clients["stranger"]
    bare = make_user(email="bare@installation.example", is_staff=True, is_superuser=True)
    client.force_login(bare)
    try:
        assert client.get("/admin/").headers["Location"].startswith("/admin/login/")
    finally:
        client.cookies.clear()
