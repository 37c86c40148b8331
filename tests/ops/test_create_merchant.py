"""A company's house is opened from the command line, whole or not at all."""

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Merchant, Role, StaffRole
from banking.models import PaymentMethod
from tickets.models import Department, Reason

pytestmark = pytest.mark.django_db

KNOWN = {"country": "EC", "currency": "USD", "time_zone": "America/Guayaquil", "admin": "Jefa@Faro.example"}


def test_it_has_methods_reasons_queues_and_an_administrator() -> None:
    call_command("create_merchant", "faro", "Faro Norte", **KNOWN)
    merchant = Merchant.objects.get(slug="faro")
    for model in (PaymentMethod, Reason, Department):
        assert model._default_manager.filter(merchant=merchant).exists(), model
    role = StaffRole.objects.get(merchant=merchant)
    assert (role.role, role.user.email) == (Role.ADMINISTRATOR, "jefa@faro.example")


@pytest.mark.parametrize("wrong", [{"admin": "nobody"}, {"time_zone": "Mars/North"}, {"currency": "DOLLARS"}])
def test_what_is_wrong_is_said_and_nothing_is_made(wrong: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("create_merchant", "faro", "Faro Norte", **{**KNOWN, **wrong})
    assert not Merchant.objects.filter(slug="faro").exists()


@pytest.mark.parametrize("slug", ["admin", "demo", "Faro", "1faro", "fa/ro"])
def test_a_reserved_or_unusable_address_is_refused(slug: str) -> None:
    with pytest.raises(CommandError):
        call_command("create_merchant", slug, "Faro Norte", **KNOWN)


def test_an_address_that_is_taken_is_refused() -> None:
    call_command("create_merchant", "faro", "Faro Norte", **KNOWN)
    with pytest.raises(CommandError, match="ocupada|taken|usa|otra"):
        call_command("create_merchant", "faro", "Faro Sur", **KNOWN)
    assert Merchant.objects.get(slug="faro").name == "Faro Norte"
