"""Merchants (tenants), users, customers, contacts, staff roles and the counters that number things."""

from __future__ import annotations

import re
import zoneinfo
from decimal import Decimal
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.address_models import Address as Address
from accounts.key_models import ApiKey as ApiKey
from accounts.search_models import CustomerSearch as CustomerSearch
from accounts.setup_models import FiscalPolicy as FiscalPolicy
from accounts.setup_models import LimitRequest as LimitRequest
from accounts.setup_models import SetupChange as SetupChange

# First path segments that belong to the installation and can therefore be no merchant's address.
RESERVED_SLUGS = frozenset(
    (
        ".well-known", "account", "accounts", "admin", "api", "demo", "favicon.ico", "files", "healthz", "help", "i18n",
        "jsi18n", "login", "logout", "media", "metrics", "orders", "readyz", "reports", "robots.txt", "staff", "static",
        "tickets",
    )
)  # fmt: skip


class Language(models.TextChoices):
    """Languages of screens and letters."""

    SPANISH = "es", "Español"
    ENGLISH = "en", "English"


def refuse_reserved_slug(slug: str) -> None:
    """Keep a merchant from shadowing an address of the installation."""
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("This address is reserved."), code="reserved")


def refuse_unknown_zone(name: str) -> None:
    """A time zone that the machine does not know would break every page."""
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("This time zone is not known."), code="unknown_zone")


def default_business_hours() -> dict[str, list[list[str]]]:
    """Monday to Friday, 8:00 to 17:00. Keys are ISO weekdays as text, values lists of [from, to]."""
    return {str(day): [["08:00", "17:00"]] for day in range(1, 6)}


class Registration(models.TextChoices):
    """Who may become a customer by themselves."""

    OPEN = "open", _("Open: whoever proves an e-mail address")
    INVITATION = "invitation", _("By invitation of the staff or of a customer's contact")
    CLOSED = "closed", _("Closed: the staff alone add people")


class Merchant(models.Model):
    """A company that bills by bank transfer: the tenant. Its slug is the first segment of every address."""

    slug = models.CharField(
        max_length=40,
        unique=True,
        validators=[RegexValidator(re.compile(r"^[a-z][a-z0-9-]{1,39}\Z")), refuse_reserved_slug],
    )
    name = models.CharField(max_length=120)
    legal_name = models.CharField(max_length=200, blank=True)
    tax_id = models.CharField(max_length=30, blank=True)
    country = models.CharField(max_length=2)
    time_zone = models.CharField(max_length=50, validators=[refuse_unknown_zone])
    default_language = models.CharField(max_length=2, choices=Language, default=Language.SPANISH)
    currency = models.CharField(max_length=3)
    is_active = models.BooleanField(default=True)

    accent = models.CharField(max_length=7, default="#4338ca", validators=[RegexValidator(r"^#[0-9a-f]{6}\Z")])
    logo_png = models.BinaryField(null=True, blank=True, editable=False)
    intro_es = models.TextField(blank=True)
    intro_en = models.TextField(blank=True)
    how_to_pay_es = models.TextField(blank=True)
    how_to_pay_en = models.TextField(blank=True)
    support_email = models.EmailField(blank=True)
    support_phone = models.CharField(max_length=30, blank=True)
    support_whatsapp = models.CharField(max_length=30, blank=True)

    ticket_prefix = models.CharField(max_length=6)
    order_prefix = models.CharField(max_length=6, blank=True)
    approval_limit = models.DecimalField(
        max_digits=20, decimal_places=4, default=Decimal(1000), validators=[MinValueValidator(0)]
    )
    # Whether certain matches are settled without a person, and up to which value of a report in the merchant's currency.
    auto_accept = models.BooleanField(default=False)
    auto_accept_limit = models.DecimalField(
        max_digits=20, decimal_places=4, default=Decimal(200), validators=[MinValueValidator(0)]
    )
    review_hours = models.PositiveSmallIntegerField(default=8)
    answer_business_days = models.PositiveSmallIntegerField(default=3)
    claim_minutes = models.PositiveSmallIntegerField(default=30)
    report_age_warning_days = models.PositiveSmallIntegerField(default=60)
    rate_source = models.CharField(max_length=20, blank=True)
    rate_max_age_days = models.PositiveSmallIntegerField(default=4)
    business_hours = models.JSONField(default=default_business_hours)
    extra_holidays = models.JSONField(default=list, blank=True)
    registration = models.CharField(max_length=10, choices=Registration, default=Registration.INVITATION)
    fiscal_policy = models.CharField(max_length=10, choices=FiscalPolicy, default=FiscalPolicy.EXTERNAL)
    # Whether each order is written to its customer as a bill (PDF) on the day on which it is issued.
    mails_bills = models.BooleanField(default=True)
    # From the day on which the house is opened until its administrator says that it is ready.
    is_being_set_up = models.BooleanField(default=False)
    offers_shipping = models.BooleanField(default=True)
    shipping_price = models.DecimalField(max_digits=20, decimal_places=4, default=Decimal(0))
    shipping_tax_rate = models.DecimalField(max_digits=6, decimal_places=4, default=Decimal(0))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(name="merchant_approval_limit_not_negative", condition=models.Q(approval_limit__gte=0)),
            models.CheckConstraint(name="merchant_auto_accept_limit_not_negative", condition=models.Q(auto_accept_limit__gte=0)),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone of the merchant's dates and business hours."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def intro(self) -> str:
        return self.intro_en if get_language() == "en" else self.intro_es

    @property
    def how_to_pay(self) -> str:
        return self.how_to_pay_en if get_language() == "en" else self.how_to_pay_es


class UserManager(BaseUserManager["User"]):
    """Users are known by e-mail alone, compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        """Make a user; without a password only a code by e-mail lets them in."""
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        """Make an administrator of the installation (not of a merchant)."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """Find by e-mail whatever the case."""
        return self.get(email=(username or "").lower())

    def known_by(self, email: str) -> User | None:
        """Who has this address, whatever the case: all are kept in small letters.

        Sign by sign, as the database's own comparison without case takes `ı` for `i`: the address of somebody else.
        """
        return self.filter(email=email.strip().lower()).first()


class User(AbstractBaseUser, PermissionsMixin):
    """A person, one identity across merchants."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=2, choices=Language, default=Language.SPANISH)
    uses_shortcuts = models.BooleanField(default=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    # Counted up by trigger when the person is switched on or off or their role changes: every session of theirs ends.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        constraints = (models.UniqueConstraint(Lower("email"), name="user_email_lower_unique"),)

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    def _get_session_auth_hash(self, secret: str | bytes | None = None) -> str:
        """What a session must carry to stay valid: ends with the password, and with every change of role or standing."""
        salt = "accounts.User.session"
        return salted_hmac(salt, f"{self.session_epoch}:{self.password}", secret=secret, algorithm="sha256").hexdigest()


class Customer(models.Model):
    """The account that owes: a person or a company, known to one merchant."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="customers")
    number = models.CharField(max_length=30)
    name = models.CharField(max_length=200)
    tax_id = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=2, choices=Language, default=Language.SPANISH)
    address = models.TextField(blank=True)
    state = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=60, blank=True)
    reference_point = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="customer_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "number"), name="customer_number_unique"),
        )
        indexes = (models.Index(fields=("merchant", "name", "id"), name="customer_by_name"),)

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A user who acts for a customer, with permissions."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="contacts")
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="contacts")
    can_see_orders = models.BooleanField(default=True)
    can_report = models.BooleanField(default=True)
    can_use_tickets = models.BooleanField(default=True)
    can_manage_services = models.BooleanField(default=False)
    can_manage_contacts = models.BooleanField(default=False)
    gets_ticket_letters = models.BooleanField(default=True)
    gets_order_letters = models.BooleanField(default=True)
    gets_reminders = models.BooleanField(default=True)
    # When the person last chose to act for this customer: somebody of several begins there the next time.
    chosen_at = models.DateTimeField(null=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="contact_tenant_key"),
            models.UniqueConstraint(fields=("customer", "user"), name="contact_once_per_customer"),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.customer}"


class Invitation(models.Model):
    """A person who was asked, by a letter, to act for a customer. Its link works once, for a week, and for that address alone."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="invitations")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="invitations")
    email = models.EmailField()
    name = models.CharField(max_length=150)
    can_see_orders = models.BooleanField(default=True)
    can_report = models.BooleanField(default=True)
    can_use_tickets = models.BooleanField(default=True)
    can_manage_services = models.BooleanField(default=False)
    can_manage_contacts = models.BooleanField(default=False)
    invited_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    letters = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="invitation_tenant_key"),
            models.UniqueConstraint(
                fields=("customer", "email"),
                condition=models.Q(accepted_at__isnull=True, withdrawn_at__isnull=True),
                name="invitation_one_open",
            ),
        )

    def __str__(self) -> str:
        return f"{self.email} → {self.customer_id}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()


class DataChange(models.Model):
    """One changed field of a customer, or of a person who acts for it: who, when, what before, what after. Append-only."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="data_changes")
    customer = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="data_changes")
    person = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")  # whose data, where a person's
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")  # NULL: the program itself
    field = models.CharField(max_length=40)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("merchant", "id"), name="datachange_tenant_key"),)
        indexes = (models.Index(fields=("customer", "-id"), name="datachange_of_customer"),)

    def __str__(self) -> str:
        return f"{self.customer_id} {self.field}"


class Role(models.TextChoices):
    """What a member of the merchant's staff does."""

    SUPPORT = "support", _("Support")
    ACCOUNTANT = "accountant", _("Accounting")
    SENIOR = "senior_accountant", _("Senior accounting")
    ADMINISTRATOR = "administrator", _("Administrator")
    AUDITOR = "auditor", _("Auditor")


class StaffRole(models.Model):
    """A user's role at one merchant: one role each, the widest that they need."""

    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="staff_roles")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="staff_roles")
    role = models.CharField(max_length=20, choices=Role)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="staffrole_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "user"), name="staffrole_once_per_merchant"),
        )

    def __str__(self) -> str:
        return f"{self.user} · {self.role}"


class NumberSeries(models.Model):
    """The next number of tickets, orders or customers of a merchant. Locked last; gaps are allowed."""

    class Kind(models.TextChoices):
        TICKET = "ticket", _("Tickets")
        ORDER = "order", _("Orders")
        CUSTOMER = "customer", _("Customers")

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="number_series")
    kind = models.CharField(max_length=10, choices=Kind)
    next_value = models.PositiveBigIntegerField(default=1)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("merchant", "id"), name="numberseries_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "kind"), name="numberseries_kind_unique"),
        )

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.kind} {self.next_value}"


class EntryTries(models.Model):
    """How often one thing was tried (a code of an account, codes from an address) in a window of time.

    Counted by one statement (`accounts.entry.count_try`), so that twenty requests at once are twenty tries. Keys are hashes: no
    address stands here in the clear.
    """

    key = models.CharField(max_length=64, unique=True)
    tries = models.PositiveIntegerField(default=0)
    until = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name_plural = "entry tries"

    def __str__(self) -> str:
        return f"{self.key[:8]} {self.tries}"
