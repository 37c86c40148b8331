"""A merchant's colour can always be read, whatever was chosen (mockups' rule: 4.5:1 in light, 7:1 in dark)."""

import re

import pytest

from config.accent import (
    DARK_ON_ACCENT,
    DARK_SURFACE,
    LIGHT_GROUND,
    accent_variables,
    contrast,
    darken_for_text,
    lighten_for_dark,
)

CHOSEN = ["#0b6b63", "#9a3412", "#ffe600", "#1fb6a6", "#ffffff", "#000000", "#e11d48", "#7dd3fc"]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#4338ca", "#ffffff") == pytest.approx(7.90, abs=0.005)
    assert contrast("#9a3412", "#f6f7f9") == pytest.approx(6.82, abs=0.005)


@pytest.mark.parametrize("colour", ["#0b6b63", "#9a3412", "#4338ca"])
def test_a_readable_colour_stays_as_it_was_given(colour: str) -> None:
    assert darken_for_text(colour) == colour


@pytest.mark.parametrize("colour", CHOSEN)
def test_any_colour_becomes_readable_in_both_themes(colour: str) -> None:
    light, dark = darken_for_text(colour), lighten_for_dark(colour)
    assert contrast("#ffffff", light) >= 4.5
    assert contrast(light, LIGHT_GROUND) >= 4.5
    assert contrast(dark, DARK_SURFACE) >= 7
    assert contrast(DARK_ON_ACCENT, dark) >= 4.5


@pytest.mark.parametrize("colour", CHOSEN)
def test_links_can_be_read_on_the_soft_accent(colour: str) -> None:
    pairs = re.findall(r"--accent-text:(#\w{6});--accent-soft:(#\w{6})", accent_variables(colour))
    assert len(pairs) == 4, "light, dark, dark by the machine's choice, paper"
    assert all(contrast(text, soft) >= 4.5 for text, soft in pairs)


@pytest.mark.parametrize("colour", ["", "red", "#fff", "#12345g", "#000000}</style><script>", "#4338ca", "#4338CA"])
def test_what_is_no_colour_or_is_the_designs_own_adds_nothing(colour: str) -> None:
    assert accent_variables(colour) == ""
