"""Files of the bank: received, read by a job, looked at, and brought in by a job. `undoing` takes a whole file back."""

from __future__ import annotations

import hashlib

import structlog
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.memory import without_collector
from accounts.models import Merchant
from banking.models import ReceivingAccount
from banking.selectors import accounts_of
from orders.dates import today_at
from reconciliation.import_words import rejection_of_file
from reconciliation.importing.guessing import guess_account
from reconciliation.importing.originals import drop, keep_original, read_original, storage_errors
from reconciliation.importing.reading import read_statement_file, rows_expected
from reconciliation.importing.taking import is_all_known, take
from reconciliation.importing.under_lock import locked_import, read_soon, renew_previews, stale, write_soon
from reconciliation.models import RejectedLine, StatementImport, StatementProfile
from reconciliation.selectors.profiles import current_profile
from reconciliation.services.rejections import apply_decisions
from reconciliation.statements.rows import Statement, StatementRejected

log = structlog.get_logger(__name__)
State = StatementImport.State

MOST_BYTES = 10 * 1024 * 1024
LONGEST_NOTE = 200
REREADABLE = (State.REFUSED, State.HELD, State.PREVIEW)
DISCARDABLE = (State.ASKING, State.REFUSED, State.HELD, State.PREVIEW)


def receive_statement(
    *, merchant: Merchant, account_id: int | None, file_name: str, content: bytes, by: Actor
) -> StatementImport:
    """Keep a file privately and have it read by a job. Without an account, the one that the file names as its own, or it asks.

    Raises `NotAllowed`, `Http404`, `Refused`: `statement_rejected` for what is empty or too large, `storage`.
    """
    by.require(by.can_bring_statements)
    _refuse_size(content)
    account = _account(merchant, account_id, by) if account_id is not None else None
    if account is None:
        account = guess_account(accounts_of(merchant, all_of_them=True), content, file_name)
    raw_name = _keep(merchant, content)
    try:
        with transaction.atomic():
            made = _new(merchant, account, file_name, content, raw_name, by)
            if account is not None:
                read_soon(made)
            return made
    except BaseException:
        drop(raw_name)
        raise


def choose_account(*, import_id: int, account_id: int, by: Actor) -> StatementImport:
    """Say whose file it is; it is read then. Raises `Http404`, `Stale(wrong_state)`."""
    by.require(by.can_decide)
    with transaction.atomic():
        made = locked_import(import_id, by, State.ASKING)
        made.account = _account(by.merchant, account_id, by)
        made.same_as = _same_file(made.account, made.sha256)
        made.state = State.READING
        made.save()
        read_soon(made)
    return made


def reread_statement(*, import_id: int, by: Actor) -> StatementImport:
    """Read a file again, with the account's profile as it is now. Raises `Stale(wrong_state)`."""
    by.require(by.can_decide)
    with transaction.atomic():
        made = locked_import(import_id, by, *REREADABLE)
        if made.account_id is None:
            raise stale(made)
        RejectedLine.objects.filter(statement_import=made).delete()
        made.state, made.refusal = State.READING, {}
        made.progress_done = made.progress_total = 0
        made.save()
        read_soon(made)
    return made


@without_collector()
def read_statement(*, import_id: int) -> None:
    """Read a received file and count it for the preview; a job. Again for the same file it does nothing.

    A file that cannot be read is refused with its reason, one that contradicts itself is held. Raises what the storage raises.
    """
    made = StatementImport.objects.select_related("account__merchant").filter(pk=import_id, state=State.READING).first()
    if made is None or made.account is None:
        return
    account, profile = made.account, current_profile(made.account)
    statement = _read(made, account, profile)
    if isinstance(statement, dict):
        StatementImport.objects.filter(pk=made.pk, state=State.READING).update(
            state=State.REFUSED, refusal=statement, profile=profile
        )
        return
    total = len(statement.rows) + len(statement.rejected)
    StatementImport.objects.filter(pk=made.pk).update(progress_done=total, progress_total=total)
    with transaction.atomic():
        made = StatementImport.objects.select_for_update(no_key=True, of=("self",)).get(pk=import_id)
        if made.state != State.READING:
            return
        made.profile = profile
        take(made, account, statement, writes=False)
        made.progress_done = total
        made.state = State.HELD if made.problems else State.DONE if is_all_known(made) else State.PREVIEW
        if made.state == State.DONE:
            made.committed_by, made.committed_at = made.created_by, timezone.now()
        made.save()


def release_held(*, import_id: int, note: str, by: Actor) -> StatementImport:
    """Accept that a file contradicts itself or its neighbour, by name and with a note. Raises `Refused(note_required)`."""
    by.require(by.can_decide)
    note = required_note(note, _("Write why the difference is accepted."))
    with transaction.atomic():
        made = locked_import(import_id, by, State.HELD)
        made.released_by, made.released_at, made.release_note = by.user, timezone.now(), note
        made.state = State.PREVIEW
        made.save()
    return made


def commit_import(*, import_id: int, by: Actor) -> StatementImport:
    """Have a job bring in what the preview showed. Raises `Stale(wrong_state)`: held files wait for `release_held`."""
    by.require(by.can_decide)
    with transaction.atomic():
        made = locked_import(import_id, by, State.PREVIEW)
        write_soon(made, by)
    return made


@without_collector()
def write_statement(*, import_id: int) -> None:
    """Bring in the lines of a file, all or none; a job. What came in meanwhile is known, so nothing comes twice.

    A file that contradicts itself or its neighbour by now is held, unless somebody accepted that.
    """
    made = StatementImport.objects.select_related("account__merchant", "profile").filter(pk=import_id, state=State.COMMITTING)
    found = made.first()
    if found is None or found.account is None:
        return
    statement = _read(found, found.account, found.profile)
    if isinstance(statement, dict):
        # It was readable before: the machine is at its limit. Nothing is lost, and the person can try again.
        StatementImport.objects.filter(pk=import_id, state=State.COMMITTING).update(state=State.PREVIEW, refusal=statement)
        return
    StatementImport.objects.filter(pk=import_id).update(progress_done=found.lines_in_file)
    with transaction.atomic():
        locked = StatementImport.objects.select_for_update(no_key=True, of=("self",)).get(pk=import_id)
        if locked.state == State.COMMITTING:
            is_released = bool(locked.released_at and locked.problems)
            _bring_in(locked, found.account, statement, stops_when_held=not is_released)


@without_collector()
def import_statement(
    *,
    merchant: Merchant,
    account_id: int,
    file_name: str,
    content: bytes,
    profile: StatementProfile | None,
    accept_note: str = "",
    is_trusted: bool = False,
    by: Actor,
) -> StatementImport:
    """All of it at once: read, and unless the file is held for a person, bring it in. `accept_note` releases a held one.

    `is_trusted`: bytes that our own program wrote are read without a child process. Raises `Refused(statement_rejected)` for a
    file that cannot be read, and nothing of it stays; `NotAllowed`, `Http404`, `storage`.
    """
    by.require(by.can_decide)
    account = _account(merchant, account_id, by)
    try:
        statement = read_statement_file(content, profile=profile, account=account, is_trusted=is_trusted)
    except StatementRejected as error:
        said = rejection_of_file(error.code, error.detail, error.line)
        raise Refused(said, code="statement_rejected", fields=("file",)) from error
    raw_name = _keep(merchant, content)
    try:
        with transaction.atomic():
            lock_account(account)
            made = _new(merchant, account, file_name, content, raw_name, by)
            made.profile, made.committed_by = profile, by.user
            _bring_in(made, account, statement, stops_when_held=not accept_note)
            if made.problems and accept_note:
                made.released_by, made.released_at, made.release_note = by.user, timezone.now(), accept_note[:LONGEST_NOTE]
                made.save()
            return made
    except BaseException:
        drop(raw_name)
        raise


def discard_import(*, import_id: int, by: Actor) -> StatementImport:
    """Put a file away of which nothing came in. Raises `Stale(wrong_state)`."""
    by.require(by.can_decide)
    with transaction.atomic():
        made = locked_import(import_id, by, *DISCARDABLE)
        made.state = State.DISCARDED
        made.save()
    return made


def _bring_in(made: StatementImport, account: ReceivingAccount, statement: Statement, *, stops_when_held: bool = False) -> None:
    """Write the lines; the caller holds the import's row in a transaction. With `stops_when_held` only when nothing is odd."""
    # One import at a time for an account, so that what is new can be counted and two never wait for each other crosswise.
    lock_account(account)
    made.same_as = _same_file(account, made.sha256)
    with transaction.atomic():
        take(made, account, statement, writes=True)
        is_held = stops_when_held and bool(made.problems)
        if is_held:
            transaction.set_rollback(True)
    if is_held:
        take(made, account, statement, writes=False)
        made.state, made.committed_by = State.HELD, None
        made.save()
        return
    made.state, made.committed_at = State.DONE, timezone.now()
    made.progress_done = made.progress_total = made.lines_in_file
    made.save()
    apply_decisions(made, account)
    renew_previews(made)


def _new(
    merchant: Merchant, account: ReceivingAccount | None, file_name: str, content: bytes, raw_name: str, by: Actor
) -> StatementImport:
    sha256 = hashlib.sha256(content).hexdigest()
    return StatementImport.objects.create(
        merchant=merchant,
        account=account,
        state=State.ASKING if account is None else State.READING,
        file_name=file_name.replace("\x00", "")[-200:] or "-",
        raw_name=raw_name,
        sha256=sha256,
        size=len(content),
        same_as=_same_file(account, sha256),
        created_by=by.user,
    )


def _read(made: StatementImport, account: ReceivingAccount, profile: StatementProfile | None) -> Statement | dict[str, str | int]:
    """What the file holds, or why it cannot be read: `code`, `detail`, `line`."""
    content = read_original(made.raw_name)
    file = StatementImport.objects.filter(pk=made.pk, state=made.state)
    try:
        # Reading a second time one knows how many rows there are.
        total = made.lines_in_file or rows_expected(content, profile)
        file.update(progress_done=0, progress_total=total)
        return read_statement_file(
            content,
            profile=profile,
            account=account,
            tell=lambda rows: file.update(progress_done=min(rows, total) if total else rows),
        )
    except StatementRejected as error:
        return {"code": error.code, "detail": error.detail.replace("\x00", ""), "line": error.line}
    except Exception as error:  # noqa: BLE001 - whatever a reader does with a hostile file, the person gets an answer.
        log.error("statement_not_read", statement=made.pk, error=type(error).__name__)
        return {"code": "crashed", "detail": "", "line": 0}


def _same_file(account: ReceivingAccount | None, sha256: str) -> StatementImport | None:
    """The import that brought these very bytes into the account, and still stands."""
    if account is None:
        return None
    return StatementImport.objects.filter(account=account, sha256=sha256, state=State.DONE).order_by("pk").first()


def _keep(merchant: Merchant, content: bytes) -> str:
    try:
        return keep_original(merchant.pk, today_at(merchant), content)
    except storage_errors() as error:
        log.error("statement_not_kept", error=type(error).__name__)
        raise Refused(_("The file could not be kept. Try again in a few minutes."), code="storage") from error


def _refuse_size(content: bytes) -> None:
    code = "empty" if not content.strip() else "too_large" if len(content) > MOST_BYTES else ""
    if code:
        raise Refused(rejection_of_file(code), code="statement_rejected", fields=("file",))


def lock_account(account: ReceivingAccount) -> None:
    ReceivingAccount.objects.select_for_update(no_key=True).get(pk=account.pk)


def _account(merchant: Merchant, account_id: int, by: Actor) -> ReceivingAccount:
    found = ReceivingAccount.objects.select_related("merchant").filter(merchant=by.merchant, pk=account_id).first()
    if found is None or merchant.pk != by.merchant.pk:
        raise Http404
    return found


def required_note(text: str, sentence: str, *, code: str = "note_required") -> str:
    note = " ".join(text.replace("\x00", "").split())
    if not note:
        raise Refused(sentence, code=code, fields=("reason" if code == "reason_required" else "note",))
    return note[:LONGEST_NOTE]
