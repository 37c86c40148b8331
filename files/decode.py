"""Turn a stranger's picture or PDF into plain JPEGs of our own. Runs only inside the limited child; knows no Django.

What is served is what this module draws: pixels alone, re-encoded, without metadata, payloads or trailing data.
"""

from __future__ import annotations

import importlib
import io
import math
import struct
from operator import add, mul, sub
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PIL import Image

from files.magic import HEIC, JPEG, PDF, PNG, WEBP

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pypdfium2

PAGE_SIDE = 1600
THUMB_SIDE = 320
PAGE_QUALITY = 82
THUMB_QUALITY = 75
MAX_PAGES = 10

# The largest phone cameras in daily use give 50 megapixels; a bomb gives four thousand million.
MAX_PIXELS = 51_000_000
MAX_SIDE = 20_000
# A progressive picture is walked over once a scan: encoders write about ten, a bomb thousands.
MAX_SCANS = 24
MAX_SCANNED_PIXELS = 600_000_000
# Pages longer than this (32:1) are no documents; they are drawn into strips that nobody can read.
MAX_ASPECT = 32

# A logo stands small on pages and in letters; twice its greatest size is sharp on every screen.
LOGO_SIDE = 256

HASH_SIDE = 32
HASH_SOURCE_SIDE = 128
# Below this standard deviation (of 255) a picture is blank, and its hash would be noise.
BLANK_DEVIATION = 2.0

# The one decoder that belongs to each type: Pillow's name for it, and its module.
DECODERS = {
    JPEG: ("JPEG", "PIL.JpegImagePlugin"),
    PNG: ("PNG", "PIL.PngImagePlugin"),
    WEBP: ("WEBP", "PIL.WebPImagePlugin"),
    HEIC: ("HEIF", "pillow_heif"),
}
ORIENTATION = 0x0112
# EXIF 2.3, 4.6.4 A: what undoes each orientation.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class Undecodable(Exception):
    """The file cannot become a copy. `code` is one of the codes in `files.reasons`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Decoded(NamedTuple):
    """What came out: size in pixels of the first copy, pages in the original, copies written, perceptual hash (hex) or None.

    Not a dataclass: their import takes a tenth of the child's life.
    """

    width: int
    height: int
    page_count: int
    copies: int
    perceptual_hash: str | None


def decode(data: bytes, kind: str, directory: Path) -> Decoded:
    """Write `1.jpg` … and `thumb.jpg` for `data`, which claims to be `kind`, into `directory`. Raises `Undecodable`."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if kind == PDF:
        return _decode_pdf(data, directory)
    with _open_picture(data, kind) as picture:
        try:
            page = flatten_picture(picture)
        except OSError as error:
            raise Undecodable("truncated" if "truncated" in str(error) else "damaged") from error
    page.save(directory / "1.jpg", "JPEG", quality=PAGE_QUALITY)
    _save_thumb(page, directory)
    return Decoded(width=page.width, height=page.height, page_count=1, copies=1, perceptual_hash=perceptual_hash(page))


def draw_logo(data: bytes, kind: str, directory: Path) -> Decoded:
    """Write `logo.png`: a square of at most `LOGO_SIDE`, the picture in its middle on nothing. Raises `Undecodable`."""
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    if kind == PDF:
        raise Undecodable("no_picture")
    with _open_picture(data, kind) as picture:
        try:
            picture.load()
        except OSError as error:
            raise Undecodable("truncated" if "truncated" in str(error) else "damaged") from error
        turn = UPRIGHT.get(picture.getexif().get(ORIENTATION, 1))
        plain = _plain_mode(picture).convert("RGBA")
    plain = plain.transpose(turn) if turn is not None else plain
    plain.thumbnail((LOGO_SIDE, LOGO_SIDE))
    side = max(plain.size)
    square = Image.new("RGBA", (side, side), (0, 0, 0, 0))
    square.paste(plain, ((side - plain.width) // 2, (side - plain.height) // 2))
    importlib.import_module("PIL.PngImagePlugin")
    square.save(directory / "logo.png", "PNG")
    return Decoded(width=side, height=side, page_count=1, copies=0, perceptual_hash=None)


def _open_picture(data: bytes, kind: str) -> Image.Image:
    """Open without decoding, by the one decoder that belongs to the type, and refuse what is too large."""
    if kind == JPEG:
        check_jpeg(data)
    name, module = DECODERS[kind]
    importlib.import_module(module)
    importlib.import_module("PIL.JpegImagePlugin")  # which also writes the copies
    # Pillow would load its other decoders now; none of them is wanted here, and they take a while.
    Image._initialized = 2
    if kind == HEIC:
        import pillow_heif

        pillow_heif.options.DECODE_THREADS = 1
        pillow_heif.options.THUMBNAILS = False
        pillow_heif.options.DEPTH_IMAGES = False
        pillow_heif.options.AUX_IMAGES = False
        pillow_heif.register_heif_opener()
    try:
        picture = Image.open(io.BytesIO(data), formats=[name])
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Undecodable("too_many_pixels") from error
    if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE:
        raise Undecodable("too_many_pixels")
    return picture


def check_jpeg(data: bytes) -> None:
    """Walk the markers before any decoder does: too many scans, or too many pixels times scans, is a bomb.

    A 335-byte progressive JPEG can take 459 MB, a 132 KB one twenty seconds. Markers as in ITU-T T.81, annex B.
    """
    at, scans, pixels = 2, 0, 0
    while 0 <= (at := data.find(b"\xff", at)) < len(data) - 1:
        marker = data[at + 1]
        at += 1 if marker == 0xFF else 2
        if marker == 0xD9:
            return
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:
            continue
        if at + 2 > len(data):
            return
        (length,) = struct.unpack_from(">H", data, at)
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC) and at + 7 <= len(data):
            height, width = struct.unpack_from(">HH", data, at + 3)
            pixels = max(pixels, height * width)
            if pixels > MAX_PIXELS:
                raise Undecodable("too_many_pixels")
        if marker == 0xDA:
            scans += 1
            if scans > MAX_SCANS or scans * pixels > MAX_SCANNED_PIXELS:
                raise Undecodable("too_many_scans")
        at += length


def flatten_picture(picture: Image.Image, side: int = PAGE_SIDE) -> Image.Image:
    """Decode to RGB, upright, at most `side` pixels long, alpha on white, without any metadata."""
    scale = min(1.0, side / max(picture.size))
    target = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    # JPEG decodes at 1/2, 1/4 or 1/8 for free, but only when asked for a size of the picture's own aspect.
    picture.draft("RGB", target)
    picture.load()
    turn = UPRIGHT.get(picture.getexif().get(ORIENTATION, 1))
    plain = _plain_mode(picture)
    factor = math.floor(max(plain.size) / side / 2)
    if factor > 1:
        plain = plain.reduce(factor)
    if max(plain.size) > side:
        # Hamming keeps letters about as sharp as bicubic does, in half of its time.
        scale = side / max(plain.size)
        plain = plain.resize((max(1, round(plain.width * scale)), max(1, round(plain.height * scale))), Image.Resampling.HAMMING)
    if turn is not None:
        plain = plain.transpose(turn)
    if plain.mode == "RGBA":
        white = Image.new("RGB", plain.size, "white")
        white.paste(plain, mask=plain.getchannel("A"))
        return white
    # Pillow carries comments and profiles along in `info` and writes some of them back.
    plain.info.clear()
    return plain


def _plain_mode(picture: Image.Image) -> Image.Image:
    """RGB, or RGBA where there is transparency. Sixteen-bit greys are scaled, since `convert` would clip them to white."""
    if picture.mode.startswith(("I", "F")):
        low, high = picture.getextrema()
        top = 65535 if isinstance(high, int | float) and high > 255 else 255
        return picture.convert("F").point(lambda value: value * (255 / top)).convert("L").convert("RGB")
    if picture.mode in ("RGB", "RGBA"):
        return picture
    if picture.mode in ("LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        return picture.convert("RGBA")
    return picture.convert("RGB")


def _save_thumb(page: Image.Image, directory: Path) -> None:
    thumb = page.copy()
    thumb.thumbnail((THUMB_SIDE, THUMB_SIDE))
    thumb.info.clear()
    thumb.save(directory / "thumb.jpg", "JPEG", quality=THUMB_QUALITY)


def perceptual_hash(page: Image.Image) -> str | None:
    """1024 bits as 256 hex digits: the low corner of the cosine transform against its median; None for a blank picture.

    The same bits as `imagehash.phash(page, hash_size=32)`, without its quarter second of imports (a test compares them).
    At 64 bits 98 % of different receipts of one bank look alike; at 1024, different ones are ≥ 64 apart, recompressed ones ≤ 12.
    """
    grey = page.convert("L").resize((HASH_SOURCE_SIDE, HASH_SOURCE_SIDE), Image.Resampling.LANCZOS)
    pixels = grey.tobytes()
    mean = sum(pixels) / len(pixels)
    if sum(map(mul, pixels, pixels)) / len(pixels) - mean**2 < BLANK_DEVIATION**2:
        return None
    count = HASH_SOURCE_SIDE
    half = count // 2
    # A cosine wave is even or odd about the middle, so each line is folded once and half of the multiplying is left.
    waves = [[math.cos(math.pi * wave * (2 * at + 1) / (2 * count)) for at in range(half)] for wave in range(HASH_SIDE)]

    def low_waves(line: Sequence[float]) -> list[float]:
        near, far = line[:half], line[: -half - 1 : -1]
        folded = (list(map(add, near, far)), list(map(sub, near, far)))
        return [sum(map(mul, wave, folded[number % 2])) for number, wave in enumerate(waves)]

    # First down each column, then along each row of what that gave; only the low corner is ever made.
    columns = [low_waves(pixels[at::count]) for at in range(count)]
    corner = [value for row in zip(*columns, strict=True) for value in low_waves(row)]
    ordered = sorted(corner)
    middle = (ordered[len(ordered) // 2 - 1] + ordered[len(ordered) // 2]) / 2
    bits = "".join("1" if value > middle else "0" for value in corner)
    return f"{int(bits, 2):0{HASH_SIDE * HASH_SIDE // 4}x}"


def _decode_pdf(data: bytes, directory: Path) -> Decoded:
    """Draw the first pages. Scripts, forms and attachments are not even loaded: no form environment is made."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        raise Undecodable("encrypted" if "password" in str(error).lower() else "damaged") from error
    count = len(document)
    if count == 0:
        raise Undecodable("damaged")
    drawn = min(count, MAX_PAGES)
    pages = []
    for number in range(drawn):
        page = _draw_page(document, number)
        page.save(directory / f"{number + 1}.jpg", "JPEG", quality=PAGE_QUALITY)
        if number == 0:
            _save_thumb(page, directory)
            pages.append((page.width, page.height, perceptual_hash(page)))
    width, height, marks = pages[0]
    return Decoded(width=width, height=height, page_count=count, copies=drawn, perceptual_hash=marks)


def _draw_page(document: pypdfium2.PdfDocument, number: int) -> Image.Image:
    """One page as RGB, at most `PAGE_SIDE` pixels long whatever its box says."""
    import pypdfium2

    try:
        page = document[number]
        width, height = page.get_size()
        if not (0 < width < math.inf and 0 < height < math.inf) or max(width, height) > MAX_ASPECT * min(width, height):
            raise Undecodable("damaged")
        # Small pages are enlarged for reading, but not a stamp to a poster.
        bitmap = page.render(scale=min(PAGE_SIDE / max(width, height), 4.0), may_draw_forms=False, draw_annots=True)
        picture: Image.Image = bitmap.to_pil().convert("RGB")
    except pypdfium2.PdfiumError as error:
        raise Undecodable("damaged") from error
    page.close()
    return picture
