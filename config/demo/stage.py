"""The demo's stage: one merchant with its accounts, people, customers and rates, ready for scenes."""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from allauth.account.models import EmailAddress

from accounts.actors import Actor
from accounts.models import Contact, Customer, Merchant, NumberSeries, Role, StaffRole, User
from banking import services as banking_services
from banking.models import AccountMethod, Bank, ExchangeRate, PaymentMethod, ReceivingAccount, WithholdingKind
from config.demo import companies, neighbours
from config.demo.people import PEOPLE
from tickets import services as ticket_services

RATE_DAYS = 210


@dataclass
class Stage:
    """Everything a scene needs. `rng` is seeded, so the demo is the same each time but for its dates."""

    merchant: Merchant
    rng: random.Random
    today: dt.date
    staff: dict[str, Actor] = field(default_factory=dict)
    contacts: dict[int, Actor] = field(default_factory=dict)
    customers: list[Customer] = field(default_factory=list)
    accounts: list[ReceivingAccount] = field(default_factory=list)
    methods: dict[str, PaymentMethod] = field(default_factory=dict)
    rates: dict[dt.date, Decimal] = field(default_factory=dict)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.merchant.time_zone)

    def at(self, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
        """A moment in the merchant's time zone."""
        return dt.datetime.combine(day, dt.time(hour, minute), self.zone)

    def workday(self, days_ago: int) -> dt.date:
        """The last Monday-to-Friday day at least `days_ago` days back."""
        day = self.today - dt.timedelta(days=days_ago)
        while day.weekday() > 4:
            day -= dt.timedelta(days=1)
        return day

    def rate(self, day: dt.date) -> Decimal:
        """Units of the accounts' currency per dollar, as the rate table says."""
        while day not in self.rates:
            day -= dt.timedelta(days=1)
        return self.rates[day]


def set_stage(data: dict[str, Any], today: dt.date, seed: int) -> Stage:
    """Make a merchant with everything but orders and tickets."""
    merchant = Merchant.objects.create(**data)
    stage = Stage(merchant=merchant, rng=random.Random(seed), today=today)
    system = Actor.system(merchant)
    banking_services.prepare_merchant(merchant=merchant)
    ticket_services.prepare_merchant(merchant=merchant, by=system)
    NumberSeries.objects.create(merchant=merchant, kind=NumberSeries.Kind.TICKET, next_value=301)
    for serial, (key, name_es, name_en) in enumerate(companies.WITHHOLDINGS.get(merchant.slug, ()), start=1):
        WithholdingKind.objects.create(merchant=merchant, key=key, name_es=name_es, name_en=name_en, position=serial)
    for key, (name, per_cent) in companies.SURCHARGES.get(merchant.slug, {}).items():
        PaymentMethod.objects.filter(merchant=merchant, key=key).update(
            surcharge_per_cent=per_cent, surcharge_name_es=name, surcharge_name_en=name
        )
    stage.methods = {method.key: method for method in PaymentMethod.objects.filter(merchant=merchant)}
    _open_accounts(stage)
    _hire_staff(stage)
    _win_customers(stage)
    _enter_rates(stage)
    return stage


def _open_accounts(stage: Stage) -> None:
    merchant = stage.merchant
    for position, data in enumerate(companies.ACCOUNTS[merchant.slug]):
        code, methods = data["bank"], data["methods"]
        account = ReceivingAccount.objects.create(
            merchant=merchant,
            bank=Bank.objects.get(country=merchant.country, code=code) if code else None,
            institution=data.get("institution", ""),
            kind=data.get("kind", ReceivingAccount.Kind.CHECKING),
            number=data["number"],
            holder=merchant.legal_name,
            holder_tax_id=merchant.tax_id,
            phone=data.get("phone", ""),
            email=data.get("email", ""),
            currency=data["currency"],
            position=position,
        )
        for key in methods:
            AccountMethod.objects.create(merchant=merchant, account=account, method=stage.methods[key])
        stage.accounts.append(account)
    used = {key for data in companies.ACCOUNTS[merchant.slug] for key in data["methods"]}
    PaymentMethod.objects.filter(merchant=merchant).exclude(key__in=used).update(is_active=False)


def _user(name: str, email: str, password: str | None) -> User:
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def _hire_staff(stage: Stage) -> None:
    for person in PEOPLE:
        if person.merchant != stage.merchant.slug or not person.staff_role:
            continue
        user = _user(person.name, person.email, person.password)
        StaffRole.objects.create(merchant=stage.merchant, user=user, role=person.staff_role)
        stage.staff[user.get_short_name()] = Actor(merchant=stage.merchant, user=user, role=Role(person.staff_role))


def _win_customers(stage: Stage) -> None:
    """Customers, each with one contact; the demo's own people are contacts of the first ones."""
    merchant = stage.merchant
    people = [each for each in PEOPLE if each.merchant == merchant.slug and not each.staff_role]
    cities = {"VE": ("Aragua", "Maracay", "Av. Las Delicias, Centro Ejecutivo Sol, piso 3, oficina 3-B"),
              "EC": ("Guayas", "Guayaquil", "Av. 9 de Octubre 1204 y Boyacá, piso 2")}  # fmt: skip
    cities |= {country: place[:3] for country, place in neighbours.PLACES.items()}
    phones = {"VE": "+584125550142"} | {country: place[3] for country, place in neighbours.PLACES.items()}
    state, city, address = cities[merchant.country]
    for number, name in enumerate(companies.CUSTOMERS[merchant.slug]):
        person = people[number] if number < len(people) else None
        email = person.email if person else f"pagos@cliente{number:02d}.{merchant.slug}.example"
        customer = Customer.objects.create(
            merchant=merchant, number=f"C-{1001 + number}", name=name, email=email,
            phone=phones.get(merchant.country, "+593995550142"),
            tax_id=_tax_id(merchant.country, number),
            address=address, state=state, city=city, reference_point="Frente al parque",
        )  # fmt: skip
        user = _user(person.name if person else name, email, person.password if person else None)
        contact = Contact.objects.create(
            merchant=merchant, customer=customer, user=user, can_manage_contacts=True, can_manage_services=True
        )
        stage.customers.append(customer)
        stage.contacts[customer.pk] = Actor(merchant=merchant, user=user, contact=contact)
    NumberSeries.objects.create(merchant=merchant, kind=NumberSeries.Kind.CUSTOMER, next_value=1100)
    if len(people) > 1:  # The first person looks after a second account, to show switching.
        first = _user(people[0].name, people[0].email, None)
        Contact.objects.create(merchant=merchant, customer=stage.customers[-1], user=first)


def _tax_id(country: str, number: int) -> str:
    """Something of the right shape; nobody's."""
    serial = 10000000 + number * 7919
    if country in neighbours.PLACES:
        return neighbours.PLACES[country][4].format(serial=serial)
    return f"J-{serial}-{number % 10}" if country == "VE" else f"09{serial}001"


def _enter_rates(stage: Stage) -> None:
    """A slow climb with small steps, on workdays only, as a central bank publishes."""
    if not stage.merchant.rate_source:
        return
    rate, rows = Decimal("36.74"), []
    for days_ago in range(RATE_DAYS):
        day = stage.today - dt.timedelta(days=days_ago)
        if day.weekday() > 4 and days_ago:
            continue
        stage.rates[day] = rate
        rows.append(
            ExchangeRate(merchant=stage.merchant, base="USD", quote="VES", date=day, rate=rate, source=stage.merchant.rate_source)
        )
        rate -= Decimal(stage.rng.randint(1, 6)) / 100
    ExchangeRate.objects.bulk_create(reversed(rows))
