"""T5: what no form expects is answered with a sentence or a 400, never with a crash; filters and sorts know their own words
alone.

Seen to fail: without the look for NUL in addresses, with sorts that are any text, with `int()` of a page or key as it
comes, with the slash left as it is in an order's number (`orders/addresses.py`).
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.safety.actors import World, body_of
from tests.safety.fixtures import built_world, world
from tests.safety.mirrors import MERCHANT
from tests.safety.nasty import NASTY, NASTY_TEXTS, share, squares
from tests.safety.pages import Page, filled
from tests.safety.table_house import INSTALLATION
from tests.safety.table_office import new_order
from tests.safety.world import upload

__all__ = ["built_world", "world"]

EVERYTHING = MERCHANT | INSTALLATION
SHOWN = [name for name, page in EVERYTHING.items() if page.shows]
ACTS = [name for name, page in EVERYTHING.items() if page.acts and page.who != "closed"]
FORM = "application/x-www-form-urlencoded"
# Each page meets some of the strings, the pages together all of them; `make soak` sends everything to every page.
thoroughly = pytest.mark.parametrize("thoroughly", [False, pytest.param(True, marks=pytest.mark.soak)])


def reader_of(page: Page) -> str:
    """Somebody whom the page lets in."""
    return "ada" if page.who.startswith("staff") else "stranger" if page.who in ("entry", "public") else "alice"


def crashes(world: World, who: str, url: str, query: str) -> list[str]:
    """What went wrong with one GET."""
    with world.undone():
        answer = world.ask(who, "get", url, QUERY_STRING=query)
    return [f"{answer.status_code} {url}?{query[:200]}"] if answer.status_code in (500, 502) else []


@thoroughly
@pytest.mark.parametrize("name", SHOWN)
def test_no_parameter_of_an_address_makes_a_page_crash(world: World, name: str, thoroughly: bool) -> None:
    page = EVERYTHING[name]
    url, who, good = filled(world, name, page), reader_of(page), page.query(world)
    names = list(good)
    found = crashes(world, who, url, "page=%00&next=%ff&q=%ed%a0%80&draft=%00&n=1e3&next=%00")
    if names:
        for said in squares(names, NASTY if thoroughly else share(NASTY, name, 2)):
            found += crashes(world, who, url, "&".join(f"{each}={value}" for each, value in said.items()))
        for each in names if thoroughly else share(tuple(names), name, min(len(names), 2)):
            # Alone, so that no other field's error hides it; then as a list, and as two.
            found += crashes(world, who, url, f"{each}=%00")
        found += crashes(world, who, url, "&".join(f"{each}=1&{each}=%00&{each}%5B%5D=2" for each in names))
    assert not found


@pytest.mark.parametrize("name", [name for name, page in MERCHANT.items() if page.args.__name__ != "no_args"])
def test_no_number_or_key_in_an_address_makes_a_page_crash(world: World, name: str) -> None:
    page = MERCHANT[name]
    who, url = reader_of(page), filled(world, name, page)
    mine = [str(each) for each in page.args(world)]
    found = []
    for place, arg in enumerate(mine):
        for value in ("%00", "9" * 40, "%ff", "..%2F..", "x" * 1500):
            before, _arg, after = url.rpartition(f"/{arg}") if place else url.partition(f"/{arg}")
            for method in ("get", "post") if page.shows and value == "%00" else ("get" if page.shows else "post",):
                with world.undone():
                    answer = world.ask(who, method, f"{before}/{value}{after}")
                if answer.status_code >= 500:
                    found.append((method, value[:40], answer.status_code))
    assert not found


def posted(world: World, name: str, data: dict[str, Any]) -> Any:
    page = EVERYTHING[name]
    with world.undone():
        return world.ask(page.by, "post", filled(world, name, page), data)


ALONE: tuple[object, ...] = ("\x00", ["1", "\x00", "2"], b"\xff", "9" * 30)
# Their form is the report's, which is tried field by field.
SAME_FORM = (
    "portal:report_live", "portal:ticket_correct", "portal:ticket_correct_check", "portal:ticket_correct_live", "desk:register",
    "desk:register_check", "desk:account_new", "desk:method_new",
)  # fmt: skip


@thoroughly
@pytest.mark.parametrize("name", ACTS)
def test_no_field_of_a_form_makes_its_act_crash(world: World, name: str, thoroughly: bool) -> None:
    page = EVERYTHING[name]
    good = dict(page.data(world))
    names = list(good)
    found = []
    values = NASTY_TEXTS if thoroughly else share(NASTY_TEXTS, name, 2)
    for said in squares(names, values) if names else []:
        answer = posted(world, name, said)
        found += [(said, answer.status_code)] if answer.status_code >= 500 else []
    if name in SAME_FORM:
        names = []
    for place, each in enumerate(names if thoroughly else share(tuple(names), name, min(len(names), 2))):
        value = ALONE[place % len(ALONE)]
        answer = posted(world, name, {**page.data(world), each: value})
        found += [(each, value, answer.status_code)] if answer.status_code >= 500 else []
    assert not found


BODIES: dict[str, tuple[str, bytes]] = {
    "nothing": (FORM, b""),
    "no text": (FORM, b"\xff\xfe=%ff&%00=%00&=&&==&a=%"),
    "json": ("application/json", b'{"state": {"$ne": null}}'),
    "a broken multipart": ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1"),
    "a multipart without an end": ("multipart/form-data", b"--x"),
    "a charset that is none": (f"{FORM}; charset=nonsense", b"text=1"),
    "too many fields": (FORM, b"&".join(b"f%d=1" % number for number in range(5001))),
    "too much text": (FORM, b"text=" + b"x" * (2 * 1024 * 1024 + 1)),
}  # fmt: skip


@pytest.mark.parametrize("name", ACTS)
def test_no_body_of_another_kind_makes_an_act_crash(world: World, name: str) -> None:
    page = EVERYTHING[name]
    url = filled(world, name, page)
    found = []
    heavy = name in ("portal:report", "desk:register", "portal:ticket_message", "account_login")
    for kind, (content_type, body) in BODIES.items():
        if kind not in share(("nothing", "no text", "a broken multipart"), name, 2) and not heavy:
            continue
        with world.undone():
            answer = world.send(page.by, url, body, content_type)
        if answer.status_code >= 500 or (kind.startswith("too") and answer.status_code not in (400, 403, 413)):
            found.append((kind, answer.status_code))
    assert not found


@pytest.mark.parametrize("name", [name for name in ACTS if name.startswith(("portal", "desk"))])
def test_text_where_a_file_belongs_and_a_file_where_text_belongs(world: World, name: str) -> None:
    page = EVERYTHING[name]
    good = dict(page.data(world))
    turned = {each: "text" if hasattr(value, "read") or isinstance(value, list) else upload() for each, value in good.items()}
    assert posted(world, name, {"file": "text", "files": "text", "t-0-receipt": "text", **turned}).status_code < 500


# --- Allow-lists -----------------------------------------------------------------------------

REFUSED = {
    "desk:orders": (
        "sort=customer__contacts__user__password", "sort=-created_by__password", "sort=?", "state=any", "state=open&state=paid",
        "page=1e3", "page=0", "page=-1", "sort=total%00",
    ),
    "desk:queue": ("view=nobody", "state=x", "age=5", "account=0", "account=1e3", "bank=%25", "amount_from=1e3", "view=all%00"),
    "desk:lines": ("use=stolen", "account=999999999", "since=2026-02-30", "amount=NaN", "page=1e3", "use=free%00"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "query"), [(name, query) for name, queries in REFUSED.items() for query in queries])
def test_a_filter_or_sort_that_is_not_on_the_list_is_a_400(world: World, name: str, query: str) -> None:
    assert world.ask("carol", "get", world.url(name), QUERY_STRING=query).status_code == 400


@pytest.mark.parametrize(
    "query", ["state=any", "sort=-created_by__password", "state__in=paid", "customer=2", "customer_id=2", "page=1e3"]
)
def test_the_customer_s_lists_pass_unknown_words_over(world: World, query: str) -> None:
    for name in ("portal:orders", "portal:tickets"):
        plain = body_of(world.ask("alice", "get", world.url(name)))
        odd = body_of(world.ask("alice", "get", world.url(name), QUERY_STRING=query))
        numbers = [each.number for each in (*world.andina.alice.orders.values(), *world.andina.alice.tickets.values())]
        assert [number in plain for number in numbers] == [number in odd for number in numbers]


COOKIES = ("\x00", "%00", "..", "xx", 'es"; Path=/', "x" * 4000, "é")


@pytest.mark.parametrize("value", COOKIES)
def test_no_cookie_or_header_makes_a_page_crash(world: World, value: str) -> None:
    for name in ("sessionid", "django_language", "csrftoken", "theme", "messages"):
        client = world.clients["stranger"]
        client.cookies.clear()
        client.cookies[name] = value
        try:
            for url in ("/", world.url("portal:about"), world.url("portal:orders"), world.url("account_login")):
                assert client.get(url).status_code < 500, (name, url)
        finally:
            client.cookies.clear()
    headers = {
        "HX-Request": value,
        "HX-Target": value,
        "HX-Current-URL": value,
        "Accept-Language": value,
        "X-Forwarded-For": value,
    }
    sent = {key: text for key, text in headers.items() if text.isprintable()}
    for who, name in (("carol", "desk:queue"), ("alice", "portal:orders"), ("stranger", "portal:about")):
        assert world.ask(who, "get", world.url(name), headers=sent).status_code < 500


# --- Numbers of orders, which are the companies' own ------------------------------------------

NUMBERS = (
    "INV/2026/0042", "/", "//", ".", "..", "../..", "a%2Fb", "a%252Fb", "%", "a b", "a?b#c", "ñandú", "<b>", "50%", "a;b", "a\\b",
    "#1", "0",
)  # fmt: skip


def test_an_order_of_any_number_is_found(world: World) -> None:
    for number in NUMBERS:
        made = world.ask("sue", "post", world.url("desk:order_new"), {**new_order(world), "number": number})
        assert made.status_code == 302, number
        assert made.headers["Location"] == world.url("desk:order", number)
        pages = [("sue", "desk:order"), ("carol", "desk:order_void"), ("alice", "portal:order"), ("alice", "portal:order_print")]
        for who, name in pages:
            url = world.url(name, number)
            assert ".." not in url.split("/")
            answer = world.ask(who, "get", url)
            assert answer.status_code == 200, (name, url)
            assert name == "desk:order_void" or "Dominio" in body_of(answer), (name, url)
    unseen = world.ask("sue", "post", world.url("desk:order_new"), {**new_order(world), "number": "\u202eabc"})
    assert unseen.status_code == 400
    assert "signos que no se ven" in body_of(unseen)
    lists = [("sue", "desk:orders"), ("alice", "portal:orders"), ("alice", "portal:home"), ("alice", "portal:report")]
    for who, name in lists:
        assert world.ask(who, "get", world.url(name)).status_code == 200, name
