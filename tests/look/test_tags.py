"""Template tags: what they write, and that it is safe and tied together for readers of screens."""

import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.template import engines
from django.utils import translation

from config.states import ORDER_STATES, TICKET_STATES
from tests.look.components import EveryField, make_request, render_components

ROOT = Path(settings.BASE_DIR)
SPRITE = (ROOT / "static/concilia/icons.svg").read_text(encoding="utf-8")
DRAWN = set(re.findall(r'<symbol id="([^"]+)"', SPRITE))
SPANISH = {
    "submitted": "Enviado", "in_review": "En revisión", "waiting_for_bank": "Esperando al banco",
    "needs_information": "Falta un dato", "awaiting_approval": "Segunda firma",
    "verified": "Verificado", "rejected": "Rechazado", "withdrawn": "Retirado",
    "reversed": "Revertido",
}  # fmt: skip


def write(source: str, **context: object) -> str:
    return engines["django"].from_string(source).render(context, make_request()).strip()


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    named = {look.icon for look in (*TICKET_STATES.values(), *ORDER_STATES.values())}
    for template in ROOT.glob("*/templates/**/*.html"):
        named |= set(re.findall(r'(?:{% icon |icon_name=)"([a-z0-9-]+)"', template.read_text(encoding="utf-8")))
    assert named - DRAWN == set()


def test_a_state_is_text_icon_and_colour_in_both_languages() -> None:
    for state, spanish in SPANISH.items():
        chip = BeautifulSoup(write("{% ticket_state state %}", state=state), "html.parser").span
        assert chip is not None
        assert chip.get_text() == spanish
        assert chip.find("use")["href"].endswith(f"#{TICKET_STATES[state].icon}")  # type: ignore[index, union-attr]
        with translation.override("en"):
            assert spanish not in write("{% ticket_state state %}", state=state)


def test_plum_means_that_the_customer_owes_an_answer_and_nothing_else() -> None:
    plum = [state for state, look in (*TICKET_STATES.items(), *ORDER_STATES.items()) if look.colour == "plum"]
    assert plum == ["needs_information"]


def test_an_unknown_state_is_shown_and_not_hidden() -> None:
    assert ">odd<" in write("{% ticket_state 'odd' %}").replace("</svg>odd", "</svg>>odd")


def test_text_of_people_is_escaped() -> None:
    assert "<script>" not in write(
        "{% chip text 'red' %}{% avatar text %}{% icon 'x' label=text %}", text="<script>alert(1)</script>"
    )


@pytest.mark.parametrize(("name", "letters"), [("Alicia Pérez Gil", "AP"), ("sue@example.com", "S"), ("", "?"), ("Ñandú", "Ñ")])
def test_initials(name: str, letters: str) -> None:
    assert write("{{ name|initials }}", name=name) == letters


def test_help_and_errors_stand_before_the_field_and_are_named_by_it() -> None:
    form = EveryField({"bank": "9"})
    page = BeautifulSoup(write("{% field form.bank %}", form=form), "html.parser")
    control = page.find("select")
    assert control is not None
    assert control["aria-invalid"] == "true"
    assert control["aria-describedby"] == "id_bank-hint id_bank-error"
    order = [element.get("id") for element in page.find_all(id=True)]
    assert order == ["id_bank-hint", "id_bank-error", "id_bank"]


def test_a_group_of_buttons_is_a_fieldset_with_its_question() -> None:
    page = BeautifulSoup(write("{% field form.method %}", form=EveryField()), "html.parser")
    assert page.fieldset is not None
    assert page.fieldset.legend is not None
    assert page.fieldset.legend.get_text(strip=True) == "Método"
    assert [box["id"] for box in page.find_all("input", type="radio")] == ["id_method_0", "id_method_1"]


def test_the_summary_counts_and_links_to_every_field() -> None:
    form = EveryField({"bank": "1", "paid_on": "2026-11-24"})
    page = BeautifulSoup(write("{% error_summary form %}", form=form), "html.parser")
    assert "Hay 2 datos por corregir" in page.get_text()
    assert [link["href"] for link in page.find_all("a")] == ["#id_amount", "#id_method_0"]


def test_a_refusal_stands_in_the_summary_and_no_error_draws_nothing() -> None:
    refused = write("{% error_summary refusal='Ya fue decidido.' %}")
    assert "Esto no se pudo hacer" in refused
    assert "por corregir" not in refused  # nothing was typed
    assert "Lo que escribió" not in refused
    assert write("{% error_summary form %}", form=EveryField()) == ""
    assert write("{% error_summary nothing %}") == "", "a page without its form"


def test_a_query_string_changes_one_key_and_keeps_the_rest() -> None:
    assert write("{% qs page=3 %}") == "?state=open&amp;page=3"
    assert write("{% qs page='' %}") == "?state=open"


def test_a_page_that_does_not_exist_yet_breaks_nothing() -> None:
    assert write("[{% url_if 'portal:nowhere' %}{% nav_link 'desk:nowhere' 'Nowhere' %}]") == "[]"


@pytest.mark.parametrize("base", ["base.html", "portal/base.html", "desk/base.html"])
@pytest.mark.parametrize("language", ["es", "en"])
def test_no_page_has_inline_style_handlers_or_scripts_without_nonce(base: str, language: str) -> None:
    page = BeautifulSoup(render_components(base=base, language=language, accent="#0b6b63"), "html.parser")
    assert page.html is not None
    assert page.html["lang"] == language
    assert not page.find_all(style=True)
    assert not [tag for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert all(tag.has_attr("nonce") for tag in page.find_all(["script", "style"]))


def test_the_merchants_accent_is_written_into_the_page() -> None:
    assert "--accent:#0b6b63" in render_components(accent="#0b6b63")
    assert "--accent:#" not in render_components(accent="#4338ca")


@pytest.mark.parametrize(("theme", "written"), [("dark", 'data-bs-theme="dark"'), ("light", 'data-bs-theme="light"')])
def test_the_theme_is_written_by_the_server(theme: str, written: str) -> None:
    assert written in render_components(theme=theme)


def test_an_unknown_theme_is_left_to_the_machine() -> None:
    assert "data-bs-theme" not in render_components(theme='"><script>')
