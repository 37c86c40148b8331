"""Which acts a page offers to somebody on a ticket. Only what is shown: the services decide, and refuse what is not allowed."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from desk.requests import Member
from reconciliation.models import ApprovalRequest, ReversalRequest
from tickets.models import State, Ticket


@dataclass(frozen=True, kw_only=True)
class Abilities:
    """`holds`: the ticket is in review and theirs, or nobody's any more. `locked_by_other`: somebody else's claim is running."""

    claim: bool = False
    renew: bool = False
    release: bool = False
    locked_by_other: bool = False
    decide: bool = False
    wait: bool = False
    ask: bool = False
    reject: bool = False
    resume: bool = False
    take_back: bool = False
    sign: bool = False
    send_back: bool = False
    reopen: bool = False
    reverse: bool = False
    sign_reversal: bool = False
    refuse_reversal: bool = False
    write: bool = False

    @property
    def any_act(self) -> bool:
        """Whether the bar has anything to press."""
        return any(getattr(self, name) for name in self.__dataclass_fields__ if name not in {"write", "locked_by_other", "renew"})


def abilities_of(
    member: Member,
    ticket: Ticket,
    *,
    approval: ApprovalRequest | None = None,
    reversal: ReversalRequest | None = None,
    has_settled: bool = False,
) -> Abilities:
    """What this person may press now. `has_settled`: money of this ticket stands (so it can be reversed)."""
    actor, state = member.actor, ticket.state
    write = actor.can_write_messages
    if not actor.can_decide:
        return Abilities(write=write)
    is_mine = ticket.claimed_by_id == member.user.pk
    is_running = ticket.claimed_until is not None and ticket.claimed_until > timezone.now()
    in_review = state == State.IN_REVIEW
    holds = in_review and is_mine
    may_reverse = actor.can_sign and reversal is None and has_settled
    others = approval is not None and approval.prepared_by_id != member.user.pk
    return Abilities(
        write=write,
        claim=state == State.SUBMITTED or (in_review and not is_mine and not is_running),
        renew=holds and not is_running,
        release=holds or (in_review and is_running and actor.can_sign),
        locked_by_other=in_review and not is_mine and is_running,
        decide=holds,
        wait=holds,
        ask=holds or state == State.WAITING_FOR_BANK,
        reject=(holds or state == State.WAITING_FOR_BANK) and not has_settled,
        resume=state == State.WAITING_FOR_BANK,
        take_back=state == State.NEEDS_INFORMATION,
        sign=state == State.AWAITING_APPROVAL and actor.can_sign and others,
        send_back=state == State.AWAITING_APPROVAL and actor.can_sign,
        reopen=state in (State.REJECTED, State.REVERSED),
        reverse=may_reverse and state in (State.VERIFIED, State.IN_REVIEW),
        sign_reversal=actor.can_sign and reversal is not None and reversal.requested_by_id != member.user.pk,
        refuse_reversal=actor.can_sign and reversal is not None,
    )
