"""The demo is loaded and put back only where there is nothing but the demo."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Merchant
from config.demo import loading
from config.demo.people import PEOPLE
from config.management.commands import demo

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """What the command did, instead of doing it."""
    settings.DEMO = True
    did: list[str] = []
    monkeypatch.setattr(loading, "load", lambda: did.append("load"))
    monkeypatch.setattr(demo.Command, "_delete_everything", lambda self: did.append("delete"))
    return did


def add(slug: str) -> None:
    """A merchant of that name."""
    Merchant.objects.create(
        slug=slug, name=slug, country="EC", time_zone="America/Guayaquil", currency="USD", ticket_prefix=slug[:3]
    )


def test_it_is_loaded_where_there_is_nothing(done: list[str]) -> None:
    call_command("demo")
    assert done == ["load"]


def test_it_is_loaded_once(done: list[str]) -> None:
    add("andina")
    add("litoral")
    call_command("demo")
    assert done == []


def test_a_reset_deletes_first(done: list[str]) -> None:
    call_command("demo", "--reset")
    assert done == ["delete", "load"]


@pytest.mark.parametrize("arguments", [[], ["--reset"]])
def test_beside_a_real_merchant_nothing_is_touched(done: list[str], arguments: list[str]) -> None:
    add("faro")
    with pytest.raises(CommandError, match=r"faro.*Nothing was changed"):
        call_command("demo", *arguments)
    assert done == []


def test_a_company_opened_in_the_demo_stays_until_somebody_says_otherwise(done: list[str]) -> None:
    for slug in (*dict.fromkeys(person.merchant for person in PEOPLE), "faro"):
        add(slug)
    call_command("demo")
    assert done == []
    with pytest.raises(CommandError, match=r"faro.*Nothing was changed.*--all"):
        call_command("demo", "--reset")
    assert done == []
    call_command("demo", "--reset", "--all")
    assert done[0] == "delete"


def test_all_does_not_open_a_real_database_to_the_demo(done: list[str]) -> None:
    add("faro")
    with pytest.raises(CommandError, match=r"faro.*Nothing was changed\.$"):
        call_command("demo", "--reset", "--all")
    assert done == []


@pytest.mark.parametrize("arguments", [[], ["--reset"]])
def test_outside_the_demo_nothing_is_touched(done: list[str], settings: Any, arguments: list[str]) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="This is not the demo"):
        call_command("demo", *arguments)
    assert done == []
