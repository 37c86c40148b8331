"""Previews that ask nothing come in together, after a list to check; the others stay for their own page, with the reason."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, Member, key_of, member_of, show
from reconciliation import services
from reconciliation.import_words import question_in_words
from reconciliation.importing.questions import questions_of
from reconciliation.models import StatementImport
from reconciliation.selectors.imports import MOST_TOGETHER, open_rows_of, waiting_imports

MOST_TOLD = 5


@dataclass(frozen=True, kw_only=True)
class File:
    """A waiting file: what all its rows bring in and take out, and what it asks, in words."""

    made: StatementImport
    came: Decimal
    went: Decimal
    asks: list[str]


@dataclass(frozen=True, kw_only=True)
class Files:
    """Waiting files: those that ask nothing, and the others."""

    ready: list[File] = field(default_factory=list)
    asking: list[File] = field(default_factory=list)

    @property
    def sums(self) -> list[tuple[str, Decimal, Decimal]]:
        """What all that ask nothing bring in and take out, by currency."""
        found: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
        for each in self.ready:
            sums = found[each.made.account.currency if each.made.account else ""]
            sums[0] += each.came
            sums[1] += each.went
        return [(currency, came, went) for currency, (came, went) in sorted(found.items())]

    @property
    def new(self) -> int:
        """New lines of those that ask nothing."""
        return sum(each.made.lines_new for each in self.ready)


def files_together(member: Member) -> Files:
    """Every waiting file beside the others. Two queries."""
    waiting = waiting_imports(member.actor)
    questions = questions_of(waiting, open_rows_of(waiting))
    files = Files()
    for made in waiting:
        currency = made.account.currency if made.account else ""
        asks = [question_in_words(each, currency) for each in questions[made.pk]]
        came, went = (Decimal(made.facts.get(name, [0, "0"])[1]) for name in ("credits", "debits"))
        (files.asking if asks else files.ready).append(File(made=made, came=came, went=went, asks=asks))
    return files


@require_http_methods(FORM_METHODS)
@staff_page("decide")
def bring_together(request: HouseRequest) -> HttpResponseBase:
    """The list to check, everything ticked; the button brings in what is ticked (`file`), not what came meanwhile."""
    member = member_of(request)
    refusal = ""
    if request.method == "POST":
        keys = [key for key in map(key_of, request.POST.getlist("file")) if key is not None][:MOST_TOGETHER]
        outcome = services.commit_imports(import_ids=keys, by=member.actor)
        if outcome.coming or outcome.left:
            _tell(request, outcome)
            return redirect("desk:imports")
        refusal = _("Tick at least one file.")
    context = {"files": files_together(member), "refusal": refusal}
    return show(request, member, "desk/imports_together.html", context, status=BAD_INPUT if refusal else 200)


def _tell(request: HouseRequest, outcome: services.Together) -> None:
    count = len(outcome.coming)
    if count:
        said = ngettext("%(count)d file is being imported.", "%(count)d files are being imported.", count)
        messages.success(request, said % {"count": count})
    for name, why in outcome.left[:MOST_TOLD]:
        messages.warning(request, f"{name}: {why}")
    more = len(outcome.left) - MOST_TOLD
    if more > 0:
        messages.warning(request, ngettext("… and %(count)d file more.", "… and %(count)d files more.", more) % {"count": more})
