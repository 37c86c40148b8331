"""What a house tells people about their data, how long it keeps receipts, and the erasing of their bytes (N-12)."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.models import Merchant
from accounts.setup_history import facts_of, note_setup
from files.models import MAX_COPIES, PrivacyPolicy, StoredFile

MOST_MONTHS = 240
LONGEST_NOTICE = 20_000


def privacy_of(merchant: Merchant) -> PrivacyPolicy:
    """The house's policy, or the one that holds where none was kept."""
    return PrivacyPolicy.objects.filter(merchant=merchant).first() or PrivacyPolicy(merchant=merchant)


@transaction.atomic
def set_privacy(*, receipt_months: int, notice_es: str, notice_en: str, by: Actor) -> PrivacyPolicy:
    """Say how long receipts are kept, and what the notice says where it is not ours: an administrator's.

    Raises `Refused` (`bad_months`, `too_long`).
    """
    by.require(by.can_administer)
    if not 1 <= receipt_months <= MOST_MONTHS:
        raise Refused(
            _("Receipts are kept between 1 and %(most)d months.") % {"most": MOST_MONTHS},
            code="bad_months", fields=("receipt_months",),
        )  # fmt: skip
    written = {"notice_es": notice_es.strip(), "notice_en": notice_en.strip()}
    for name, text in written.items():
        if len(text) > LONGEST_NOTICE:
            raise Refused(_("The notice is too long."), code="too_long", fields=(name,))
    Merchant.objects.select_for_update(no_key=True).get(pk=by.merchant.pk)
    policy = privacy_of(by.merchant)
    changes = {"receipt_months": receipt_months, **written}
    before = facts_of(policy, changes)
    for name, value in changes.items():
        setattr(policy, name, value)
    policy.save()
    note_setup("privacy", before, facts_of(policy, changes), by=by)
    return policy


def notice_of(policy: PrivacyPolicy) -> list[tuple[str, str]]:
    """The notice in the language of the screen, as (heading, paragraph): the house's own words, else ours."""
    own = policy.notice_en if get_language() == "en" else policy.notice_es
    if own:
        return [("", paragraph.strip()) for paragraph in own.replace("\r\n", "\n").split("\n\n") if paragraph.strip()]
    return default_notice(policy)


def default_notice(policy: PrivacyPolicy) -> list[tuple[str, str]]:
    """Our words for a house that has none of its own: true of what this program does."""
    merchant = policy.merchant
    months = policy.receipt_months
    kept = ngettext("one month", "%(count)d months", months) % {"count": months}
    said = {"house": merchant.legal_name or merchant.name, "kept": kept, "email": merchant.support_email or merchant.name}
    return [
        (_("Who answers for your data"), _("%(house)s: write to %(email)s about anything that stands here.") % said),
        (
            _("What we keep"),
            _(
                "Your name, how to reach you, your tax number and addresses; your orders and payments; the reports, receipts and "
                "messages that you send us; and when you signed in."
            ),
        ),
        (
            _("What for"),
            _(
                "To bill you, to find your payments in the bank, to answer you, and to keep the books that the law asks of us. "
                "We do not sell data and show you no advertising."
            ),
        ),
        (
            _("How long"),
            _(
                "The pictures and files of receipts are erased %(kept)s after their report was decided. What stays is the "
                "decision, and a fingerprint of the file that shows whether the same receipt is sent again; the picture cannot "
                "be made from it. Orders, payments and letters stay as long as the law asks us to keep books."
            )
            % said,
        ),
        (
            _("Who sees it"),
            _(
                "You and the people that you let act for your account, and our staff as far as their work needs it. Pictures "
                "that you send are shown to nobody else, and each time that a member of staff opens one is written down."
            ),
        ),
        (_("Cookies"), _("Only those that keep you signed in and remember your language and theme.")),
        (
            _("Your rights"),
            _(
                "You can see and correct your data in My data at any time. You can ask us what we keep about you, for a copy, "
                "or to erase what the law does not make us keep: write to %(email)s."
            )
            % said,
        ),
    ]


def erase_files(*, file_ids: Sequence[int]) -> int:
    """Erase the bytes of these files, all their copies and their names for good; how many. Size and hashes stay, and who looked.

    One file a transaction, its bytes first: a file whose storage does not answer stays as it is, and is taken up again.
    """
    return sum(_erase(pk) for pk in file_ids)


def _erase(pk: int) -> bool:
    with transaction.atomic():
        file = StoredFile.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
        if file is None or file.is_erased:
            return False
        names = [file.raw_name]
        if file.copies_prefix:
            names += [file.copy_name(copy) for copy in ("thumb", *map(str, range(1, MAX_COPIES + 1)))]
        for name in names:
            default_storage.delete(name)
        # People name their files after themselves, their bank and their number.
        file.state, file.erased_at, file.original_name = StoredFile.State.ERASED, timezone.now(), ""
        file.save(update_fields=["state", "erased_at", "original_name"])
    return True
