"""A merchant's colour, made readable: the CSS variables that replace the design's own accent.

Contrast after WCAG 2.2, relative luminance of sRGB. Pure: a colour in, CSS out.
"""

import colorsys
import re
from functools import lru_cache

RGB = tuple[float, float, float]

DESIGN_ACCENT = "#4338ca"
WHITE: RGB = (1.0, 1.0, 1.0)
LIGHT_GROUND = "#f6f7f9"
LIGHT_SURFACE = "#ffffff"
DARK_SURFACE = "#171c24"
DARK_ON_ACCENT = "#12142b"
TEXT_RATIO = 4.5
DARK_RATIO = 7.0
STEP = 0.01


def to_rgb(colour: str) -> RGB:
    """`#rrggbb` as three shares of 1; raises ValueError when it is none."""
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise ValueError(f"not a colour: {colour!r}")
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def to_hex(rgb: RGB) -> str:
    """Three shares of 1 as `#rrggbb`."""
    return "#" + "".join(f"{round(min(max(part, 0.0), 1.0) * 255):02x}" for part in rgb)


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two `#rrggbb`, 1 to 21."""
    lighter, darker = sorted((_luminance(to_rgb(one)), _luminance(to_rgb(other))), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def darken_for_text(colour: str) -> str:
    """The colour itself, or darker by steps until white on it and it on the page can both be read (4.5:1)."""
    while contrast("#ffffff", colour) < TEXT_RATIO or contrast(colour, LIGHT_GROUND) < TEXT_RATIO:
        colour = _shift(colour, -STEP)
    return colour


def lighten_for_dark(colour: str) -> str:
    """The same hue, lighter by steps until it reaches 7:1 on a dark card."""
    while contrast(colour, DARK_SURFACE) < DARK_RATIO:
        colour = _shift(colour, STEP)
    return colour


@lru_cache(maxsize=256)
def accent_variables(colour: str) -> str:
    """CSS that sets `--accent…` for light and dark; empty for the design's own accent and for what is no colour."""
    if colour.lower() == DESIGN_ACCENT or not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        return ""
    light, dark = _light_set(colour), _dark_set(colour)
    return (
        f':root,[data-bs-theme="light"]{{{light}}}'
        f'[data-bs-theme="dark"]{{{dark}}}'
        f"@media (prefers-color-scheme:dark){{:root:not([data-bs-theme]){{{dark}}}}}"
        f"@media print{{:root,[data-bs-theme],:root:not([data-bs-theme]){{{light}}}}}"
    )


def _light_set(colour: str) -> str:
    accent = darken_for_text(colour)
    soft = _mix(accent, LIGHT_SURFACE, 0.08)
    text = accent
    while contrast(text, soft) < TEXT_RATIO:
        text = _shift(text, -STEP)
    return _declare(
        accent=accent, hover=_shift(accent, -0.10), on="#ffffff", text=text, soft=soft, line=_mix(accent, LIGHT_SURFACE, 0.30)
    )


def _dark_set(colour: str) -> str:
    accent = lighten_for_dark(colour)
    soft = _mix(accent, DARK_SURFACE, 0.12)
    text = _shift(accent, 0.03)
    while contrast(text, soft) < TEXT_RATIO:
        text = _shift(text, STEP)
    return _declare(
        accent=accent, hover=_shift(accent, 0.06), on=DARK_ON_ACCENT, text=text, soft=soft, line=_mix(accent, DARK_SURFACE, 0.35)
    )


def _declare(*, accent: str, hover: str, on: str, text: str, soft: str, line: str) -> str:
    # The derived Bootstrap variables name --accent-text themselves, so they follow without being repeated.
    return (
        f"--accent:{accent};--accent-hover:{hover};--on-accent:{on};--accent-text:{text};"
        f"--accent-soft:{soft};--accent-line:{line}"
    )


def _luminance(rgb: RGB) -> float:
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _shift(colour: str, by: float) -> str:
    """Change the lightness (HSL), keeping hue and saturation."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*to_rgb(colour))
    return to_hex(colorsys.hls_to_rgb(hue, min(max(lightness + by, 0.0), 1.0), saturation))


def _mix(colour: str, ground: str, share: float) -> str:
    over, under = to_rgb(colour), to_rgb(ground)
    red, green, blue = (a * share + b * (1 - share) for a, b in zip(over, under, strict=True))
    return to_hex((red, green, blue))
