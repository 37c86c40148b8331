"""Receipts drawn by the project, in the manner of a bank's app. No real bank's mark appears on them."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from banking.money import format_money

WIDTH, HEIGHT = 720, 1240
DARK, PAPER, INK, QUIET, LINE, GREEN = "#0f5132", "#ffffff", "#161c28", "#5c677a", "#d9dee6", "#146c3c"
HEADS = ("#0f5132", "#14396b", "#5b2a86", "#7a2e0e")


def draw_receipt(
    *, bank: str, amount: Decimal, currency: str, reference: str, paid_at: dt.datetime, payer: str, payee: str, account: str,
    style: int = 0, fmt: str = "JPEG",
) -> SimpleUploadedFile:  # fmt: skip
    """A phone's screenshot of a successful transfer, as an upload. `style` picks the colour, `fmt` a Pillow format."""
    picture = Image.new("RGB", (WIDTH, HEIGHT), "#eef1f5")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((30, 30, WIDTH - 30, HEIGHT - 30), 18, fill=PAPER, outline=LINE)
    pen.rounded_rectangle((30, 30, WIDTH - 30, 180), 18, fill=HEADS[style % len(HEADS)])
    pen.text((60, 55), f"{paid_at:%H:%M}", font=_font(22), fill=PAPER)
    pen.text((60, 105), "Comprobante de operación", font=_font(38), fill=PAPER)
    pen.ellipse((WIDTH / 2 - 48, 215, WIDTH / 2 + 48, 311), fill="#e5f5eb")
    pen.line((WIDTH / 2 - 20, 264, WIDTH / 2 - 4, 282, WIDTH / 2 + 24, 244), fill=GREEN, width=7, joint="curve")
    _centred(pen, 330, "Transferencia exitosa", 28, QUIET)
    _centred(pen, 370, format_money(amount, currency, "es"), 58, INK)
    rows = [
        ("Nº de operación", reference),
        ("Fecha", f"{paid_at:%d/%m/%Y %H:%M}"),
        ("Banco emisor", bank),
        ("Ordenante", payer.upper()[:28]),
        ("Beneficiario", payee.upper()[:28]),
        ("Cuenta destino", f"···· {account[-4:]}"),
        ("Concepto", "PAGO DE SERVICIOS"),
    ]
    for number, (label, value) in enumerate(rows):
        top = 500 + number * 92
        pen.line((60, top - 20, WIDTH - 60, top - 20), fill=LINE, width=2)
        pen.text((60, top + 12), label, font=_font(26), fill=QUIET)
        size = 28
        pen.text((WIDTH - 60 - pen.textlength(value, font=_font(size)), top + 10), value, font=_font(size), fill=INK)
    out = io.BytesIO()
    picture.save(out, fmt, quality=88)
    ending = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "PDF": "pdf"}[fmt]
    content_type = "application/pdf" if fmt == "PDF" else f"image/{fmt.lower()}"
    return SimpleUploadedFile(f"comprobante.{ending}", out.getvalue(), content_type)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font: the same on every machine."""
    return ImageFont.load_default(size)


def _centred(pen: ImageDraw.ImageDraw, top: int, text: str, size: int, colour: str) -> None:
    pen.text(((WIDTH - pen.textlength(text, font=_font(size))) / 2, top), text, font=_font(size), fill=colour)
