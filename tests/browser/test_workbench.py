"""A tired accountant's morning at the workbench: by keyboard alone, in place, in both languages, at both widths."""

from __future__ import annotations

from typing import Any

import pytest

from reconciliation.models import IgnoredLine, Proposal
from tests.browser.month import Month, grow_month, ticket_of
from tests.browser.person import Person
from tests.browser.town import Town
from tests.browser.visits import DESK_TARGET, Page, go_round, nothing_wrong
from tickets.models import State


@pytest.fixture
def month(town: Town) -> Month:
    return grow_month(town, certain=4)


def keys_of(month: Month, who: Person) -> Any:
    who.open("desk:workbench", view="decide")
    return who.page.keyboard


def here(who: Person) -> str:
    return str(who.page.locator("#workbench tr.is-here").get_attribute("id"))


def test_the_whole_list_is_decided_by_keyboard(month: Month, run_jobs: Any) -> None:
    carmen = month.town.staff("Carmen")
    keys = keys_of(month, carmen)
    rows = carmen.page.locator("#workbench tr[data-row]")
    assert rows.count() == 5
    for _each in range(3):
        keys.press("j")
    alicia = month.doubtful["alicia"]
    assert here(carmen) == f"p{alicia.pk}"
    keys.press("a")
    assert ticket_of(alicia).state == State.SUBMITTED, "one key alone accepts nothing"
    keys.press("Enter")
    carmen.page.locator(f"#p{alicia.pk}").wait_for(state="detached")
    assert month.town.ticket(ticket_of(alicia).number).state == State.VERIFIED
    carmen.sees(f"Liquidó {ticket_of(alicia).number}")
    # The row that moved up has the focus; X puts it aside, Z takes that back.
    carmen.page.locator("#workbench tr.is-here").wait_for()
    aside = here(carmen)
    keys.press("x")
    carmen.page.locator(f"#{aside}").wait_for(state="detached")
    assert Proposal.objects.get(pk=int(aside[1:])).state == Proposal.State.DISMISSED
    keys.press("z")
    carmen.page.locator(f"#{aside}").wait_for()
    assert Proposal.objects.get(pk=int(aside[1:])).is_open
    # C compares, and the way back leads to the row.
    keys.press("k")
    row = here(carmen)
    keys.press("c")
    carmen.wait_for("desk:proposal", int(row[1:]))
    carmen.page.locator(".back").first.click()
    carmen.page.locator(f"#{row}.is-here").wait_for()
    # G leads to the list of what is certain; A and Enter accept what is ticked.
    keys.press("g")
    carmen.wait_for("desk:workbench_certain")
    assert carmen.page.locator('input[name="proposal"]:checked').count() == 4
    keys.press("a")
    keys.press("Enter")
    carmen.wait_for("desk:workbench")
    carmen.sees("4 reportes quedaron verificados")
    assert all(ticket_of(each).state == State.VERIFIED for each in Proposal.objects.filter(is_automatic=True))
    run_jobs()


def test_one_deposit_for_two_reports(month: Month) -> None:
    """The proposal is put together again by hand: choose another, tick both, settle."""
    carmen = month.town.staff("Carmen")
    carmen.open("desk:proposal", month.doubtful["group"].pk)
    carmen.sees("Un depósito, 2 reportes", "Suma exacta de 2 reportes")
    carmen.page.locator('[data-shortcut="o"]').click()
    boxes = carmen.page.locator('input[name="pick"]')
    for number in (0, 1):
        with carmen.page.expect_response(lambda answer: "/pick/" in answer.url):
            boxes.nth(number).check()
        carmen.wait_until_quiet()
    carmen.sees("Cuadra exacto")
    carmen.page.locator("#pick-effect .btn-primary").click()
    carmen.wait_for("desk:workbench")
    assert {part.transfer.report.ticket.state for part in month.doubtful["group"].parts.all()} == {State.VERIFIED}


def test_a_fee_is_set_aside_by_a_rule_and_brought_back(month: Month) -> None:
    carmen = month.town.staff("Carmen")
    carmen.open("desk:workbench", view="out")
    carmen.sees("COMISION POR SERVICIO")
    carmen.page.locator("#workbench tr[data-row] a.btn").click()
    carmen.press("Others like it too…")
    carmen.wait_for("desk:ignore_rules")
    carmen.sees("1 movimiento", "COMISION POR SERVICIO")
    carmen.page.locator(".card-foot .btn-primary").click()
    carmen.sees("1 movimiento quedó apartado")
    assert IgnoredLine.objects.get().line == month.fee
    carmen.open("desk:workbench")
    carmen.page.locator("[data-undo]").first.click()
    carmen.page.locator("[data-undo]").first.wait_for(state="detached")
    assert IgnoredLine.objects.get().taken_back_at is not None


def test_without_scripts_it_works_too(month: Month) -> None:
    carmen = month.town.staff("Carmen", scripts=False)
    carmen.open("desk:workbench", view="decide")
    alicia = month.doubtful["alicia"]
    carmen.page.locator(f"#p{alicia.pk}").get_by_role("button", name="Aceptar").click()
    carmen.sees(f"Liquidó {ticket_of(alicia).number}")
    transfer = month.lonely.report.transfers.get()
    carmen.open("desk:pick_lines", transfer.pk)
    carmen.page.locator('input[name="pick"]').first.check()
    carmen.page.locator(".no-js .btn").click()
    assert carmen.page.locator("#pick-effect .sum").count() == 1


@pytest.mark.timeout(300)
@pytest.mark.parametrize("language", ["es", "en"])
def test_every_page_is_sound(month: Month, language: str) -> None:
    carmen = month.town.staff("Carmen", language=language)
    pages = [Page(name="desk:workbench", query={"view": view}) for view in ("decide", "lines", "reports", "done")]
    pages += [
        Page(name="desk:workbench_certain"),
        Page(name="desk:workbench_log"),
        Page(name="desk:proposal", args=(month.doubtful["group"].pk,)),
        Page(name="desk:pick_reports", args=(month.stranger.pk,)),
        Page(name="desk:pick_lines", args=(month.lonely.report.transfers.get().pk,)),
        Page(name="desk:line_ignore", args=(month.fee.pk,)),
        Page(name="desk:ignore_rules", query={"pattern": "comision", "reason": "bank_fee", "account": ""}),
    ]
    nothing_wrong(go_round(carmen, pages, target=DESK_TARGET))


def test_on_a_phone_the_list_that_is_shown_is_in_sight(month: Month) -> None:
    carmen = month.town.staff("Carmen", phone=True)
    for view in ("decide", "done", "ignored"):
        carmen.open("desk:workbench", view=view)
        box = carmen.page.locator(".work-tabs [aria-current]").bounding_box()
        assert box is not None
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 360, view
