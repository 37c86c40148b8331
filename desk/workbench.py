"""The workbench: a month of an account, its movements beside its reports, and why they belong together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_safe

from accounts.access import HouseRequest, staff_page
from banking.money import SYMBOLS
from desk.requests import BAD_INPUT, Member, member_of, show
from desk.workbench_form import SORT_WORDS, Place, place_of, remember
from orders.dates import today_at
from reconciliation.doubts import reason_composed, reason_not_automatic
from reconciliation.models import Proposal
from reconciliation.selectors import workbench as bench
from reconciliation.selectors import workrows
from reconciliation.selectors.workbench import AGES, PAGE_SIZE, PROPOSAL_VIEWS, Standing
from reconciliation.selectors.worklog import Done, log_of

MOST_IN_MARGIN = 8
BAR_WIDTH = 1000


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One list to choose, with how much it holds."""

    key: str
    name: str
    count: int
    address: str
    is_here: bool


@dataclass(frozen=True, kw_only=True)
class Piece:
    """One stretch of the bar of progress, and its line of the legend. `x` and `width` in thousandths of the bar."""

    key: str
    icon: str
    colour: str
    count: int
    name: str
    x: float = 0
    width: float = 0


@dataclass(frozen=True, kw_only=True)
class Age:
    """How many credits without a report are so old; `width` in percent of the largest."""

    name: str
    count: int
    width: float
    is_late: bool


@require_safe
@staff_page()
def show_workbench(request: HouseRequest) -> HttpResponseBase:
    """A page of one of its lists. A bad address is answered with 400 and the sentence; the list then is the usual one."""
    return workbench_page(request, member_of(request))


def workbench_page(request: HouseRequest, member: Member, *, refusal: str = "", status: int = 200) -> HttpResponse:
    """The whole page; also the answer to a refused act, with its sentence on top."""
    place = place_of(request, member)
    context: dict[str, Any] = {"place": place, "form": place.form, "refusal": refusal, "sorts": _sorts(place)}
    standing: Standing | None = None
    if place.scope is not None:
        if place.is_good and request.GET and not refusal:
            remember(request, member, place)
        today = today_at(member.merchant)
        standing = bench.standing_of(member.actor, place.scope, today)
        rows, page = listed(member, place.scope, place.filters)
        context |= {
            "scope": place.scope,
            "symbol": SYMBOLS.get(place.scope.account.currency, place.scope.account.currency),
            "standing": standing,
            "shares": {bucket: standing.share(bucket) for bucket in ("done", "out")},
            "rows": rows,
            "page": page,
            "links": _links(place, page),
            "tabs": tabs(place, standing),
            "in_other_hands": in_other_hands(member, place.scope, standing),
            "pieces": pieces(standing),
            "ages": ages(standing),
            "log": told(member, log_of(member.actor, place.scope.account, today, most=MOST_IN_MARGIN)),
            "here": place.address(page=place.filters.page if place.filters.page > 1 else ""),
        }
    answer = BAD_INPUT if not place.is_good and status == 200 else status
    to_decide = standing.rows["decide"] if standing else None
    return show(request, member, "desk/workbench.html", context, status=answer, to_decide=to_decide)


def in_other_hands(member: Member, scope: bench.Scope, standing: Standing) -> str:
    """Why fewer can be accepted than the list of what is certain holds: who has the others; nothing while nobody has any."""
    count = standing.rows["certain"] - standing.certain.count
    names = bench.people_at_work(member.actor, scope) if count else []
    if not names:
        return ""
    said = ngettext("%(count)d certain one is with %(names)s.", "%(count)d certain ones are with %(names)s.", count)
    return said % {"count": count, "names": ", ".join(names)}


def listed(member: Member, scope: bench.Scope, filters: bench.WorkbenchFilters) -> tuple[list[workrows.Row], Page[Any]]:
    """The rows of the page that is asked for (the last one, when there are no so many)."""
    if filters.view in PROPOSAL_VIEWS:
        found: Any = bench.proposals_listed(member.actor, scope, filters)
    elif filters.view == "reports":
        found = workrows.fetched_reports(bench.reports_listed(member.actor, scope, filters))
    else:
        found = workrows.fetched_lines(bench.lines_listed(member.actor, scope, filters))
    page = Paginator(found, PAGE_SIZE).get_page(filters.page)
    shown = list(page.object_list)
    if filters.view in PROPOSAL_VIEWS:
        return workrows.proposal_rows(member.merchant, shown), page
    return (workrows.report_rows(shown) if filters.view == "reports" else workrows.line_rows(shown, bucket=filters.view)), page


def _links(place: Place, page: Page[Any]) -> dict[str, str]:
    """Where previous and next lead; without a page there is none."""
    found = {}
    if page.has_previous():
        found["before"] = place.address(page=page.previous_page_number())
    if page.has_next():
        found["after"] = place.address(page=page.next_page_number())
    return found


def tabs(place: Place, standing: Standing) -> list[Tab]:
    """The lists. Those that hold nothing and are not the usual ones stay away, unless one is there."""
    names = {
        "decide": pgettext("workbench", "To decide"),
        "certain": pgettext("workbench", "Certain"),
        "lines": pgettext("workbench", "Unmatched"),
        "reports": pgettext("workbench", "Reports without money"),
        "out": pgettext("workbench", "Money out"),
        "done": pgettext("workbench", "Reconciled"),
        "ignored": pgettext("workbench", "Set aside"),
    }
    view = place.filters.view
    return [
        Tab(key=key, name=name, count=standing.rows[key], address=place.address(view=key), is_here=key == view)
        for key, name in names.items()
        if standing.rows[key] or key == view or key not in ("out", "ignored")
    ]


def pieces(standing: Standing) -> list[Piece]:
    """Where all credits of the period stand; the stretches add up to the bar."""
    shapes: tuple[tuple[str, str, str, Callable[[int], str]], ...] = (
        ("done", "check-circle-fill", "green", lambda n: ngettext("reconciled", "reconciled", n)),
        ("certain", "lightning-charge-fill", "accent", lambda n: ngettext("certain", "certain", n)),
        ("decide", "question-circle-fill", "amber", lambda n: ngettext("to decide", "to decide", n)),
        ("lines", "dash-circle", "quiet", lambda n: ngettext("unmatched", "unmatched", n)),
        ("ignored", "archive", "quiet", lambda n: ngettext("set aside", "set aside", n)),
    )
    whole, at = standing.credits.count or 1, 0.0
    found = []
    for key, icon, colour, name in shapes:
        count = standing.share(key).count
        width = BAR_WIDTH * count / whole
        if count or key != "ignored":
            found.append(
                Piece(key=key, icon=icon, colour=colour, count=count, name=name(count), x=round(at, 1), width=round(width, 1))
            )
        at += width
    return found


def ages(standing: Standing) -> list[Age]:
    """Credits without a report by age, beside each other."""
    largest = max([*standing.ages, 1])
    found = []
    for (least, most), count in zip(AGES, standing.ages, strict=True):
        name = (
            _("More than %(days)d days") % {"days": least - 1}
            if most is None
            else _("%(least)d to %(most)d days") % {"least": least, "most": most}
        )
        found.append(Age(name=name, count=count, width=round(100 * count / largest, 1), is_late=most is None))
    return found


def told(member: Member, log: Sequence[Done]) -> list[dict[str, Any]]:
    """Acts in words; a colleague's are named."""
    found = []
    for done in log:
        number = {"number": done.number, "count": done.count, "text": done.text}
        sentence = {
            "settled": _("Settled %(number)s") if done.count == 1 else _("Settled %(count)d together"),
            "dismissed": _("Not together: %(text)s"),
            "ignored": ngettext("Set %(count)d movement aside", "Set %(count)d movements aside", done.count),
            "imported": ngettext("%(count)d new movement", "%(count)d new movements", done.count),
        }[done.kind] % number
        own = done.who in (member.user.name, member.user.email, str(member.user))
        who = _("by itself") if done.was_automatic and done.kind == "settled" else "" if own else done.who
        found.append({"done": done, "sentence": sentence, "who": who})
    return found


def why_not(proposal: Proposal, compositions: Sequence[workrows.Composition]) -> list[str]:
    """Why the program does not accept a proposal by itself, in words."""
    composed = reason_composed(
        has_surcharge=any(each.surcharges for each in compositions), has_voucher=any(each.vouchers for each in compositions)
    )
    return [composed if code == "composed" else reason_not_automatic(code) for code in proposal.why_not]


def _sorts(place: Place) -> list[tuple[str, str, bool]]:
    return [(key, str(words), key == place.filters.sort) for key, words in SORT_WORDS.items()]
