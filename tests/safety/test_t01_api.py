"""T1, T4, T5 and T15 at the API: every address, every sort of key; names that are not known; calls done once.

Seen to fail: without `merchant_id` in `accounts.api_keys.USE`, with `HasScope` left out, with a `Strict` that ignores what it
does not know, with `once` that does not compare digests, with `act()` outside its transaction.
"""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import pytest
from django.apps import apps

from accounts.models import Customer
from api import idempotency
from api.models import Call
from files.models import StoredFile
from orders.models import Order
from tests.api.town import Town, built_town, town
from tests.cast import client_of
from tests.safety.pages import addresses
from tests.safety.table_api import API, order_of, report_body

__all__ = ["built_town", "town"]
PROBLEM = "application/problem+json"


def is_problem(answer: Any, status: int) -> bool:
    told = json.loads(answer.content)
    return (
        answer.status_code == status == told["status"]
        and answer["Content-Type"] == PROBLEM
        and bool(told["detail"])
        and told["type"] == f"urn:concilia:problem:{told['code']}"
    )


def test_every_address_of_the_api_stands_in_the_table() -> None:
    found = {name for name, _pattern, _view in addresses("config.merchant_urls") if name.startswith("api:")}
    assert found - {"api:reference", "api:document", "api:nowhere"} == set(API)


def calls(town: Town) -> list[tuple[str, str, str, Any, str]]:
    """(name, method, path, body, scope) of everything that can be called."""
    found = []
    for name, route in API.items():
        path = route.path(town.near)
        if route.get:
            found.append((name, "get", path, None, route.get))
        if route.post:
            found.append((name, "post", path, route.post(town), route.post_needs))
        if route.patch:
            found.append((name, "patch", path, route.patch(town), route.patch_needs))
    return found


def test_without_a_key_of_this_house_nothing_opens(town: Town) -> None:
    ada = client_of(town.near.cast.ada)
    for name, method, path, body, _scope in calls(town):
        for key in (None, "far", "revoked", "expired", *(("ck_wrong", "Ñ\x7f", "") if name == "api:tickets" else ())):
            answer = town.call(key, method, path, body)
            assert is_problem(answer, 401), (name, method, key)
            assert answer["WWW-Authenticate"].startswith("Bearer")
        if method == "get":
            assert ada.get(town.near.root + path).status_code == 401, "a session is no key"


def test_each_scope_opens_its_own_and_nothing_else(town: Town) -> None:
    for name, method, path, body, scope in calls(town):
        assert is_problem(town.call(f"not {scope}", method, path, body), 403), (name, method)
        answer = town.call(scope, method, path, body)
        assert answer.status_code in (200, 201, 202), (name, method, answer.content)


def test_what_another_house_has_is_not_there(town: Town) -> None:
    for name, route in API.items():
        if not route.names_one:
            continue
        for method, body in (("get", None), ("post", route.post), ("patch", route.patch)):
            if (method == "get" and route.get) or body:
                answer = town.call("all", method, route.path(town.far), body(town) if body else None)
                if route.path(town.far) == route.path(town.near):  # numbers are counted alike in each house
                    assert town.far.cast.b.name not in answer.content.decode() or town.far.cast.b.name == town.near.cast.b.name
                else:
                    assert is_problem(answer, 404), (name, method)
    for path in ("", "nowhere/", "orders", "tickets/NO-1/extra/", "statement-imports/x%0A/", "%0A"):
        assert is_problem(town.call("all", "get", path), 404)


def test_a_body_that_names_another_houses_customer_order_or_account_is_refused(town: Town) -> None:
    far, body = town.far, report_body(town)
    Customer.objects.filter(pk=far.cast.a.pk).update(number="FAR-1")
    Order.objects.filter(pk=far.order.pk).update(number="FAR-2")
    transfer = body["transfers"][0]
    for changes in (
        {"customer": "FAR-1"}, {"orders": [{"order": "FAR-2"}]}, {"transfers": [{**transfer, "account": far.cast.account.pk}]},
        {"transfers": [{**transfer, "receipts": [str(uuid.uuid4())]}]},
    ):  # fmt: skip
        answer = town.call("all", "post", "reports/", body | changes)
        assert answer.status_code in (404, 422), (changes, answer.content)
    assert is_problem(town.call("all", "post", "orders/", order_of(town) | {"customer": "FAR-1"}), 404)


def test_no_body_takes_a_name_that_it_does_not_know(town: Town) -> None:
    """T4: every field of every model, in every body, at its top and within."""
    fields = {field.name for model in apps.get_models() for field in model._meta.get_fields()}
    counts = (Customer.objects.count(), Order.objects.count())
    for name, method, path, body, _scope in calls(town):
        if body is None or any(hasattr(each, "read") for each in body.values()):
            continue
        known = {"customer", "number", *body} | ({"is_active"} if method == "patch" else set())
        if name.startswith("api:customer"):
            known |= {"name", "tax_id", "email", "phone", "language", "address", "state", "city", "reference_point"}
        if name == "api:orders":
            known |= {"issued_on", "kind", "currency"}
        if name == "api:reports":
            known |= {"payer_name", "payer_tax_id"}
        strange = dict.fromkeys(sorted(fields - known), "1")
        answer = town.call("all", method, path, {**body, **strange})
        assert is_problem(answer, 400)
        assert {each["field"] for each in json.loads(answer.content)["errors"]} == set(strange), name
    line = order_of(town)["lines"][0]
    answer = town.call("all", "post", "orders/", order_of(town) | {"lines": [line | {"subtotal": "0.01"}]})
    assert [each["field"] for each in json.loads(answer.content)["errors"]] == ["lines.0.subtotal"]
    assert counts == (Customer.objects.count(), Order.objects.count())


def test_a_query_takes_no_name_that_it_does_not_know_none_twice_and_no_nonsense(town: Town) -> None:
    for name, route in API.items():
        if not route.get:
            continue
        path = route.path(town.near)
        good = "&".join(f"{key}={value}" for key, value in route.query.items())
        assert town.call("all", "get", f"{path}?{good}").status_code == 200, name
        for bad in ("order_by=id", "merchant=2", "page=2", *(f"{key}=1&{key}=1" for key in route.query)):
            assert is_problem(town.call("all", "get", f"{path}?{bad}"), 400), (name, bad)
        for key in route.query:
            for value in ("%00", "1e3", "9" * 30, "2026-13-45"):
                answer = town.call("all", "get", f"{path}?{key}={value}")
                assert answer.status_code in (200, 400), (name, key, value)


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"null", b'"x"', b"\xff\xfe", b'{"name": NaN}', b'{"name": "a", "name": "b"}', b'{"name": "\\ud800"}',
     b'{"name": "a\\u0000b"}', b"[" * 100_000, b'{"a":' * 5_000, b'{"name": ["a"]}', b'{"name": {"a": 1}}',
     b'{"name": ' + b"9" * 5000 + b"}", b'{"name": 1e999999999}', b'{"name": "' + b"x" * 300 + b'"}'],
)  # fmt: skip
def test_a_body_that_is_none_is_refused_in_words(town: Town, body: bytes) -> None:
    answer = town.call("all", "post", "customers/", body)
    assert is_problem(answer, 400), answer.content


NO_AMOUNTS = ["1_0", "1e3", "NaN", "Infinity", "-1", "0", "١٠", "10,00", "", " ", "0x10", True, None, [10], {}]


@pytest.mark.parametrize("amount", NO_AMOUNTS)
def test_an_amount_is_plain_digits_or_is_refused(town: Town, amount: object) -> None:
    """Seen to fail: `1_0` was ten, and `١٠` too."""
    body = report_body(town)
    body["transfers"][0]["amount"] = amount
    assert is_problem(town.call("all", "post", "reports/", body), 400)
    line = {"description": "x", "unit_price": amount if amount not in ("0", "-1") else "1_0"}
    order = {"customer": town.near.cast.a.number, "description": "x", "due_on": "2099-01-01", "lines": [line]}
    assert is_problem(town.call("all", "post", "orders/", order), 400)


def test_what_a_report_and_an_order_name_is_refused_in_words_where_it_makes_no_sense(town: Town) -> None:
    body = report_body(town)
    number = town.near.order.number
    twice = town.call("all", "post", "reports/", body | {"orders": [{"order": number}, {"order": number}]})
    assert is_problem(twice, 400)
    assert twice.json()["errors"][0]["field"] == "orders"
    line = {"description": "x", "unit_price": "1"}
    order = {"customer": town.near.cast.a.number, "description": "x", "due_on": "2099-01-01", "lines": [line]}
    odd = town.call("all", "post", "orders/", order | {"currency": "ZZZ"})
    assert is_problem(odd, 422)
    assert odd.json()["code"] == "currency_unknown"


@pytest.mark.parametrize("number", ["000/12", "..", "100%", "a b?c#d", "ñ"])
def test_a_customers_own_number_is_its_address_whatever_stands_in_it(town: Town, number: str) -> None:
    """Seen to fail: a customer with a slash in its number was made, and could never be read or changed."""
    assert town.call("all", "post", "customers/", {"number": number, "name": "Casa Sol"}).status_code == 201
    address = town.near.cast.url("api:customer", number)
    assert town.call("all", "get", address).json()["number"] == number
    assert town.call("all", "patch", address, {"city": "Mérida"}).json()["city"] == "Mérida"


@pytest.mark.parametrize("depth", [100, 300, 450, 600, 900, 2000])
def test_folds_in_folds_are_refused_however_many(town: Town, depth: int) -> None:
    """Seen to fail: a few hundred passed the reader and broke the look for NUL."""
    for opens, closes in (("[", "]"), ('{"a":', "}")):
        body = '{"name": ' + opens * depth + "1" + closes * depth + "}"
        assert is_problem(town.call("all", "post", "customers/", body.encode()), 400), opens


@pytest.mark.parametrize("number", ["a\nb", "a\tb", "a\u202eb", "a\u200bb", "a\x7fb"])
def test_a_number_holds_nothing_that_cannot_be_seen(town: Town, number: str) -> None:
    """Seen to fail: a number with a line's end named the attachment of a bill, whose letter then broke each time."""
    line = {"description": "x", "unit_price": "1"}
    order = {"customer": town.near.cast.a.number, "description": "x", "due_on": "2099-01-01", "lines": [line]}
    for path, body in (("orders/", order), ("customers/", {"name": "Casa Sol"})):
        answer = town.call("all", "post", path, body | {"number": number})
        assert is_problem(answer, 422), path
        assert answer.json()["code"] == "number_invalid"


def test_types_and_sizes_of_bodies(town: Town) -> None:
    url = town.near.root + "customers/"
    from django.test import Client

    headers = {"Authorization": f"Bearer {town.keys['all']}", "Idempotency-Key": "1"}
    for kind in ("text/plain", "application/xml", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "x"):
        assert is_problem(Client().generic("POST", url, b"<a/>", content_type=kind, headers=headers), 415), kind
    assert is_problem(town.call("all", "post", "customers/", b'{"name": "' + b"x" * 3_000_000 + b'"}'), 413)
    assert is_problem(Client().put(url, headers=headers), 405)
    assert is_problem(Client().delete(url, headers=headers), 405)
    assert is_problem(Client().generic("OPTIONS", url, headers=headers), 405)


def test_a_key_decides_signs_and_moves_nothing() -> None:
    """Whatever its scopes: the actor that a key is may do what support may, and void orders and hand statements in."""
    from accounts.actors import Actor
    from accounts.api_keys import actor_of_key
    from accounts.key_models import ApiKey, Scope
    from accounts.models import Merchant, User

    key = ApiKey(user=User(email="a@b.example"), scopes=[str(each.value) for each in Scope])
    actor = actor_of_key(key, Merchant())
    may = {name for name in vars(Actor) if re.match("(can|is)_", name) and getattr(actor, name)}
    assert may == {"is_staff", "can_write_messages", "can_register", "can_void_orders", "can_bring_statements"}
    reads = actor_of_key(ApiKey(user=User(), scopes=["orders:read"]), Merchant())
    assert {name for name in vars(Actor) if re.match("(can|is)_", name) and getattr(reads, name)} == {"is_staff", "can_export"}


def test_the_same_call_again_is_answered_alike_and_done_once(town: Town) -> None:
    """T15: same body, other body, another's key, and after a refusal."""
    body = {"name": "Una sola"}
    first = town.call("all", "post", "customers/", body, **{"Idempotency-Key": "k-1"})
    again = town.call("all", "post", "customers/", body, **{"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert Customer.objects.filter(name="Una sola").count() == 1
    other = town.call("all", "post", "customers/", {"name": "Otra"}, **{"Idempotency-Key": "k-1"})
    assert is_problem(other, 422)
    elsewhere = town.call("all", "post", "orders/", order_of(town), **{"Idempotency-Key": "k-1"})
    assert is_problem(elsewhere, 422)
    assert town.call("customers:write", "post", "customers/", body, **{"Idempotency-Key": "k-1"}).status_code == 201
    assert is_problem(town.call("all", "post", "customers/", {"name": ""}, **{"Idempotency-Key": "k-2"}), 400)
    assert town.call("all", "post", "customers/", {"name": "Ya"}, **{"Idempotency-Key": "k-2"}).status_code == 201
    for bad in ("", "x" * 201, "ñ"):
        assert is_problem(town.call("all", "post", "customers/", body, **{"Idempotency-Key": bad}), 400), bad


def test_a_file_sent_again_is_known_by_what_is_in_it(town: Town) -> None:
    from tests.api.town import picture

    sent = {"customer": town.near.cast.a.number}
    first = town.call("all", "post", "receipts/", {**sent, "file": picture()}, **{"Idempotency-Key": "f"})
    again = town.call("all", "post", "receipts/", {**sent, "file": picture()}, **{"Idempotency-Key": "f"})
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert is_problem(town.call("all", "post", "receipts/", {**sent, "file": picture("b.jpg")}, **{"Idempotency-Key": "f"}), 422)
    assert StoredFile.objects.filter(key=json.loads(first.content)["key"]).count() == 1
    body = report_body(town)
    body["transfers"][0]["receipts"] = [json.loads(first.content)["key"]]
    made = town.call("all", "post", "reports/", body)
    assert made.status_code == 201, made.content
    assert json.loads(made.content)["transfers"][0]["receipts"] == [json.loads(first.content)["key"]]


def test_what_broke_left_nothing_and_may_be_called_again(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_a: Any, **_k: Any) -> None:
        raise RuntimeError("cut")

    with monkeypatch.context() as broken:
        broken.setattr("api.customers.told", breaks)
        answer = town.call("all", "post", "customers/", {"name": "Roto"}, **{"Idempotency-Key": "r"})
        assert is_problem(answer, 500)
        assert "cut" not in answer.content.decode()
    assert not Customer.objects.filter(name="Roto").exists()
    assert not Call.objects.filter(key="r").exists()
    assert town.call("all", "post", "customers/", {"name": "Roto"}, **{"Idempotency-Key": "r"}).status_code == 201


def test_old_answers_are_forgotten(town: Town) -> None:
    town.call("all", "post", "customers/", {"name": "Vieja"}, **{"Idempotency-Key": "old"})
    assert idempotency.forget_old_calls() == 0
    Call.objects.update(at="2020-01-01T00:00:00Z")
    assert idempotency.forget_old_calls() == 1


def test_a_key_that_calls_too_often_waits(town: Town, settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = 3
    answers = [town.call("tickets:read", "get", "tickets/") for _ in range(20)]
    assert is_problem(answers[-1], 429)
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert town.call("all", "get", "tickets/").status_code in (200, 429)
    assert town.call("payments:read", "get", "paid-orders/").status_code == 200
