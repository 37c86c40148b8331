"""Receiving accounts, methods, and the facts they start from."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.http import Http404

from accounts.errors import NotAllowed, Refused
from banking.facts import method_templates, read_facts
from banking.forms import AccountForm, MethodForm
from banking.models import AccountMethod, Bank, PaymentMethod, ReceivingAccount, ReferenceFormat, TransferField
from banking.selectors import accounts_of, banks_offered, currencies_of, methods_of, reference_formats
from banking.services import AccountData, MethodData, prepare_merchant, save_account, save_method
from tests.cast import Cast
from tests.factories import make_account, make_bank, make_merchant, make_method

pytestmark = pytest.mark.django_db


def data(**changes: Any) -> AccountData:
    bank = make_bank(country="VE", code="0134")
    return AccountData(
        **{"number": "0134 0412 1234-5678 9012", "holder": "Andina", "currency": "VES", "bank_id": bank.pk, **changes}
    )


# --- Facts ------------------------------------------------------------------------------------


def test_banks_of_five_countries_are_there_with_sources() -> None:
    assert set(Bank.objects.values_list("country", flat=True)) == {"VE", "CO", "EC", "AR", "MX"}
    assert Bank.objects.get(country="VE", code="0134").short_name == "Banesco"
    assert not Bank.objects.filter(sources=[]).exists()
    old = Bank.objects.get(country="VE", code="0169")
    assert old.former_names[0]["name"] == "Mi Banco, Banco Microfinanciero"
    assert len(banks_offered("VE")) == 26
    assert not banks_offered("VE").filter(code__in=["0116", "0001"]).exists()


def test_loading_again_changes_nothing_and_mends_what_was_changed(capsys: pytest.CaptureFixture[str]) -> None:
    before = Bank.objects.count(), ReferenceFormat.objects.count()
    Bank.objects.filter(country="VE", code="0134").update(short_name="X")
    call_command("load_banks")
    assert (Bank.objects.count(), ReferenceFormat.objects.count()) == before
    assert Bank.objects.get(country="VE", code="0134").short_name == "Banesco"


@pytest.mark.parametrize("country", ["VE", "CO", "EC", "AR", "MX", "PE"])
def test_a_new_merchant_gets_the_methods_of_its_country(country: str) -> None:
    merchant = make_merchant(country=country, time_zone="UTC")
    methods = prepare_merchant(merchant=merchant)
    assert methods
    for method in methods:
        assert set(method.requires) <= set(method.asks) <= set(TransferField.values)
        assert method.name_es
        assert method.name_en
    prepare_merchant(merchant=merchant)
    assert PaymentMethod.objects.filter(merchant=merchant).count() == len(methods)


def test_methods_ask_what_the_customer_can_know() -> None:
    venezuela = {each["key"]: each for each in method_templates("VE")}
    assert venezuela["transfer"]["requires"] == ["origin_bank", "reference"]
    assert venezuela["deposit"]["asks"] == ["reference"]
    assert venezuela["cheque"]["requires"] == ["origin_bank", "reference"]
    assert venezuela["pago_movil"]["requires"] == ["payer_phone", "origin_bank", "reference"]
    assert "payer_id" in venezuela["pago_movil"]["asks"]
    assert venezuela["zelle"]["requires"] == ["sender_name", "sender_email"]
    assert venezuela["cash"]["requires"] == []


def test_every_fact_names_sources_that_exist() -> None:
    import json

    from banking.facts import DATA

    sources = set(json.loads((DATA / "banks.json").read_text())["sources"])
    for name in ("banks", "methods", "reference_formats"):
        for row in read_facts(name):
            assert row["sources"]
            assert set(row["sources"]) <= sources, row


def test_reference_formats_compile_and_belong_to_methods(cast: Cast) -> None:
    import re

    keys = {row["key"] for row in read_facts("methods")}
    for row in ReferenceFormat.objects.all():
        re.compile(row.pattern)
        assert row.method_key in keys
        assert row.hint_es
        assert row.hint_en
    assert {row.country for row in reference_formats(cast.merchant)} == {"VE"}


# --- Accounts ---------------------------------------------------------------------------------


def test_adds_and_changes_an_account(cast: Cast) -> None:
    account = save_account(
        merchant=cast.merchant, data=data(phone="0424 123 45 67"), method_ids=[cast.transfer.pk, cast.deposit.pk], by=cast.ada
    )
    assert (account.number, account.last_four, account.title) == ("01340412123456789012", "9012", "0134 Banesco")
    assert account.phone == "+584241234567"
    changed = save_account(
        merchant=cast.merchant, data=data(holder="Other", is_active=False), method_ids=[cast.deposit.pk], account_id=account.pk,
        by=cast.ada,
    )  # fmt: skip
    assert changed.pk == account.pk
    found = ReceivingAccount.objects.get(pk=account.pk)
    assert (found.holder, found.method_ids, found.is_active) == ("Other", [cast.deposit.pk], False)
    assert found not in accounts_of(cast.merchant)
    assert found in accounts_of(cast.merchant, all_of_them=True)
    assert currencies_of(cast.merchant) == ["USD"]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"bank_id": None}, "no_bank"),
        ({"bank_id": 0}, "no_bank"),
        ({"number": ""}, "bad_account"),
        ({"holder": "x" * 300}, "bad_account"),
        ({"kind": "gold"}, "bad_account"),
        ({"email": "no"}, "bad_account"),
    ],
)
def test_refuses_a_bad_account(cast: Cast, changes: dict[str, Any], code: str) -> None:
    before = ReceivingAccount.objects.count()
    with pytest.raises(Refused) as refusal:
        save_account(merchant=cast.merchant, data=data(**changes), method_ids=[cast.transfer.pk], by=cast.ada)
    assert refusal.value.code == code
    assert ReceivingAccount.objects.count() == before


def test_an_account_without_a_bank_names_its_institution(cast: Cast) -> None:
    account = save_account(
        merchant=cast.merchant, data=data(bank_id=None, institution="Zelle", number="pay@andina.example"),
        method_ids=[cast.transfer.pk], by=cast.ada,
    )  # fmt: skip
    assert (account.title, account.number) == ("Zelle", "pay@andina.example")


def test_the_currency_of_an_account_stays(cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        save_account(
            merchant=cast.merchant,
            data=data(currency="EUR"),
            method_ids=[cast.transfer.pk],
            account_id=cast.account.pk,
            by=cast.ada,
        )
    assert refusal.value.code == "currency_fixed"
    assert ReceivingAccount.objects.get(pk=cast.account.pk).currency == "USD"


def test_one_number_is_one_account(cast: Cast) -> None:
    save_account(merchant=cast.merchant, data=data(), method_ids=[cast.transfer.pk], by=cast.ada)
    with pytest.raises(Refused) as refusal:
        save_account(merchant=cast.merchant, data=data(), method_ids=[cast.transfer.pk], by=cast.ada)
    assert refusal.value.code == "number_taken"


def test_methods_of_another_merchant_are_refused(cast: Cast, far: Cast) -> None:
    for methods in ([], [far.transfer.pk], [cast.transfer.pk, far.transfer.pk]):
        with pytest.raises(Refused) as refusal:
            save_account(merchant=cast.merchant, data=data(), method_ids=methods, by=cast.ada)
        assert refusal.value.code == "no_methods"
    with pytest.raises(Http404):
        save_account(merchant=cast.merchant, data=data(), method_ids=[cast.transfer.pk], account_id=far.account.pk, by=cast.ada)
    with pytest.raises(Http404):
        save_method(
            merchant=cast.merchant, data=MethodData(key="x1", name_es="X", name_en="X"), method_id=far.transfer.pk, by=cast.ada
        )


def test_administrators_alone_set_up(cast: Cast, far: Cast) -> None:
    for actor in (cast.dan, cast.carol, cast.sue, cast.alice, far.ada):
        with pytest.raises(NotAllowed):
            save_account(merchant=cast.merchant, data=data(), method_ids=[cast.transfer.pk], by=actor)
        with pytest.raises(NotAllowed):
            save_method(merchant=cast.merchant, data=MethodData(key="x1", name_es="X", name_en="X"), by=actor)


def test_a_method_asks_what_it_requires(cast: Cast) -> None:
    method = save_method(
        merchant=cast.merchant,
        data=MethodData(key="wire", name_es="Giro", name_en="Wire", asks=("reference",), requires=("sender_name",)),
        by=cast.ada,
    )
    assert method.asks == ["reference", "sender_name"]
    assert method.requires == ["sender_name"]
    with pytest.raises(Refused):
        save_method(merchant=cast.merchant, data=MethodData(key="x1", name_es="X", name_en="X", asks=("state",)), by=cast.ada)
    with pytest.raises(Refused):
        save_method(merchant=cast.merchant, data=MethodData(key="wire", name_es="X", name_en="X"), by=cast.ada)
    assert method in methods_of(cast.merchant)


def test_lists_take_no_query_a_row(cast: Cast, django_assert_num_queries: Any) -> None:
    for number in range(5):
        make_account(cast.merchant, methods=[make_method(cast.merchant, f"m{number}")])
    with django_assert_num_queries(2):  # accounts with banks; links
        assert all(account.method_ids and account.title for account in accounts_of(cast.merchant))
    assert AccountMethod.objects.count() == 7


def test_the_forms_give_what_the_services_take(cast: Cast) -> None:
    bank = make_bank(country="VE", code="0134")
    form = AccountForm(
        {
            "bank": bank.pk, "kind": "checking", "number": "0134", "holder": "A", "currency": "VES",
            "methods": [cast.transfer.pk], "position": "0", "is_active": "on",
        },
        merchant=cast.merchant,
    )  # fmt: skip
    assert form.is_valid(), form.errors
    account = save_account(merchant=cast.merchant, data=form.to_data(), method_ids=[cast.transfer.pk], by=cast.ada)
    assert AccountForm.initial_of(account)["methods"] == [cast.transfer.pk]
    assert not account.is_public
    method = MethodForm(
        {"key": "wire", "name_es": "G", "name_en": "W", "asks": ["reference"], "clearing_days": "1", "position": "3"}
    )
    assert method.is_valid(), method.errors
    assert method.to_data().asks == ("reference",)
    assert not MethodForm({"key": "Bad Key", "name_es": "G", "name_en": "W"}).is_valid()
