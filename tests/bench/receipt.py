"""How long a receipt takes: to 1600 pixels, thumbnail and hash, against decoding alone (goal: at most 1.5 times)."""

from __future__ import annotations

import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from files.decode import decode, flatten_picture
from files.limited import prepared_copies
from files.magic import JPEG
from tests.bench.timing import Row

ROUNDS = 7
GOAL = 1.5


def photo(width: int = 4000, height: int = 3000) -> bytes:
    """A 12-megapixel JPEG with the detail of a photo of a receipt."""
    noise = Image.effect_noise((width // 8, height // 8), 80).resize((width, height), Image.Resampling.BICUBIC)
    image = Image.merge("RGB", (noise, noise.rotate(180), noise.transpose(Image.Transpose.FLIP_LEFT_RIGHT)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85)
    return out.getvalue()


def medians_s(*acts: Callable[[], object], clock: Callable[[], float] = time.process_time) -> list[float]:
    """Seconds of the processor that each takes: medians of rounds in which they take turns; a drifting machine is fair so."""
    times: list[list[float]] = [[] for _ in acts]
    for _ in range(ROUNDS + 1):
        for own, act in zip(times, acts, strict=True):
            start = clock()
            act()
            own.append(clock() - start)
    return [statistics.median(own[1:]) for own in times]


def measure() -> list[Row]:
    """Rows of (what, value, unit or goal), all of one run: seconds first, then the ratios that the goal is about."""
    data = photo()

    def decode_alone() -> None:
        Image.open(io.BytesIO(data), formats=["JPEG"]).load()

    def to_page() -> None:
        flatten_picture(Image.open(io.BytesIO(data), formats=["JPEG"])).save(io.BytesIO(), "JPEG", quality=82)

    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as raw:
        raw.write(data)

        def in_the_child() -> None:
            raw.seek(0)
            with prepared_copies(raw, JPEG) as prepared:
                if prepared.code:
                    raise RuntimeError(prepared.code)

        alone, page, everything = medians_s(decode_alone, to_page, lambda: decode(data, JPEG, Path(folder)))
        # Another process's time is not on our clock.
        alone_wall, child = medians_s(decode_alone, in_the_child, clock=time.perf_counter)
    ratio = page / alone
    return [
        Row("12 MP JPEG, decoding alone", alone, "s cpu"),
        Row("receipt to 1600 px", page, "s cpu"),
        Row("receipt with thumbnail and hash", everything, "s cpu"),
        Row("the same in a child of its own", child, "s"),
        Row("receipt to 1600 px / decoding alone", ratio, "×", f"≤ {GOAL}", ratio <= GOAL),
        Row("with thumbnail and hash / decoding alone", everything / alone, "×"),
        Row("in the child, start included / decoding alone", child / alone_wall, "×"),
    ]
