"""Writes of the banking room."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused
from accounts.identity import read_phone
from accounts.models import Merchant
from accounts.setup_history import facts_of, note_setup
from banking.facts import method_templates
from banking.models import AccountMethod, Bank, ExchangeRate, PaymentMethod, ReceivingAccount, TransferField, WithholdingKind
from banking.rates import RATE_LIMIT, RowError, read_rates

RATE_DAYS_AHEAD = 7  # A central bank publishes the rate of the next working day.
RATE_OLDEST = dt.date(2000, 1, 1)
RATE_STEP = Decimal("0.20")  # A rate farther than this from the newest one is more often a slip of the finger than a devaluation.


class RatesRefused(Refused):
    """A file of rates that was refused whole; `errors` names every line that cannot be used, `has_far` says that some only
    need to be confirmed.
    """

    def __init__(self, errors: Sequence[RowError], *, has_far: bool = False) -> None:
        super().__init__(
            _("Nothing was imported: put these lines right and send the file again."), code="bad_rates", fields=("file",)
        )
        self.errors = tuple(errors)
        self.has_far = has_far


@dataclass(frozen=True, kw_only=True)
class RatesImported:
    """How many rates a file added, and how many stood there already."""

    added: int
    unchanged: int


@dataclass(frozen=True, kw_only=True)
class AccountData:
    """What is known of a receiving account. `bank_id` or, for what is no bank (Zelle, cash desk), `institution`."""

    number: str
    holder: str
    currency: str
    bank_id: int | None = None
    institution: str = ""
    kind: str = ReceivingAccount.Kind.CHECKING
    holder_tax_id: str = ""
    phone: str = ""
    email: str = ""
    is_public: bool = True
    position: int = 0
    is_active: bool = True


@dataclass(frozen=True, kw_only=True)
class MethodData:
    """What is known of a payment method; `asks` and `requires` hold `TransferField` values."""

    key: str
    name_es: str
    name_en: str
    icon: str = "bank"
    asks: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    clearing_days: int = 0
    note_es: str = ""
    note_en: str = ""
    surcharge_per_cent: Decimal = Decimal(0)
    surcharge_name_es: str = ""
    surcharge_name_en: str = ""
    position: int = 0
    is_active: bool = True


@transaction.atomic
def prepare_merchant(*, merchant: Merchant, keys: Sequence[str] | None = None) -> list[PaymentMethod]:
    """Give a new merchant the methods of its country (or those of `keys`); what it has already stays as it is."""
    for template in method_templates(merchant.country):
        if keys is None or template["key"] in keys:
            PaymentMethod.objects.get_or_create(merchant=merchant, key=template["key"], defaults=template)
    return list(PaymentMethod.objects.filter(merchant=merchant))


@transaction.atomic
def enter_rate(
    *,
    merchant: Merchant,
    base: str,
    quote: str,
    date: dt.date,
    rate: Decimal,
    source: str = "",
    confirmed: bool = False,
    by: Actor,
) -> ExchangeRate:
    """Write down that 1 `base` is `rate` `quote` on `date`. A later row corrects an earlier one; none is ever changed.

    Raises `Refused` with the field that is wrong: `bad_rate`, and `rate_far` for one far from the newest unless `confirmed`.
    """
    _require_accounting(by, merchant)
    base, quote = base.upper(), quote.upper()
    _check_rate(merchant, base, quote, date, rate)
    if not confirmed:
        _refuse_far_rate(_newest_rates(merchant).get((base, quote)), rate)
    return ExchangeRate.objects.create(
        merchant=merchant, base=base, quote=quote, date=date, rate=rate,
        source=source.strip()[:20] or merchant.rate_source, entered_by=by.user,
    )  # fmt: skip


@transaction.atomic
def import_rates(*, merchant: Merchant, content: bytes, confirmed: bool = False, by: Actor) -> RatesImported:
    """Take over a file of rates (`banking.rates` says how it looks): all, or nothing and every bad line named (`RatesRefused`).

    Rows far from the newest rate that is kept are bad too, unless `confirmed`. A rate that is valid already for that day and
    source is not written again, so the same file may be sent twice.
    """
    _require_accounting(by, merchant)
    rows, errors = read_rates(content)
    has_far = False
    days = [row.date for row in rows] or [RATE_OLDEST]
    known = {
        (each.date, each.base, each.quote): (each.rate, each.source)
        for each in ExchangeRate.objects.filter(merchant=merchant, date__range=(min(days), max(days))).order_by("pk")
    }
    newest = {} if confirmed else _newest_rates(merchant)
    for row in rows:
        try:
            _check_rate(merchant, row.base, row.quote, row.date, row.rate)
            if known.get((row.date, row.base, row.quote), (None,))[0] != row.rate:
                _refuse_far_rate(newest.get((row.base, row.quote)), row.rate)
        except Refused as refusal:
            errors.append(RowError(row.line, refusal.message))
            has_far = has_far or refusal.code == "rate_far"
    if errors:
        raise RatesRefused(sorted(errors, key=lambda error: error.line), has_far=has_far)
    fresh = []
    for row in rows:
        source = row.source or merchant.rate_source
        if known.get((row.date, row.base, row.quote)) == (row.rate, source):
            continue
        known[row.date, row.base, row.quote] = (row.rate, source)
        fresh.append(
            ExchangeRate(
                merchant=merchant, base=row.base, quote=row.quote, date=row.date, rate=row.rate, source=source, entered_by=by.user
            )
        )
    ExchangeRate.objects.bulk_create(fresh)
    return RatesImported(added=len(fresh), unchanged=len(rows) - len(fresh))


@transaction.atomic
def save_account(
    *, merchant: Merchant, data: AccountData, method_ids: Sequence[int], account_id: int | None = None, by: Actor
) -> ReceivingAccount:
    """Add or change an account into which customers pay, and say which methods it takes.

    The currency of an account never changes: what was paid into it was paid in that currency.
    Raises `Refused` (`no_bank`, `no_methods`, `bad_account`, `number_taken`, `currency_fixed`).
    """
    _require_administrator(by, merchant)
    account = _locked_account(merchant, account_id)
    before = _facts_of_account(account)
    if account.pk and account.currency != data.currency:
        raise Refused(
            _("The currency of an account cannot be changed: add another account."), code="currency_fixed", fields=("currency",)
        )
    if data.bank_id is not None and not Bank.objects.filter(pk=data.bank_id).exists():
        raise Refused(_("Choose a bank of the list."), code="no_bank", fields=("bank",))
    if data.bank_id is None and not data.institution.strip():
        raise Refused(_("Choose the bank, or write whose account it is."), code="no_bank", fields=("bank",))
    methods = list(PaymentMethod.objects.filter(merchant=merchant, pk__in=method_ids))
    if not methods or len(methods) != len(set(method_ids)):
        raise Refused(_("Choose at least one method that this account takes."), code="no_methods", fields=("methods",))
    for field, value in asdict(data).items():
        setattr(account, field, value.strip() if isinstance(value, str) else value)
    account.number = re.sub(r"[\s-]", "", account.number) if account.bank_id else account.number
    account.phone = read_phone(account.phone, merchant.country) or account.phone
    _save_checked(account, "bad_account", _("There is an account with this number and currency already."))
    account.method_links.exclude(method__in=methods).delete()
    AccountMethod.objects.bulk_create(
        [AccountMethod(merchant=merchant, account=account, method=method) for method in methods], ignore_conflicts=True
    )
    note_setup("account", before, _facts_of_account(account), subject=account.number, by=by)
    return account


def _facts_of_account(account: ReceivingAccount) -> dict[str, str]:
    if account._state.adding:
        return {}
    keys = sorted(account.method_links.values_list("method__key", flat=True))
    fields = [field for field in AccountData.__dataclass_fields__ if field != "bank_id"]
    bank = account.bank.short_name if account.bank else ""
    return {**facts_of(account, fields), "bank": bank, "methods": ", ".join(keys)}


@transaction.atomic
def save_method(*, merchant: Merchant, data: MethodData, method_id: int | None = None, by: Actor) -> PaymentMethod:
    """Add or change a way of paying. What it requires it also asks. Raises `Refused` (`bad_method`, `number_taken`)."""
    _require_administrator(by, merchant)
    method = _locked_method(merchant, method_id)
    before = facts_of(method, MethodData.__dataclass_fields__) if method_id is not None else {}
    known = set(TransferField.values)
    if not {*data.asks, *data.requires} <= known:
        raise Refused(_("Choose from the fields of the list."), code="bad_method", fields=("asks",))
    for field, value in asdict(data).items():
        setattr(method, field, value.strip() if isinstance(value, str) else value)
    wanted = {*data.asks, *data.requires}
    method.asks = [each for each in TransferField.values if each in wanted]
    method.requires = [each for each in TransferField.values if each in data.requires]
    _save_checked(method, "bad_method", _("There is a method with this key already."))
    note_setup("method", before, facts_of(method, MethodData.__dataclass_fields__), subject=method.key, by=by)
    return method


@transaction.atomic
def save_withholding_kind(
    *,
    merchant: Merchant,
    name_es: str,
    name_en: str,
    position: int = 0,
    is_active: bool = True,
    kind_id: int | None = None,
    by: Actor,
) -> WithholdingKind:
    """Add, rename or switch off a tax whose withholding vouchers are taken. Its key is made of its first Spanish name, and stays.

    Raises `NotAllowed`, `Http404`, `Refused` (`name_required`, `bad_kind`, `name_taken`).
    """
    _require_administrator(by, merchant)
    names = {"name_es": " ".join(name_es.split()), "name_en": " ".join(name_en.split())}
    for field, name in names.items():
        if not name or "\x00" in name:
            raise Refused(_("Write the name in both languages."), code="name_required", fields=(field,))
    # One after the other: two of them could choose one key, or one name.
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)
    kind = _withholding_kind(merchant, kind_id)
    fields = ("name_es", "name_en", "position", "is_active")
    before = facts_of(kind, fields) if kind_id is not None else {}
    others = [each for each in WithholdingKind.objects.filter(merchant=merchant) if each.pk != kind_id]
    for field, name in names.items():
        if any(getattr(other, field).casefold() == name.casefold() for other in others):
            raise Refused(_("There is a withholding with this name already."), code="name_taken", fields=(field,))
        setattr(kind, field, name)
    kind.key = kind.key or _free_key(names["name_es"], {other.key for other in others})
    kind.position, kind.is_active = position, is_active
    try:
        kind.clean_fields(exclude=["merchant"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="bad_kind", fields=tuple(error.error_dict)) from None
    kind.save()
    note_setup("withholding", before, facts_of(kind, fields), subject=kind.key, by=by)
    return kind


def _withholding_kind(merchant: Merchant, pk: int | None) -> WithholdingKind:
    if pk is None:
        return WithholdingKind(merchant=merchant)
    found = WithholdingKind.objects.filter(merchant=merchant, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _free_key(name: str, taken: Collection[str]) -> str:
    """`iva`, `iva_2`, …: of a name, not among those that are taken, at most 30 signs."""
    root = slugify(name).replace("-", "_")[:26].strip("_") or "tax"
    tries = itertools.chain([root], (f"{root}_{number}" for number in itertools.count(2)))
    return next(key for key in tries if key not in taken)


def _require_accounting(by: Actor, merchant: Merchant) -> None:
    by.require(by.can_decide and by.merchant.pk == merchant.pk)


def _require_administrator(by: Actor, merchant: Merchant) -> None:
    by.require(by.can_administer and by.merchant.pk == merchant.pk)


def _check_rate(merchant: Merchant, base: str, quote: str, date: dt.date, rate: Decimal) -> None:
    """Refuse a rate that cannot be right; `fields` names the culprit."""
    today = timezone.localdate(timezone=merchant.zone)
    for field, currency in (("base", base), ("quote", quote)):
        if not re.fullmatch(r"[A-Z]{3}", currency):
            raise Refused(_("Choose a currency."), code="bad_rate", fields=(field,))
    if base == quote:
        raise Refused(_("A rate needs two different currencies."), code="bad_rate", fields=("quote",))
    if not rate.is_finite() or rate <= 0 or rate >= RATE_LIMIT:
        raise Refused(_("The rate must be more than zero."), code="bad_rate", fields=("rate",))
    if not RATE_OLDEST <= date <= today + dt.timedelta(days=RATE_DAYS_AHEAD):
        raise Refused(_("The date lies too far ahead or too far back."), code="bad_rate", fields=("date",))


def _newest_rates(merchant: Merchant) -> dict[tuple[str, str], Decimal]:
    """The newest rate of each pair; one query."""
    rates = ExchangeRate.objects.filter(merchant=merchant).order_by("base", "quote", "-date", "-pk").distinct("base", "quote")
    return {(each.base, each.quote): each.rate for each in rates}


def _refuse_far_rate(newest: Decimal | None, rate: Decimal) -> None:
    if newest is None or abs(rate - newest) <= newest * RATE_STEP:
        return
    numbers = {"rate": f"{rate.normalize():f}", "newest": f"{newest.normalize():f}", "percent": int(RATE_STEP * 100)}
    raise Refused(
        _("%(rate)s differs by more than %(percent)d %% from the newest rate, %(newest)s. Check it; if it is right, confirm it.")
        % numbers,
        code="rate_far",
        fields=("rate",),
    )


def _locked_account(merchant: Merchant, pk: int | None) -> ReceivingAccount:
    if pk is None:
        return ReceivingAccount(merchant=merchant)
    found = ReceivingAccount.objects.select_for_update().filter(merchant=merchant, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _locked_method(merchant: Merchant, pk: int | None) -> PaymentMethod:
    if pk is None:
        return PaymentMethod(merchant=merchant)
    found = PaymentMethod.objects.select_for_update().filter(merchant=merchant, pk=pk).first()
    if found is None:
        raise Http404
    return found


def _save_checked(row: ReceivingAccount | PaymentMethod, code: str, taken: str) -> None:
    """Save what passes the model's own checks; the sentences of the others become one refusal."""
    try:
        row.clean_fields(exclude=["merchant", "bank"])
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code=code, fields=tuple(error.error_dict)) from None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Refused(taken, code="number_taken", fields=("number",)) from None
