"""Several files of the bank brought in by one act: those that ask nothing, each as if it were confirmed by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import transaction

from accounts.actors import Actor
from reconciliation.import_words import question_in_words
from reconciliation.importing.questions import WAITING, in_order, questions_of
from reconciliation.importing.under_lock import stale, write_soon
from reconciliation.models import StatementImport
from reconciliation.selectors.imports import open_rows_of

State = StatementImport.State


@dataclass(kw_only=True)
class Together:
    """Files that come in, and names of those that stay with the sentence that says why."""

    coming: list[StatementImport] = field(default_factory=list)
    left: list[tuple[str, str]] = field(default_factory=list)


def commit_imports(*, import_ids: Iterable[int], by: Actor) -> Together:
    """Have jobs bring in those of these files that ask nothing, as `commit_import` would one by one; unknown ones are left out.

    Looked at anew under their locks, beside each other alone: what somebody brought in, put away or undid meanwhile stays with
    its reason, and so does what asks something by now. What this person has asked for already is coming: twice is once.
    """
    by.require(by.can_decide)
    outcome = Together()
    with transaction.atomic():
        found = StatementImport.objects.filter(merchant=by.merchant, pk__in=list(import_ids)).select_related("account__bank")
        files = sorted(found.select_for_update(no_key=True, of=("self",)).order_by("pk"), key=in_order)
        waiting = [made for made in files if made.state in WAITING]
        questions = questions_of(waiting, open_rows_of(waiting))
        for made in files:
            if made.pk in questions:
                asked = questions[made.pk]
                if asked:
                    currency = made.account.currency if made.account else ""
                    said = " ".join(question_in_words(each, currency) for each in asked)
                    outcome.left.append((made.file_name, said))
                    continue
                write_soon(made, by)
            elif made.state not in (State.COMMITTING, State.DONE) or made.committed_by_id != (by.user and by.user.pk):
                outcome.left.append((made.file_name, stale(made).message))
                continue
            outcome.coming.append(made)
    return outcome
