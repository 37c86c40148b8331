"""What is read out of a mail: words without quotes and markup, files by name, and bounds on what anybody may send (T6, T11)."""

from __future__ import annotations

import time

import pytest

from tests.tickets.mails import PNG, a_mail
from tickets.mail.parsing import Mail, Unreadable, read_mail
from tickets.mail.words import LONGEST_HTML, plain_text, without_quote

SENDER, TO = "ana@x.example", "soporte@y.example"


def mail(raw: bytes) -> Mail:
    return read_mail(raw)


def raw(headers: str = "", body: str = "Hola") -> bytes:
    return f"From: Ana <{SENDER}>\r\nTo: {TO}\r\nMessage-ID: <1@x>\r\n{headers}\r\n{body}".encode()


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Sí.\n\nEl lun, 23 nov 2026 a la(s) 9:12, Andina (soporte@y.example) escribió:\n> Hola", "Sí."),
        ("Sí.\n\nOn Mon, Nov 23, 2026 at 9:12 AM Andina <soporte@y.example>\nwrote:\n\n> Hola", "Sí."),
        ("Sí.\n\n-----Mensaje original-----\nDe: Andina\nAsunto: x", "Sí."),
        ("Sí.\r\n\r\nDe: Andina <s@y.example>\r\nEnviado: lunes\r\nPara: Ana\r\n\r\nHola", "Sí."),
        ("Sí.\n\n________________________________\nFrom: x", "Sí."),
        ("Sí.\n\nAndina writes:\n\n— Write your answer above this line —\n\nHola", "Sí."),
        ("Sí.\n-- \nAna\nGerente", "Sí."),
        ("> Hola\n\nSí, abajo.", "> Hola\n\nSí, abajo."),
        ("De: aquí salió el pago\ny llegó allá", "De: aquí salió el pago\ny llegó allá"),
        ("El banco escribió: no", "El banco escribió: no"),
        ("— Escriba su respuesta encima de esta línea —\nHola", "— Escriba su respuesta encima de esta línea —\nHola"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_answer_stands_above_the_quote(text: str, answer: str) -> None:
    assert without_quote(text) == answer


def test_html_is_read_as_a_person_sees_it() -> None:
    markup = (
        "<html><head><title>No</title><style>p{color:red}</style></head><body><!-- no --><p>Hola&nbsp;<b>Ana</b></p>"
        "<div>1 &lt; 2 &amp; 3</div><script>alert(1)</script><img src=x onerror=alert(2)><ul><li>uno<li>dos</ul>"
        '<div class="gmail_quote">El lun escribió: <blockquote>viejo</blockquote></div></body></html>'
    )
    assert plain_text(markup) == "Hola Ana\n\n1 < 2 & 3\n\nuno\ndos"
    assert plain_text("<script>x</b>no") == ""
    assert plain_text("a < b <!-- open") == "a < b"


@pytest.mark.parametrize(
    "piece", ["<!--", "<", "<div ", "&#x41;", "<![CDATA[", "</", "<!-- -", "\n\n \n", "<script>", "&", "<a b='"]
)
def test_hostile_markup_costs_time_by_its_length_alone(piece: str) -> None:
    begun = time.perf_counter()
    without_quote(plain_text(piece * (LONGEST_HTML // len(piece))))
    without_quote((piece.replace("<", "On ") + "\n") * 20_000)
    assert time.perf_counter() - begun < 3


def test_a_mail_is_taken_apart() -> None:
    found = mail(
        a_mail(f'"Ana =?utf-8?q?P=C3=A9rez?=" <{SENDER.upper()}>', f"{TO}, otro@z.example", "Hola\n",
               files={"../../foto\u202egnp.png": PNG},
               Subject="Re: a b", References="<1@a> <2@b>", In_Reply_To="<3@c>", Cc="c@d.example")
    )  # fmt: skip
    assert (found.from_email, found.text) == (SENDER, "Hola")
    assert found.recipients == (TO, "otro@z.example", "c@d.example")
    assert found.references == ("1@a", "2@b", "3@c")
    assert [each.content for each in found.files] == [PNG]
    assert not found.automatic


def test_headers_forge_nothing() -> None:
    found = mail(raw("Subject: =?utf-8?q?Hola=0D=0ABcc=3A_todos=00?=\r\nX-Odd: =?nope?q?x?=\r\n"))
    assert found.subject == "Hola Bcc: todos"
    assert mail(raw("From: b@x.example\r\n")).from_email == ""
    assert mail(b"From: a@x.example, b@x.example\n\nx").from_email == ""
    assert mail(b'From: "x@y.example" <not an address>\n\nx').from_email == ""
    assert mail(b"\n\nx").from_email == ""
    assert mail(raw("Subject: " + "=?utf-8?q?a?= " * 5000 + "\r\n")).subject.startswith("a")


def test_a_charset_that_nobody_knows_and_broken_bytes_are_read_somehow() -> None:
    assert "Hola" in mail(raw("Content-Type: text/plain; charset=klingon\r\n")).text
    assert (
        "Hola" in mail(raw("Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n", "SG9sYf8=")).text
    )
    assert mail(raw("Content-Type: multipart/mixed\r\n", "no boundary")).text == ""
    assert mail(raw("Content-Type: text/plain; name*=bogus'x'%ZZ\r\n")).text in ("", "Hola")


def nested(depth: int) -> bytes:
    head = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth))
    return raw(head, "Hola")


@pytest.mark.parametrize(
    ("hostile", "code"),
    [
        (raw("X-A: b\r\n" * 10_000), "headers"),
        (raw("X-A: " + "b" * 300_000 + "\r\n"), "headers"),
        (b"x" * 400_000, "headers"),
        (raw("Content-Type: multipart/mixed; boundary=b\r\n", "--b\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 500), "parts"),
        (nested(2_000), "parts"),
        (raw("", "\r\n" * 800_000), "lines"),
    ],
    ids=["headers", "long-header", "no-end", "parts", "deep", "lines"],
)
def test_what_nobody_sends_is_not_looked_into(hostile: bytes, code: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(Unreadable) as caught:
        read_mail(hostile)
    assert caught.value.code == code
    assert time.perf_counter() - begun < 3


def test_a_mail_of_twenty_megabytes_and_a_deep_one_are_read_in_bounded_time() -> None:
    big = a_mail(SENDER, TO, "Aquí va", files={"grande.pdf": b"%PDF-1.4\n" + b"0" * (15 * 1024 * 1024)})
    assert len(big) > 20 * 1024 * 1024
    begun = time.perf_counter()
    assert len(mail(big).files[0].content) > 14 * 1024 * 1024
    assert mail(nested(60)).text == "Hola"
    assert time.perf_counter() - begun < 8


def test_pictures_of_a_signature_are_left_out_and_screenshots_kept() -> None:
    body = "".join(
        f"--b\r\nContent-Type: image/png\r\nContent-ID: <{name}>\r\nContent-Disposition: inline; filename={name}.png\r\n\r\n"
        f"{content}\r\n"
        for name, content in (("logo", "x" * 500), ("pantalla", "x" * 20_000))
    )
    found = mail(raw("Content-Type: multipart/related; boundary=b\r\n", body + "--b--\r\n"))
    assert [each.name for each in found.files] == ["pantalla.png"]
