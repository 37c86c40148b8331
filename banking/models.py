"""Banks and reference formats (data of the installation), and a merchant's accounts, methods and rates."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant, User


class Bank(models.Model):
    """A bank of a country under the code its payment system uses. Names change, codes stay."""

    country = models.CharField(max_length=2)
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=80)
    is_offered = models.BooleanField(default=True)
    former_names = models.JSONField(default=list, blank=True)
    sources = models.JSONField(default=list, blank=True)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("country", "code"), name="bank_code_unique"),)

    def __str__(self) -> str:
        return f"{self.code} {self.short_name}"


class ReferenceFormat(models.Model):
    """What a reference looks like for a country, method and (perhaps) bank. A mask guides, it never blocks."""

    country = models.CharField(max_length=2)
    method_key = models.CharField(max_length=30)
    bank_code = models.CharField(max_length=10, blank=True)
    pattern = models.CharField(max_length=120)
    hint_es = models.CharField(max_length=200, blank=True)
    hint_en = models.CharField(max_length=200, blank=True)
    enough_digits = models.PositiveSmallIntegerField(null=True, blank=True)
    sources = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("country", "method_key", "bank_code", "pattern"), name="referenceformat_unique"),
        )

    def __str__(self) -> str:
        return f"{self.country} {self.method_key} {self.bank_code} {self.pattern}"

    @property
    def hint(self) -> str:
        return self.hint_en if get_language() == "en" else self.hint_es


class TransferField(models.TextChoices):
    """What a method may ask of the customer besides amount, date and account."""

    ORIGIN_BANK = "origin_bank", _("Bank of origin")
    REFERENCE = "reference", _("Deposit or transfer number")
    PAYER_PHONE = "payer_phone", _("Telephone the payment came from")
    PAYER_ID = "payer_id", _("Identity document of the payer")
    SENDER_NAME = "sender_name", _("Name of the sender")
    SENDER_EMAIL = "sender_email", _("E-mail of the sender")


class PaymentMethod(models.Model):
    """How a merchant's customers pay: a row, not code. `asks` and `requires` hold `TransferField` values."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="payment_methods")
    key = models.CharField(max_length=30)
    name_es = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    icon = models.CharField(max_length=40, default="bank")
    asks = ArrayField(models.CharField(max_length=20, choices=TransferField), default=list, blank=True)
    requires = ArrayField(models.CharField(max_length=20, choices=TransferField), default=list, blank=True)
    clearing_days = models.PositiveSmallIntegerField(default=0)
    note_es = models.CharField(max_length=300, blank=True)
    note_en = models.CharField(max_length=300, blank=True)
    # What the law or the merchant adds to payments by this method, on top of what the orders get.
    surcharge_per_cent = models.DecimalField(max_digits=4, decimal_places=2, default=Decimal(0))
    surcharge_name_es = models.CharField(max_length=40, blank=True)
    surcharge_name_en = models.CharField(max_length=40, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="paymentmethod_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "key"), name="paymentmethod_key_unique"),
            models.CheckConstraint(
                name="paymentmethod_surcharge_sane",
                condition=models.Q(surcharge_per_cent__gte=0) & models.Q(surcharge_per_cent__lte=30),
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_es

    @property
    def note(self) -> str:
        return self.note_en if get_language() == "en" else self.note_es

    @property
    def surcharge_name(self) -> str:
        """`IGTF`, or the plain word where the merchant gave it no name."""
        named = self.surcharge_name_en if get_language() == "en" else self.surcharge_name_es
        return named or str(_("Surcharge"))


class WithholdingKind(models.Model):
    """A tax of which a customer keeps a part back and hands in a voucher instead: a row of the merchant, not code."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="withholding_kinds")
    key = models.CharField(max_length=30)
    name_es = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="withholdingkind_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "key"), name="withholdingkind_key_unique"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return self.name_en if get_language() == "en" else self.name_es


class ReceivingAccount(models.Model):
    """An account of the merchant into which customers pay. Cash is an account too (`kind=cash`, no bank)."""

    class Kind(models.TextChoices):
        CHECKING = "checking", _("Checking")
        SAVINGS = "savings", _("Savings")
        WALLET = "wallet", _("Wallet")
        CASH = "cash", _("Cash desk")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="receiving_accounts")
    bank = models.ForeignKey(Bank, null=True, blank=True, on_delete=models.PROTECT)
    institution = models.CharField(max_length=80, blank=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.CHECKING)
    number = models.CharField(max_length=40)
    holder = models.CharField(max_length=200)
    holder_tax_id = models.CharField(max_length=30, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    currency = models.CharField(max_length=3)
    # Whether strangers see it on the merchant's public page; customers always do.
    is_public = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ("position", "pk")
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="receivingaccount_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "number", "currency"), name="receivingaccount_number_unique"),
        )

    def __str__(self) -> str:
        # Zelle is reached by an address, a cash desk by nothing: their endings say nothing.
        return f"{self.title} ···· {self.last_four}" if self.last_four.isdigit() else self.title

    @property
    def title(self) -> str:
        """`0134 Banesco`, or the institution for what is no bank (Zelle, cash desk)."""
        return str(self.bank) if self.bank else self.institution

    @property
    def last_four(self) -> str:
        return self.number[-4:]

    @property
    def method_ids(self) -> list[int]:
        """The methods that this account takes; no query when `accounts_of` fetched it."""
        return [link.method_id for link in self.method_links.all()]


class AccountMethod(models.Model):
    """Which methods an account takes."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(ReceivingAccount, on_delete=models.CASCADE, related_name="method_links")
    method = models.ForeignKey(PaymentMethod, on_delete=models.CASCADE, related_name="account_links")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="accountmethod_tenant_key"),
            models.UniqueConstraint(fields=("account", "method"), name="accountmethod_unique"),
        )

    def __str__(self) -> str:
        return f"{self.account_id} {self.method_id}"


class ExchangeRate(models.Model):
    """One unit of `base` is `rate` units of `quote` on `date`, after `source` (BCV …). A newer row corrects it."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="exchange_rates")
    base = models.CharField(max_length=3)
    quote = models.CharField(max_length=3)
    date = models.DateField()
    rate = models.DecimalField(max_digits=20, decimal_places=10)
    source = models.CharField(max_length=20)
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="exchangerate_tenant_key"),
            models.CheckConstraint(name="exchangerate_positive", condition=models.Q(rate__gt=Decimal(0))),
            models.CheckConstraint(name="exchangerate_two_currencies", condition=~models.Q(base=models.F("quote"))),
        )
        indexes = (models.Index(fields=("merchant", "base", "quote", "-date", "-id"), name="exchangerate_lookup"),)

    def __str__(self) -> str:
        return f"{self.date} 1 {self.base} = {self.rate} {self.quote} ({self.source})"
