"""T12 for the bank's files: two at once, a file against a line by hand, and undoing against whoever uses or looks at its lines.

With the account's own lock taken away the files that overlap are imported twice. With the lines not held while their import is
undone, setting aside, offering or matching one of them is answered by the database's keys instead of a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.errors import Refused, Stale
from reconciliation import services
from reconciliation.audit import audit_books
from reconciliation.models import Proposal, StatementLine
from tests.jobs import run_due_jobs
from tests.own_sheet import bring_own_sheet
from tests.races import Race, run_after, run_before
from tests.reconciliation.scene import Scene, make_scene

pytestmark = pytest.mark.django_db(transaction=True)
both_ways = pytest.mark.parametrize("race", [run_before, run_after])


@pytest.fixture
def scene() -> Scene:
    return make_scene()


def clean(scene: Scene) -> bool:
    return list(audit_books(scene.cast.merchant)) == []


@both_ways
@pytest.mark.parametrize("place", ["_account", "lock_account", "take"])
def test_one_file_imported_twice_at_once(scene: Scene, race: Race, place: str) -> None:
    day = scene.today.isoformat()
    content = f"date,amount,reference,text\n{day},10.00,1,a\n{day},10.00,1,a\n{day},20.00,2,b\n".encode()

    def bring() -> Any:
        return bring_own_sheet(
            merchant=scene.cast.merchant,
            account_id=scene.cast.account.pk,
            file_name="x.csv",
            content=content,
            by=scene.cast.carol,
        )

    with race(f"reconciliation.services.imports.{place}", bring) as other:
        mine = bring()
    assert other.error is None
    assert sorted([(mine.lines_new, mine.lines_known), (other.result.lines_new, other.result.lines_known)]) == [(0, 3), (3, 0)]
    assert StatementLine.objects.count() == 3


@both_ways
def test_one_line_entered_twice_at_once(scene: Scene, race: Race) -> None:
    with race("reconciliation.services.lines._refuse_bad_line", lambda: scene.line("10", reference="123456")) as other:
        try:
            scene.line("10", reference="123456")
            mine: BaseException | None = None
        except Refused as error:
            mine = error
    assert [error.code for error in (mine, other.error) if isinstance(error, Refused)] in (["line_known"], [])
    assert StatementLine.objects.count() == 1
    assert StatementLine.objects.get().amount == Decimal(10)


@both_ways
def test_one_deposit_by_hand_and_from_a_file_at_once(scene: Scene, race: Race) -> None:
    content = f"date,amount,reference,text\n{scene.today},10.00,123456,a\n".encode()
    with race("reconciliation.services.imports.lock_account", lambda: scene.line("10", reference="123456")) as other:
        bring_own_sheet(
            merchant=scene.cast.merchant,
            account_id=scene.cast.account.pk,
            file_name="x.csv",
            content=content,
            by=scene.cast.carol,
        )
    # By hand first: the file confirmed it. The file first: the line by hand is known.
    assert other.error is None or (isinstance(other.error, Refused) and other.error.code == "line_known")
    assert StatementLine.objects.count() == 1
    assert clean(scene)


def sheet(scene: Scene, *rows: tuple[str, str]) -> Any:
    """An import of the house's own sheet: amounts and references, of today."""
    lines = "".join(f"{scene.today},{amount},{reference},deposit\n" for amount, reference in rows)
    return bring_own_sheet(
        merchant=scene.cast.merchant,
        account_id=scene.cast.account.pk,
        file_name="x.csv",
        content=("date,amount,reference,text\n" + lines).encode(),
        by=scene.cast.carol,
    )


@both_ways
@pytest.mark.parametrize("place", ["lock_account", "take"])
def test_two_files_that_overlap_imported_at_once(scene: Scene, race: Race, place: str) -> None:
    one, two = [("10.00", "1"), ("20.00", "2")], [("20.00", "2"), ("30.00", "3")]
    with race(f"reconciliation.services.imports.{place}", lambda: sheet(scene, *two)) as other:
        mine = sheet(scene, *one)
    assert other.error is None
    assert sorted([mine.lines_new, other.result.lines_new]) == [1, 2]
    assert sorted(StatementLine.objects.values_list("amount", flat=True)) == [10, 20, 30]
    assert clean(scene)


@both_ways
@pytest.mark.parametrize("place", ["locked_import", "_hold_lines", "_refuse_used"])
def test_undoing_an_import_against_settling_with_its_deposit(scene: Scene, race: Race, place: str) -> None:
    made = sheet(scene, ("100.00", "45775572"))
    line = StatementLine.objects.get()
    ticket = scene.report("100", orders=[scene.order("100")])

    def undo() -> Any:
        return services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.dan)

    with race(f"reconciliation.services.undoing.{place}", lambda: scene.verify(ticket, line)) as other:
        try:
            undo()
            mine: BaseException | None = None
        except Refused as error:
            mine = error
    assert [mine is None, other.error is None].count(True) == 1
    assert isinstance(mine or other.error, Refused)
    is_there = StatementLine.objects.filter(pk=line.pk).exists()
    assert is_there == (other.error is None) == (scene.state(ticket) == "verified")
    assert clean(scene)


LOOKED_AT: dict[str, Callable[[Scene, StatementLine], Any]] = {
    "set aside": lambda scene, line: services.ignore_line(line_id=line.pk, reason="bank_fee", by=scene.cast.carol),
    "by rule": lambda scene, line: services.ignore_by_rule(
        pattern="deposit", reason="bank_fee", account_id=None, shown_count=1, shown_until=line.pk, by=scene.cast.carol
    ),
    "offered": lambda scene, line: services.offer_deposit(line_id=line.pk, customer_id=scene.cast.a.pk, by=scene.cast.carol),
    "matched": lambda scene, line: services.propose_matches(merchant=scene.cast.merchant, by=scene.cast.carol),
    "accepted": lambda scene, line: services.accept_proposals(
        proposal_ids=list(Proposal.objects.values_list("pk", flat=True)), by=scene.cast.carol
    ),
}


@both_ways
@pytest.mark.parametrize("what", LOOKED_AT)
def test_undoing_an_import_while_somebody_looks_at_its_deposit(scene: Scene, race: Race, what: str) -> None:
    """Whoever is second is told so in a sentence; a line is never gone from under what was said of it."""
    made = sheet(scene, ("100.00", "45775572"))
    line = StatementLine.objects.get()
    scene.report("100", reference="45775572", claim=False)
    services.propose_matches(merchant=scene.cast.merchant, by=scene.cast.carol)
    assert Proposal.objects.get().is_automatic

    with race("reconciliation.services.undoing._hold_lines", lambda: LOOKED_AT[what](scene, line)) as other:
        try:
            services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.dan)
            mine: BaseException | None = None
        except Refused as error:
            mine = error
    assert other.error is None or isinstance(other.error, Refused)
    assert StatementLine.objects.filter(pk=line.pk).exists() == (mine is not None)
    assert clean(scene)


@both_ways
def test_undoing_an_import_twice_at_once(scene: Scene, race: Race) -> None:
    made = sheet(scene, ("100.00", "45775572"))

    def undo() -> Any:
        return services.undo_import(import_id=made.pk, reason="Otra cuenta", by=scene.cast.dan)

    with race("reconciliation.services.undoing.lock_account", undo) as other:
        try:
            undo()
            mine: BaseException | None = None
        except Stale as error:
            mine = error
    assert sorted(isinstance(error, Stale) for error in (mine, other.error)) == [False, True]
    assert not StatementLine.objects.exists()
    assert clean(scene)


@both_ways
@pytest.mark.parametrize("is_discarded", [False, True])
def test_files_brought_in_together_against_another_person(scene: Scene, race: Race, is_discarded: bool) -> None:
    """The other one confirms the very same files, or puts one of them away."""
    files = [
        services.receive_statement(
            merchant=scene.cast.merchant, account_id=scene.cast.account.pk, file_name=f"{day}.csv",
            content=f"date,amount,reference,text\n2026-11-0{day},10.00,{day},x\n".encode(), by=scene.cast.carol,
        )
        for day in (2, 3)
    ]  # fmt: skip
    run_due_jobs()
    keys = [made.pk for made in files]

    def act() -> Any:
        if is_discarded:
            return services.discard_import(import_id=keys[0], by=scene.cast.dan)
        return services.commit_imports(import_ids=reversed(keys), by=scene.cast.dan)

    with race("reconciliation.services.together.questions_of", act) as other:
        mine = services.commit_imports(import_ids=keys, by=scene.cast.carol)
    assert len(mine.coming) + len(mine.left) == 2
    coming = {made.pk for made in mine.coming}
    if is_discarded:
        assert isinstance(other.error, Stale) == (len(coming) == 2)
    else:
        assert other.error is None
        assert sorted([len(coming), len(other.result.coming)]) == [0, 2]
    run_due_jobs()
    assert StatementLine.objects.count() == (2 if other.error or not is_discarded else 1)
    assert list(audit_books(scene.cast.merchant)) == []
