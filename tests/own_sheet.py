"""Bringing the house's own sheet into an account at once, as tests of other rooms need deposits that a file brought."""

from __future__ import annotations

from accounts.actors import Actor
from accounts.models import Merchant
from reconciliation.models import StatementImport
from reconciliation.services import import_statement


def bring_own_sheet(*, merchant: Merchant, account_id: int, file_name: str, content: bytes, by: Actor) -> StatementImport:
    """Read and brought in, without a child process: the test wrote the bytes itself. Raises as `import_statement`."""
    return import_statement(
        merchant=merchant, account_id=account_id, file_name=file_name, content=content, profile=None, is_trusted=True, by=by
    )
