"""Rules about withholding vouchers: of which tax, number, date, amount; together no more than the orders owe; each used once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Customer
from banking.forms import amount_sentence
from banking.models import WithholdingKind
from banking.money import AMOUNT_LIMIT, minor_units, quantize
from banking.references import normalize_reference
from orders.dates import today_at, written
from reports.content import WithholdingContent
from reports.findings import Findings
from reports.models import Withholding
from reports.offer import Offer
from reports.selectors import uses_of_vouchers
from reports.transfer_rules import LONGEST_REFERENCE, OLDEST_YEAR, shown
from reports.view import withholding_content

MOST_VOUCHERS = 5


@dataclass(frozen=True, kw_only=True)
class ResolvedWithholding:
    """A voucher whose parts exist. `kept`: the row that stays, because a correction says the same."""

    position: int
    content: WithholdingContent
    kind: WithholdingKind
    kept: Withholding | None = None

    @property
    def reference(self) -> str:
        """The normal form of the number, to compare."""
        return normalize_reference(self.content.number)


def check_withholdings(
    customer: Customer,
    vouchers: Sequence[WithholdingContent],
    offer: Offer,
    rows: Sequence[Withholding],
    findings: Findings,
    *,
    currency: str,
    total_due: Decimal,
    report_id: int | None,
) -> list[ResolvedWithholding]:
    """The vouchers that make sense. `rows` are those of the report that is corrected, `total_due` what the orders owe."""
    if len(vouchers) > MOST_VOUCHERS:
        findings.problem(
            "too_many_vouchers", "w-0-number",
            ngettext(
                "At most %(most)d withholding voucher fits in one report.",
                "At most %(most)d withholding vouchers fit in one report.", MOST_VOUCHERS,
            ) % {"most": MOST_VOUCHERS},
        )  # fmt: skip
    present = {row.position: row for row in rows}
    found: list[ResolvedWithholding] = []
    for position, content in enumerate(vouchers[:MOST_VOUCHERS], start=1):
        row = present.get(position)
        kept = row if row is not None and withholding_content(row, []).same_data(content) else None
        kind = kept.kind if kept is not None else offer.withholding_kinds.get(content.kind_id)
        if kind is None:
            findings.problem("voucher_kind", f"w-{position - 1}-kind", _("Choose of which tax the voucher is."))
            continue
        if kept is not None or _is_sound(position, content, offer, currency, findings):
            found.append(ResolvedWithholding(position=position, content=content, kind=kind, kept=kept))
    _check_sum(found, currency, total_due, findings)
    _check_used(customer, found, report_id, findings)
    return found


def _is_sound(position: int, content: WithholdingContent, offer: Offer, currency: str, findings: Findings) -> bool:
    prefix, before = f"w-{position - 1}-", len(findings.problems)
    number, amount, today = content.number.strip(), content.amount, today_at(offer.merchant)
    if not number:
        findings.problem("voucher_number_required", prefix + "number", _("Write the number of the withholding voucher."))
    elif len(number) > LONGEST_REFERENCE:
        findings.problem(
            "voucher_number_too_long", prefix + "number",
            ngettext(
                "This number is too long: at most %(most)d sign.", "This number is too long: at most %(most)d signs.",
                LONGEST_REFERENCE,
            ) % {"most": LONGEST_REFERENCE},
        )  # fmt: skip
    elif not any(sign.isdigit() for sign in normalize_reference(number)):
        findings.problem(
            "voucher_number_absurd", prefix + "number",
            _("This is no voucher number. Write the one that is printed on the voucher."),
        )  # fmt: skip
    if content.issued_on > today:
        findings.problem(
            "voucher_in_future", prefix + "issued_on",
            _("This date has not come yet: today is %(today)s. Write the date of the voucher.") % {"today": written(today)},
        )  # fmt: skip
    elif content.issued_on.year < OLDEST_YEAR:
        findings.problem("voucher_date_absurd", prefix + "issued_on", _("This date is too long ago. Check the year."))
    code = _amount_code(amount, currency)
    if code:
        findings.problem(f"voucher_amount_{code}", prefix + "amount", amount_sentence(code, currency))
    return len(findings.problems) == before


def _amount_code(amount: Decimal, currency: str) -> str:
    if not amount.is_finite():
        return "unreadable"
    if amount <= 0:
        return "negative" if amount < 0 else "zero"
    if amount >= AMOUNT_LIMIT:
        return "too_large"
    return "too_fine" if minor_units(currency) < 4 and amount != quantize(amount, currency) else ""


def _check_sum(vouchers: Sequence[ResolvedWithholding], currency: str, total_due: Decimal, findings: Findings) -> None:
    fresh = next((each for each in vouchers if each.kept is None), None)
    total = sum((each.content.amount for each in vouchers), Decimal(0))
    if fresh is None or total <= total_due:
        return
    field = f"w-{fresh.position - 1}-amount"
    if not total_due:
        findings.problem("voucher_no_order", field, _("Tick the orders from which this tax was withheld."))
        return
    findings.problem(
        "voucher_over_due", field,
        _("The vouchers come to %(vouchers)s, but these orders owe only %(due)s. Check the amount.")
        % {"vouchers": shown(total, currency), "due": shown(total_due, currency)},
    )  # fmt: skip


def _check_used(customer: Customer, vouchers: Sequence[ResolvedWithholding], report_id: int | None, findings: Findings) -> None:
    seen: set[tuple[int, str]] = set()
    uses = uses_of_vouchers(customer, [(each.kind.pk, each.reference) for each in vouchers], exclude_report=report_id)
    for each in vouchers:
        mark, field = (each.kind.pk, each.reference), f"w-{each.position - 1}-number"
        if mark in seen:
            findings.problem("voucher_twice", field, _("This voucher stands twice in this report."))
        elif mark in uses:
            findings.problem(
                "voucher_used", field,
                _("You handed in this voucher already, with ticket %(ticket)s.") % {"ticket": uses[mark].number},
            )  # fmt: skip
        seen.add(mark)
