"""Who acts: a person in one merchant's house, with what they may do. Made once a request, handed down as `by`."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.errors import NotAllowed
from accounts.models import Contact, Customer, Merchant, Role, User

DECIDING = frozenset({Role.ACCOUNTANT, Role.SENIOR, Role.ADMINISTRATOR})
SIGNING = frozenset({Role.SENIOR, Role.ADMINISTRATOR})
WRITING = DECIDING | {Role.SUPPORT}
EXPORTING = DECIDING | {Role.AUDITOR}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A user (or the system: `user is None`) at one merchant, as staff with a `role` or as a customer's `contact`.

    Somebody who is both is staff on the staff's pages and a contact on the customer's: the face asks for what it needs.
    """

    merchant: Merchant
    user: User | None = None
    role: Role | None = None
    contact: Contact | None = None
    scopes: frozenset[str] = frozenset()  # of the API key that acts, if one does
    doors: int = 1  # how many customers and other houses the person may choose between

    @classmethod
    def system(cls, merchant: Merchant) -> Actor:
        """The program itself: jobs, automatic transitions."""
        return cls(merchant=merchant)

    @property
    def is_system(self) -> bool:
        return self.user is None

    @property
    def is_staff(self) -> bool:
        return self.role is not None

    @property
    def customer(self) -> Customer | None:
        return self.contact.customer if self.contact else None

    @property
    def can_decide(self) -> bool:
        """Claim, verify, reject, ask: accounting."""
        return self.role in DECIDING

    @property
    def can_sign(self) -> bool:
        """Give the second signature and reverse."""
        return self.role in SIGNING

    @property
    def can_void_orders(self) -> bool:
        """Declare that an order is owed no more, and attach its fiscal documents: accounting, or a key that writes orders."""
        return self.can_decide or "orders:write" in self.scopes

    @property
    def can_bring_statements(self) -> bool:
        """Hand a bank's file in. What is in it becomes movements by a person of accounting alone."""
        return self.can_decide or "statements:write" in self.scopes

    @property
    def can_write_messages(self) -> bool:
        return self.role in WRITING

    @property
    def can_register(self) -> bool:
        """Register reports for customers who called or wrote."""
        return self.role in WRITING

    @property
    def can_export(self) -> bool:
        """Take whole tables of the books away in a file: accounting and who audits it."""
        return self.role in EXPORTING

    @property
    def can_administer(self) -> bool:
        return self.role == Role.ADMINISTRATOR

    @property
    def team(self) -> str:
        """What the customer is shown instead of a person's name: `customer`, `support`, `accounting` or `system`."""
        if self.role == Role.SUPPORT:
            return "support"
        if self.role is not None:
            return "accounting"
        return "system" if self.user is None else "customer"

    def require(self, allowed: bool) -> None:
        """Raise `NotAllowed` unless `allowed` (or the system acts)."""
        if not (allowed or self.is_system):
            raise NotAllowed
