"""Papers: their own type, both languages, hostile words as they are, a broken logo left out."""

from __future__ import annotations

import datetime as dt
import re
import zlib
from dataclasses import replace
from decimal import Decimal
from io import BytesIO

import pypdfium2
import pytest
import structlog
from django.utils import translation
from PIL import Image

from documents.facts import (
    AccountPaper,
    Applied,
    Bill,
    Charge,
    CurrencyPart,
    FiscalPaper,
    Movement,
    Party,
    ReceiptPaper,
    Received,
    Way,
)
from documents.kinds import account_paper, bill_paper, fiscal_paper, receipt_paper
from documents.paper import Brand, Paper
from documents.rendering import FONT, draw

BRAND = Brand(
    name="Andina", legal_name="Andina, C.A.", tax_id="J-401234567", accent="#0f766e", sheet="us-letter",
    contact=("ayuda@andina.example",),
)  # fmt: skip
CHARGE = Charge(
    description="Hosting", quantity=Decimal("1.5"), unit_price=Decimal(32), subtotal=Decimal(48), tax_name="IVA",
    tax_rate=Decimal("0.16"), tax=Decimal("7.68"),
)  # fmt: skip
DAY = dt.date(2026, 11, 24)
PAID = Received(
    on=DAY, how="Pago móvil", reference="0045", paid=Decimal("1234.10"), paid_currency="VES", amount=Decimal(20)
)  # fmt: skip
BILL = Bill(
    brand=BRAND, kind="Prefactura", number="2026-000123", description="Noviembre", state="overdue",
    buyer=Party(name="Pérez, C.A.", tax_id="J-3", address="Av. 5\nCaracas", number="K1"), issued_on=DAY, due_on=DAY, paid_on=None,
    currency="USD", charges=(CHARGE,), subtotal=Decimal(48), total=Decimal("55.68"), due=Decimal("35.68"), received=(PAID,),
    ways=(Way(title="0134 Banesco", rows=(("Cuenta", "0134 0412"),)),),
)  # fmt: skip
NASTY = (
    '#eval("1+1") $x^2$ *b* _i_ \\u{41} <script>alert(1)</script> {{ 7*7 }} @ref `raw` // "\' #image("/etc/passwd") 漢字 \u202e'
)


def words(pdf: bytes) -> str:
    """All text of a file, its breaks made blanks."""
    document = pypdfium2.PdfDocument(pdf)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())


def papers() -> dict[str, Paper]:
    fiscal = FiscalPaper(
        brand=BRAND, number="NC-00000012", dated_on=DAY, order_number="2026-000123", description="Noviembre", buyer=BILL.buyer,
        currency="USD", charges=(CHARGE,), subtotal=Decimal(48), total=Decimal("55.68"), cancels="A-00004711", cancels_on=DAY,
        reason="Devuelto",
    )  # fmt: skip
    receipt = ReceiptPaper(
        brand=BRAND, ticket="AND-42", verified_on=DAY, payer=BILL.buyer, currency="USD", received=(PAID,), credit=Decimal(2),
        applied=(Applied(number="2026-000123", description="Noviembre", amount=Decimal(18), left=Decimal(0)),),
    )  # fmt: skip
    row = Movement(on=DAY, text="Pago", small="AND-42", charge=Decimal(0), paid=Decimal(20), balance=Decimal(-3))
    part = CurrencyPart(
        currency="USD", opening=Decimal(17), closing=Decimal(-3), charged=Decimal(0), paid=Decimal(20), rows=(row,) * 60
    )
    account = AccountPaper(brand=BRAND, customer=BILL.buyer, since=DAY, until=DAY, parts=(part,))
    return {
        "bill": bill_paper(BILL), "invoice": fiscal_paper(replace(fiscal, cancels="", reason="")), "note": fiscal_paper(fiscal),
        "receipt": receipt_paper(receipt), "account": account_paper(account),
    }  # fmt: skip


SAID = {
    "es": {
        "bill": "Vencida", "invoice": "Factura fiscal", "note": "Anula la factura fiscal A-00004711", "receipt": "Recibo de pago",
        "account": "Saldo anterior",
    },
    "en": {
        "bill": "Overdue", "invoice": "Fiscal invoice", "note": "Cancels the fiscal invoice A-00004711",
        "receipt": "Payment receipt", "account": "Balance before",
    },
}  # fmt: skip


@pytest.mark.parametrize("language", ["es", "en"])
def test_every_paper_is_drawn_in_its_language_without_a_warning(language: str) -> None:
    with translation.override(language), structlog.testing.capture_logs() as logs:
        told = {name: words(draw(paper)) for name, paper in papers().items()}
    assert not logs
    for name, sentence in SAID[language].items():
        assert sentence in told[name], name
        other = SAID["en" if language == "es" else "es"][name]
        assert other not in told[name], name
    money = "USD 35,68" if language == "es" else "USD 35.68"
    assert money in told["bill"].replace("\xa0", " ")


def fonts_of(pdf: bytes) -> set[str]:
    unpacked = pdf + b"".join(_unpack(each) for each in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL))
    return {each.decode() for each in re.findall(rb"/FontName\s*/[A-Z]{6}\+([A-Za-z]+)", unpacked)}


def test_the_file_carries_our_type_and_no_other() -> None:
    assert fonts_of(draw(bill_paper(BILL))) == {FONT}


@pytest.mark.parametrize(
    ("name", "font"),
    [
        ("Αθήνα, Борис, Nguyễn Đặng, ₲", FONT), ("דוד محمد გიორგი Արամ 😀 ✓ →", "DejaVuSans"),
        ("山田太郎 陈伟 김철수 สมชาย राम ₿", "Unifont"), ("Panadería 🥐 🚀", "UnifontUpper"),
    ],
)  # fmt: skip
def test_no_sign_of_a_name_vanishes(name: str, font: str) -> None:
    """Seen to fail: what our type has no sign for was an empty box."""
    pdf = draw(bill_paper(replace(BILL, buyer=Party(name=name, address="Calle 1"))))
    assert fonts_of(pdf) == {FONT, font}
    assert set(name) <= set(words(pdf)) | {" "}


def _unpack(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return b""


def test_hostile_words_are_words() -> None:
    endless = "W" * 500
    hostile = replace(
        BILL, description=NASTY, number=NASTY, charges=(replace(CHARGE, description=NASTY + endless),),
        buyer=Party(name=NASTY, address=f"{NASTY}\x00\x07\ud800 \u202e000.1 DSU\u202c"),
    )  # fmt: skip
    told = words(draw(bill_paper(hostile)))
    for part in ('#eval("1+1")', "$x^2$", "*b*", "<script>alert(1)</script>", "{{ 7*7 }}", '#image("/etc/passwd")', "@ref"):
        assert part in told
    assert "root:" not in told
    assert "000.1 DSU" in told  # turned around for nobody
    assert told.replace("\u200b", "").replace(" ", "").count("W") >= 500


def test_a_logo_is_drawn_and_a_broken_one_left_out() -> None:
    file = BytesIO()
    Image.new("RGB", (60, 20), "#ff0000").save(file, "PNG")
    for logo, is_there in ((file.getvalue(), True), (b"\x89PNG\r\n\x1a\nbroken", False)):
        pdf = draw(bill_paper(replace(BILL, brand=replace(BRAND, logo_png=logo))))
        picture = pypdfium2.PdfDocument(pdf)[0].render(scale=1).to_pil().convert("RGB")
        assert ((255, 0, 0) in {colour for _count, colour in picture.getcolors(10**6)}) is is_there


def test_a_long_statement_repeats_its_head_and_counts_its_pages() -> None:
    with translation.override("es"):
        document = pypdfium2.PdfDocument(draw(papers()["account"]))
    last = document[len(document) - 1].get_textpage().get_text_range()
    assert len(document) > 1
    assert "Saldo" in last
    assert f"Página {len(document)} de {len(document)}" in last
