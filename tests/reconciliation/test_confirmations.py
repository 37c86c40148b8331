"""A deposit typed by hand and later brought by the bank's file is one deposit: the file confirms the line."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.errors import Refused
from reconciliation.audit import audit_books
from reconciliation.models import StatementImport, StatementLine
from reconciliation.words import rejection_of_row
from tests.own_sheet import bring_own_sheet
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 16)


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def bring(scene: Scene, *rows: str) -> StatementImport:
    """Import rows `date,amount,reference,text`."""
    return bring_own_sheet(
        merchant=scene.cast.merchant,
        account_id=scene.cast.account.pk,
        file_name="banco.csv",
        content="\n".join(("date,amount,reference,text", *rows)).encode(),
        by=scene.cast.carol,
    )


def counts(made: StatementImport) -> tuple[int, int, int]:
    """New, known, not taken."""
    return made.lines_new, made.lines_known, made.rejected_lines.count()


def confirming(line: StatementLine) -> StatementImport | None:
    """The file that confirmed a line."""
    found = StatementLine.objects.get(pk=line.pk)
    return found.confirmation.statement_import if hasattr(found, "confirmation") else None


def test_one_deposit_never_pays_two_customers(scene: Scene) -> None:
    line = scene.line("100", reference="00-4577 5572", booked_on=scene.today)
    scene.verify(scene.report("100", orders=[scene.order("100")]), line)
    made = bring(scene, f"{scene.today},100.00,45775572,TRF DE ALICIA")
    assert counts(made) == (0, 1, 0)
    assert StatementLine.objects.get() == line
    assert confirming(line) == made
    assert list(audit_books(scene.cast.merchant)) == []


@pytest.mark.parametrize(("typed", "printed"), [("", "778899"), ("778899", ""), ("", "")])
def test_a_blank_reference_is_enough_when_only_one_line_can_be_meant(scene: Scene, typed: str, printed: str) -> None:
    line = scene.line("40", reference=typed, text="Taquilla", booked_on=scene.today)
    assert counts(bring(scene, f"{scene.today},40,{printed},DEPOSITO")) == (0, 1, 0)
    assert confirming(line) is not None


def test_two_lines_that_can_be_meant_hold_the_row(scene: Scene) -> None:
    lines = [scene.line("40", reference="", text=text, booked_on=scene.today) for text in ("Taquilla 1", "Taquilla 2")]
    made = bring(scene, f"{scene.today},40,778899,DEPOSITO")
    assert counts(made) == (0, 0, 1)
    assert [confirming(line) for line in lines] == [None, None]
    assert StatementLine.objects.count() == 2


def test_twins_of_a_file_confirm_one_line_and_bring_the_other(scene: Scene) -> None:
    line = scene.line("10", reference="123456", booked_on=scene.today)
    row = f"{scene.today},10,123456,PAGO"
    first = bring(scene, row, row)
    assert counts(first) == (1, 1, 0)
    assert counts(bring(scene, row, row)) == (0, 2, 0)
    assert confirming(line) == first
    assert StatementLine.objects.count() == 2
    assert list(audit_books(scene.cast.merchant)) == []
    assert counts(bring(scene, row, row, row)) == (1, 2, 0)


def test_the_equal_reference_goes_before_a_blank_one(scene: Scene) -> None:
    line = scene.line("10", reference="123456", booked_on=scene.today)
    assert counts(bring(scene, f"{scene.today},10,,OTRO", f"{scene.today},10,123456,PAGO")) == (1, 1, 0)
    assert StatementLine.objects.get(source="import").text == "OTRO"
    assert confirming(line) is not None


@pytest.mark.parametrize(
    "row", ["{day},10.01,123456,a", "{day},-10,123456,a", "{day},10,654321,a", "{far},10,123456,a", "{next},10,654321,a"]
)
def test_another_movement_comes_in_beside_the_line_by_hand(scene: Scene, row: str) -> None:
    line = scene.line("10", reference="123456", booked_on=MONDAY - dt.timedelta(days=7))
    day, following, far = (line.booked_on + dt.timedelta(days=days) for days in (0, 1, 2))
    assert counts(bring(scene, row.format(day=day, next=following, far=far))) == (1, 0, 0)
    assert confirming(line) is None


@pytest.mark.parametrize("days", [-3, 1])
def test_another_date_alone_holds_the_row_and_says_why(scene: Scene, days: int) -> None:
    line = scene.line("10", reference="123456", booked_on=MONDAY)
    row = f"{MONDAY + dt.timedelta(days=days)},10,00123456,PAGO"
    made = bring(scene, row, f"{MONDAY},7,1,OTRO")
    assert counts(made) == (1, 0, 1)
    held = made.rejected_lines.get()
    assert (held.kind, held.number, held.code, held.like_line) == ("held", 2, "held", line)
    assert "123456" in held.raw
    for language, words in (("es", "escrito a mano"), ("en", "typed by hand")):
        with translation.override(language):
            sentence = rejection_of_row({"line": held.number, "code": held.code, "date": held.values["day"]})
        assert words in sentence
        assert "2026" in sentence
    # Held again the next time; typed by hand with that date it is another deposit, and then confirmed.
    assert counts(bring(scene, row)) == (0, 0, 1)
    other = scene.line("10", reference="123456", booked_on=MONDAY + dt.timedelta(days=days))
    assert counts(bring(scene, row)) == (0, 1, 0)
    assert (confirming(line) is None, confirming(other) is None) == (True, False)


def test_the_end_of_a_reference_holds_the_row(scene: Scene) -> None:
    scene.line("10", reference="75572442", booked_on=MONDAY)
    assert counts(bring(scene, f"{MONDAY},10,45775572442,PAGO")) == (0, 0, 1)


def test_the_cash_desk_and_other_accounts_are_never_confirmed(scene: Scene) -> None:
    from tests.factories import make_account

    elsewhere = make_account(scene.cast.merchant, methods=[scene.cast.deposit])
    scene.line("10", reference="123456", source="cash")
    scene.line("10", reference="123456", account=elsewhere)
    assert counts(bring(scene, f"{scene.today},10,123456,PAGO")) == (1, 0, 0)
    assert not StatementLine.objects.filter(confirmation__isnull=False).exists()


def test_a_confirmed_line_is_known_by_hand_as_before(scene: Scene) -> None:
    scene.line("10", reference="123456")
    bring(scene, f"{scene.today},10,123456,PAGO")
    with pytest.raises(Refused) as refused:
        scene.line("10", reference="123456")
    assert refused.value.code == "line_known"


def test_the_number_of_statements_does_not_grow_with_the_file(scene: Scene) -> None:
    def statements(first: int, last: int) -> int:
        for number in range(first, last):
            scene.line("10", reference=f"55{number:06d}")
        with CaptureQueriesContext(connection) as queries:
            made = bring(scene, *(f"{scene.today},10,55{number:06d},PAGO" for number in range(first, last + 2)))
        assert counts(made) == (2, last - first, 0)
        return len(queries)

    statements(0, 1)  # The first file of an account has no earlier one to look at.
    assert statements(100, 101) == statements(200, 230)


def test_what_was_confirmed_stays_and_each_row_confirms_once(scene: Scene) -> None:
    lines = [scene.line("10", reference=reference) for reference in ("123456", "654321")]
    bring(scene, f"{scene.today},10,123456,PAGO")
    for sql in (
        "UPDATE reconciliation_lineconfirmation SET ordinal = 7",
        "DELETE FROM reconciliation_lineconfirmation",
        "INSERT INTO reconciliation_lineconfirmation (line_id, merchant_id, account_id, statement_import_id, identity, ordinal)"
        f" SELECT {lines[1].pk}, merchant_id, account_id, statement_import_id, identity, ordinal"
        " FROM reconciliation_lineconfirmation",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_a_hand_line_with_its_double_from_a_file_is_named_by_the_audit(scene: Scene, monkeypatch: Any) -> None:
    monkeypatch.setattr("reconciliation.importing.sorting.adopt", lambda _account, fresh: ([], [], list(fresh)))
    line = scene.line("10", reference="123456")
    bring(scene, f"{scene.today},10,123456,PAGO")
    double = StatementLine.objects.exclude(pk=line.pk).get()
    found = list(audit_books(scene.cast.merchant))
    assert [finding.check for finding in found] == ["line_twice"]
    assert str(line.pk) in found[0].text
    assert str(double.pk) in found[0].text
    for each in (line, double):
        scene.verify(scene.report("10"), each)
    assert {finding.check for finding in audit_books(scene.cast.merchant)} == {"line_twice", "deposit_paid_twice"}
