"""How rows of a file become lines: staged in the types of a line, written in the file's order, each of them once."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from reconciliation.importing import staging
from reconciliation.models import LineBalance, StatementLine
from reconciliation.statements.rows import Row
from tests.reconciliation.scene import Scene, make_scene
from tests.reconciliation.test_imports import MONDAY, bring

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def test_lines_stand_in_the_order_of_their_file_whatever_its_days_are(scene: Scene) -> None:
    bring(scene, [(MONDAY, "10.00", "1", "PAGO"), (MONDAY, "10.00", "2", "PAGO")])
    days = [MONDAY + dt.timedelta(days=each) for each in (3, 0, 2, 0, 1)]
    rows = [(day, "10.00", str(at), "PAGO") for at, day in enumerate(days)]
    found = bring(scene, rows)
    assert (found.lines_new, found.lines_held) == (4, 1)
    stored = StatementLine.objects.filter(statement_import=found).order_by("pk").values_list("line_number", flat=True)
    assert list(stored) == [2, 4, 5, 6]


def test_staged_rows_have_the_types_of_lines() -> None:
    staging.stage([])
    names = {"origin_bank": "origin_bank_code", "balance": "balance_after"}
    same = ("booked_on", "amount", "reference_raw", "reference", "text", "payer_name", "payer_id", "identity", *names)
    with connection.cursor() as cursor:
        types = []
        for table in ("incoming", StatementLine._meta.db_table):
            cursor.execute(
                "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass", [table]
            )
            types.append(dict(cursor.fetchall()))
    staged, lines = types
    assert {name: staged[name] for name in same} == {name: lines[names.get(name, name)] for name in same}


def test_a_digest_is_of_one_day_and_stands_there_once(scene: Scene) -> None:
    """The index holds the day before the digest: that forbids no less while no digest is of two days."""
    row = Row(number=2, booked_on=MONDAY, amount=Decimal(10), reference="1")
    for known in (row, row._replace(unique_id="7")):
        assert known.identity != known._replace(booked_on=MONDAY + dt.timedelta(days=1)).identity
    bring(scene, [(MONDAY, "10.00", "1", "PAGO")])
    line = StatementLine.objects.get()
    line.pk = None
    with pytest.raises(IntegrityError, match="statementline_once"), transaction.atomic():
        line.save(force_insert=True)
    assert StatementLine.objects.count() == LineBalance.objects.count() == 1
