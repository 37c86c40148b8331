"""People: customers, contacts, roles, merchants, and who may write them."""

from __future__ import annotations

import threading
from decimal import Decimal

import pytest
from django.db import connection, transaction

from accounts import services
from accounts.contacts import add_contact, remove_contact
from accounts.errors import NotAllowed, Refused
from accounts.models import Contact, Customer, Merchant, NumberSeries, Role, StaffRole, User
from accounts.selectors import actor_of, customer_for, customers_for, recipients_of
from tests.cast import Cast
from tests.factories import make_customer, make_merchant, make_user

pytestmark = pytest.mark.django_db


def test_creates_a_customer_with_a_drawn_number(cast: Cast) -> None:
    customer = services.create_customer(merchant=cast.merchant, name=" Panadería La Flor ", phone="0424 123 45 67", by=cast.sue)
    assert customer.number == "C00001"
    assert customer.name == "Panadería La Flor"
    assert customer.phone == "+584241234567"
    assert customer.language == "es"


def test_a_drawn_number_passes_over_one_that_is_taken(cast: Cast) -> None:
    make_customer(cast.merchant, number="C00001")
    assert services.create_customer(merchant=cast.merchant, name="A", by=cast.sue).number == "C00002"


def test_refuses_a_number_that_is_taken(cast: Cast) -> None:
    before = Customer.objects.count()
    with pytest.raises(Refused, match="K") as refusal:
        services.create_customer(merchant=cast.merchant, name="A", number=cast.a.number, by=cast.sue)
    assert refusal.value.code == "number_taken"
    assert refusal.value.fields == ("number",)
    assert Customer.objects.count() == before


@pytest.mark.parametrize("changes", [{"name": "  "}, {"email": "no address"}, {"language": "fr"}, {"name": "x" * 201}])
def test_refuses_data_that_is_wrong(cast: Cast, changes: dict[str, str]) -> None:
    before = Customer.objects.get(pk=cast.a.pk)
    with pytest.raises(Refused):
        services.change_customer(customer=cast.a, by=cast.sue, **changes)  # type: ignore[arg-type]
    after = Customer.objects.get(pk=cast.a.pk)
    assert (before.name, before.email, before.language) == (after.name, after.email, after.language)


def test_a_contact_changes_their_own_customer_alone(cast: Cast) -> None:
    services.change_customer(customer=cast.a, by=cast.alice, city="Mérida")
    assert Customer.objects.get(pk=cast.a.pk).city == "Mérida"
    with pytest.raises(NotAllowed):
        services.change_customer(customer=cast.b, by=cast.alice, city="Mérida")
    with pytest.raises(NotAllowed):
        services.change_customer(customer=cast.a, by=cast.alice, is_active=False)


def test_only_staff_of_this_merchant_write(cast: Cast, far: Cast) -> None:
    for actor in (cast.alice, cast.otto, far.sue, far.ada):
        with pytest.raises(NotAllowed):
            services.create_customer(merchant=cast.merchant, name="A", by=actor)
        with pytest.raises(NotAllowed):
            add_contact(customer=cast.b, email="x@example.com", name="X", by=actor)


def test_adds_a_contact_who_is_known_elsewhere_without_touching_them(cast: Cast, far: Cast) -> None:
    assert far.alice.user is not None
    contact = add_contact(customer=cast.a, email=far.alice.user.email.upper(), name="Somebody", can_report=False, by=cast.sue)
    assert contact.user == far.alice.user
    assert contact.user.name == "Alice"
    assert not contact.can_report
    assert User.objects.get(pk=contact.user_id).check_password("correct horse")


def test_a_new_contact_is_a_new_person_with_an_unproved_address(cast: Cast) -> None:
    contact = add_contact(customer=cast.a, email="New@Example.com", name="Nueva", by=cast.alice)
    assert contact.user.email == "new@example.com"
    assert not contact.user.has_usable_password()
    assert [(each.email, each.verified) for each in contact.user.emailaddress_set.all()] == [("new@example.com", False)]
    remove_contact(contact=contact, by=cast.alice)
    assert not Contact.objects.filter(pk=contact.pk).exists()


def test_a_contact_without_the_permission_adds_nobody(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        add_contact(customer=cast.a, email="new@example.com", name="Nueva", by=cast.nora)
    with pytest.raises(NotAllowed):
        add_contact(customer=cast.b, email="new@example.com", name="Nueva", by=cast.alice)
    assert not User.objects.filter(email="new@example.com").exists()


def test_administrators_alone_give_roles(cast: Cast, far: Cast) -> None:
    for actor in (cast.dan, cast.carol, cast.alice, far.ada):
        with pytest.raises(NotAllowed):
            services.set_role(merchant=cast.merchant, email="x@example.com", name="X", role=Role.SUPPORT, by=actor)
    given = services.set_role(merchant=cast.merchant, email="x@example.com", name="X", role=Role.SUPPORT, by=cast.ada)
    assert given.role == Role.SUPPORT
    changed = services.set_role(merchant=cast.merchant, email="X@example.com", name="X", role=Role.AUDITOR, by=cast.ada)
    assert changed.pk == given.pk
    assert StaffRole.objects.get(pk=given.pk).role == Role.AUDITOR


def test_nobody_changes_their_own_role_and_one_administrator_stays(cast: Cast) -> None:
    ada = cast.ada.user
    assert ada is not None
    with pytest.raises(Refused) as refusal:
        services.set_role(merchant=cast.merchant, email=ada.email, name="Ada", role=Role.SENIOR, by=cast.ada)
    assert refusal.value.code == "own_role"
    own = StaffRole.objects.get(user=ada)
    with pytest.raises(Refused):
        services.end_role(staff_role=own, by=cast.ada)
    with pytest.raises(Refused) as last:
        services.end_role(staff_role=own, by=cast.system)
    assert last.value.code == "last_administrator"
    with pytest.raises(Refused):
        services.set_role(merchant=cast.merchant, email=ada.email, name="Ada", role=Role.SUPPORT, by=cast.system)
    assert StaffRole.objects.get(user=ada).role == Role.ADMINISTRATOR


def test_opens_a_merchant_and_refuses_bad_ones() -> None:
    merchant = services.create_merchant(
        slug="nueva", name="Nueva Red", country="VE", time_zone="America/Caracas", currency="USD",
        support_phone="0212 555 12 34", accent="#0b6b63",
    )  # fmt: skip
    assert merchant.ticket_prefix == "NR"
    assert merchant.support_phone == "+582125551234"
    base = {"name": "X", "country": "VE", "time_zone": "America/Caracas", "currency": "USD"}
    for bad in (
        {"slug": "admin"},
        {"slug": "Upper"},
        {"slug": "x", "time_zone": "Mars/Base"},
        {"slug": "ok-one", "accent": "red"},
    ):
        with pytest.raises(Refused) as refusal:
            services.create_merchant(**{**base, **bad})  # type: ignore[arg-type]
        assert refusal.value.code == "bad_merchant"
    with pytest.raises(Refused) as taken:
        services.create_merchant(**{**base, "slug": "nueva"})  # type: ignore[arg-type]
    assert taken.value.code == "slug_taken"


def test_changes_ones_own_profile(cast: Cast) -> None:
    user = services.change_profile(name="Alicia", phone="0414-1234567", language="en", uses_shortcuts=False, by=cast.alice)
    assert (user.name, user.phone, user.language, user.uses_shortcuts) == ("Alicia", "+584141234567", "en", False)
    services.change_profile(language="fr", by=cast.alice)
    assert User.objects.get(pk=user.pk).language == "en"
    with pytest.raises(NotAllowed):
        services.change_profile(name="X", by=cast.system)


def test_finds_customers_without_accents_and_takes_percent_literally(cast: Cast) -> None:
    assert [each.name for each in customers_for(cast.sue, "nanez")] == ["Roberto Ñáñez"]
    assert [each.name for each in customers_for(cast.sue, "ALICIA alvarez")] == ["Alicia Álvarez"]
    assert not customers_for(cast.sue, "%").exists()
    assert customers_for(cast.sue, cast.a.number).count() == 1


def test_shows_each_actor_their_own_customers(cast: Cast, far: Cast) -> None:
    assert set(customers_for(cast.alice)) == {cast.a}
    assert cast.b in customers_for(cast.carol)
    assert far.a not in customers_for(cast.carol)
    from django.http import Http404

    for actor, customer in ((cast.alice, cast.b), (cast.carol, far.a)):
        with pytest.raises(Http404):
            customer_for(actor, customer.pk)


def test_letters_go_to_contacts_who_use_tickets_else_to_the_customer(cast: Cast) -> None:
    assert [each.email for each in recipients_of(cast.a)] == ["alice@andina.example"]
    lonely = make_customer(cast.merchant, email="lonely@example.com", language="en")
    assert [(each.email, each.language) for each in recipients_of(lonely)] == [("lonely@example.com", "en")]
    assert recipients_of(make_customer(cast.merchant, email="")) == []


def test_a_contact_of_a_closed_customer_has_no_part(cast: Cast) -> None:
    assert cast.alice.user is not None
    services.change_customer(customer=cast.a, by=cast.sue, is_active=False)
    assert actor_of(cast.alice.user, cast.merchant) is None


@pytest.mark.django_db(transaction=True)
def test_numbers_drawn_at_once_differ() -> None:
    merchant = make_merchant()
    drawn: list[int] = []

    def draw() -> None:
        try:
            with transaction.atomic():
                drawn.append(services.draw_number(merchant=merchant, kind=NumberSeries.Kind.TICKET))
        finally:
            connection.close()

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(drawn) == list(range(1, 9))


def test_an_address_is_one_person_whatever_its_case() -> None:
    from django.db import IntegrityError

    make_user(email="one@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(email="ONE@example.com", name="Two")


def test_an_administrator_says_what_is_settled_without_a_person(cast: Cast) -> None:
    assert services.set_auto_accept(is_on=True, limit=Decimal(300), by=cast.ada).auto_accept
    merchant = Merchant.objects.get(pk=cast.merchant.pk)
    assert (merchant.auto_accept, merchant.auto_accept_limit) == (True, 300)
    for limit in (Decimal(-1), Decimal("NaN"), merchant.approval_limit + 1):
        with pytest.raises(Refused) as refused:
            services.set_auto_accept(is_on=False, limit=limit, by=cast.ada)
        assert refused.value.code == "limit_invalid"
    for actor in (cast.carol, cast.dan, cast.alice):
        with pytest.raises(NotAllowed):
            services.set_auto_accept(is_on=False, limit=Decimal(0), by=actor)
    assert Merchant.objects.get(pk=cast.merchant.pk).auto_accept
