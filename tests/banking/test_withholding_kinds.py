"""Taxes of which a merchant takes vouchers: an administrator adds, renames and switches them off; nothing is erased."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import Http404

from accounts.errors import NotAllowed, Refused
from banking.models import WithholdingKind
from banking.selectors import withholding_kinds_of
from banking.services import save_withholding_kind
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def test_kinds_are_added_renamed_and_switched_off() -> None:
    cast = make_cast()

    def save(name_es: str, name_en: str, by: Any = cast.ada, **kw: Any) -> WithholdingKind:
        return save_withholding_kind(merchant=cast.merchant, name_es=name_es, name_en=name_en, by=by, **kw)

    vat = save("  Retención de  IVA ", "VAT kept back")
    assert (vat.key, vat.name_es) == ("retencion_de_iva", "Retención de IVA")
    assert save("Retención de IVA!", "Another").key == "retencion_de_iva_2"
    assert save("¿?", "Signs").key == "tax"
    assert len(save("Retención del impuesto sobre la renta de personas", "Income tax").key) <= 30
    renamed = save("IVA retenido", "VAT", kind_id=vat.pk, position=3, is_active=False)
    assert (renamed.pk, renamed.key, renamed.name_es) == (vat.pk, "retencion_de_iva", "IVA retenido")
    assert vat not in withholding_kinds_of(cast.merchant)
    assert vat in withholding_kinds_of(cast.merchant, all_of_them=True)
    before = list(WithholdingKind.objects.values())
    for names, code in {
        ("", "X"): "name_required", ("X", " "): "name_required", ("X\x00", "Y"): "name_required",
        ("iva RETENIDO", "Y"): "name_taken", ("X", "income TAX"): "name_taken", ("x" * 81, "Y"): "bad_kind",
    }.items():  # fmt: skip
        with pytest.raises(Refused) as refused:
            save(*names)
        assert refused.value.code == code, names
    for person in (cast.dan, cast.sue, cast.alice, make_cast().ada):
        with pytest.raises(NotAllowed):
            save("Otra", "Other", by=person)
    other = make_cast()
    with pytest.raises(Http404):
        save_withholding_kind(merchant=other.merchant, name_es="A", name_en="B", kind_id=vat.pk, by=other.ada)
    assert list(WithholdingKind.objects.values()) == before
