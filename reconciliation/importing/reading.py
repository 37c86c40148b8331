"""The seam to the readers of statements: which profile reads a file, and where (in the killable child, or here)."""

from __future__ import annotations

from banking.models import ReceivingAccount
from reconciliation.models import StatementProfile
from reconciliation.statements import border
from reconciliation.statements.profile import Profile, ProfileInvalid
from reconciliation.statements.rows import Statement, StatementRejected
from reconciliation.statements.simple_csv import is_own_sheet

HOUSE_LAYOUT = Profile(format="simple")
ROW_A_LINE = ("simple", "csv", "fixed")


def read_statement_file(
    content: bytes, *, profile: StatementProfile | None, account: ReceivingAccount, is_trusted: bool = False,
    tell: border.Tell | None = None,
) -> Statement:  # fmt: skip
    """Rows and totals of a file; `tell` hears how many rows were read so far. Raises `StatementRejected`.

    In a child process of its own, limited and killable, unless `is_trusted`: bytes that our own program wrote. A file whose first
    row names the columns of the house's own sheet is read as that, whatever the bank's profile: people bring what they typed.
    """
    settings = _settings_of(content, profile)
    currency, number = account.currency, account.number
    if is_trusted:
        return border.read_here(content, settings, currency=currency, account_number=number)
    return border.read(content, settings, currency=currency, account_number=number, tell=tell)


def rows_expected(content: bytes, profile: StatementProfile | None) -> int:
    """About how many rows a file has, before it is read; 0 where its lines do not tell. Raises `StatementRejected`."""
    return content.count(b"\n") if _settings_of(content, profile).format in ROW_A_LINE else 0


def _settings_of(content: bytes, profile: StatementProfile | None) -> Profile:
    try:
        return Profile.from_json(profile.settings) if profile and not is_own_sheet(content) else HOUSE_LAYOUT
    except ProfileInvalid as error:
        raise StatementRejected("format", str(error)) from error
