"""Several files dropped at once are brought in by one act, after a list to check; those that ask something stay."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

from reconciliation import services
from reconciliation.models import StatementImport, StatementLine
from tests.factories import make_account
from tests.reconciliation.scene import Scene

pytestmark = pytest.mark.django_db
HEADER = "date,amount,reference,text,balance\n"


@pytest.fixture
def drop(scene: Scene, run_jobs: Any) -> Callable[..., list[StatementImport]]:
    """Files of the house's own sheet, read: each `(days ago, amount, balance after it)`."""

    def act(*files: tuple[int, str, str], account: Any = None) -> list[StatementImport]:
        made = []
        for ago, amount, balance in files:
            row = f"{scene.today - dt.timedelta(days=ago)},{amount},{ago}{amount},TRF,{balance}\n"
            made.append(
                services.receive_statement(
                    merchant=scene.cast.merchant, account_id=account or scene.cast.account.pk, file_name=f"{ago}.csv",
                    content=(HEADER + row).encode(), by=scene.cast.carol,
                )
            )  # fmt: skip
        run_jobs()
        return [StatementImport.objects.get(pk=each.pk) for each in made]

    return act


def states(*files: StatementImport) -> list[str]:
    return [StatementImport.objects.get(pk=each.pk).state for each in files]


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_files_without_a_question_come_in_by_one_act_and_the_others_say_why(
    scene: Scene, browse: Any, post: Any, drop: Any, run_jobs: Any
) -> None:
    other = make_account(scene.cast.merchant, currency=scene.cast.account.currency, number="01349999888877776666")
    (first,) = drop((2, "10.00", "110.00"))
    (odd,) = drop((2, "abc", "110.00"), account=other.pk)
    carol = browse("carol")
    html = words(carol.get(scene.cast.url("desk:imports_together")))
    assert f'value="{first.pk}" checked' in html
    assert f'value="{odd.pk}"' not in html
    assert scene.cast.url("desk:import", odd.pk) in html
    assert "1 archivo no deja dudas" in words(carol.get(scene.cast.url("desk:imports")))
    assert "no deja dudas" not in words(browse("otto").get(scene.cast.url("desk:imports")))
    assert post("otto", "desk:imports_together", file=[first.pk]).status_code == 403
    empty = post("carol", "desk:imports_together")
    assert (empty.status_code, "Marque al menos un archivo" in words(empty)) == (400, True)
    # Pressed twice it is asked for once, and what asks something is left whoever sends its key.
    for _again in range(2):
        assert post("carol", "desk:imports_together", file=[first.pk, odd.pk]).status_code == 302
    assert states(first, odd) == ["committing", odd.state]
    told = words(carol.get(scene.cast.url("desk:imports")))
    assert told.count("Se está importando 1 archivo.") == 2
    run_jobs()
    assert (states(first), StatementLine.objects.count()) == (["done"], 1)


def test_a_month_in_three_files_comes_in_in_the_order_of_its_days(scene: Scene, post: Any, drop: Any, run_jobs: Any) -> None:
    (before,) = drop((9, "10.00", "110.00"))
    services.commit_import(import_id=before.pk, by=scene.cast.carol)
    run_jobs()
    third, second, first = drop((2, "5.00", "125.00"), (5, "5.00", "120.00"), (7, "5.00", "115.00"))
    assert states(first, second, third) == ["preview", "held", "held"]
    # Without the one that it goes on from, a file stays with its sentence.
    outcome = services.commit_imports(import_ids=[third.pk], by=scene.cast.carol)
    assert (outcome.coming, [name for name, _why in outcome.left]) == ([], ["2.csv"])
    assert "120" in outcome.left[0][1]
    outcome = services.commit_imports(import_ids=[third.pk, second.pk, first.pk], by=scene.cast.carol)
    assert ([each.pk for each in outcome.coming], outcome.left) == ([first.pk, second.pk, third.pk], [])
    run_jobs()
    for made in (first, second, third):
        made.refresh_from_db()
        assert (made.state, made.problems, made.facts["follows"]) == ("done", [], True)


def test_what_changed_meanwhile_is_said_and_the_rest_goes_through(
    scene: Scene, browse: Any, post: Any, drop: Any, run_jobs: Any
) -> None:
    gone, taken, mine = drop(*[(ago, "10.00", "110.00") for ago in (1, 8, 15)])
    services.discard_import(import_id=gone.pk, by=scene.cast.dan)
    services.commit_import(import_id=taken.pk, by=scene.cast.dan)
    assert post("carol", "desk:imports_together", file=[gone.pk, taken.pk, mine.pk, 10**17]).status_code == 302
    told = words(browse("carol").get(scene.cast.url("desk:imports")))
    assert "Se está importando 1 archivo." in told
    assert "1.csv: " in told
    assert "8.csv: " in told
    assert "15.csv: " not in told
    run_jobs()
    assert states(gone, taken, mine) == ["discarded", "done", "done"]
    taken.refresh_from_db()
    assert taken.committed_by == scene.cast.dan.user


def test_a_file_that_contradicts_its_neighbour_by_now_is_held_when_it_is_written(
    scene: Scene, post: Any, drop: Any, run_jobs: Any
) -> None:
    (later,) = drop((2, "5.00", "125.00"))
    (before,) = drop((5, "5.00", "105.00"))
    for made in (before, later):
        services.commit_import(import_id=made.pk, by=scene.cast.carol)
    run_jobs()
    later.refresh_from_db()
    assert (later.state, [each["code"] for each in later.problems], later.committed_by) == ("held", ["continuity"], None)
    assert StatementLine.objects.count() == 1
    services.release_held(import_id=later.pk, note="El banco lo confirma", by=scene.cast.carol)
    services.commit_import(import_id=later.pk, by=scene.cast.carol)
    run_jobs()
    assert (states(later), StatementLine.objects.count()) == (["done"], 2)


def test_what_waits_is_read_again_when_a_file_of_its_account_comes_in_or_goes(
    scene: Scene, browse: Any, post: Any, drop: Any, run_jobs: Any
) -> None:
    (before,) = drop((9, "10.00", "110.00"))
    services.commit_import(import_id=before.pk, by=scene.cast.carol)
    run_jobs()
    missing, held, twice = drop((5, "5.00", "115.00"), (2, "5.00", "120.00"), (5, "5.00", "115.00"))
    assert states(missing, held, twice) == ["preview", "held", "preview"]
    services.commit_import(import_id=missing.pk, by=scene.cast.carol)
    run_jobs()
    # The one goes on from what came in, the other one brings nothing new any more.
    assert states(missing, held, twice) == ["done", "preview", "done"]
    twice.refresh_from_db()
    assert (twice.lines_new, twice.lines_known, StatementLine.objects.count()) == (0, 1, 2)
    services.undo_import(import_id=twice.pk, reason="Sobra", by=scene.cast.carol)
    services.undo_import(import_id=missing.pk, reason="Otra cuenta", by=scene.cast.carol)
    run_jobs()
    assert states(held) == ["held"]
    # What somebody accepted by name stays accepted.
    services.release_held(import_id=held.pk, note="El banco lo confirma", by=scene.cast.carol)
    (again,) = drop((5, "7.00", "117.00"))
    services.commit_import(import_id=again.pk, by=scene.cast.carol)
    run_jobs()
    assert states(again, held) == ["done", "preview"]


def test_one_file_that_was_dropped_for_two_accounts_comes_into_one(scene: Scene, drop: Any, run_jobs: Any) -> None:
    other = make_account(scene.cast.merchant, currency=scene.cast.account.currency)
    (mine,) = drop((2, "10.00", "110.00"))
    (wrong,) = drop((2, "10.00", "110.00"), account=other.pk)
    outcome = services.commit_imports(import_ids=[wrong.pk, mine.pk], by=scene.cast.carol)
    assert ([each.pk for each in outcome.coming], len(outcome.left)) == ([mine.pk], 1)
    assert str(scene.cast.account) in outcome.left[0][1]
    run_jobs()
    assert (states(mine, wrong), StatementLine.objects.count()) == (["done", "preview"], 1)
