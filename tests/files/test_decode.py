"""Pictures and PDFs become plain JPEGs; alike pictures get alike hashes."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import imagehash
import pytest
from PIL import Image

from files.decode import Undecodable, check_jpeg, decode, perceptual_hash
from files.magic import HEIC, JPEG, PDF, PNG, WEBP
from tests.files import hostile


def bits_apart(one: str | None, other: str | None) -> int:
    assert one is not None
    assert other is not None
    return (int(one, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize(
    ("kind", "make"),
    [
        (JPEG, lambda: hostile.jpeg(2400, 3200)),
        (JPEG, lambda: hostile.jpeg(2400, 3200, progressive=True)),
        (JPEG, lambda: hostile.encoded(hostile.picture(2400, 3200).convert("CMYK"), "JPEG")),
        (JPEG, lambda: hostile.encoded(hostile.picture(2400, 3200).convert("L"), "JPEG")),
        (PNG, lambda: hostile.encoded(hostile.picture(2400, 3200), "PNG")),
        (PNG, lambda: hostile.encoded(hostile.picture(2400, 3200).convert("P"), "PNG")),
        (WEBP, lambda: hostile.encoded(hostile.picture(2400, 3200), "WEBP")),
        (HEIC, lambda: hostile.encoded(hostile.picture(2400, 3200), "HEIF")),
    ],
)
def test_every_accepted_type_becomes_a_page_and_a_thumbnail(kind: str, make: Callable[[], bytes], tmp_path: Path) -> None:
    decoded = decode(make(), kind, tmp_path)
    assert (decoded.width, decoded.height, decoded.page_count, decoded.copies) == (1200, 1600, 1, 1)
    with Image.open(tmp_path / "1.jpg") as page, Image.open(tmp_path / "thumb.jpg") as thumb:
        assert (page.format, page.mode, page.size) == ("JPEG", "RGB", (1200, 1600))
        assert (thumb.format, thumb.mode, thumb.size) == ("JPEG", "RGB", (240, 320))


def test_small_pictures_are_not_enlarged(tmp_path: Path) -> None:
    decoded = decode(hostile.jpeg(300, 200), JPEG, tmp_path)
    assert (decoded.width, decoded.height) == (300, 200)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_each_orientation_is_applied(orientation: int, tmp_path: Path) -> None:
    image = Image.new("RGB", (400, 200), "white")
    image.paste("red", (0, 0, 200, 100))
    exif = Image.Exif()
    exif[0x0112] = orientation
    decode(hostile.encoded(image, "JPEG", exif=exif, quality=95), JPEG, tmp_path)
    corners = {1: (0, 0), 2: (1, 0), 3: (1, 1), 4: (0, 1), 5: (0, 0), 6: (1, 0), 7: (1, 1), 8: (0, 1)}
    with Image.open(tmp_path / "1.jpg") as page:
        assert page.size == ((400, 200) if orientation < 5 else (200, 400))
        right, low = corners[orientation]
        red = page.getpixel((page.width * (1 + 2 * right) // 4, page.height * (1 + 2 * low) // 4))
        assert isinstance(red, tuple)
        assert red[0] > 200
        assert red[1] < 60


def test_transparency_becomes_white_paper(tmp_path: Path) -> None:
    image = Image.new("RGBA", (100, 100), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 50, 100))
    decode(hostile.encoded(image, "PNG"), PNG, tmp_path)
    with Image.open(tmp_path / "1.jpg") as page:
        assert min(page.getpixel((80, 50))) > 245
        assert max(page.getpixel((20, 50))) < 10


def test_sixteen_bit_greys_keep_their_shades(tmp_path: Path) -> None:
    image = Image.new("I;16", (64, 64))
    for x in range(64):
        for y in range(64):
            image.putpixel((x, y), x * 1024)
    decode(hostile.encoded(image, "PNG"), PNG, tmp_path)
    with Image.open(tmp_path / "1.jpg") as page:
        assert abs(page.getpixel((32, 32))[0] - 128) < 12


def test_pages_of_a_pdf_are_drawn_up_to_ten(tmp_path: Path) -> None:
    decoded = decode(hostile.pdf(12), PDF, tmp_path)
    assert (decoded.page_count, decoded.copies) == (12, 10)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([f"{n}.jpg" for n in range(1, 11)] + ["thumb.jpg"])


def test_scans_are_counted_before_decoding() -> None:
    check_jpeg(hostile.jpeg(progressive=True))
    check_jpeg(hostile.jpeg_with_gps())
    with pytest.raises(Undecodable) as refused:
        check_jpeg(hostile.scan_bomb_jpeg(scans=30, side=100))
    assert refused.value.code == "too_many_scans"
    for cut in range(0, 2000, 7):
        check_jpeg(hostile.jpeg(progressive=True)[:cut])


def test_our_hash_is_imagehash_s() -> None:
    for seed in range(6):
        image = hostile.picture(700, 900, seed=seed)
        theirs = str(imagehash.phash(image, hash_size=32))
        assert bits_apart(perceptual_hash(image), theirs) <= 2


def test_alike_pictures_are_near_and_different_ones_far() -> None:
    one = hostile.picture(900, 1200, seed=3)
    again = Image.open(io.BytesIO(hostile.encoded(one.resize((600, 800)), "JPEG", quality=60)))
    assert bits_apart(perceptual_hash(one), perceptual_hash(again)) <= 30
    assert bits_apart(perceptual_hash(one), perceptual_hash(hostile.picture(900, 1200, seed=4))) >= 64


def test_a_blank_picture_has_no_hash() -> None:
    assert perceptual_hash(Image.new("RGB", (500, 500), "white")) is None
