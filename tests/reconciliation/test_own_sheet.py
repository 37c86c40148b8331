"""The house's own sheet is read for every account, whatever its bank's layout; nothing else is taken for it."""

from __future__ import annotations

import pytest

from accounts.errors import Refused
from reconciliation import services
from reconciliation.models import StatementLine
from reconciliation.selectors.profiles import current_profile
from reconciliation.statements.layouts import LAYOUTS
from reconciliation.statements.simple_csv import is_own_sheet
from tests.reconciliation.scene import make_scene

OWN = b"fecha;monto;referencia;texto\n20/11/2026;734,20;0045;ABONO\n"


@pytest.mark.django_db
def test_an_account_with_a_banks_layout_takes_the_own_sheet_too() -> None:
    scene = make_scene()
    account, by = scene.cast.account, scene.cast.carol
    services.save_profile(account_id=account.pk, settings=LAYOUTS["ve-banesco-qif"].profile.to_json(), by=by)
    profile = current_profile(account)

    def bring(content: bytes) -> None:
        services.import_statement(
            merchant=account.merchant,
            account_id=account.pk,
            file_name="x",
            content=content,
            profile=profile,
            is_trusted=True,
            by=by,
        )

    with pytest.raises(Refused):
        bring(OWN.replace(b"referencia", b"numero"))
    assert not StatementLine.objects.exists()
    bring(OWN)
    assert str(StatementLine.objects.get().amount.normalize()) == "734.2"


@pytest.mark.parametrize(
    ("content", "is_own"),
    [
        (OWN, True),
        (b"\xef\xbb\xbfdate,amount,reference,text,balance\r\n", True),
        (b"Fecha;Descripci\xf3n;Cr\xe9ditos;Saldo\n", False),
        (b"fecha;monto;referencia;texto;categoria\n", False),
        (b"", False),
        (b"\x00\x01", False),
        (b"date,amount,reference,text" * 4000, False),
    ],
)
def test_only_its_own_columns_make_the_own_sheet(content: bytes, is_own: bool) -> None:
    assert is_own_sheet(content) is is_own
