"""Verifying, rejecting and reversing over HTTP: what the page shows is what happens, once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from reconciliation.models import LedgerEntry, Match
from tests.reconciliation.scene import Scene
from tickets.models import State, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


def page(scene: Scene, browse: Any, who: str, ticket: Ticket, query: str = "") -> str:
    answer = browse(who).get(scene.cast.url("desk:ticket", ticket.number) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def test_an_exact_deposit_is_chosen_and_verified(scene: Scene, browse: Any, post: Any) -> None:
    order = scene.order("40.00")
    ticket = scene.report("40.00", orders=[order], reference="00457755724")
    line = scene.line("40.00", reference="457755724")
    html = page(scene, browse, "carol", ticket)
    transfer = scene.transfers(ticket)[0]
    assert f'<input type="hidden" name="line-{transfer.pk}" value="{line.pk}">' in html
    assert "1 orden pagada" in html
    assert "Puede pedírselo" in html  # the receipt that is missing
    answer = post("carol", "desk:verify", ticket.number, **{f"line-{transfer.pk}": line.pk})
    assert answer.status_code == 302
    assert "Puede pedírselo" not in page(scene, browse, "carol", ticket)
    assert scene.state(ticket) == State.VERIFIED
    assert scene.paid_of(order) == Decimal(40)


def test_a_second_post_changes_nothing(scene: Scene, post: Any) -> None:
    ticket, line = scene.report("40.00", orders=[scene.order("40.00")]), scene.line("40.00")
    data = {f"line-{scene.transfers(ticket)[0].pk}": line.pk}
    post("carol", "desk:verify", ticket.number, **data)
    before = (LedgerEntry.objects.count(), TicketEvent.objects.count())
    answer = post("carol", "desk:verify", ticket.number, **data)
    assert answer.status_code == 409
    assert "Verificado" in answer.content.decode()
    assert (LedgerEntry.objects.count(), TicketEvent.objects.count()) == before


def test_without_a_deposit_nothing_is_verified(scene: Scene, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    answer = post("carol", "desk:verify", ticket.number)
    assert answer.status_code == 400
    assert scene.state(ticket) == State.IN_REVIEW
    assert not LedgerEntry.objects.exists()


def test_the_choice_survives_a_refusal(scene: Scene, post: Any) -> None:
    used = scene.line("40.00")
    first = scene.report("40.00", orders=[scene.order("40.00")])
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    scene.verify(first, used)
    transfer = scene.transfers(ticket)[0]
    answer = post("carol", "desk:verify", ticket.number, **{f"line-{transfer.pk}": used.pk})
    assert answer.status_code == 409
    assert first.number in answer.content.decode()
    assert scene.state(ticket) == State.IN_REVIEW


def test_another_amount_asks_for_a_second_person(scene: Scene, browse: Any, post: Any) -> None:
    order = scene.order("40.00")
    ticket, line = scene.report("40.00", orders=[order]), scene.line("38.00")
    transfer = scene.transfers(ticket)[0]
    html = page(scene, browse, "carol", ticket, f"?line-{transfer.pk}={line.pk}")
    assert "una segunda persona firma" in html
    post("carol", "desk:verify", ticket.number, **{f"line-{transfer.pk}": line.pk})
    assert scene.state(ticket) == State.AWAITING_APPROVAL
    assert scene.paid_of(order) == 0
    assert post("carol", "desk:sign", ticket.number).status_code == 403
    assert "Firmar" in page(scene, browse, "dan", ticket)
    assert post("dan", "desk:sign", ticket.number).status_code == 302
    assert scene.state(ticket) == State.VERIFIED
    assert scene.paid_of(order) == Decimal(38)


def test_who_prepared_does_not_sign_even_as_administrator(scene: Scene, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")], claimed_by=scene.cast.ada)
    scene.verify(ticket, scene.line("38.00"), by=scene.cast.ada)
    answer = post("ada", "desk:sign", ticket.number)
    assert answer.status_code == 400
    assert "otra persona" in answer.content.decode()
    assert scene.state(ticket) == State.AWAITING_APPROVAL


def test_a_named_difference_pays_the_order(scene: Scene, browse: Any, post: Any) -> None:
    order = scene.order("40.00")
    ticket, line = scene.report("40.00", orders=[order]), scene.line("39.50")
    transfer = scene.transfers(ticket)[0]
    answer = browse("carol").get(scene.cast.url("desk:verify_other", ticket.number) + f"?line-{transfer.pk}={line.pk}")
    assert answer.status_code == 200
    post(
        "carol", "desk:verify_other", ticket.number,
        **{f"line-{transfer.pk}": line.pk, "adjustment_kind": "bank_fee", "adjustment_amount": "0,50",
           "adjustment_way": "kept", "adjustment_note": "Comisión del banco"},
    )  # fmt: skip
    assert scene.state(ticket) == State.VERIFIED
    assert scene.paid_of(order) == Decimal(40)


def test_a_difference_needs_its_words_and_keeps_what_was_typed(scene: Scene, post: Any) -> None:
    ticket, line = scene.report("40.00", orders=[scene.order("40.00")]), scene.line("39.50")
    transfer = scene.transfers(ticket)[0]
    answer = post(
        "carol", "desk:verify_other", ticket.number,
        **{f"line-{transfer.pk}": line.pk, "adjustment_kind": "bank_fee", "adjustment_amount": "0,50", "note": "Así vino"},
    )  # fmt: skip
    assert answer.status_code == 400
    html = answer.content.decode()
    assert "Así vino" in html
    assert "0,50" in html
    assert not Match.objects.exists()


def test_a_senior_reverses_and_the_orders_are_owed_again(scene: Scene, browse: Any, post: Any) -> None:
    order = scene.order("40.00")
    ticket, line = scene.paid("40.00", order)
    assert post("carol", "desk:reverse", ticket.number).status_code == 403
    form = browse("dan").get(scene.cast.url("desk:reverse", ticket.number))
    assert "Revertir" in form.content.decode()
    data = {"reason": scene.reason("returned_by_bank"), "note": "El banco la devolvió"}
    half = post("dan", "desk:reverse", ticket.number, **data)
    assert half.status_code == 400
    assert "marque también esto" in half.content.decode()
    data["returned_by_bank"] = "on"
    assert post("dan", "desk:reverse", ticket.number, **data).status_code == 302
    assert scene.state(ticket) == State.REVERSED
    assert scene.paid_of(order) == 0
    assert scene.balance(line).returned_at is not None
    assert post("dan", "desk:reverse", ticket.number, **data).status_code == 409


def test_a_large_reversal_waits_for_a_second_signature(scene: Scene, browse: Any, post: Any) -> None:
    order = scene.order("2000.00")
    ticket, line = scene.report("2000.00", orders=[order]), scene.line("2000.00")
    scene.verify(ticket, line)
    post("dan", "desk:sign", ticket.number)
    post("dan", "desk:reverse", ticket.number, reason=scene.reason("verified_by_mistake"), note="Error")
    assert scene.state(ticket) == State.VERIFIED
    request = ticket.reversal_requests.get()
    assert "Firmar la reversión" not in page(scene, browse, "dan", ticket)
    assert "Firmar la reversión" in page(scene, browse, "ada", ticket)
    assert post("dan", "desk:sign_reversal", ticket.number, request=request.pk).status_code == 400
    assert post("ada", "desk:sign_reversal", ticket.number, request=request.pk).status_code == 302
    assert scene.state(ticket) == State.REVERSED


def test_a_reversal_that_is_not_signed_leaves_the_ticket_verified(scene: Scene, post: Any) -> None:
    ticket, line = scene.report("2000.00", orders=[scene.order("2000.00")]), scene.line("2000.00")
    scene.verify(ticket, line)
    post("dan", "desk:sign", ticket.number)
    post("dan", "desk:reverse", ticket.number, reason=scene.reason("verified_by_mistake"), note="Error")
    request = ticket.reversal_requests.get()
    assert post("ada", "desk:refuse_reversal", ticket.number, request=request.pk).status_code == 302
    assert scene.state(ticket) == State.VERIFIED
    assert post("ada", "desk:sign_reversal", ticket.number, request=request.pk).status_code == 409


def test_a_request_of_another_ticket_is_not_there(scene: Scene, post: Any) -> None:
    ticket, line = scene.report("2000.00", orders=[scene.order("2000.00")]), scene.line("2000.00")
    scene.verify(ticket, line)
    post("dan", "desk:sign", ticket.number)
    post("dan", "desk:reverse", ticket.number, reason=scene.reason("verified_by_mistake"), note="Error")
    other, _line = scene.paid("10.00", scene.order("10.00"))
    request = ticket.reversal_requests.get()
    assert post("ada", "desk:sign_reversal", other.number, request=request.pk).status_code == 404
    assert scene.state(ticket) == State.VERIFIED


def test_rejecting_needs_a_reason_and_keeps_the_words(scene: Scene, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    answer = post("carol", "desk:reject", ticket.number, note="No lo vemos")
    assert answer.status_code == 400
    assert "No lo vemos" in answer.content.decode()
    assert scene.state(ticket) == State.IN_REVIEW
    reason = scene.reason("not_found")
    assert post("carol", "desk:reject", ticket.number, reason=reason, note="No lo vemos").status_code == 302
    assert scene.state(ticket) == State.REJECTED


def test_a_duplicate_names_its_twin(scene: Scene, post: Any) -> None:
    first = scene.report("40.00", orders=[scene.order("40.00")])
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    reason = next(each for each in ticket.merchant.reasons.all() if each.names_twin)
    assert post("carol", "desk:reject", ticket.number, reason=reason.pk).status_code == 400
    answer = post("carol", "desk:reject", ticket.number, reason=reason.pk, duplicate_of="NO-1")
    assert answer.status_code == 400
    assert "NO-1" in answer.content.decode()
    post("carol", "desk:reject", ticket.number, reason=reason.pk, duplicate_of=first.number)
    ticket.refresh_from_db()
    assert ticket.duplicate_of_id == first.pk


def test_a_search_finds_a_movement_nobody_proposed(scene: Scene, browse: Any, post: Any) -> None:
    ticket = scene.report("40.00", orders=[scene.order("40.00")])
    line = scene.line("55.25", text="TRF PEREZ ALICIA")
    transfer = scene.transfers(ticket)[0]
    assert f'value="{line.pk}"' not in page(scene, browse, "carol", ticket)
    for words in ("55,25", "perez"):
        html = page(scene, browse, "carol", ticket, f"?find={transfer.pk}&q={words}")
        assert f'name="line-{transfer.pk}" value="{line.pk}"' in html
    html = page(scene, browse, "carol", ticket, f"?line-{transfer.pk}={line.pk}")
    assert "a saldo a favor" in html


def test_htmx_gets_the_effect_of_a_choice_alone(scene: Scene, browse: Any) -> None:
    ticket, line = scene.report("40.00", orders=[scene.order("40.00")]), scene.line("40.00")
    transfer = scene.transfers(ticket)[0]
    address = scene.cast.url("desk:ticket", ticket.number) + f"?line-{transfer.pk}={line.pk}"
    answer = browse("carol").get(address, headers={"HX-Request": "true", "HX-Target": "effect"})
    html = answer.content.decode()
    assert "<html" not in html
    assert 'hx-swap-oob="innerHTML"' in html
    assert f'name="line-{transfer.pk}" value="{line.pk}"' in html


def test_two_transfers_can_be_verified_one_by_one(scene: Scene, browse: Any, post: Any) -> None:
    order = scene.order("100.00")
    ticket = scene.report("60.00", "40.00", orders=[order])
    one, two = scene.transfers(ticket)
    line = scene.line("60.00")
    html = page(scene, browse, "carol", ticket, f"?line-{one.pk}={line.pk}&line-{two.pk}=")
    assert "1 transferencia sigue abierta" in html
    post("carol", "desk:verify", ticket.number, **{f"line-{one.pk}": line.pk})
    assert scene.state(ticket) == State.IN_REVIEW
    assert scene.paid_of(order) == Decimal(60)
    rest = scene.line("40.00")
    post("carol", "desk:verify", ticket.number, **{f"line-{two.pk}": rest.pk})
    assert scene.state(ticket) == State.VERIFIED
    assert scene.paid_of(order) == Decimal(100)
