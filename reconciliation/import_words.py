"""Why a file or a row of it was not taken, in the reader's language: the code that is stored, said as a sentence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from banking.money import format_money
from orders.dates import written
from reconciliation.importing.questions import Question
from reconciliation.statements.rows import ROW_REFUSALS

Data = Mapping[str, Any]


def rejection_of_file(code: str, detail: str = "", line: int = 0) -> str:
    """Why a file as a whole was not taken. `detail` is what stood there, `line` where (0: nowhere in particular)."""
    said = {
        "empty": _("The file holds no movement."),
        "too_large": _("The file is larger than 10 MB."),
        "too_many": _("The file holds more than 200,000 movements."),
        "encoding": _("The letters of the file are not written as its profile says (UTF-8 or Windows-1252)."),
        "binary": _("The file is no text: export it as CSV, or set the account's profile to the format of the file."),
        "header": _(
            "The first row must name the columns: date, amount, reference, text (or fecha, monto, referencia, texto). "
            "It says: %(row)s"
        ),
        "heading": _("The file does not name what the account's profile looks for: %(row)s. Is it the file of another bank?"),
        "heading_twice": _("The heading names the column %(row)s twice; give its number in the profile."),
        "html": _("The file is a web page without a table of movements. Download the statement again."),
        "format": _("The file is not written in the format of this account's profile: %(row)s"),
        "no_rows": _("Not one row of the file could be read as a movement. Is it the file of another bank?"),
        "several_accounts": _("The file holds several accounts. Name the one to read in the account's profile."),
        "other_account": _("The file belongs to another account: %(row)s"),
        "other_currency": _("The file is in another currency than the account: %(row)s"),
        "truncated": _("The file has been cut off: its end is missing. Download it again."),
        "bomb": _("The file unpacks to far more than a statement can hold, so it was not opened."),
        "doctype": _("The file holds definitions that no bank's statement needs, so it was not opened."),
        "timeout": _("Reading the file took too long, so it was stopped. Export a shorter period."),
        "crashed": _("The file could not be read. It is kept; the technical team can look at it."),
    }.get(code, _("The file could not be read. It is kept; the technical team can look at it."))  # fmt: skip
    said = said % {"row": detail or "—"}
    why = detail.partition(" ")[0]
    if code == "no_rows" and line and why in ROW_REFUSALS:
        column = detail.partition(" ")[2].partition(":")[0]
        return f"{said} {rejection_of_row({'line': line, 'code': why, 'column': column})}"
    return _("Line %(line)d: %(sentence)s") % {"line": line, "sentence": said} if line else said


def rejection_of_row(row: Data) -> str:
    """Why one row of a file was not taken: `line`, `code`, `column`, and `date` (ISO) where there is one."""
    sentences = {
        "columns": _("Row %(line)d has another number of columns than the first row."),
        "date": _("Row %(line)d: the date does not exist, or is not written as expected."),
        "date_unlikely": _("Row %(line)d: the year is unlikely."),
        "amount": _(
            "Row %(line)d: the amount is not written as figures, such as 1234.50 or 1.234,50, with the profile's decimal sign."
        ),
        "too_fine": _("Row %(line)d: the amount has more decimals than its currency."),
        "zero": _("Row %(line)d: the amount is zero."),
        "too_large": _("Row %(line)d: the amount is too large."),
        "sign": _("Row %(line)d: it cannot be told whether the money came in or went out."),
        "balance": _("Row %(line)d: the balance cannot be read."),
        "too_long": _("Row %(line)d: the text in the column %(column)s is too long."),
        "encoding": _("Row %(line)d: its letters cannot be read."),
        "quotes": _("Row %(line)d: a quotation mark is opened and never closed."),
        "currency": _("Row %(line)d is in another currency than the account."),
        "repeated_header": _("Row %(line)d repeats the heading, without an amount."),
        "truncated": _("Row %(line)d is cut off."),
        "pending": _("Row %(line)d is pending: the bank has not booked it yet."),
        "format": _("Row %(line)d is not written as the layout says."),
        "held": _("Row %(line)d looks like the line typed by hand with the date %(date)s. Say whether it is that one."),
        "twin": _("Row %(line)d is exactly like a movement of %(date)s that is known, and the file holds that day in part."),
        "printed_otherwise": _("Row %(line)d has the date, amount and reference of a known movement, with another text."),
        "closed": _("Row %(line)d belongs to a month that is closed (until %(date)s)."),
    }
    said = sentences.get(row["code"], _("Row %(line)d could not be read."))
    return said % {"line": row["line"], "column": row.get("column", ""), "date": _day(row.get("date", ""))}


def problem_in_words(problem: Data, currency: str) -> str:
    """How a file contradicts itself or its neighbour: `code`, `expected`, `found`, `line` as stored with the import."""
    values = {
        "expected": _amount(problem.get("expected", ""), currency),
        "found": _amount(problem.get("found", ""), currency),
        "line": problem.get("line", 0),
    }
    plain = {**values, "expected": problem.get("expected", ""), "found": problem.get("found", "")}
    code = problem.get("code", "")
    if code == "elsewhere":
        return _("The very same file was imported into %(found)s. A statement is of one account.") % plain
    if code == "count":
        return _("The file says that it holds %(expected)s movements; %(found)s were found.") % plain
    return {
        "totals": _("Opening balance and movements come to %(found)s; the bank's closing balance is %(expected)s."),
        "chain": _("From line %(line)s on, the balance does not follow: %(expected)s is printed, %(found)s is what it comes to."),
        "sum_debits": _("The bank says that %(expected)s went out; the lines come to %(found)s."),
        "sum_credits": _("The bank says that %(expected)s came in; the lines come to %(found)s."),
        "continuity": _("The file before this one ended with %(expected)s, this one opens with %(found)s: lines are missing."),
    }.get(code, _("The file contradicts itself: %(expected)s is printed, %(found)s was found.")) % values  # fmt: skip


def question_in_words(question: Question, currency: str) -> str:
    """What a waiting file asks before it comes in with others."""
    data = question.data
    if question.code == "refused":
        return rejection_of_file(**data)
    if question.code == "problem":
        return problem_in_words(data, currency)
    if question.code == "rows":
        count = data["count"]
        return ngettext("%(count)d line asks for attention.", "%(count)d lines ask for attention.", count) % {"count": count}
    return {
        "asking": _("It does not print the number of one of your accounts. Say which one it is of."),
        "same": _("The very same file was imported before."),
        "shares": _("It shares days with %(name)s, which is to be imported first."),
        "twin": _("The very same file is to be imported into %(account)s. A statement is of one account."),
        "unknown_days": _("Earlier files hold %(since)s to %(until)s too, yet no line is known. Is it this account's file?"),
        "gap": _("No file holds %(since)s to %(until)s."),
    }[question.code] % {**data, "since": _day(data.get("from", "")), "until": _day(data.get("to", ""))}


def _amount(text: str, currency: str) -> str:
    try:
        return format_money(Decimal(text), currency, get_language() or "es")
    except (InvalidOperation, ValueError):
        return text or "—"


def _day(text: str) -> str:
    """A date as it is stored with an import, as the reader writes it."""
    return written(dt.date.fromisoformat(text)) if text else ""
