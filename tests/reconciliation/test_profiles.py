"""Versions of a bank's profile: made, taken back, never changed; and the form that people type them into."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import Http404

from accounts.errors import NotAllowed, Refused, Stale
from reconciliation.models import StatementProfile
from reconciliation.profile_forms import ProfileForm, facts_of
from reconciliation.selectors.profiles import (
    current_profile,
    current_profiles_for,
    layouts_for,
    profile_of,
    version_for,
    versions_for,
)
from reconciliation.services import restore_profile, save_profile
from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import PATTERN_FIELDS, Profile, ProfileInvalid
from tests.cast import Cast, make_cast
from tests.factories import make_account

CSV = Profile(columns={"date": "Fecha", "amount": "Monto", "text": ("Concepto", "Detalle")}, separator=";")


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def save(cast: Cast, profile: Profile = CSV, **kw: Any) -> StatementProfile:
    kw.setdefault("by", cast.carol)
    return save_profile(account_id=cast.account.pk, settings=profile.to_json(), **kw)


# --- Versions --------------------------------------------------------------------------------


def test_each_change_is_the_next_version_and_the_newest_counts(cast: Cast) -> None:
    assert current_profile(cast.account) is None
    first = save(cast, name="Banesco CSV")
    second = save(cast, Profile(format="camt"), name="Banesco CAMT", based_on=1)
    assert (first.version, second.version) == (1, 2)
    newest = current_profile(cast.account)
    assert newest == second
    assert profile_of(first) == CSV
    assert current_profiles_for(cast.otto) == {cast.account.pk: second}
    assert versions_for(cast.otto, cast.account) == [second, first]


def test_what_is_in_use_already_makes_no_version(cast: Cast) -> None:
    first = save(cast, name="Banesco")
    assert save(cast, name="Banesco", based_on=0) == first
    assert StatementProfile.objects.count() == 1


def test_a_ready_made_layout_gives_its_name(cast: Cast) -> None:
    layout = LAYOUTS["ve-banesco-qif"]
    kept = save(cast, layout.profile, layout_key=layout.key)
    assert (kept.name, kept.layout_key) == (layout.name_es, layout.key)
    assert profile_of(kept) == layout.profile


def test_somebody_faster_is_not_overwritten(cast: Cast) -> None:
    save(cast)
    save(cast, Profile(format="camt"), based_on=1)
    with pytest.raises(Stale) as error:
        save(cast, Profile(format="ofx"), based_on=1)
    assert error.value.code == "profile_changed"
    assert [each.version for each in StatementProfile.objects.order_by("version")] == [1, 2]


def test_an_older_version_is_taken_back_as_a_new_one(cast: Cast) -> None:
    save(cast, name="Uno")
    save(cast, Profile(format="camt"), name="Dos")
    again = restore_profile(account_id=cast.account.pk, version=1, based_on=2, by=cast.carol)
    assert (again.version, again.restores, again.name, profile_of(again)) == (3, 1, "Uno", CSV)
    with pytest.raises(Http404):
        restore_profile(account_id=cast.account.pk, version=9, by=cast.carol)


def test_a_version_is_never_changed_or_deleted(cast: Cast) -> None:
    kept = save(cast)
    for statement in ("UPDATE reconciliation_statementprofile SET name = 'x'", "DELETE FROM reconciliation_statementprofile"):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    kept.refresh_from_db()
    assert kept.name == "Perfil propio"


def test_who_may_and_whose_account(cast: Cast) -> None:
    for actor in (cast.sue, cast.otto, cast.alice):
        with pytest.raises(NotAllowed):
            save(cast, by=actor)
    far = make_cast()
    with pytest.raises(Http404):
        save(cast, by=far.carol)
    kept = save(cast)
    with pytest.raises(Http404):
        version_for(far.carol, cast.account, kept.version)
    assert StatementProfile.objects.count() == 1


def test_settings_that_no_reader_could_obey_are_refused(cast: Cast) -> None:
    bad = {**CSV.to_json(), "patterns": {"reference": "(a+)+"}}
    with pytest.raises(Refused) as error:
        save_profile(account_id=cast.account.pk, settings=bad, by=cast.carol)
    assert error.value.code == "profile_invalid"
    assert "patterns.reference" in error.value.message
    with pytest.raises(Refused):
        save(cast, name="x" * 81)
    assert not StatementProfile.objects.exists()


def test_layouts_of_the_accounts_bank_come_first(cast: Cast) -> None:
    from banking.models import Bank

    bank, _new = Bank.objects.get_or_create(country="VE", code="0134", defaults={"name": "Banesco", "short_name": "Banesco"})
    account = make_account(cast.merchant, bank=bank)
    own, others = layouts_for(account)
    assert [each.key for each in own] == ["ve-banesco-qif"]
    assert len(own) + len(others) == len(LAYOUTS)
    assert others[0].country == "VE"


# --- The form --------------------------------------------------------------------------------


def typed(**more: Any) -> dict[str, Any]:
    """A posted form of a CSV with a signed amount."""
    return {
        "name": "Mi banco", "format": "csv", "encoding": "auto", "separator": ";", "header_row": "on", "date_choice": "%d/%m/%Y",
        "decimal": ",", "thousands": ".", "amount_style": "signed", "column_date": "Fecha", "column_amount": "Monto",
        "based_on": "0", **more,
    }  # fmt: skip


@pytest.mark.parametrize("key", LAYOUTS)
def test_every_layout_goes_through_the_form_unchanged(key: str) -> None:
    profile = LAYOUTS[key].profile
    form = ProfileForm(profile=profile, initial={"name": "x", "based_on": 0})
    posted = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    again = ProfileForm({name: value for name, value in posted.items() if value is not None and value is not False})
    assert again.is_valid(), again.errors
    assert again.profile == profile
    assert facts_of(profile)


def test_places_are_names_numbers_and_several_together() -> None:
    form = ProfileForm(typed(column_text="Concepto + 4", column_reference="3"))
    assert form.is_valid(), form.errors
    assert form.profile is not None
    assert form.profile.columns == {"date": "Fecha", "amount": "Monto", "text": ("Concepto", 4), "reference": 3}


def test_what_another_kind_of_file_would_use_does_not_count() -> None:
    form = ProfileForm(typed(format="camt", date_choice="other", date_format="nonsense", column_date="", thousands=","))
    assert form.is_valid(), form.errors
    assert form.profile == Profile(format="camt")


@pytest.mark.parametrize(
    ("field", "value", "beside", "words"),
    [
        ("column_amount", "", "column_amount", "dónde está"),
        ("column_date", " ", "column_date", "dónde está"),
        ("column_reference", "0", "column_reference", "nombre de la columna"),
        ("column_reference", "a + b + c + d + e + f + g", "column_reference", "nombre de la columna"),
        ("thousands", ",", "thousands", "dos cosas"),
        ("pattern_reference", "[0-9]+", "pattern_reference", "paréntesis"),
        ("pattern_reference", "(([0-9]+)+)", "pattern_reference", "par"),
        ("pattern_reference", "((?:[0-9]+)+)", "pattern_reference", "más simple"),
        ("pattern_payer_id", "(", "pattern_payer_id", "no se entiende"),
        ("pattern_payer_id", "(?=x)(y)", "pattern_payer_id", "no se admiten"),
        ("skip_header", "1001", "skip_header", "1000"),
        ("skip_header", "-1", "skip_header", "0"),
        ("skip_header", "1e3", "skip_header", ""),
        ("format", "pdf", "format", ""),
        ("name", "", "name", "nombre"),
        ("start_after", "x" * 90, "start_after", "largo"),
        ("separator", "#", "separator", ""),
        ("start_after", "a\x00b", "start_after", ""),
    ],
)
def test_an_error_stands_beside_its_field(field: str, value: str, beside: str, words: str) -> None:
    form = ProfileForm(typed(**{field: value}))
    assert not form.is_valid()
    assert form.profile is None
    assert set(form.errors) == {beside}
    assert words in form.errors[beside][0]


def test_dates_may_be_written_in_another_way() -> None:
    form = ProfileForm(typed(date_choice="other", date_format="%d.%m.%y"))
    assert form.is_valid()
    assert form.profile is not None
    assert form.profile.date_format == "%d.%m.%y"
    bad = ProfileForm(typed(date_choice="other", date_format="%d"))
    assert set(bad.errors) == {"date_format"}


def test_marks_of_debit_and_credit_differ() -> None:
    form = ProfileForm(typed(amount_style="amount_mark", column_mark="Tipo", debit_marks="D, ND", credit_marks="C, ND"))
    assert set(form.errors) == {"credit_marks"}
    good = ProfileForm(typed(amount_style="amount_mark", column_mark="Tipo", debit_marks="D, ND", credit_marks="C"))
    assert good.is_valid(), good.errors
    assert good.profile is not None
    assert good.profile.debit_marks == ("D", "ND")


def test_fixed_width_takes_pairs() -> None:
    good = ProfileForm(typed(format="fixed", column_date="1, 8", column_amount="9-18", row_length="40"))
    assert good.is_valid(), good.errors
    assert good.profile is not None
    assert good.profile.columns == {"date": (1, 8), "amount": (9, 18)}
    bad = ProfileForm(typed(format="fixed", column_date="Fecha", column_amount="9-18"))
    assert "34, 13" in bad.errors["column_date"][0]


def test_the_form_knows_every_pattern() -> None:
    assert {f"pattern_{name}" for name in PATTERN_FIELDS} <= set(ProfileForm(profile=CSV).fields)
    with pytest.raises(ProfileInvalid):
        Profile.from_json({"patterns": {"nothing": "(a)"}})
