"""Files that a careful attacker, a broken phone or an honest mistake would send. Made here, so that none is kept in the tree."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Sequence

import piexif
from PIL import Image

MANY_PAGES = 10_000


def picture(width: int = 600, height: int = 800, *, seed: int = 1) -> Image.Image:
    """Something like a receipt: bars of grey that depend on `seed`."""
    image = Image.new("RGB", (width, height), "white")
    state = seed * 2_654_435_761 % 2**32
    for row in range(20):
        for column in range(10):
            state = (state * 1_103_515_245 + 12_345) % 2**31
            if state % 3:
                box = (column * width // 10, row * height // 20, (column + 1) * width // 10, (row + 1) * height // 20)
                image.paste((state % 200, state // 7 % 200, state // 11 % 200), box)
    return image


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """`image` as a file of that Pillow format."""
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def jpeg(width: int = 600, height: int = 800, **options: object) -> bytes:
    return encoded(picture(width, height), "JPEG", **options)


def jpeg_with_gps(orientation: int = 6) -> bytes:
    """A phone's photo: turned, and saying where it was taken; a comment and a thumbnail too."""
    gps = {piexif.GPSIFD.GPSLatitudeRef: "N", piexif.GPSIFD.GPSLatitude: ((10, 1), (30, 1), (1234, 100))}
    thumb = encoded(picture(80, 60), "JPEG")
    exif = piexif.dump({"0th": {piexif.ImageIFD.Orientation: orientation, piexif.ImageIFD.Make: "SecretPhone"},
                        "GPS": gps, "1st": {}, "thumbnail": thumb})  # fmt: skip
    return encoded(picture(800, 600), "JPEG", exif=exif, comment=b"SecretComment")


def pixel_bomb_png(side: int = 60_000) -> bytes:
    """3,600 million pixels in some hundred bytes."""
    return _png(side, side, zlib.compress(bytes(1024)))


def flat_png(side: int) -> bytes:
    """A real, whole picture of one colour: `side` squared pixels in few bytes."""
    return _png(side, side, zlib.compress(bytes((side * 3 + 1) * side), 9))


def _png(width: int, height: int, pixels: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def scan_bomb_jpeg(scans: int = 5000, side: int = 5000) -> bytes:
    """A progressive JPEG whose every scan makes the decoder walk over all of its pixels again."""
    small = encoded(Image.new("RGB", (16, 16), "grey"), "JPEG", progressive=True)
    frame = small.index(b"\xff\xc2")
    small = small[: frame + 5] + struct.pack(">HH", side, side) + small[frame + 9 :]
    last = small.rindex(b"\xff\xda")
    return small[:last] + small[last:-2] * scans + b"\xff\xd9"


def vast_progressive_jpeg() -> bytes:
    """Few bytes that ask for half a gigabyte of coefficients."""
    return scan_bomb_jpeg(scans=1, side=65_000)


def animated_webp() -> bytes:
    frames = [picture(120, 160, seed=seed) for seed in range(1, 30)]
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=10)


def corrupt_heic() -> bytes:
    whole = bytearray(encoded(picture(256, 256), "HEIF"))
    for at in range(200, len(whole) - 1, 7):
        whole[at] ^= 0x5A
    return bytes(whole)


def html_and_jpeg() -> bytes:
    """A whole JPEG in front, a page with a script behind it."""
    return jpeg() + b"<html><script>alert('polyglot')</script></html>"


def zip_and_jpeg() -> bytes:
    import zipfile

    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("evil.class", "cafebabe-payload")
    return jpeg() + out.getvalue()


SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"
DOCX = b"PK\x03\x04" + bytes(100)
DOC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)
PROGRAM = b"\x7fELF" + bytes(100)


def pdf(
    pages: int = 1,
    *,
    box: str = "0 0 300 400",
    content: bytes = b"0.2 0.4 0.8 rg 20 20 120 200 re f 1 0 0 rg 160 240 90 90 re f",
    catalog: str = "",
    trailer: str = "",
    extra: Sequence[bytes] = (),
    resources: str = "",
) -> bytes:
    """A PDF of `pages` pages. Object numbers: 1 catalog, 2 tree, 3 content, 4 … `extra`, then the pages."""
    first = 4 + len(extra)
    objects = [
        f"<</Type/Catalog/Pages 2 0 R {catalog}>>".encode(),
        f"<</Type/Pages/Count {pages}/Kids[{' '.join(f'{first + n} 0 R' for n in range(pages))}]>>".encode(),
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        *extra,
    ]
    page = f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 3 0 R/Resources<<{resources}>>>>".encode()
    objects += [page] * pages
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer<</Size %d/Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, trailer.encode(), start)
    return bytes(out)


def pdf_with_javascript() -> bytes:
    return pdf(catalog="/OpenAction<</S/JavaScript/JS(app.alert\\('SecretScript'\\))>>")


def encrypted_pdf() -> bytes:
    secret = "<" + "5a" * 32 + ">"
    lock = f"<</Filter/Standard/V 1/R 2/O{secret}/U{secret}/P -4>>"
    return pdf(extra=[lock.encode()], trailer=f"/Encrypt 4 0 R/ID[<{'00' * 16}><{'00' * 16}>]")


def pdf_of_a_thousand_million_strokes() -> bytes:
    """Forms that draw forms: ten levels of ten."""
    levels = 10
    forms = []
    for level in range(levels):
        body = b"/F Do " * 10 if level < levels - 1 else b"0 0 100 100 re f 1 1 50 50 re S"
        inner = f"/XObject<</F {4 + level + 1} 0 R>>" if level < levels - 1 else ""
        head = f"<</Type/XObject/Subtype/Form/BBox[0 0 300 400]/Resources<<{inner}>>/Length {len(body)}>>"
        forms.append(head.encode() + b"stream\n" + body + b"\nendstream")
    return pdf(content=b"/F Do", resources="/XObject<</F 4 0 R>>", extra=forms)


def pdf_with_vast_image(side: int = 40_000) -> bytes:
    pixels = zlib.compress(bytes(side * 3 * 100), 9)
    head = (
        f"<</Type/XObject/Subtype/Image/Width {side}/Height {side}/ColorSpace/DeviceRGB/BitsPerComponent 8"
        f"/Filter/FlateDecode/Length {len(pixels)}>>"
    )
    image = head.encode() + b"stream\n" + pixels + b"\nendstream"
    return pdf(content=b"300 0 0 400 0 0 cm /I Do", resources="/XObject<</I 4 0 R>>", extra=[image])
