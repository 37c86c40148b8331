"""What each act does besides moving the state, and what it refuses."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone, translation

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused
from letters.models import Letter
from tests.factories import customer_actor, make_customer, staff_actor
from tests.tickets.makers import House, ask, make_house, make_ticket, tomorrow
from tickets import services
from tickets.models import State, Ticket, TicketEvent

pytestmark = pytest.mark.django_db
CARACAS = ZoneInfo("America/Caracas")


@pytest.fixture
def house() -> House:
    return make_house()


def caracas(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CARACAS)


def kinds() -> list[str]:
    return list(Letter.objects.order_by("pk").values_list("kind", flat=True))


def test_a_new_ticket_has_number_deadline_event_letter_and_conversation(house: House) -> None:
    with time_machine.travel(caracas("2026-11-24T10:36"), tick=False):
        ticket = make_ticket(house)
    assert ticket.number == f"{house.merchant.ticket_prefix}-10001"
    assert ticket.deadline_at == caracas("2026-11-25T09:36")
    event = TicketEvent.objects.get()
    assert (event.act, event.source, event.target, event.team) == ("open", "", "submitted", "customer")
    assert kinds() == ["ticket_submitted"]
    assert ticket.conversation.number == ticket.number
    assert ticket.conversation.helpdesk_ticket.queue.slug == f"{house.merchant.slug}-payments"
    assert ticket.conversation.helpdesk_ticket.submitter_email is None


def test_a_ticket_is_opened_only_by_the_customer_or_staff_who_register(house: House) -> None:
    stranger = customer_actor(make_customer(house.merchant))
    mute = customer_actor(house.customer.customer, can_report=False)
    for by in (stranger, mute, house.auditor):
        with pytest.raises(NotAllowed):
            services.open_ticket(merchant=house.merchant, customer=house.customer.customer, subject="x", by=by)
    assert not Ticket.objects.exists()
    services.open_ticket(merchant=house.merchant, customer=house.customer.customer, subject="x", by=house.support)
    assert TicketEvent.objects.get().team == "support"


def test_only_accounting_claims(house: House) -> None:
    ticket = make_ticket(house)
    for by in (house.customer, house.support, house.auditor, house.system):
        with pytest.raises(NotAllowed):
            services.claim(ticket_id=ticket.pk, by=by)
    assert services.claim(ticket_id=ticket.pk, by=house.accountant).claimed_by == house.accountant.user


def test_a_claim_of_somebody_else_names_them_until_it_runs_out(house: House) -> None:
    with time_machine.travel(caracas("2026-11-24T10:00"), tick=False) as clock:
        ticket = make_ticket(house)
        services.claim(ticket_id=ticket.pk, by=house.accountant)
        with pytest.raises(Refused) as caught, translation.override("en"):
            services.claim(ticket_id=ticket.pk, by=house.colleague)
        assert caught.value.code == "claimed"
        assert str(house.accountant.user) in caught.value.message
        assert "10:30" in caught.value.message
        clock.shift(timedelta(minutes=20))
        services.claim(ticket_id=ticket.pk, by=house.accountant)
        clock.shift(timedelta(minutes=20))
        with pytest.raises(Refused):
            services.claim(ticket_id=ticket.pk, by=house.colleague)
        clock.shift(timedelta(minutes=10))
        assert services.claim(ticket_id=ticket.pk, by=house.colleague).claimed_by == house.colleague.user
    assert list(TicketEvent.objects.filter(act="claim").values_list("by", flat=True)) == [
        house.accountant.user.pk,
        house.colleague.user.pk,
    ]


def test_claims_send_no_letter(house: House) -> None:
    ticket = make_ticket(house, State.IN_REVIEW)
    services.release(ticket_id=ticket.pk, by=house.accountant)
    assert kinds() == ["ticket_submitted"]


@pytest.mark.parametrize("act", ["wait_for_bank", "ask_information", "request_approval", "verify", "reject", "release"])
def test_who_does_not_hold_the_ticket_decides_nothing(house: House, act: str) -> None:
    ticket = make_ticket(house, State.IN_REVIEW)
    extra: dict[str, object] = {
        "wait_for_bank": {"until": tomorrow(house)},
        "ask_information": {"question": "?", "fields": ["amount"]},
        "reject": {"reason_id": house.reason("not_found").pk},
    }.get(act, {})
    with pytest.raises(Refused) as caught:
        getattr(services, act)(ticket_id=ticket.pk, by=house.colleague, **extra)
    assert caught.value.code == "claimed"
    ticket.refresh_from_db()
    assert ticket.state == State.IN_REVIEW


def test_a_senior_releases_a_colleagues_claim(house: House) -> None:
    ticket = make_ticket(house, State.IN_REVIEW)
    assert services.release(ticket_id=ticket.pk, by=house.senior).state == State.SUBMITTED


def test_waiting_for_the_bank_tells_until_when_and_wakes_on_that_day(house: House) -> None:
    with time_machine.travel(caracas("2026-11-24T10:00"), tick=False) as clock:
        ticket = make_ticket(house, State.IN_REVIEW)
        deadline = ticket.deadline_at
        for until in (date(2026, 11, 24), date(2026, 12, 25)):
            with pytest.raises(Refused) as caught:
                services.wait_for_bank(ticket_id=ticket.pk, until=until, by=house.accountant)
            assert caught.value.fields == ("until",)
        services.wait_for_bank(ticket_id=ticket.pk, until=date(2026, 11, 26), by=house.accountant)
        assert kinds()[-1] == "ticket_waiting_for_bank"
        clock.move_to(caracas("2026-11-25T23:59"))
        assert services.wake_waiting() == 0
        clock.move_to(caracas("2026-11-26T00:01"))
        assert services.wake_waiting() == 1
        ticket.refresh_from_db()
    assert ticket.state == State.IN_REVIEW
    assert ticket.deadline_at == deadline
    assert ticket.claimed_by == house.accountant.user
    assert ticket.claimed_until == caracas("2026-11-26T08:30")
    assert TicketEvent.objects.get(act="resume").team == "system"


def test_the_clock_stops_while_the_customer_owes_an_answer(house: House) -> None:
    with time_machine.travel(caracas("2026-11-24T10:00"), tick=False) as clock:
        ticket = make_ticket(house, State.IN_REVIEW)
        clock.shift(timedelta(hours=2))
        ask(house, ticket.pk)
        ticket.refresh_from_db()
        assert (ticket.deadline_at, ticket.minutes_left) == (None, 6 * 60)
        assert ticket.answer_due_at == caracas("2026-11-27T23:59")
        clock.move_to(caracas("2026-11-26T09:00"))
        services.answer(ticket_id=ticket.pk, note="Es 004512", by=house.customer)
        ticket.refresh_from_db()
    assert (ticket.deadline_at, ticket.minutes_left) == (caracas("2026-11-26T15:00"), None)
    assert (ticket.question, ticket.asked_fields, ticket.answer_due_at) == ("", [], None)
    assert ticket.claimed_by == house.accountant.user
    assert kinds()[-2:] == ["ticket_needs_information", "ticket_answered"]
    assert Letter.objects.last().to_email == house.accountant.user.email


def test_a_deadline_that_was_over_stays_over(house: House) -> None:
    with time_machine.travel(caracas("2026-11-24T10:00"), tick=False) as clock:
        ticket = make_ticket(house, State.IN_REVIEW)
        clock.move_to(caracas("2026-11-25T12:00"))
        services.expire_claims()
        services.claim(ticket_id=ticket.pk, by=house.accountant)
        ask(house, ticket.pk)
        ticket.refresh_from_db()
        assert ticket.minutes_left == -180
        clock.move_to(caracas("2026-11-26T09:00"))
        services.answer(ticket_id=ticket.pk, by=house.customer)
        ticket.refresh_from_db()
    assert ticket.deadline_at == caracas("2026-11-26T09:00")


def test_a_question_that_is_not_answered_is_withdrawn_by_itself(house: House) -> None:
    with time_machine.travel(caracas("2026-11-24T10:00"), tick=False) as clock:
        ticket = make_ticket(house, State.NEEDS_INFORMATION)
        clock.move_to(caracas("2026-11-27T23:58"))
        assert services.expire_answers() == 0
        clock.move_to(caracas("2026-11-28T00:00"))
        assert services.expire_answers() == 1
        assert services.expire_answers() == 0
        ticket.refresh_from_db()
    assert ticket.state == State.IN_REVIEW
    assert ticket.claimed_until == caracas("2026-11-30T08:30")
    assert kinds()[-1] == "ticket_question_withdrawn"


def test_a_question_needs_words_and_known_fields(house: House) -> None:
    ticket = make_ticket(house, State.IN_REVIEW)
    for bad, field in (({"question": " \x00"}, "question"), ({"fields": []}, "fields"), ({"fields": ["state"]}, "fields")):
        with pytest.raises(Refused) as caught:
            ask(house, ticket.pk, **bad)
        assert caught.value.fields == (field,)
    with pytest.raises(Refused) as caught:
        ask(house, ticket.pk, question="x" * 4001)
    assert caught.value.code == "note_too_long"
    assert kinds() == ["ticket_submitted"]


def test_staff_who_register_answer_for_a_customer_who_called(house: House) -> None:
    ticket = make_ticket(house, State.NEEDS_INFORMATION)
    stranger = customer_actor(make_customer(house.merchant))
    with pytest.raises(NotAllowed):
        services.answer(ticket_id=ticket.pk, by=stranger)
    assert services.answer(ticket_id=ticket.pk, by=house.support).claimed_by == house.accountant.user


def test_claims_that_run_out_go_back_to_the_queue_by_themselves(house: House) -> None:
    with time_machine.travel(caracas("2026-11-24T10:00"), tick=False) as clock:
        ticket = make_ticket(house, State.IN_REVIEW)
        clock.shift(timedelta(minutes=29))
        assert services.expire_claims() == 0
        clock.shift(timedelta(minutes=1))
        assert services.expire_claims() == 1
        ticket.refresh_from_db()
    assert (ticket.state, ticket.claimed_by) == (State.SUBMITTED, None)
    event = TicketEvent.objects.get(act="release")
    assert (event.by, event.team) == (None, "system")


@pytest.mark.parametrize("role", ["senior", "administrator"])
def test_who_prepared_never_signs(house: House, role: str) -> None:
    preparer: Actor = getattr(house, role)
    ticket = make_ticket(house)
    services.claim(ticket_id=ticket.pk, by=preparer)
    services.request_approval(ticket_id=ticket.pk, by=preparer)
    with pytest.raises(Refused) as caught:
        services.verify(ticket_id=ticket.pk, by=preparer)
    assert caught.value.code == "same_person"
    other = house.administrator if role == "senior" else house.senior
    assert services.verify(ticket_id=ticket.pk, by=other).state == State.VERIFIED


def test_the_second_person_says_why_they_do_not_sign(house: House) -> None:
    ticket = make_ticket(house, State.AWAITING_APPROVAL)
    with pytest.raises(NotAllowed):
        services.send_back(ticket_id=ticket.pk, note="No", by=house.colleague)
    with pytest.raises(Refused) as caught:
        services.send_back(ticket_id=ticket.pk, note="  ", by=house.senior)
    assert caught.value.code == "note_required"
    ticket = services.send_back(ticket_id=ticket.pk, note="El monto no coincide", by=house.senior)
    assert (ticket.claimed_by, ticket.prepared_by) == (house.accountant.user, None)
    assert TicketEvent.objects.get(act="send_back").internal_note == "El monto no coincide"
    assert kinds() == ["ticket_submitted"]


def test_a_duplicate_names_its_twin(house: House) -> None:
    first, second = make_ticket(house), make_ticket(house, State.IN_REVIEW)
    reason = house.reason("duplicate").pk
    for number in ("", "T-1", second.number):
        with pytest.raises(Refused) as caught:
            services.reject(ticket_id=second.pk, reason_id=reason, duplicate_of=number, by=house.accountant)
        assert caught.value.fields == ("duplicate_of",)
    rejected = services.reject(
        ticket_id=second.pk, reason_id=reason, duplicate_of=f" {first.number.lower()} ", by=house.accountant
    )
    assert rejected.duplicate_of == first
    assert Letter.objects.last().context["twin"] == first.number


def test_the_twin_of_another_customer_is_not_told(house: House) -> None:
    other = customer_actor(make_customer(house.merchant))
    first = services.open_ticket(merchant=house.merchant, customer=other.customer, subject="x", by=other)
    second = make_ticket(house, State.IN_REVIEW)
    services.reject(ticket_id=second.pk, reason_id=house.reason("duplicate").pk, duplicate_of=first.number, by=house.accountant)
    assert first.number not in str(Letter.objects.last().context)


def test_a_reason_must_be_an_active_one_of_its_kind_and_merchant(house: House) -> None:
    ticket = make_ticket(house, State.IN_REVIEW)
    idle = house.reason("not_found")
    idle.is_active = False
    idle.save()
    others = make_house().reason("wrong_account")
    for reason in (idle, others, house.reason("returned_by_bank")):
        with pytest.raises(Refused) as caught:
            services.reject(ticket_id=ticket.pk, reason_id=reason.pk, by=house.accountant)
        assert caught.value.code == "reason_unknown"


def test_a_corrected_report_starts_anew(house: House) -> None:
    with time_machine.travel(caracas("2026-11-24T10:00"), tick=False) as clock:
        ticket = make_ticket(house, State.REJECTED)
        clock.move_to(caracas("2026-11-26T08:00"))
        services.resubmit(ticket_id=ticket.pk, by=house.customer)
        ticket.refresh_from_db()
    assert (ticket.reason, ticket.claimed_by, ticket.rejected_at) == (None, None, None)
    assert ticket.deadline_at == caracas("2026-11-26T16:00")
    assert kinds()[-2:] == ["ticket_rejected", "ticket_resubmitted"]


def test_only_who_signs_reverses(house: House) -> None:
    ticket = make_ticket(house, State.VERIFIED)
    reason = house.reason("returned_by_bank").pk
    for by in (house.accountant, house.support, house.customer):
        with pytest.raises(NotAllowed):
            services.reverse(ticket_id=ticket.pk, reason_id=reason, note="x", by=by)
    services.reverse(ticket_id=ticket.pk, reason_id=reason, note="Cheque devuelto", by=house.senior)
    assert services.reopen(ticket_id=ticket.pk, note="Volvió", by=house.accountant).verified_at is None
    assert kinds()[-2:] == ["ticket_reversed", "ticket_reopened"]


def test_the_conversation_closes_and_opens_with_its_ticket(house: House) -> None:
    ticket = make_ticket(house, State.REJECTED)
    helpdesk = ticket.conversation.helpdesk_ticket
    assert (ticket.conversation.is_open, helpdesk.status) == (False, helpdesk.CLOSED_STATUS)
    services.resubmit(ticket_id=ticket.pk, by=house.customer)
    ticket.conversation.refresh_from_db()
    helpdesk.refresh_from_db()
    assert (ticket.conversation.is_open, helpdesk.status) == (True, helpdesk.REOPENED_STATUS)


def test_staff_of_another_merchant_decide_nothing_here(house: House) -> None:
    ticket = make_ticket(house, State.IN_REVIEW)
    foreign = Actor(merchant=house.merchant, user=staff_actor().user)
    with pytest.raises(NotAllowed):
        services.verify(ticket_id=ticket.pk, by=foreign)


def test_a_job_that_fails_on_one_ticket_goes_on_with_the_others(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from tickets.services import deadlines

    first, second = make_ticket(house, State.IN_REVIEW), make_ticket(house, State.IN_REVIEW)
    real = deadlines.release

    def fails_once(*, ticket_id: int, by: Actor) -> Ticket:
        if ticket_id == first.pk:
            raise Refused("no", code="no")
        return real(ticket_id=ticket_id, by=by)

    monkeypatch.setattr(deadlines, "release", fails_once)
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=False):
        assert services.expire_claims() == 1
    second.refresh_from_db()
    assert second.state == State.SUBMITTED
