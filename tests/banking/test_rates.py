"""Exchange rates: typed, imported whole or not at all, the newest row of the newest day wins."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.errors import NotAllowed, Refused
from banking.forms import RateForm
from banking.models import ExchangeRate
from banking.rates import UnreadableRate, read_rate, read_rates
from banking.selectors import rate_on, rates_for
from banking.services import RatesRefused, enter_rate, import_rates
from tests.cast import Cast
from tests.factories import make_merchant, make_rate

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)


def test_the_newest_row_of_the_newest_day_wins(cast: Cast) -> None:
    make_rate(cast.merchant, date=DAY, rate="36.50")
    make_rate(cast.merchant, date=DAY - dt.timedelta(days=1), rate="99")
    corrected = make_rate(cast.merchant, date=DAY, rate="36.60")
    assert rate_on(cast.merchant, "USD", "VES", DAY) == corrected


def test_a_weekend_takes_the_rate_before_it_but_no_older_than_allowed(cast: Cast) -> None:
    rate = make_rate(cast.merchant, date=DAY)
    assert rate_on(cast.merchant, "USD", "VES", DAY + dt.timedelta(days=4)) == rate
    assert rate_on(cast.merchant, "USD", "VES", DAY + dt.timedelta(days=5)) is None
    assert rate_on(cast.merchant, "USD", "VES", DAY - dt.timedelta(days=1)) is None
    assert rate_on(cast.merchant, "VES", "USD", DAY) is None


def test_rates_of_another_merchant_do_not_count(cast: Cast) -> None:
    make_rate(make_merchant(), date=DAY)
    assert rate_on(cast.merchant, "USD", "VES", DAY) is None


def test_accounting_types_a_rate(cast: Cast) -> None:
    rate = enter_rate(
        merchant=cast.merchant, base="usd", quote="VES", date=DAY, rate=Decimal("36.5127"), source="BCV", by=cast.carol
    )
    assert (rate.base, rate.rate, rate.entered_by) == ("USD", Decimal("36.5127"), cast.carol.user)
    assert rates_for(cast.carol).get() == rate


def test_others_do_not(cast: Cast, far: Cast) -> None:
    for actor in (cast.sue, cast.otto, cast.alice, far.carol):
        with pytest.raises(NotAllowed):
            enter_rate(merchant=cast.merchant, base="USD", quote="VES", date=DAY, rate=Decimal(1), by=actor)
        with pytest.raises(NotAllowed):
            import_rates(merchant=cast.merchant, content=b"2026-11-20,USD,VES,36.5", by=actor)
    assert not ExchangeRate.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rate": Decimal(0)}, "rate"),
        ({"rate": Decimal(-1)}, "rate"),
        ({"rate": Decimal("NaN")}, "rate"),
        ({"rate": Decimal(10) ** 10}, "rate"),
        ({"quote": "USD"}, "quote"),
        ({"base": "US"}, "base"),
        ({"base": "U$D"}, "base"),
        ({"date": dt.date(1999, 12, 31)}, "date"),
        ({"date": dt.date(2126, 11, 20)}, "date"),
    ],
)
def test_refuses_a_rate_that_cannot_be_right(cast: Cast, changes: dict[str, object], field: str) -> None:
    fields = {"base": "USD", "quote": "VES", "date": DAY, "rate": Decimal("36.5"), **changes}
    with pytest.raises(Refused) as refusal:
        enter_rate(merchant=cast.merchant, by=cast.carol, **fields)  # type: ignore[arg-type]
    assert refusal.value.fields == (field,)
    assert not ExchangeRate.objects.exists()


def test_imports_a_file_and_the_same_file_again_adds_nothing(cast: Cast) -> None:
    content = "\ufefffecha;base;quote;tasa;fuente\r\n20/11/2026;USD;VES;36,5127;BCV\r\n2026-11-19;usd;ves;1.236,5;\r\n".encode()
    assert import_rates(merchant=cast.merchant, content=content, by=cast.carol).added == 2
    again = import_rates(merchant=cast.merchant, content=content, by=cast.carol)
    assert (again.added, again.unchanged) == (0, 2)
    assert {(each.date, each.rate) for each in ExchangeRate.objects.all()} == {
        (DAY, Decimal("36.5127")),
        (dt.date(2026, 11, 19), Decimal("1236.5")),
    }


def test_a_corrected_file_adds_the_new_row(cast: Cast) -> None:
    import_rates(merchant=cast.merchant, content=b"2026-11-20,USD,VES,36.5,BCV", by=cast.carol)
    import_rates(merchant=cast.merchant, content=b"2026-11-20,USD,VES,36.6,BCV", by=cast.carol)
    found = rate_on(cast.merchant, "USD", "VES", DAY)
    assert found is not None
    assert found.rate == Decimal("36.6")
    assert ExchangeRate.objects.count() == 2


def test_one_bad_row_and_nothing_is_imported_and_every_bad_line_is_named(cast: Cast) -> None:
    good = "2026-11-20,USD,VES,36.5"
    bad = [
        "2026-13-20,USD,VES,36.5",
        "2026-11-20,USD,VES,zero",
        "2026-11-20,USD,VES,36,50",
        "2026-11-20,USD,USD,1",
        "2026-11-20,USD",
    ]
    content = "\n".join(["date,base,quote,rate", good, *bad]).encode()
    with pytest.raises(RatesRefused) as refusal:
        import_rates(merchant=cast.merchant, content=content, by=cast.carol)
    assert [error.line for error in refusal.value.errors] == [3, 4, 5, 6, 7]
    assert all(error.reason for error in refusal.value.errors)
    assert not ExchangeRate.objects.exists()


def test_a_decimal_comma_that_became_a_column_is_never_taken_for_a_rate() -> None:
    rows, errors = read_rates(b"2026-11-20,USD,VES,36,50\n2026-11-20,USD,VES,36,50,BCV\n")
    assert not rows
    assert len(errors) == 2


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"\x00\x01\x02", b"a" * 1_100_000, b'"never closed', b"date,rate\n", b"\xff\xfe1"]
)
def test_what_is_no_file_of_rates_is_told(content: bytes) -> None:
    rows, errors = read_rates(content)
    assert not rows
    assert errors


def test_a_file_of_another_encoding_is_read() -> None:
    rows, errors = read_rates("2026-11-20;USD;VES;36,5;Añil".encode("cp1252"))
    assert not errors
    assert rows[0].source == "Añil"


@pytest.mark.parametrize(
    ("typed", "rate"),
    [
        ("36,5127", "36.5127"),
        ("36.512", "36.512"),
        ("1.234,5", "1234.5"),
        ("1,234.5", "1234.5"),
        ("0,0274", "0.0274"),
        ("36", "36"),
    ],
)
def test_reads_rates_with_either_decimal_sign(typed: str, rate: str) -> None:
    assert read_rate(typed) == Decimal(rate)


@pytest.mark.parametrize(
    "typed", ["", "0", "0,0", "-1", "1e3", "NaN", "1.2.3.4", "12,34,56", "1" * 40, "0.00000000001", "٣٦", "10000000000"]
)
def test_refuses_rates_that_cannot_be_read(typed: str) -> None:
    with pytest.raises(UnreadableRate):
        read_rate(typed)


def test_the_form_keeps_what_was_typed() -> None:
    form = RateForm({"date": "2026-11-20", "base": "USD", "quote": "VES", "rate": "mucho"})
    assert not form.is_valid()
    assert set(form.errors) == {"rate"}
    assert form["rate"].value() == "mucho"
    assert RateForm({"date": "2026-11-20", "base": "USD", "quote": "VES", "rate": "36,5"}).is_valid()


def test_the_database_refuses_a_rate_of_nothing(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_rate(cast.merchant, rate="0")
    with pytest.raises(IntegrityError), transaction.atomic():
        make_rate(cast.merchant, quote="USD")


def test_a_rate_far_from_the_newest_one_must_be_confirmed(cast: Cast) -> None:
    make_rate(cast.merchant, date=DAY - dt.timedelta(days=30), rate="500")
    make_rate(cast.merchant, date=DAY - dt.timedelta(days=1), rate="36.50")
    wrong = {"merchant": cast.merchant, "base": "USD", "quote": "VES", "date": DAY, "by": cast.carol}
    for number in ("365.0", "29.19", "43.81"):
        with pytest.raises(Refused) as refusal:
            enter_rate(rate=Decimal(number), **wrong)  # type: ignore[arg-type]
        assert (refusal.value.code, refusal.value.fields) == ("rate_far", ("rate",))
        assert "36.5" in refusal.value.message
        assert number.rstrip("0").rstrip(".") in refusal.value.message
    assert ExchangeRate.objects.count() == 2
    assert enter_rate(rate=Decimal("43.80"), **wrong).rate == Decimal("43.80")  # type: ignore[arg-type]
    assert enter_rate(rate=Decimal(365), confirmed=True, **wrong).rate == 365  # type: ignore[arg-type]
    assert enter_rate(**{**wrong, "base": "EUR"}, rate=Decimal(900)).rate == 900  # type: ignore[arg-type]


def test_a_file_lists_rates_far_from_the_newest_one_until_they_are_confirmed(cast: Cast) -> None:
    make_rate(cast.merchant, date=DAY - dt.timedelta(days=1), rate="36.50")
    content = b"2026-11-20,USD,VES,36.6\n2026-11-20,USD,VES,366\n"
    with pytest.raises(RatesRefused) as refusal:
        import_rates(merchant=cast.merchant, content=content, by=cast.carol)
    assert ([error.line for error in refusal.value.errors], refusal.value.has_far) == ([2], True)
    assert ExchangeRate.objects.count() == 1
    assert import_rates(merchant=cast.merchant, content=content, confirmed=True, by=cast.carol).added == 2
