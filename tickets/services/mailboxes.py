"""The merchant's mailbox: set up by an administrator, read by a job."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Merchant
from tickets.mail.imap import MOST_AT_ONCE, Fetched, MailboxFailed, Reader, opened
from tickets.mail.secrets import seal
from tickets.models import Department, Mailbox

log = structlog.get_logger(__name__)

FAILURES: dict[str, Promise] = {
    "no_host": gettext_lazy("There is no server of this name."),
    "private": gettext_lazy("This server is on a private network. The installation does not allow that."),
    "no_answer": gettext_lazy("The server does not answer. Check its name and port."),
    "tls": gettext_lazy("The server's certificate is not valid, or it does not speak TLS on this port."),
    "login": gettext_lazy("The server does not take this user and password."),
    "folder": gettext_lazy("There is no such folder in the mailbox."),
    "slow": gettext_lazy("The server takes too long to answer. We try again by ourselves."),
    "protocol": gettext_lazy("The server broke off. We try again by ourselves."),
}
TRY_OUT_S = 20.0  # somebody waits for the page
RESTS = 4  # times as long as the visit took: no mailbox takes more than a fifth of a worker's time
_HOST = re.compile(r"(?!-)[A-Za-z0-9.:-]{1,200}\Z")
_FOLDER = re.compile(r"[^\"\\\x00-\x1f\x7f]{1,100}\Z")


@dataclass(frozen=True, kw_only=True)
class MailboxData:
    """What an administrator says of the mailbox. An empty `password` keeps the present one."""

    address: str
    host: str
    port: int
    security: str
    username: str
    password: str = ""
    folder: str = "INBOX"
    is_active: bool = True


def save_mailbox(*, merchant: Merchant, data: MailboxData, by: Actor) -> Mailbox:
    """Keep the mailbox. One that is to be read is opened first, so that a mistake is told at once.

    `Refused`: `address_taken`, `host`, `folder`, `security`, `password_required`, and the codes of `FAILURES`.
    """
    by.require(by.can_administer and by.merchant.pk == merchant.pk)
    address = data.address.strip().lower()
    if "+" in address.partition("@")[0]:
        raise Refused(_("Write the address without a plus: we add our own."), code="address", fields=("address",))
    if not _HOST.match(data.host.strip()) or not 1 <= data.port <= 65535:
        raise Refused(str(FAILURES["no_host"]), code="host", fields=("host",))
    if not _FOLDER.match(data.folder):
        raise Refused(str(FAILURES["folder"]), code="folder", fields=("folder",))
    if data.security not in Mailbox.Security.values:
        raise Refused(_("Please choose from the list."), code="security", fields=("security",))
    mailbox = Mailbox.objects.filter(merchant=merchant).first() or Mailbox(merchant=merchant)
    moved = (mailbox.host, mailbox.username, mailbox.folder) != (data.host.strip(), data.username, data.folder)
    if not data.password and (not mailbox.secret or mailbox.host != data.host.strip()):
        # A password is never sent to another server than the one that it was typed for.
        raise Refused(_("Write the password of the mailbox."), code="password_required", fields=("password",))
    if Department.objects.filter(email=address).exclude(merchant=merchant).exists():
        raise _taken()
    mailbox.address, mailbox.host, mailbox.port = address, data.host.strip(), data.port
    mailbox.security, mailbox.username, mailbox.folder = data.security, data.username, data.folder
    mailbox.is_active, mailbox.failure, mailbox.failing_since = data.is_active, "", None
    mailbox.rests_until = None
    if data.password:
        mailbox.secret = seal(data.password)
    if moved:
        mailbox.uid_validity, mailbox.last_uid, mailbox.begins_on = None, 0, timezone.localdate()
    if data.is_active:
        _try_out(mailbox)
    try:
        with transaction.atomic():
            mailbox.save()
    except IntegrityError as error:
        raise _taken() from error
    return mailbox


def _taken() -> Refused:
    return Refused(_("This address belongs to another mailbox of the installation."), code="address_taken", fields=("address",))


def _try_out(mailbox: Mailbox) -> None:
    try:
        with opened(mailbox, within=TRY_OUT_S):
            return
    except MailboxFailed as failed:
        field = {"login": "password", "folder": "folder"}.get(failed.code, "host")
        raise Refused(str(FAILURES[failed.code]), code=failed.code, fields=(field,)) from failed


def read_mailbox(*, mailbox_id: int, take: Callable[[Mailbox, Fetched], object]) -> int:
    """Hand each mail that arrived since the last time to `take` (idempotent, in a transaction of its own); how many.

    Where reading stopped is written down after each; a mail that cannot be taken in for a reason of ours is tried again with the
    next reading. Errors of the server are kept on the mailbox for the administrator, and end the reading. A mailbox that took
    long rests, whatever it answered.
    """
    mailbox = Mailbox.objects.select_related("merchant").filter(pk=mailbox_id, is_active=True).first()
    if mailbox is None:
        return 0
    taken, began = 0, timezone.now()
    try:
        with opened(mailbox) as reader:
            for place, uid in enumerate(_new_uids(mailbox, reader)[:MOST_AT_ONCE]):
                if place and not reader.has_time:  # one at least, or the mailbox is told to be too slow
                    break
                fetched = reader.fetch(uid)
                if fetched is not None:
                    take(mailbox, fetched)
                    reader.mark_seen(uid)
                    taken += 1
                mailbox.last_uid = max(mailbox.last_uid, uid)
                Mailbox.objects.filter(pk=mailbox.pk).update(last_uid=mailbox.last_uid, uid_validity=mailbox.uid_validity)
    except MailboxFailed as failed:
        log.warning("mailbox_not_read", mailbox=mailbox.pk, reason=failed.code)
        Mailbox.objects.filter(pk=mailbox.pk, failing_since=None).update(failing_since=timezone.now())
        Mailbox.objects.filter(pk=mailbox.pk).update(failure=failed.code, rests_until=_rests_until(began))
        return taken
    Mailbox.objects.filter(pk=mailbox.pk).update(
        read_at=timezone.now(), failing_since=None, failure="", last_uid=mailbox.last_uid, uid_validity=mailbox.uid_validity,
        rests_until=_rests_until(began),
    )  # fmt: skip
    return taken


def _rests_until(began: dt.datetime) -> dt.datetime:
    now = timezone.now()
    return now + (now - began) * RESTS


def _new_uids(mailbox: Mailbox, reader: Reader) -> list[int]:
    """What has not been read. A server that numbered its mails anew is read from the day of the last reading; what is known is
    known by its Message-ID."""
    if mailbox.uid_validity == reader.uid_validity and mailbox.last_uid:
        return reader.uids_after(mailbox.last_uid)
    if mailbox.uid_validity != reader.uid_validity:
        mailbox.uid_validity, mailbox.last_uid = reader.uid_validity, 0
    since = mailbox.begins_on if mailbox.read_at is None else mailbox.read_at.date()
    return reader.uids_since(since - dt.timedelta(days=1) if mailbox.read_at else since)
