"""What allauth asks of us: where people go after signing in, who may register, and how its letters leave."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Entry at a merchant's address."""


class MFAAdapter(DefaultMFAAdapter):
    """Second factors."""
