"""T2: an id, key, number or file name of somebody else's, in the address, the query and the body. Nothing changes, nothing leaks.

What is theirs comes from the same tables: `mirrors` puts Bob, or the other merchant, in Alice's place, and one thing after
another is taken from there. Words, references and amounts of each owner are canaries.

Seen to fail: with the customer left out of `orders_for`, `tickets_for` or `files_for`, the merchant out of `tickets_for`, the
customer out of `files_of` and of switching, the ticket out of the reversal that is signed, and with any `next` followed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest

from reports.drafts import draft_token
from tests.safety.actors import World, body_of
from tests.safety.doors import IN, door, leaks
from tests.safety.fixtures import built_world, world
from tests.safety.mirrors import MERCHANT, as_bob, as_far, mixed, picture_of, sayings, swapped
from tests.safety.pages import Page, filled
from tests.safety.table_portal import report_of
from tests.safety.world import upload

__all__ = ["built_world", "world"]

CUSTOMER_KINDS = ("customer", "contact")
Mirror = Callable[[World], World]
# Free texts and figures, not names of things.
FREE = frozenset({"t-0-amount", "q", "note", "text", "question", "file", "files", "t-0-receipt"})
# What a customer who reports may touch on the way, all of it their own: the draft and its files.
OWN_DRAFT = {"reports_reportdraft", "reports_draftfile", "files_storedfile", "procrastinate_jobs"}
# Pages where the whole of an act is to keep a draft under a key of one's own choosing.
KEYS_ARE_ONES_OWN = {"portal:report_upload"}


CRAWLERS: dict[str, Mirror] = {
    "stranger": lambda world: world,
    "alice": lambda world: world,
    "bob": as_bob,
    "nora": lambda world: world,
    "sue": lambda world: world,
    "carol": lambda world: world,
    "ada": lambda world: world,
    "otto": lambda world: world,
    "far_alice": as_far,
    "far_carol": as_far,
}
# Support and auditors read what accountants and administrators read: tried in the long run.
THE_SAME_PAGES = ("sue", "otto")
# Whose part they play in their own house.
PLAYS = {"bob": "alice", "far_alice": "alice", "far_carol": "carol"}


@pytest.mark.parametrize("who", [pytest.param(who, marks=pytest.mark.soak if who in THE_SAME_PAGES else ()) for who in CRAWLERS])
def test_no_page_shows_anything_of_somebody_else_s(world: World, who: str) -> None:
    seen_from = CRAWLERS[who](world)
    numbers = {"alice": world.andina.bob.numbers, "bob": world.andina.alice.numbers}.get(who, [])
    found = []
    opened = 0
    for name, page in MERCHANT.items():
        query = sayings(page, seen_from, "query")
        if not page.shows or query is None or door(page, PLAYS.get(who, who)) != IN:
            continue  # who is turned back reads nothing: T1 looks
        try:
            url = filled(seen_from, name, page)
        except KeyError:
            continue  # Bob has no ticket in this state
        for asked in ({}, query) if query else ({},):
            answer = world.ask(who, "get", url, asked)
            text = body_of(answer)
            opened += answer.status_code == 200
            said = str(list(asked.values()))  # what one asked for is said back
            found += [(name, word) for word in leaks(who, world, text) if word not in said]
            found += [(name, number) for number in numbers if number in text]
    assert opened > 5
    assert not found


def people_of(page: Page) -> list[tuple[str, Mirror]]:
    """Who tries, and whose things they take: a customer another's and another merchant's, staff another merchant's."""
    if page.who.startswith(CUSTOMER_KINDS) or page.who == "file":
        return [("alice", as_bob), ("alice", as_far)]
    if page.who.startswith("staff"):
        return [(page.by if page.by != "alice" else "carol", as_far)]
    return []


@pytest.mark.parametrize("name", [name for name, page in MERCHANT.items() if people_of(page)])
def test_an_address_of_somebody_else_s_thing_finds_nothing(world: World, name: str) -> None:
    page = MERCHANT[name]
    wrong = []
    for who, mirror in people_of(page):
        theirs = mirror(world)
        try:
            args, data = page.args(theirs), page.data(theirs)
        except KeyError:
            continue
        if not args:
            continue
        url = world.url(name, *args)
        for method in ("get", "post"):
            if not (page.shows if method == "get" else page.acts):
                continue
            for said in (data, page.data(world)) if method == "post" else ({},):
                with world.undone():
                    answer = world.ask(who, method, url, said)
                    text = body_of(answer)
                    changed = world.changed() - (OWN_DRAFT if name in KEYS_ARE_ONES_OWN else set())
                if answer.status_code != 404 and name not in KEYS_ARE_ONES_OWN:
                    wrong.append((who, method, answer.status_code))
                wrong += [(who, method, "leaks", word) for word in leaks(who, world, text)]
                wrong += [(who, method, "changed", table) for table in changed]
    assert not wrong


def try_swaps(world: World, name: str, who: str, mirror: Mirror, kind: str) -> list[tuple[object, ...]]:
    """Each thing of theirs in place of mine; what went wrong."""
    page, theirs_world = MERCHANT[name], mirror(world)
    mine, theirs = sayings(page, world, kind), sayings(page, theirs_world, kind)
    if not mine or not theirs:
        return []
    victim = theirs_world.andina.alice.customer if mirror is as_bob else theirs_world.andina.merchant
    wrong: list[tuple[object, ...]] = []
    url, tries = filled(world, name, page), swapped(mine, theirs, FREE)
    for what, said in tries.items():
        with world.undone():
            answer = world.ask(who, "post" if kind == "data" else "get", url, said)
            text = body_of(answer)
            if changed := world.changed():
                now = picture_of(victim)
                wrong += [(what, "hangs on another's", way) for way in mixed()]
        if changed and now != (before := picture_of(victim)):
            wrong.append((what, "their rows changed", {table for table in now if now[table] != before[table]}))
        if answer.status_code >= 500:
            wrong.append((what, answer.status_code))
        wrong += [(what, "leaks", word) for word in leaks(who, world, text)]
        # A name that the page does not know is passed over. Under another's key one's own report is sent: keys count for each
        # customer alone.
        # `listed` says which files a page showed: what is not among one's own is passed over.
        if what != "key" and not what.startswith("+") and not what.endswith("-listed"):
            allowed = OWN_DRAFT if page.who.startswith("customer") or page.who == "staff:register" else set()
            wrong += [(what, "changed", table, answer.status_code) for table in changed - allowed]
    return wrong


@pytest.mark.parametrize("name", [name for name, page in MERCHANT.items() if people_of(page)])
def test_somebody_else_s_thing_in_a_body_or_query_does_nothing(world: World, name: str) -> None:
    for who, mirror in people_of(MERCHANT[name]):
        for kind in ("data", "query"):
            assert not try_swaps(world, name, who, mirror, kind), (who, kind)


def test_the_swaps_try_what_there_is_to_try(world: World) -> None:
    """The pages that take names of things are among those tried: if their bodies lost them, nothing would be tested."""
    for name, kind in (
        ("portal:report", "data"), ("portal:report", "query"), ("portal:report_check", "data"), ("portal:report_discard", "data"),
        ("portal:ticket_correct", "data"), ("portal:switch_customer", "data"), ("desk:queue", "query"), ("desk:ticket", "query"),
        ("desk:verify", "data"), ("desk:verify_other", "data"), ("desk:reject", "data"), ("desk:reverse", "data"),
        ("desk:sign_reversal", "data"),
    ):  # fmt: skip
        who, mirror = people_of(MERCHANT[name])[-1]
        mine, theirs = sayings(MERCHANT[name], world, kind), sayings(MERCHANT[name], mirror(world), kind)
        assert swapped(mine or {}, theirs or {}, FREE), name


# --- One by one ------------------------------------------------------------------------------


def test_a_report_takes_no_file_of_another_customer_s(world: World) -> None:
    alice, bob = world.andina.alice, world.andina.bob
    for stolen in (bob.files["draft"], bob.files["receipt"], bob.files["attachment"], world.litoral.alice.files["draft"]):
        said = report_of(world, alice, alice.orders["open"], **{"t-0-files": [str(stolen.key)]})
        for name in ("portal:report_check", "portal:report"):
            with world.undone():
                answer = world.ask("alice", "post", world.url(name), said)
                assert not mixed()
                assert bob.canaries.word not in body_of(answer)
                assert "reports_receipt" not in world.changed()


def test_a_report_pays_no_order_of_another_customer_s(world: World) -> None:
    alice, bob = world.andina.alice, world.andina.bob
    for stolen in (bob.orders["open"], world.litoral.alice.orders["open"]):
        said = report_of(world, alice, stolen, **{"t-0-amount": "12.00"})
        with world.undone():
            answer = world.ask("alice", "post", world.url("portal:report_check"), said)
            assert answer.status_code in (409, 422)
            assert world.changed() <= OWN_DRAFT
            assert stolen.number not in body_of(answer)
            assert not leaks("alice", world, body_of(answer))


def test_a_file_of_another_draft_is_not_taken_out(world: World) -> None:
    alice, bob = world.andina.alice, world.andina.bob
    own = world.url("portal:report_upload", alice.drafts["waiting"].key, 1)
    theirs = world.url("portal:report_upload", bob.drafts["waiting"].key, 1)
    for url in (own, theirs):
        for name in ("remove", "replaces"):
            with world.undone():
                before = picture_of(bob.customer)
                world.ask("alice", "post", url, {name: str(bob.files["draft"].key)})
                world.ask("alice", "post", url, {name: str(bob.files["draft"].key), "file": upload("x.jpg")})
                assert picture_of(bob.customer) == before
                assert "reports_draftfile" not in world.changed() or not mixed()


def test_a_draft_s_token_is_for_one_person_at_one_merchant(world: World) -> None:
    far, alice = world.litoral.alice, world.andina.alice
    assert far.actor.user is not None
    assert alice.actor.user is not None
    key = uuid.uuid4()
    wrong_house = draft_token(key, far.customer, far.actor.user)
    mixed_up = draft_token(key, world.andina.bob.customer, alice.actor.user)  # not theirs: never made by a page
    for token in (wrong_house, mixed_up, wrong_house[:-2] + "xx", "", "{}"):
        with world.undone():
            said = report_of(world, alice, alice.orders["open"], token=token)
            world.ask("stranger", "post", world.url("portal:report"), said)
            assert not world.changed(), token


ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/litoral/orders/", "/admin/", "/andina/../litoral/", "/andina/%2e%2e/litoral/",
    "\\\\evil.example", "javascript:alert(1)", "/andina/\r\nX: y",
)  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_nobody_is_led_out_of_the_house(world: World, target: str) -> None:
    with world.undone():
        said = {"customer": str(world.andina.alice.customer.pk), "next": target}
        assert world.ask("alice", "post", world.url("portal:switch_customer"), said).headers["Location"] == "/andina/"
    for name in ("set_language", "choose_theme"):
        with world.undone():
            answer = world.ask("alice", "post", world.url(name), {"language": "en", "theme": "dark", "next": target})
            assert answer.headers["Location"].startswith("/")
            assert not answer.headers["Location"].startswith(("//", "/\\"))


def test_switching_to_a_customer_of_somebody_else_s_is_not_found(world: World) -> None:
    for stolen in (world.andina.bob.customer, world.litoral.alice.customer):
        assert world.ask("alice", "post", world.url("portal:switch_customer"), {"customer": str(stolen.pk)}).status_code == 404
    assert world.andina.bob.canaries.word not in body_of(world.ask("alice", "get", world.url("portal:home")))


def test_staff_sign_the_reversal_that_belongs_to_the_ticket(world: World) -> None:
    """Within one merchant too: the request, the deposit and the transfer belong together, or nothing happens."""
    alice, bob = world.andina.alice, world.andina.bob
    url = world.url("desk:sign_reversal", alice.tickets["reversing"].number)
    with world.undone():
        assert world.ask("ada", "post", url, {"request": str(bob.reversal.pk)}).status_code == 404
        assert not world.changed()
    verify = world.url("desk:verify", alice.tickets["in_review"].number)
    with world.undone():
        answer = world.ask("carol", "post", verify, {f"line-{bob.transfer('in_review').pk}": str(alice.lines["free"].pk)})
        assert answer.status_code in (400, 404, 409)
        assert not world.changed()
