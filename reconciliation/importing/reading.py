"""The seam to the readers of statements: which profile reads a file, and where (in the killable child, or here)."""

from __future__ import annotations

from banking.models import ReceivingAccount
from reconciliation.models import StatementProfile
from reconciliation.statements import border
from reconciliation.statements.profile import Profile, ProfileInvalid
from reconciliation.statements.rows import Statement, StatementRejected
from reconciliation.statements.simple_csv import is_own_sheet

HOUSE_LAYOUT = Profile(format="simple")


def read_statement_file(
    content: bytes, *, profile: StatementProfile | None, account: ReceivingAccount, is_trusted: bool = False
) -> Statement:
    """Rows and totals of a file. Raises `StatementRejected`.

    In a child process of its own, limited and killable, unless `is_trusted`: bytes that our own program wrote. A file whose first
    row names the columns of the house's own sheet is read as that, whatever the bank's profile: people bring what they typed.
    """
    try:
        settings = Profile.from_json(profile.settings) if profile and not is_own_sheet(content) else HOUSE_LAYOUT
    except ProfileInvalid as error:
        raise StatementRejected("format", str(error)) from error
    read = border.read_here if is_trusted else border.read
    return read(content, settings, currency=account.currency, account_number=account.number)
