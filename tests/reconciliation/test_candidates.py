"""Candidate deposits of a ticket: which lines are looked at, in which order, told in which words, for how many queries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from accounts.errors import NotAllowed
from reconciliation import services
from reconciliation.candidates import business_days_apart, candidates_for
from reconciliation.models import Match
from reconciliation.words import SENTENCES, tell
from tests.factories import make_account
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_the_right_deposit_comes_first_with_its_reasons(scene: Scene) -> None:
    ticket = scene.report("1250", reference="0045775572442")
    scene.line("1250", reference="88120457")
    right = scene.line("1250", reference="45775572442", booked_on=scene.transfers(ticket)[0].paid_on)
    scene.line("99", reference="1111")
    with translation.override("es"):
        first, second = candidates_for(scene.cast.carol, ticket)
    assert (first.line, first.strength, first.is_exact) == (right, "strong", True)
    assert [evidence.mark for evidence in first.evidence] == ["agrees", "agrees", "agrees"]
    assert first.score > second.score
    assert (second.strength, second.evidence[0].mark) == ("weak", "differs")


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "es",
            [
                "Referencia: coinciden los últimos 11 dígitos",
                "Monto exacto, visto 2 veces en 30 días",
                "Abonado el mismo día que declaró",
            ],
        ),
        ("en", ["Reference: the last 11 digits agree", "Exact amount, seen 2 times in 30 days", "Booked on the day reported"]),
    ],
)
def test_evidence_is_told_in_the_readers_language(scene: Scene, language: str, said: list[str]) -> None:
    ticket = scene.report("1250", reference="45775572442")
    paid_on = scene.transfers(ticket)[0].paid_on
    scene.line("1250", reference="45775572442", booked_on=paid_on)
    scene.line("1250", reference="999999", booked_on=paid_on)
    with translation.override(language):
        evidence = candidates_for(scene.cast.carol, ticket)[0].evidence
        assert [each.text for each in evidence] == said
        assert evidence[0].weight_text == ("+18,2" if language == "es" else "+18.2")


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("key", SENTENCES)
def test_every_fact_has_a_sentence_in_both_languages(key: tuple[str, str], language: str) -> None:
    data = {"digits": 8, "count": 2, "tail": "123456", "difference": "5.00", "currency": "USD", "name": "Alicia"}
    data |= {"code": "0134", "declared": "0102", "on": "2026-11-19"}
    row = {"kind": key[0], "level": key[1], "mark": "agrees", "weight": 1.0, "data": data}
    with translation.override("en"):
        english = tell(row).text
    with translation.override(language):
        text = tell(row).text
    assert "%" not in text
    assert (text == english) == (language == "en")


def test_lines_that_cannot_be_it_are_not_shown(scene: Scene) -> None:
    ticket = scene.report("50", reference="123456789")
    used, returned = scene.line("50", reference="1"), scene.line("50", reference="2")
    scene.verify(scene.report("50"), used)
    other = scene.report("50")
    scene.verify(other, returned)
    scene.reverse(other, returned_by_bank=True)
    reserved = scene.line("50", reference="3")
    third = scene.report("50")
    services.confirm_match(ticket_id=third.pk, transfer_id=scene.transfers(third)[0].pk, line_id=reserved.pk, by=scene.cast.carol)
    scene.line("-50", reference="123456789")
    scene.line("50", reference="123456789", account=make_account(scene.cast.merchant))
    scene.line("50", reference="4", booked_on=scene.today - dt.timedelta(days=40))
    make_scene().line("50", reference="123456789")
    assert candidates_for(scene.cast.carol, ticket) == []


def test_a_late_deposit_is_found_by_its_reference_and_a_smaller_one_by_its_amount(scene: Scene) -> None:
    ticket = scene.report("100", reference="123456789")
    by_reference = scene.line("500", reference="56789", booked_on=scene.today - dt.timedelta(days=20))
    by_amount = scene.line("98.50", reference="555")
    assert {candidate.line for candidate in candidates_for(scene.cast.carol, ticket)} == {by_reference, by_amount}


def test_identical_evidence_twice_is_never_strong(scene: Scene) -> None:
    ticket = scene.report("50", reference="123456789")
    for text in ("a", "b"):
        scene.line("50", reference="", text=f"{text} 123456789")
    assert [candidate.strength for candidate in candidates_for(scene.cast.carol, ticket)] == ["possible", "possible"]


def test_only_staff_see_candidates(scene: Scene) -> None:
    ticket = scene.report("50")
    assert candidates_for(scene.cast.otto, ticket) == []
    for actor in (scene.cast.alice, make_scene().cast.carol):
        with pytest.raises(NotAllowed):
            candidates_for(actor, ticket)


def test_the_number_of_queries_does_not_grow(scene: Scene, django_assert_num_queries: Any) -> None:
    ticket = scene.report("50", "60", "70")
    for amount in ("50", "60", "70"):
        for _ in range(4):
            scene.line(amount)
    # facts of all pairs · transfers · lines
    with django_assert_num_queries(3):
        found = candidates_for(scene.cast.carol, ticket)
    assert len(found) == 12


def test_what_was_known_at_the_match_is_stored_with_it(scene: Scene) -> None:
    ticket, line = scene.report("50", reference="123456789"), scene.line("50", reference="123456789")
    scene.verify(ticket, line)
    stored = Match.objects.get().evidence
    assert [(row["kind"], row["level"]) for row in stored][:2] == [("reference", "full"), ("amount", "exact")]
    with translation.override("es"):
        assert tell(stored[0]).text == "Referencia: coinciden los últimos 9 dígitos"


def test_business_days_skip_weekends(scene: Scene) -> None:
    friday = dt.date(2026, 11, 20)
    days = [business_days_apart(scene.cast.merchant, friday, friday + dt.timedelta(days=step)) for step in (0, 1, 3, 4, -1)]
    assert days == [0, 1, 1, 2, -1]


def test_amounts_of_another_currency_are_told_in_it() -> None:
    scene = make_scene(rate="36.70")
    ticket = scene.report("1000", account=scene.bolivars, reference="123456789")
    scene.line("990", account=scene.bolivars, reference="123456789")
    with translation.override("es"):
        texts = [each.text for each in candidates_for(scene.cast.carol, ticket)[0].evidence]
    assert any("Bs" in text and "10,00" in text for text in texts)
    assert Decimal("10") > 0
