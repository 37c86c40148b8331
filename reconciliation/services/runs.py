"""Match runs: propose for whole accounts, settle what is certain where the merchant allows it, take a run back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import Merchant, User
from banking.models import ReceivingAccount
from reconciliation.locks import lock_runs
from reconciliation.matching.decide import RULES_VERSION
from reconciliation.models import AutomaticStop, MatchRun, Proposal, ProposalPart, RunInputs
from reconciliation.runs import storing
from reconciliation.runs.inputs import pack, results_digest, unpack
from reconciliation.runs.loading import load_inputs
from reconciliation.services.bulk import Left, accept_proposals
from reconciliation.services.reversal import reverse_settlement
from tickets.models import State, Ticket

LONGEST_NOTE = 200


@dataclass(frozen=True, kw_only=True)
class Replay:
    """Asking a run again. `same`: the stored inputs give the stored result; `inputs_changed`: they are not what was digested;
    `rules_changed`: the rules have another version by now, so that another result says nothing against the run.
    """

    run: MatchRun
    same: bool
    inputs_changed: bool
    rules_changed: bool


@dataclass(kw_only=True)
class UndoOutcome:
    """Keys of tickets that are reversed now, those whose reversal waits for a second signature, and what is left."""

    reversed: list[int] = field(default_factory=list)
    requested: list[int] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)


def propose_matches(*, merchant: Merchant, account_id: int | None = None, by: Actor) -> MatchRun:
    """Match everything open in an account (or in all of the merchant's) and store what is proposed.

    What earlier runs left open is out of date with it; what people dismissed is not proposed again. Where the merchant allows
    it, automatic ones are settled at once, but for a sample that goes to a person. Raises `NotAllowed`, `Http404`.
    """
    by.require(by.can_decide)
    if merchant.pk != by.merchant.pk:
        raise Http404
    run, certain = _propose(merchant, account_id, by)
    if certain:
        _settle_certain(run, certain)
    return run


def _propose(merchant: Merchant, account_id: int | None, by: Actor) -> tuple[MatchRun, list[int]]:
    with transaction.atomic():
        lock_runs(merchant)
        # What the merchant allows is read anew: a job may hold an old copy of the row.
        merchant = Merchant.objects.get(pk=merchant.pk)
        accounts = list(ReceivingAccount.objects.filter(merchant=merchant).order_by("pk"))
        if account_id is not None:
            accounts = [account for account in accounts if account.pk == account_id]
            if not accounts:
                raise Http404
        storing.forget_open(merchant.pk, [account.pk for account in accounts])
        started_at = timezone.now()
        inputs = load_inputs(merchant, accounts)
        result = inputs.ask()
        settles = merchant.auto_accept and not AutomaticStop.objects.filter(merchant=merchant, lifted_at__isnull=True).exists()
        run = MatchRun.objects.create(
            merchant=merchant,
            account=accounts[0] if account_id is not None else None,
            state=MatchRun.State.SETTLING if settles else MatchRun.State.DONE,
            started_at=started_at,
            finished_at=None if settles else timezone.now(),
            rules_version=RULES_VERSION,
            inputs_digest=inputs.digest(),
            results_digest=results_digest(result),
            by=by.user,
        )
        RunInputs.objects.create(run=run, merchant=merchant, packed=pack(inputs))
        stored = storing.store(run, inputs, result, draws=settles)
        run.counts = {**result.counts(), **stored, "seconds": round((timezone.now() - started_at).total_seconds(), 3)}
        run.save(update_fields=["counts"])
        certain = Proposal.objects.filter(run=run, is_automatic=True, state=Proposal.State.OPEN) if settles else None
        return run, [] if certain is None else list(certain.order_by("pk").values_list("pk", flat=True))


def _settle_certain(run: MatchRun, certain: Sequence[int]) -> None:
    """Accept what needs no person, as the program."""
    system = Actor.system(Merchant.objects.get(pk=run.merchant_id))
    note = _("Matched automatically, run %(run)d.") % {"run": run.pk}
    outcome = accept_proposals(proposal_ids=certain, note=note, by=system)
    run.counts = {**run.counts, "accepted": len(outcome.accepted), "left": len(outcome.left)}
    run.state, run.finished_at = MatchRun.State.DONE, timezone.now()
    run.save(update_fields=["counts", "state", "finished_at"])


def replay_run(*, run_id: int, by: Actor) -> Replay:
    """Ask a run again with what it was given then. Writes nothing. Staff; raises `Http404`, `Refused(inputs_lost)`."""
    if not (by.is_staff or by.is_system):
        raise NotAllowed
    run = _run(run_id, by)
    try:
        inputs = unpack(bytes(RunInputs.objects.get(run=run).packed))
    except (RunInputs.DoesNotExist, ValueError) as error:
        raise Refused(_("What this run was given is not stored any more."), code="inputs_lost") from error
    return Replay(
        run=run,
        same=results_digest(inputs.ask()) == run.results_digest,
        inputs_changed=inputs.digest() != run.inputs_digest,
        rules_changed=run.rules_version != RULES_VERSION,
    )


def dismiss_proposals(*, proposal_ids: Iterable[int], note: str = "", is_wrong: bool = False, by: Actor) -> int:
    """Say no to open proposals; how many. They are not proposed again, and `restore_proposal` takes it back.

    `is_wrong` on one that was drawn as a sample stops automatic acceptance until an administrator lifts the stop.
    """
    person = _person(by)
    with transaction.atomic():
        found = list(
            Proposal.objects.select_for_update()
            .filter(merchant=by.merchant, pk__in=list(proposal_ids), state__in=(Proposal.State.OPEN, Proposal.State.SAMPLED))
            .order_by("pk")
        )
        Proposal.objects.filter(pk__in=[each.pk for each in found]).update(
            state=Proposal.State.DISMISSED,
            settled_by=person,
            settled_at=timezone.now(),
            was_wrong=is_wrong,
            note=note.replace("\x00", "").strip()[:LONGEST_NOTE],
        )
        wrong = next((each for each in found if is_wrong and each.is_sample), None)
        if wrong is not None:
            stop = AutomaticStop(merchant=by.merchant, proposal=wrong, stopped_by=person, note=wrong.note)
            AutomaticStop.objects.bulk_create([stop], ignore_conflicts=True)
        return len(found)


def restore_proposal(*, proposal_id: int, by: Actor) -> Proposal:
    """Take a dismissal back. Raises `Stale(proposal_closed)` when it was not dismissed, or is out of date; `Http404`."""
    _person(by)
    with transaction.atomic():
        proposal = Proposal.objects.select_for_update().filter(merchant=by.merchant, pk=proposal_id).first()
        if proposal is None:
            raise Http404
        transfers = list(ProposalPart.objects.filter(proposal=proposal).values_list("transfer_id", flat=True))
        # Parts go with the movements of an import that is undone.
        is_whole = len(transfers) >= max(len(proposal.facts), 1)
        newer = Proposal.objects.filter(parts__transfer__in=transfers, run_id__gt=proposal.run_id)
        if proposal.state != Proposal.State.DISMISSED or not is_whole or newer.exclude(state=Proposal.State.STALE).exists():
            raise Stale(_("This proposal was decided already, or is out of date."), code="proposal_closed")
        proposal.state = Proposal.State.SAMPLED if proposal.is_sample else Proposal.State.OPEN
        proposal.settled_by, proposal.settled_at, proposal.was_wrong, proposal.note = None, None, False, ""
        proposal.save(update_fields=["state", "settled_by", "settled_at", "was_wrong", "note"])
        return proposal


def lift_stop(*, note: str = "", by: Actor) -> AutomaticStop:
    """Let automatic acceptance go on after a sample was wrong. An administrator; `Stale(no_stop)` when nothing is stopped."""
    if by.user is None or not by.can_administer:
        raise NotAllowed
    with transaction.atomic():
        stop = AutomaticStop.objects.select_for_update().filter(merchant=by.merchant, lifted_at__isnull=True).first()
        if stop is None:
            raise Stale(_("Automatic acceptance is not stopped."), code="no_stop")
        stop.lifted_by, stop.lifted_at = by.user, timezone.now()
        stop.note = note.replace("\x00", "").strip()[:LONGEST_NOTE]
        stop.save(update_fields=["lifted_by", "lifted_at", "note"])
        return stop


def undo_run(*, run_id: int, reason_id: int, note: str, ticket_ids: Iterable[int] | None = None, by: Actor) -> UndoOutcome:
    """Reverse what the program or people settled from a run's proposals: all of it, or these tickets.

    Each ticket by `reverse_settlement`, so that above the limit a second person signs. What cannot be reversed is left with its
    sentence. The run is undone when nothing of it stands any more. Senior accounting; `Refused` for a bad reason or note.
    """
    if by.user is None or not by.can_sign:
        raise NotAllowed
    run = _run(run_id, by)
    outcome = UndoOutcome()
    standing = _standing(run)
    wanted = standing if ticket_ids is None else [pk for pk in standing if pk in set(ticket_ids)]
    proposals = dict(
        ProposalPart.objects.filter(proposal__run=run, match__isnull=False).values_list(
            "transfer__report__ticket_id", "proposal_id"
        )
    )
    for ticket_id in wanted:
        try:
            done = reverse_settlement(ticket_id=ticket_id, reason_id=reason_id, note=note, by=by)
        except Refused as error:
            if error.code in ("reason_unknown", "note_required", "note_too_long", "period_closed"):
                raise
            number = Ticket.objects.values_list("number", flat=True).get(pk=ticket_id)
            left = Left(
                proposal_id=proposals[ticket_id], ticket_id=ticket_id, number=number, code=error.code, sentence=error.message
            )
            outcome.left.append(left)
            continue
        (outcome.reversed if done.kind == "reversed" else outcome.requested).append(ticket_id)
    with transaction.atomic():
        locked = MatchRun.objects.select_for_update().get(pk=run.pk)
        if outcome.reversed and not _standing(run):
            locked.state, locked.undone_at, locked.undone_by = MatchRun.State.UNDONE, timezone.now(), by.user
            locked.save(update_fields=["state", "undone_at", "undone_by"])
    return outcome


def _standing(run: MatchRun) -> list[int]:
    """Tickets whose money moved by this run's proposals and still stands, by pk."""
    settled = ProposalPart.objects.filter(proposal__run=run, match__state="settled").values("transfer__report__ticket_id")
    found = Ticket.objects.filter(pk__in=settled, state__in=(State.VERIFIED, State.IN_REVIEW))
    return list(found.order_by("pk").values_list("pk", flat=True))


def _run(run_id: int, by: Actor) -> MatchRun:
    run = MatchRun.objects.filter(merchant=by.merchant, pk=run_id).first()
    if run is None:
        raise Http404
    return run


def _person(by: Actor) -> User:
    if by.user is None or not by.can_decide:
        raise NotAllowed
    return by.user
