"""What rows are found by: a narrow row beside each, with its words in one text that an index of trigrams serves."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.db import models


def search_index(name: str) -> GinIndex:
    """Begins with the merchant: what other houses hold costs a search nothing."""
    return GinIndex(fields=("merchant", "text"), opclasses=("int8_ops", "gin_trgm_ops"), name=name)


class SearchText(models.Model):
    """The words that a row is found by, those of its customer with them; kept by database triggers, by nothing else.

    Words are folded (`concilia_fold`: small letters, no accents) and each stands after a space. A row beside, because the row
    itself changes when it is paid or decided, and what it is found by does not.
    """

    # The composite key over (merchant, the row) holds both.
    merchant = models.ForeignKey(
        "accounts.Merchant", on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    text = models.TextField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text


class CustomerSearch(SearchText):
    """A customer is found by number, name, tax id, e-mail and telephone."""

    customer = models.OneToOneField(
        "accounts.Customer", primary_key=True, on_delete=models.CASCADE, related_name="search", db_constraint=False
    )

    class Meta:
        indexes = (search_index("customer_found"),)
