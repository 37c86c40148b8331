"""The border: a child of its own reads strangers' files, says the same as this process would, and dies when it has to."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from reconciliation.statements import border
from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import StatementRejected

FIXTURES = Path(__file__).parent / "fixtures"
PROFILE = Profile(separator=";", header_row=False, columns={"date": 1, "reference": 2, "text": 3, "amount": 4, "balance": 5})


def rows(count: int) -> bytes:
    days = [f"{1 + number * 28 // count:02}/11/2026" for number in range(count)]
    return "\n".join(f"{day};{number:011};PAGO DE {number};1,00;{number + 1},00" for number, day in enumerate(days)).encode()


def children() -> int:
    listed = subprocess.run(["ps", "--ppid", str(os.getpid()), "-o", "args="], capture_output=True, text=True, check=False)
    return listed.stdout.count("statements/child.py")


@pytest.mark.parametrize("key", ["ve-venezuela-txt", "ve-provincial-aeb43", "camt"])
def test_the_child_says_what_this_process_would(key: str) -> None:
    content, layout = next(FIXTURES.glob(f"{key}.*")).read_bytes(), LAYOUTS[key]
    asked = {"currency": layout.currency or "EUR"}
    assert border.read(content, layout.profile, **asked) == border.read_here(content, layout.profile, **asked)


def test_problems_and_rejected_rows_come_through_the_border() -> None:
    content = rows(4).replace(b"PAGO DE 1;1,00;2,00", b"PAGO DE 1;1,00;5,00") + b"\n31/02/2026;1;x;1,00;1,00"
    made = border.read(content, PROFILE, currency="VES")
    assert made == border.read_here(content, PROFILE, currency="VES")
    assert [each.code for each in made.problems] == ["chain", "chain"]
    assert [(each.number, each.code) for each in made.rejected] == [(5, "date")]


def test_a_refusal_comes_through_the_border_with_its_line() -> None:
    with pytest.raises(StatementRejected) as refused:
        border.read(b"x;y;z;1;1\n", PROFILE, currency="VES")
    assert (refused.value.code, refused.value.line) == ("no_rows", 1)
    assert refused.value.detail.startswith("date date: x;y")


def test_fifty_thousand_rows_take_seconds() -> None:
    content = rows(50_000)
    started = time.monotonic()
    statement = border.read(content, PROFILE, currency="VES")
    assert time.monotonic() - started < 30
    assert len(statement.rows) == 50_000
    assert statement.closing == Decimal(50_000)
    assert not statement.problems


def test_a_reader_without_an_end_is_stopped_by_its_processor_time() -> None:
    with pytest.raises(StatementRejected, match="timeout"):
        border.read(rows(90_000), PROFILE, currency="VES", cpu_s=1)
    assert children() == 0


def test_a_reader_that_waits_is_killed() -> None:
    with pytest.raises(StatementRejected, match="timeout"):
        border.read(rows(100_000), PROFILE, currency="VES", wall_s=0.3)
    assert children() == 0


def test_a_reader_without_memory_refuses_the_file() -> None:
    with pytest.raises(StatementRejected) as refused:
        border.read(rows(40_000), PROFILE, currency="VES", memory_mb=50)
    assert refused.value.code in {"bomb", "format"}


def test_a_file_over_the_limit_meets_no_child() -> None:
    with pytest.raises(StatementRejected, match="too_large"):
        border.read(b"x" * (11 * 1024 * 1024), PROFILE, currency="VES")


def test_a_preview_shows_what_each_row_became() -> None:
    content = b"Cuenta 1;;;;\nFecha;Ref;Texto;Monto;Saldo\n02/11/2026;7;Ana;5,00;105,00\n"
    content += b"31/02/2026;8;x;1,00;\n03/11/2026;9;y;1,00;106,00\n"
    columns = {"date": "Fecha", "reference": "Ref", "text": "Texto", "amount": "Monto", "balance": "Saldo"}
    seen = border.preview(content, Profile(separator=";", columns=columns), currency="VES")
    assert [(each.number, each.role, each.code) for each in seen.rows] == [
        (1, "skipped", ""), (2, "header", ""), (3, "row", ""), (4, "rejected", "date"), (5, "row", ""),
    ]  # fmt: skip
    assert seen.rows[2].cells == ("02/11/2026", "7", "Ana", "5,00", "105,00")
    assert seen.rows[2].row is not None
    assert seen.rows[2].row.amount == 5
    assert seen.statement is not None
    assert len(seen.statement.rows) == 2


def test_a_preview_of_a_profile_that_does_not_fit_shows_the_file_as_it_is() -> None:
    content = b"Fecha;Ref;Texto;Importe\n02/11/2026;7;Ana;5,00\n"
    seen = border.preview(content, Profile(separator=";", columns={"date": "Fecha", "amount": "Monto"}), currency="VES")
    assert seen.statement is None
    assert seen.refusal is not None
    assert seen.refusal.code == "heading"
    assert [each.role for each in seen.rows] in (["skipped", "skipped"], ["raw", "raw"])
    assert seen.rows[0].cells == ("Fecha", "Ref", "Texto", "Importe")


def test_a_preview_of_records_shows_the_movements() -> None:
    content = next(FIXTURES.glob("ve-provincial-aeb43.*")).read_bytes()
    seen = border.preview(content, LAYOUTS["ve-provincial-aeb43"].profile, currency="VES", most=2)
    assert [each.cells[:3] for each in seen.rows] == [
        ("2026-11-03", "33600.00", "0000021050"), ("2026-11-03", "12500.00", "0000021051"),
    ]  # fmt: skip


def test_a_preview_of_junk_is_a_refusal_and_no_crash() -> None:
    seen = border.preview(bytes(range(256)) * 40, PROFILE, currency="VES")
    assert seen.refusal is not None
    assert seen.refusal.code == "binary"
    assert border.preview(b"", PROFILE, currency="VES").refusal is not None


def test_the_readers_know_nothing_of_django() -> None:
    code = (
        "import sys; import reconciliation.statements.border, reconciliation.statements.layouts\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'django']"
    )
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, env={"PATH": os.environ["PATH"]})
