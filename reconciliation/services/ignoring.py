"""Setting movements aside that need no report (a bank's fee, a transfer between own accounts), one by one or by a rule."""

from __future__ import annotations

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import NotAllowed, Refused, Stale
from accounts.models import User
from banking.models import ReceivingAccount
from reconciliation.locks import lock_lines
from reconciliation.models import IgnoredLine, IgnoreReason, IgnoreRule, Match, Refund, StatementLine
from reconciliation.selectors.ignoring import lines_of_rule

SHORTEST_PATTERN = 3
LONGEST_PATTERN = 80
LONGEST_NOTE = 200


def ignore_line(*, line_id: int, reason: str, note: str = "", by: Actor) -> IgnoredLine:
    """Say that a movement needs no report. It moves no money and can be taken back.

    Raises `Refused`: `reason_invalid`, `note_required` (for another reason), `line_has_money`, `ignored_already`; `Http404`.
    """
    person = _person(by)
    reason, note = _reason(reason), note.replace("\x00", "").strip()[:LONGEST_NOTE]
    if reason == IgnoreReason.OTHER and not note:
        raise Refused(_("Write why this movement needs no report."), code="note_required", fields=("note",))
    with transaction.atomic():
        line = StatementLine.objects.filter(merchant=by.merchant, pk=line_id).first()
        if line is None:
            raise Http404
        _require_untouched(line)
        if IgnoredLine.objects.filter(line=line, taken_back_at__isnull=True).exists():
            raise Refused(_("This movement is set aside already."), code="ignored_already")
        return IgnoredLine.objects.create(merchant=by.merchant, line=line, reason=reason, note=note, by=person)


def restore_line(*, ignored_id: int, by: Actor) -> IgnoredLine:
    """Take back that a movement needs no report. Raises `Stale(restored_already)`, `Http404`."""
    person = _person(by)
    with transaction.atomic():
        found = IgnoredLine.objects.select_for_update().filter(merchant=by.merchant, pk=ignored_id).first()
        if found is None:
            raise Http404
        if found.taken_back_at is not None:
            raise Stale(_("This movement is back in the list already."), code="restored_already")
        found.taken_back_at, found.taken_back_by = timezone.now(), person
        found.save(update_fields=["taken_back_at", "taken_back_by"])
        return found


def ignore_by_rule(
    *, pattern: str, reason: str, account_id: int | None, shown_count: int, shown_until: int, by: Actor
) -> tuple[IgnoreRule, int]:
    """Set aside every movement that a rule takes, as it was shown: `shown_count` movements up to the key `shown_until`.

    The rule is kept, to be offered again after the next import. Raises `Refused`: `pattern_invalid`, `reason_invalid`,
    `nothing_to_ignore`; `Stale(rule_changed)` when the movements are no longer those that were shown; `Http404`.
    """
    person = _person(by)
    reason, pattern = _reason(reason), check_pattern(pattern)
    account = _account(account_id, by)
    note = _("By the rule “%(pattern)s”") % {"pattern": pattern} if reason == IgnoreReason.OTHER else ""
    with transaction.atomic():
        found = lines_of_rule(by, pattern, account).filter(pk__lte=shown_until)
        keys = list(found.order_by("pk").values_list("pk", flat=True))
        lock_lines(keys)
        keys = list(found.filter(pk__in=keys).order_by("pk").values_list("pk", flat=True))
        if not keys:
            raise Refused(_("No movement with free money says that."), code="nothing_to_ignore", fields=("pattern",))
        if len(keys) != shown_count:
            raise Stale(_("The movements changed while you looked. Look at the list again."), code="rule_changed")
        rule, _made = IgnoreRule.objects.get_or_create(
            merchant=by.merchant, account=account, pattern=pattern, reason=reason, is_active=True, defaults={"created_by": person}
        )
        now = timezone.now()
        IgnoredLine.objects.bulk_create(
            [
                IgnoredLine(merchant=by.merchant, line_id=key, reason=reason, note=note, rule=rule, by=person, at=now)
                for key in keys
            ],
            batch_size=2000,
        )
        return rule, len(keys)


def drop_rule(*, rule_id: int, by: Actor) -> IgnoreRule:
    """Offer a rule no more; what it set aside stays so."""
    _person(by)
    with transaction.atomic():
        rule = IgnoreRule.objects.select_for_update().filter(merchant=by.merchant, pk=rule_id).first()
        if rule is None:
            raise Http404
        rule.is_active = False
        rule.save(update_fields=["is_active"])
        return rule


def check_pattern(pattern: str) -> str:
    """The words of a rule, tidied. Raises `Refused(pattern_invalid)` for what would take nearly everything."""
    tidy = " ".join(pattern.replace("\x00", " ").split())
    if not SHORTEST_PATTERN <= len(tidy) <= LONGEST_PATTERN or sum(each.isalnum() for each in tidy) < SHORTEST_PATTERN:
        raise Refused(
            _("Write at least three letters or digits of the bank's text."), code="pattern_invalid", fields=("pattern",)
        )
    return tidy


def _person(by: Actor) -> User:
    by.require(by.can_decide)
    if by.user is None:
        raise NotAllowed
    return by.user


def _reason(reason: str) -> str:
    if reason not in IgnoreReason.values:
        raise Refused(_("Choose why these movements need no report."), code="reason_invalid", fields=("reason",))
    return reason


def _account(account_id: int | None, by: Actor) -> ReceivingAccount | None:
    if account_id is None:
        return None
    found = ReceivingAccount.objects.filter(merchant=by.merchant, pk=account_id).first()
    if found is None:
        raise Http404
    return found


def _require_untouched(line: StatementLine) -> None:
    """Lock the line; refuse when money of it is used or reserved."""
    balance = lock_lines([line.pk])[line.pk]
    if balance.returned_at is not None or Refund.objects.filter(debit_line=line, state=Refund.State.WAITING).exists():
        raise Refused(_("This movement is a returned deposit or a refund: it cannot be set aside."), code="line_has_money")
    held = Match.objects.filter(line=line).exclude(state=Match.State.RELEASED)
    if balance.allocated or balance.reserved or held.exists():
        raise Refused(_("Money of this movement is used by a report: it cannot be set aside."), code="line_has_money")
