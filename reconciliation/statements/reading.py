"""One door to every reader: bytes and a profile in, a statement out. Pure; a stranger's file goes by `border`."""

from __future__ import annotations

from collections.abc import Callable

from reconciliation.statements import aeb43, camt, delimited, fixed, html_table, mt940, ofx, qif, sheet, simple_csv
from reconciliation.statements.cells import Watch
from reconciliation.statements.checks import Draft, finish
from reconciliation.statements.decode import check_size
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import Statement
from reconciliation.statements.table import read_table

_RECORDS: dict[str, Callable[..., Draft]] = {
    "aeb43": aeb43.read,
    "qif": qif.read,
    "mt940": mt940.read,
    "camt": camt.read,
    "ofx": ofx.read,
}
_CELLS = {"csv": delimited.cells_of, "fixed": fixed.cells_of, "xlsx": sheet.cells_of, "html": html_table.cells_of}


def parse(content: bytes, profile: Profile, *, currency: str, account_number: str = "", watch: Watch | None = None) -> Statement:
    """Read a statement of the account `account_number` in `currency`. Raises `StatementRejected`, and nothing else on purpose."""
    check_size(content)
    if profile.format == "simple":
        plain = simple_csv.parse(content, currency)
        # Refused rows alone are kept here too: people write this file themselves, and correct it on the page.
        return finish(Draft(rows=[*plain.rows], rejected=[*plain.rejected]), currency=currency) if plain.rows else plain
    if profile.format in _CELLS:
        rows = _CELLS[profile.format](content, profile)
        places = fixed.places_of(profile) if profile.format == "fixed" else None
        draft = read_table(rows, profile, currency, account_number=account_number, places=places, watch=watch)
    else:
        draft = _RECORDS[profile.format](content, profile, currency=currency, account_number=account_number)
    return finish(draft, currency=currency, account_number=account_number)
