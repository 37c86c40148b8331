"""Receipts drawn by the project, in the manner of a bank's app. No real bank's mark appears on them."""

from __future__ import annotations

import datetime as dt
import functools
import io
import unicodedata
from decimal import Decimal
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw, ImageFont

from banking.money import format_money

WIDTH, HEIGHT = 720, 1240
DARK, PAPER, INK, QUIET, LINE, GREEN = "#0f5132", "#ffffff", "#161c28", "#5c677a", "#d9dee6", "#146c3c"
FONTS = (
    "/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF/Roboto-Regular.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
)
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
    _write(pen, 60, 55, f"{paid_at:%H:%M}", 22, PAPER)
    _write(pen, 60, 105, "Comprobante de operación", 38, PAPER)
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
        _write(pen, 60, top + 12, label, 26, QUIET)
        _write(pen, WIDTH - 60 - _width(pen, value, 28), top + 10, value, 28, INK)
    out = io.BytesIO()
    picture.save(out, fmt, quality=88)
    ending = {"JPEG": "jpg", "PNG": "png", "WEBP": "webp", "PDF": "pdf"}[fmt]
    content_type = "application/pdf" if fmt == "PDF" else f"image/{fmt.lower()}"
    return SimpleUploadedFile(f"comprobante.{ending}", out.getvalue(), content_type)


@functools.cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A font of the machine that has accents; Pillow's own where there is none."""
    for path in FONTS:
        if Path(path).exists():
            return ImageFont.truetype(path, size)
    return ImageFont.load_default(size)


def _written(text: str) -> str:
    """Pillow's own font knows ASCII alone: without another, accents go."""
    text = text.replace("\u00a0", " ")
    if any(Path(path).exists() for path in FONTS):
        return text
    return unicodedata.normalize("NFKD", text.replace("º", "o").replace("·", ".")).encode("ascii", "ignore").decode()


def _write(pen: ImageDraw.ImageDraw, left: float, top: float, text: str, size: int, colour: str) -> None:
    pen.text((left, top), _written(text), font=_font(size), fill=colour)


def _width(pen: ImageDraw.ImageDraw, text: str, size: int) -> float:
    return pen.textlength(_written(text), font=_font(size))


def _centred(pen: ImageDraw.ImageDraw, top: int, text: str, size: int, colour: str) -> None:
    _write(pen, (WIDTH - _width(pen, text, size)) / 2, top, text, size, colour)
