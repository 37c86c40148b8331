"""Everybody who may try a door: the casts of two merchants, people with odd permissions, and how they ask for a page."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from http.cookies import SimpleCookie
from typing import Any

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.cache import cache
from django.db import connection, transaction
from django.test import Client
from django.utils import translation

from accounts.actors import Actor
from accounts.models import Role
from reconciliation.books.days import add_up_days
from reconciliation.models import ChangedDay
from tests.cast import client_of, house_url
from tests.factories import customer_actor, make_user, staff_actor
from tests.house.tree import ROOMS
from tests.reconciliation.scene import make_scene
from tests.safety.world import Canaries, House, make_house

# Rows that say nothing of our business: sessions, and how often a door was tried.
NOT_COUNTED = {"accounts_entrytries"}
ALSO_COUNTED = ("helpdesk_ticket", "helpdesk_followup", "account_emailaddress", "mfa_authenticator", "procrastinate_jobs")


@dataclass(kw_only=True)
class World:
    """Two houses, and a browser for each person. People of Litoral have `far_` before their name."""

    andina: House
    litoral: House
    clients: dict[str, Client]
    actors: dict[str, Actor | None]
    base: dict[str, str] = field(default_factory=dict)
    written: list[int] = field(default_factory=list)  # how many rows when the present `undone` began; mirrors share it

    def url(self, name: str, *args: Any) -> str:
        """An address at Andina; names of the installation begin with a slash."""
        return name if name.startswith("/") else house_url(self.andina.merchant, name, *args)

    def ask(self, who: str, method: str, url: str, data: Mapping[str, Any] | None = None, **extra: Any) -> Any:
        """The answer, whatever it is; a crash is a 500. The person stays signed in for the next question."""
        return self._asked(who, lambda client: getattr(client, method)(url, dict(data or {}), **extra))

    def send(self, who: str, url: str, body: bytes, content_type: str) -> Any:
        """The answer to a body of any kind."""
        return self._asked(who, lambda client: client.generic("POST", url, body, content_type=content_type))

    def _asked(self, who: str, question: Callable[[Client], Any]) -> Any:
        client = self.clients[who]
        cache.clear()  # limits of rate are another test's
        cookies = client.cookies.output(header="", sep=";")
        try:
            return question(client)
        finally:
            client.cookies = SimpleCookie(cookies)
            translation.activate("es")

    def user_key(self, who: str) -> int:
        """The key of a person."""
        actor = self.actors[who]
        assert actor is not None
        assert actor.user is not None
        return int(actor.user.pk)

    @contextmanager
    def undone(self) -> Iterator[None]:
        """What happens inside has not happened afterwards."""
        self.written[:] = [writes()]
        with transaction.atomic():
            try:
                yield
            finally:
                transaction.set_rollback(True)
                self.written.clear()

    def changed(self) -> set[str]:
        """Tables that differ from how the world was built. Where nothing was written none is read."""
        if self.written == [writes()]:
            return set()
        now = picture()
        return {table for table, digest in now.items() if self.base[table] != digest}


@functools.cache
def tables() -> list[str]:
    """Every table of ours, and the borrowed ones that carry our business."""
    own = {model._meta.db_table for room in ROOMS for model in apps.get_app_config(room).get_models()}
    return sorted((own | set(ALSO_COUNTED)) - NOT_COUNTED)


def picture() -> dict[str, str]:
    """Table → digest of all its rows. One statement."""
    each = "SELECT '{0}', md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) FROM {0} t"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(each.format(table) for table in tables()))
        return dict(cursor.fetchall())


def writes() -> int:
    """How many rows this transaction has written so far, in tables that count: cheap, and never less than the truth."""
    with connection.cursor() as cursor:
        # What the view pg_stat_xact_user_tables says, without asking for all its other columns.
        cursor.execute(
            "SELECT coalesce(sum(pg_stat_get_xact_tuples_inserted(t) + pg_stat_get_xact_tuples_updated(t)"
            " + pg_stat_get_xact_tuples_deleted(t)), 0) FROM unnest(%s::regclass[]) t",
            [tables()],
        )
        return int(cursor.fetchone()[0])


def make_world() -> World:
    """Both houses with everything, and everybody signed in."""
    andina = make_scene(
        rate="36.50", slug="andina", name="Hosting Andina", ticket_prefix="HA", shipping_price=Decimal("5.00"),
        registration="open", intro_es="zqandina", support_email="ayuda@andina.example", support_whatsapp="+584121112233",
    )  # fmt: skip
    litoral = make_scene(
        rate="36.50", slug="litoral", name="Red Litoral", ticket_prefix="RL", country="EC", shipping_price=Decimal("5.00"),
        order_prefix="L", intro_es="zqlitoral",
    )  # fmt: skip
    houses = (
        make_house(andina, (_marks("kwalfa", "4915", "417.31"), _marks("kwbravo", "5826", "523.29"))),
        make_house(litoral, (_marks("kwcharlie", "6737", "688.53"), _marks("kwdelta", "7648", "791.67"))),
    )
    add_up_days()
    for house in houses:  # and a day that changed since
        cast = house.scene.cast
        ChangedDay.objects.create(merchant=cast.merchant, account=cast.account, booked_on=house.scene.today)
    people = _people(*houses)
    clients = {name: client_of(actor, raise_request_exception=False) for name, actor in people.items()}
    clients["root"] = _root()
    clients["new"] = Client(raise_request_exception=False)
    newcomer = staff_actor(andina.cast.merchant, Role.SENIOR, user=make_user(email="new@andina.example"))
    clients["new"].force_login(newcomer.user)  # staff without a second factor
    world = World(andina=houses[0], litoral=houses[1], clients=clients, actors=people)
    world.base = picture()
    return world


def _marks(word: str, digits: str, amount: str) -> Canaries:
    return Canaries(word=word, digits=digits + digits[::-1], amount=amount)


def _people(andina: House, litoral: House) -> dict[str, Actor | None]:
    here, far = andina.scene.cast, litoral.scene.cast

    def contact(name: str, **permissions: bool) -> Actor:
        return customer_actor(here.a, user=make_user(email=f"{name}@andina.example"), **permissions)

    return {
        "stranger": None,
        **{name: getattr(here, name) for name in ("alice", "bob", "nora", "sue", "carol", "dan", "otto", "ada")},
        "reader": contact("reader", can_report=False),
        "reporter": contact("reporter", can_see_orders=False, can_use_tickets=False),
        "manager": contact("manager", can_see_orders=False, can_report=False, can_use_tickets=False, can_manage_contacts=True),
        **{f"far_{name}": getattr(far, name) for name in ("alice", "sue", "carol", "dan", "otto", "ada")},
    }


def _root() -> Client:
    """Who runs the installation, with a second factor and no part in any house."""
    user = make_user(email="root@installation.example", is_staff=True, is_superuser=True)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "A" * 32})
    client = Client(raise_request_exception=False)
    client.force_login(user)
    return client


def body_of(answer: Any) -> str:
    """The text of an answer, also of one that streams; bytes that are no text are left out."""
    raw = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return raw.decode("utf-8", "ignore")
