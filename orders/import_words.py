"""Why a row of a company's file of customers and orders is not taken, in the reader's language: the stored code as a sentence."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from orders.csv_layout import Problem
from orders.dates import written

# A sentence of another room, or of a version before: it stands as it was said, with our name of the column.
SAID = "said"


def problem_in_words(problem: Problem, column: str = "") -> str:
    """The sentence; `column` is what the reader calls the problem's column, our own name for it otherwise."""
    if problem.code == SAID:
        text = problem.data["text"]
        return text.replace(problem.column, column) if column and problem.column else text
    days = {name: written(dt.date.fromisoformat(problem.data[name])) for name in ("issued", "due") if name in problem.data}
    return _sentences()[problem.code] % {**problem.data, **days, "column": column or problem.column}


def is_worded(code: str) -> bool:
    """Whether a refusal of this code has a sentence here."""
    return code in _sentences()


def _sentences() -> dict[str, str]:
    return {
        "formula": _("%(column)s holds a formula. Put its value there (copy, then paste values)."),
        "missing": _("%(column)s is missing."),
        "unknown": _("%(column)s is unknown."),
        "differs": _("%(column)s differs from the first row of this order."),
        "date": _("%(column)s is not a date such as 2026-11-24."),
        "amount": _("%(column)s is not an amount such as 1234.50 (without thousands signs)."),
        "above_zero": _("%(column)s is not a figure above zero."),
        "percent": _("%(column)s is not a figure from 0 to 100."),
        "language": _("%(column)s is neither es nor en."),
        "email": _("%(column)s is no e-mail address."),
        "max_length": _("%(column)s is longer than %(limit)s signs."),
        "value": _("%(column)s does not hold what belongs there."),
        "customer_number": _("%(column)s is missing, longer than 30 signs, or holds signs that cannot be seen."),
        "order_number": _("%(column)s is longer than 40 signs, or holds signs that cannot be seen."),
        "other_name": _("Customer %(number)s has another name already."),
        "new_without_name": _("Customer %(number)s is new and has no %(column)s."),
        "other_content": _("Order %(number)s exists already with other content."),
        # Codes of `issue_order`.
        "description_required": _("Write what the order is for."),
        "line_invalid": _("A line needs a description, a quantity above zero, a price and a tax from 0 to 100."),
        "due_before_issue": _("The order cannot be due (%(due)s) before it is issued (%(issued)s)."),
        "total_invalid": _("The total of an order must be more than zero."),
    }
