"""What letters say: both languages, text and HTML alike, and nothing of a person's words escapes into headers or markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import pytest
from django.urls import get_script_prefix

from letters.addresses import merchant_url, url_or_home
from letters.kinds import KINDS
from letters.models import Letter
from letters.rendering import build_message, one_line, readable_on, render_letter
from letters.selectors import letters_for
from tests.factories import customer_actor, make_merchant, staff_actor

pytestmark = pytest.mark.django_db

# One context that satisfies every kind: what the rooms above give, and more.
EVERYTHING: dict[str, Any] = {
    "number": "HA-10482",
    "subject": "Bs 734,80 · Transferencia",
    "heading": "Encabezado",
    "text": "Primero.\n\nSegundo.",
    "code": "194-723",
    "customer": "Panadería El Ávila",
    "note": "¿Cuál es la referencia?",
    "team": "accounting",
    "attachments": 2,
    "deadline_at": "2026-11-25T21:00:00+00:00",
    "answer_due_at": "2026-11-28T03:59:00+00:00",
    "until_on": "2026-11-27",
    "reason_es": "El monto es distinto",
    "reason_en": "The amount differs",
    "advice_es": "Corrija el monto.",
    "advice_en": "Correct the amount.",
    "twin": "HA-10001",
    "applied": [
        {"order": "2026-004512", "amount": "734.80", "currency": "VES", "left": "0.00"},
        {"order": "2026-004587", "amount": "440.00", "currency": "VES", "left": "0.88"},
    ],
    "credit": {"amount": "15.50", "currency": "VES"},
    "amount": "120.00",
    "currency": "VES",
    "left": "30.00",
    "pk": 7,
    "booked_on": "2026-11-23",
    "department_es": "Ventas",
    "department_en": "Sales",
    "who": "Sofía Blanco",
    "name": "Ana Rojas",
    "email": "ana@avila.example",
    "token": "abc",
    "problems": ["grande.pdf: 12"],
    "reference": "0045775572442",
    "count": 5,
    "late": 1,
    "more": 3,
    "orders": [
        {"number": "2026-004512", "amount": "734.80", "currency": "VES", "due": "2026-11-20", "is_late": True},
        {"number": "2026-004587", "amount": "440.00", "currency": "VES", "due": "2026-11-28", "is_late": False},
    ],
    "sums": [{"amount": "1174.80", "currency": "VES"}],
}


def letter(kind: str = "account_message", language: str = "es", **context: Any) -> Letter:
    merchant = make_merchant(name="Hosting Andina", support_email="ayuda@andina.example", support_phone="+58 212 555 0101")
    return Letter.objects.create(
        merchant=merchant,
        kind=kind,
        about="ticket:17",
        occasion="event:93",
        to_email=f"{merchant.slug}@example.com",
        language=language,
        context={**EVERYTHING, **context},
    )


class Words(HTMLParser):
    """The text of a page, and the tags that it has."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.tags: list[str] = []
        self._skip = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._skip = tag == "title"

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.parts.append(data)
        self._skip = False

    @property
    def words(self) -> set[str]:
        return set(re.findall(r"\w{3,}", " ".join(self.parts)))


@pytest.mark.parametrize("language", ["es", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_text_and_html_say_the_same(kind: str, language: str) -> None:
    rendered = render_letter(letter(kind, language))
    assert rendered.subject
    assert "\n" not in rendered.subject
    html = Words(rendered.html)
    assert f'lang="{language}"' in rendered.html
    assert html.words == set(re.findall(r"\w{3,}", rendered.text))
    assert "Hosting Andina" in rendered.text
    assert not {"script", "img", "link", "style"} & set(html.tags)


@pytest.mark.parametrize("kind", KINDS)
def test_no_letter_mixes_languages(kind: str) -> None:
    """Whatever the house itself says must differ between the two languages; only what was given stays."""
    spanish, english = (render_letter(letter(kind, language)) for language in ("es", "en"))
    given = set(re.findall(r"\w{3,}", str(EVERYTHING)))
    same = {"Hosting", "Andina", "fiscal", "ayuda", "andina", "example", "http", "testserver", "Ticket", "ticket", "merchant"}
    own = [re.sub(r"https?://\S+", "", rendered.text) for rendered in (spanish, english)]
    shared = set(re.findall(r"\b[a-záéíóúñ]{5,}\b", own[0])) & set(re.findall(r"\b[a-z]{5,}\b", own[1]))
    assert not {word for word in shared - given - same if not word.startswith("merchant")}


def test_amounts_dates_and_moments_are_written_for_the_reader() -> None:
    spanish, english = render_letter(letter("ticket_verified")), render_letter(letter("ticket_verified", "en"))
    assert "Bs\u00a0734,80\n" in spanish.text
    assert "Bs\u00a0734.80\n" in english.text
    moment = render_letter(letter("ticket_submitted")).text
    assert "25 nov 2026, 5:00" in moment  # in Caracas, not in UTC
    assert "27 nov 2026" in render_letter(letter("ticket_waiting_for_bank")).text


def test_the_reason_is_in_the_readers_language() -> None:
    spanish, english = render_letter(letter("ticket_rejected")), render_letter(letter("ticket_rejected", "en"))
    assert "El monto es distinto" in spanish.text
    assert "The amount differs" not in spanish.text
    assert "The amount differs" in english.text


def test_line_breaks_in_a_subject_or_a_name_forge_no_header() -> None:
    made = letter(subject="Hola\r\nBcc: todos@example.com\u2028X: y")
    made.merchant.name = "Andina\r\nBcc: x@example.com"
    rendered = render_letter(made)
    made.subject, made.text, made.html = rendered.subject, rendered.text, rendered.html
    message = build_message(made).message()
    assert message["Bcc"] is None
    assert message["Subject"] == "Hola Bcc: todos@example.com X: y"
    assert one_line("a\x00b\x85c") == "a b c"


def test_somebodys_words_are_text_in_html() -> None:
    rendered = render_letter(letter("ticket_needs_information", note='<img src=x onerror="alert(1)">\n<b>hola</b>'))
    assert "<img" not in rendered.html
    assert "<b>" not in rendered.html
    assert '> <img src=x onerror="alert(1)">' in rendered.text


def test_a_template_in_somebodys_words_is_not_run() -> None:
    assert "{{ 7|add:7 }}" in render_letter(letter("ticket_needs_information", note="{{ 7|add:7 }}")).text


def test_a_very_long_subject_is_cut() -> None:
    assert len(render_letter(letter(subject="x" * 900)).subject) == 300


def test_addresses_in_letters_are_absolute_and_leave_the_prefix_alone() -> None:
    merchant = make_merchant(slug="andina")
    assert merchant_url(merchant, "choose_theme") == "http://testserver/andina/i18n/theme/"
    assert get_script_prefix() == "/"
    assert url_or_home(merchant, "no-such-page") == "http://testserver/andina/"


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        ("ticket_submitted", "/tickets/HA-10482/"),
        ("ticket_needs_information", "/tickets/HA-10482/"),
        ("ticket_answered", "/staff/tickets/HA-10482/"),
        ("conversation_message", "/messages/HA-10482/"),
    ],
)
def test_the_button_leads_to_the_page_that_it_speaks_of(kind: str, path: str) -> None:
    made = letter(kind)
    assert f"http://testserver/{made.merchant.slug}{path}\n" in render_letter(made).text


@pytest.mark.parametrize(("accent", "ink"), [("#4338ca", "#ffffff"), ("#ffd54d", "#12142b"), ("#000000", "#ffffff")])
def test_the_button_can_be_read_on_any_accent(accent: str, ink: str) -> None:
    assert readable_on(accent) == ink


def test_who_reads_which_letters() -> None:
    customer = customer_actor()
    other, mute = customer_actor(), customer_actor(customer.customer, can_use_tickets=False)
    rows: dict[str, Any] = {
        "merchant": customer.merchant, "customer": customer.customer, "about": "a", "to_email": "a@example.com", "language": "es",
    }  # fmt: skip
    sent = {"state": "sent", "sent_at": "2026-11-24T10:00Z", "subject": "Su pago"}
    seen = Letter.objects.create(kind="ticket_verified", occasion="1", **rows, **sent)
    waiting = Letter.objects.create(kind="ticket_verified", occasion="2", **rows)
    Letter.objects.create(kind="account_message", occasion="3", is_secret=True, **rows, **sent)
    Letter.objects.create(kind="ticket_answered", occasion="4", **rows, **sent)
    assert list(letters_for(customer)) == [seen]
    for nobody in (None, other, mute, staff_actor()):
        assert not letters_for(nobody)
    assert waiting in letters_for(staff_actor(customer.merchant))
