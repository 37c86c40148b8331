"""Reads of the banks' profiles: the version that an account reads its files with, older ones, ready-made ones to begin with."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, QuerySet
from django.http import Http404
from django.utils.translation import get_language

from accounts.actors import Actor
from accounts.errors import NotAllowed
from banking.models import ReceivingAccount
from reconciliation.models import StatementImport, StatementProfile
from reconciliation.statements.layouts import LAYOUTS, Layout
from reconciliation.statements.profile import Profile


def current_profile(account: ReceivingAccount) -> StatementProfile | None:
    """The version that the account's next file is read with; None where nobody set one up."""
    return StatementProfile.objects.filter(account=account).order_by("-version").first()


def profile_of(stored: StatementProfile) -> Profile:
    """What a reader obeys. Raises `ProfileInvalid` for one that today's rules refuse, which only an old row can be."""
    return Profile.from_json(stored.settings)


def profiles_for(actor: Actor) -> QuerySet[StatementProfile]:
    """All versions of all accounts of the merchant, newest first. Staff only."""
    if not actor.is_staff:
        raise NotAllowed
    return StatementProfile.objects.filter(merchant=actor.merchant).select_related("created_by").order_by("-version")


def versions_for(actor: Actor, account: ReceivingAccount) -> list[StatementProfile]:
    """The versions of one account, newest first: the first one is in use."""
    return list(profiles_for(actor).filter(account=account))


def version_for(actor: Actor, account: ReceivingAccount, version: int) -> StatementProfile:
    """One version, or 404."""
    found = profiles_for(actor).filter(account=account, version=version).first()
    if found is None:
        raise Http404
    return found


def current_profiles_for(actor: Actor) -> dict[int, StatementProfile]:
    """Account → the version in use, for those that have one. One query."""
    newest = profiles_for(actor).order_by("account_id", "-version").distinct("account_id")
    return {each.account_id: each for each in newest}


def read_with(actor: Actor, account: ReceivingAccount) -> dict[int, int]:
    """Version → how many files were read with it. One query."""
    made = StatementImport.objects.filter(merchant=actor.merchant, account=account, profile__isnull=False)
    return dict(made.order_by().values_list("profile__version").annotate(Count("pk")))


def layout_name(layout: Layout) -> str:
    """A ready-made layout's name in the reader's language."""
    return layout.name_en if get_language() == "en" else layout.name_es


def layouts_for(account: ReceivingAccount) -> tuple[Sequence[Layout], Sequence[Layout]]:
    """Ready-made layouts of the account's own bank, and all others: its country's first, then by name."""
    bank = account.bank
    own = [each for each in LAYOUTS.values() if bank and (each.country, each.bank_code) == (bank.country, bank.code)]
    country = bank.country if bank else account.merchant.country
    others = [each for each in LAYOUTS.values() if each not in own]
    return own, sorted(others, key=lambda each: (each.country != country, layout_name(each)))
