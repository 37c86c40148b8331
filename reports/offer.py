"""What a merchant offers on the report form: methods, accounts, banks, masks of references. Read once a request."""

from __future__ import annotations

import re
from dataclasses import dataclass

from accounts.models import Merchant
from banking.models import Bank, PaymentMethod, ReceivingAccount, ReferenceFormat, WithholdingKind
from banking.selectors import accounts_of, banks_offered, methods_of, reference_formats, withholding_kinds_of


@dataclass(frozen=True, kw_only=True)
class Offer:
    """Rows by key, in the merchant's order. A method without an account that takes it is not offered."""

    merchant: Merchant
    methods: dict[int, PaymentMethod]
    accounts: dict[int, ReceivingAccount]
    takers: dict[int, frozenset[int]]
    banks: dict[int, Bank]
    formats: tuple[ReferenceFormat, ...]
    withholding_kinds: dict[int, WithholdingKind]

    @classmethod
    def of(cls, merchant: Merchant, *, bank_ids: frozenset[int] | None = None) -> Offer:
        """Six queries, whatever the merchant has. `bank_ids`: only those banks and no masks, enough to judge, not to show."""
        banks = banks_offered(merchant.country)
        if bank_ids is not None:
            banks = banks.filter(pk__in=bank_ids)
        accounts = {account.pk: account for account in accounts_of(merchant)}
        takers: dict[int, set[int]] = {}
        for account in accounts.values():
            for link in account.method_links.all():
                takers.setdefault(link.method_id, set()).add(account.pk)
        return cls(
            merchant=merchant,
            methods={method.pk: method for method in methods_of(merchant) if method.pk in takers},
            accounts=accounts,
            takers={method_id: frozenset(found) for method_id, found in takers.items()},
            banks={bank.pk: bank for bank in banks},
            withholding_kinds={kind.pk: kind for kind in withholding_kinds_of(merchant)},
            formats=tuple(reference_formats(merchant)) if bank_ids is None else (),
        )

    def takes(self, account_id: int, method_id: int) -> bool:
        """Whether that account takes that method."""
        return account_id in self.takers.get(method_id, frozenset())

    def accounts_for(self, method_id: int) -> list[ReceivingAccount]:
        """Accounts that take a method, in the merchant's order."""
        return [account for pk, account in self.accounts.items() if self.takes(pk, method_id)]

    def masks(self, method: PaymentMethod, bank: Bank | None) -> list[ReferenceFormat]:
        """Masks for a reference of this method: those of the bank when it has its own, else those of any bank."""
        found = [each for each in self.formats if each.method_key == method.key]
        code = bank.code if bank else ""
        own = [each for each in found if code and each.bank_code == code]
        return own or [each for each in found if not each.bank_code]


def fits_a_mask(reference: str, masks: list[ReferenceFormat]) -> bool:
    """Whether a reference looks like one of the masks, or has as many digits as are enough. True without masks."""
    plain = re.sub(r"[\s\-.]", "", reference)
    for mask in masks:
        if mask.enough_digits and len(plain) >= mask.enough_digits:
            return True
        try:
            if re.fullmatch(mask.pattern, plain):
                return True
        except re.error:
            return True
    return not masks
