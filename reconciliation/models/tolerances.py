"""How far a deposit may lie from its report for a named reason, as an administrator allowed it for an account."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Merchant, User
from banking.models import PaymentMethod, ReceivingAccount
from orders.models import MONEY


class Tolerance(models.Model):
    """What may lack (`less`) or be over (`more`) in the account's currency, or in thousandths of the transfer if that is more.

    Without a method it holds for all of the account's. A row is never changed: another one takes its place and it is ended.
    """

    class Reason(models.TextChoices):
        """The kinds of named differences that a tolerance may be for; as `Adjustment.Kind`."""

        BANK_FEE = "bank_fee", _("Bank fee")
        ROUNDING = "rounding", _("Rounding")
        DISCOUNT = "discount", _("Discount")
        WITHHOLDING = "withholding", _("Withholding")

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(ReceivingAccount, on_delete=models.PROTECT, related_name="tolerances")
    method = models.ForeignKey(PaymentMethod, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=Reason)
    less = models.DecimalField(**MONEY, default=0)
    more = models.DecimalField(**MONEY, default=0)
    less_per_mille = models.PositiveSmallIntegerField(default=0)
    more_per_mille = models.PositiveSmallIntegerField(default=0)
    note = models.CharField(max_length=200, blank=True)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="tolerance_tenant_key"),
            models.UniqueConstraint(
                fields=("account", "method"), condition=Q(ended_at__isnull=True), name="tolerance_one_live_of_method"
            ),
            models.UniqueConstraint(
                fields=("account",), condition=Q(ended_at__isnull=True, method__isnull=True), name="tolerance_one_live_of_any"
            ),
            models.CheckConstraint(
                name="tolerance_bounded",
                condition=Q(less__gte=0, more__gte=0, less_per_mille__lte=100, more_per_mille__lte=100),
            ),
            models.CheckConstraint(
                name="tolerance_allows_something",
                condition=Q(less__gt=0) | Q(more__gt=0) | Q(less_per_mille__gt=0) | Q(more_per_mille__gt=0),
            ),
            # What a customer paid too much is theirs: nothing but a rounding may take it.
            models.CheckConstraint(
                name="tolerance_more_is_rounding", condition=Q(reason="rounding") | Q(more=0, more_per_mille=0)
            ),
            models.CheckConstraint(
                name="tolerance_end_names_who", condition=Q(ended_at__isnull=True) | Q(ended_by__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.account_id}/{self.method_id or '*'}: {self.reason}"
