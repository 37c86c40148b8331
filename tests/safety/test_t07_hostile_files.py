"""T7: hostile images and PDFs. Answered in time, memory bounded, no child left, only re-encoded copies, the report not lost."""

from __future__ import annotations

import io
import re
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from accounts.errors import Refused
from files.limited import MEMORY_MB, ChildInterrupted, _leave_nobody, prepared_copies
from files.models import StoredFile
from files.services import process_stored_file
from tests.files import hostile
from tests.files.conftest import Watch, watch
from tests.files.makers import make_file, make_ready_file

__all__ = ["watch"]
pytestmark = pytest.mark.django_db

LONGEST_S = 5.0

# What each hostile file ends as: the codes of its refusal, or "ready" where a clean copy can be made of it.
KEPT: dict[str, tuple[Callable[[], bytes], set[str]]] = {
    "png pixel bomb": (hostile.pixel_bomb_png, {"too_many_pixels"}),
    "vast progressive jpeg": (hostile.vast_progressive_jpeg, {"too_many_pixels"}),
    "jpeg scan bomb": (hostile.scan_bomb_jpeg, {"too_many_scans"}),
    "truncated jpeg": (lambda: hostile.jpeg()[:-4000], {"truncated"}),
    "truncated png": (lambda: hostile.encoded(hostile.picture(), "PNG")[:-1000], {"truncated"}),
    "truncated webp": (lambda: hostile.encoded(hostile.picture(), "WEBP")[:-400], {"truncated", "damaged"}),
    "jpeg head alone": (lambda: b"\xff\xd8\xff" + bytes(2000), {"damaged"}),
    "png in jpeg's clothes": (lambda: b"\xff\xd8\xff\xe0" + hostile.encoded(hostile.picture(), "PNG"), {"damaged"}),
    "corrupt heic": (hostile.corrupt_heic, {"damaged", "truncated", "crashed"}),
    "jpeg and page": (hostile.html_and_jpeg, {"ready"}),
    "jpeg and zip": (hostile.zip_and_jpeg, {"ready"}),
    "animated webp": (hostile.animated_webp, {"ready"}),
    "flat 7000 pixel png": (lambda: hostile.flat_png(7000), {"ready"}),
    "pdf with a script": (hostile.pdf_with_javascript, {"ready"}),
    "pdf of ten thousand pages": (lambda: hostile.pdf(hostile.MANY_PAGES), {"ready"}),
    "pdf page of a thousand kilometres": (lambda: hostile.pdf(box="0 0 1e9 1e9"), {"ready", "damaged"}),
    "pdf page like a hair": (lambda: hostile.pdf(box="0 0 10 1000000"), {"damaged"}),
    "pdf with a password": (hostile.encrypted_pdf, {"encrypted"}),
    "pdf of endless strokes": (hostile.pdf_of_a_thousand_million_strokes, {"too_heavy", "crashed"}),
    "pdf with a vast image": (hostile.pdf_with_vast_image, {"ready", "crashed", "too_heavy"}),
    "pdf cut off": (lambda: hostile.pdf(3)[:300], {"damaged"}),
}


@pytest.mark.parametrize("name", KEPT)
def test_hostile_file_is_dealt_with_in_time_and_memory_and_leaves_no_child(name: str, watch: Callable[[], Watch]) -> None:
    make, ends = KEPT[name]
    file = make_file(make())
    with watch() as seen:
        began = time.monotonic()
        process_stored_file(file_id=file.pk)
        took = time.monotonic() - began
    file.refresh_from_db()
    assert file.refused_code in ends or (file.state == StoredFile.State.READY and "ready" in ends), file.refused_code
    assert took < LONGEST_S
    assert seen.most_memory <= MEMORY_MB * 1024 * 1024
    # What was refused has a sentence and no copy; what is ready has pictures of a bounded size.
    assert bool(file.refusal) == (file.state == StoredFile.State.REFUSED)
    assert file.copy_count <= 10
    if file.is_ready:
        with default_storage.open(file.copy_name("1")) as copy, Image.open(copy) as shown:
            assert (shown.format, shown.mode) == ("JPEG", "RGB")
            assert max(shown.size) <= 1600
    else:
        assert not default_storage.exists(file.copy_name("1"))
        assert not default_storage.exists(file.copy_name("thumb"))


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (hostile.SVG, "recibo.svg", "svg"),
        (hostile.SVG, "recibo.jpg", "svg"),
        (b"\xef\xbb\xbf\n  <svg onload=alert(1)>", "recibo.png", "svg"),
        (hostile.HTML, "recibo.jpg", "web_page"),
        (b"  <html><img src=x onerror=alert(1)>", "recibo.pdf", "web_page"),
        (hostile.DOCX, "recibo.pdf", "office"),
        (hostile.DOC, "recibo.jpg", "office"),
        (hostile.PROGRAM, "recibo.jpg", "other"),
        (b"GIF89a" + bytes(200), "recibo.jpg", "other"),
        (hostile.encoded(hostile.picture(), "TIFF"), "recibo.jpg", "other"),
        (hostile.encoded(hostile.picture(), "BMP"), "recibo.jpg", "other"),
        (b"\x00\x00\x00\x20ftypavif" + bytes(200), "recibo.heic", "other"),
        (hostile.HTML + hostile.jpeg(), "recibo.jpg", "web_page"),
        (b"<html>" + hostile.pdf(), "recibo.pdf", "web_page"),
        (b"", "recibo.jpg", "empty"),
        (b"\xff\xd8\xff" + bytes(10 * 1024 * 1024), "recibo.jpg", "too_large"),
    ],
)
def test_refuses_in_the_request_what_is_no_receipt_whatever_its_name(content: bytes, name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        make_file(content, name=name)
    assert refused.value.code == code
    assert len(refused.value.message) > 20
    assert not StoredFile.objects.exists()


@pytest.mark.parametrize(
    "make", [hostile.jpeg_with_gps, hostile.html_and_jpeg, hostile.zip_and_jpeg, hostile.pdf_with_javascript]
)
def test_copies_hold_pixels_and_nothing_else(make: Callable[[], bytes]) -> None:
    file = make_ready_file(make())
    for copy in ("1", "thumb"):
        with default_storage.open(file.copy_name(copy)) as stored:
            content = stored.read()
        assert content.endswith(b"\xff\xd9")
        assert content.count(b"\xff\xd9") == 1
        for trace in (b"Exif", b"GPS", b"Secret", b"script", b"cafebabe", b"<html", b"ICC_PROFILE", b"http"):
            assert trace not in content
        markers = re.findall(rb"\xff([\xe1-\xef\xfe])", content.split(b"\xff\xda")[0])
        assert markers == []
        with Image.open(io.BytesIO(content)) as shown:
            assert not shown.getexif()


def test_a_turned_photo_is_shown_upright() -> None:
    file = make_ready_file(hostile.jpeg_with_gps(orientation=6))
    assert (file.width, file.height) == (600, 800)


def test_a_child_that_hangs_is_killed_with_its_group(watch: Callable[[], Watch]) -> None:
    child = subprocess.Popen(["/bin/sh", "-c", "sleep 60 & echo $!; sleep 60"], start_new_session=True, stdout=subprocess.PIPE)
    assert child.stdout is not None
    grandchild = int(child.stdout.readline())
    child.stdout.close()
    _leave_nobody(child)
    assert child.returncode == -9
    status = Path(f"/proc/{grandchild}/status")
    for _ in range(100):
        # Killed, and perhaps not yet collected by its new parent.
        if not status.exists() or "State:\tZ" in status.read_text():
            return
        time.sleep(0.02)
    pytest.fail("the grandchild lives")


def test_wall_time_ends_a_child(watch: Callable[[], Watch]) -> None:
    with tempfile.TemporaryFile() as raw:
        raw.write(hostile.jpeg())
        raw.seek(0)
        with pytest.raises(ChildInterrupted), prepared_copies(raw, "image/jpeg", wall_s=0.01):
            pytest.fail("no copies in a hundredth of a second")


def test_processor_time_and_memory_end_a_child(watch: Callable[[], Watch]) -> None:
    with tempfile.TemporaryFile() as raw:
        raw.write(hostile.flat_png(7000))
        raw.seek(0)
        with prepared_copies(raw, "image/png", memory_mb=160) as prepared:
            assert (prepared.code, prepared.copies) == ("too_heavy", 0)
    with tempfile.TemporaryFile() as raw:
        raw.write(hostile.pdf_of_a_thousand_million_strokes())
        raw.seek(0)
        with prepared_copies(raw, "application/pdf", cpu_s=1) as prepared:
            assert (prepared.code, prepared.copies) == ("too_heavy", 0)
