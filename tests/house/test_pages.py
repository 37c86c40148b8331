"""What pages may not contain: foreign assets, inline code, untranslated words."""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.extract import extract_python
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

from tests.house.tree import ROOMS, ROOT, project_files, shown

TEMPLATES = [path for path in project_files(".html", ".txt") if "templates" in path.parts]
PAGES = [path for path in TEMPLATES if path.suffix == ".html"]
LETTERS = [path for path in PAGES if "letters" in path.parts]
KEYWORDS = {
    "gettext": None, "gettext_lazy": None, "_": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2), "gettext_noop": None,
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
# Names and signs that are the same in both languages.
SAME_IN_BOTH = re.compile(
    r"^(Concilia|WhatsApp|PDF|JPG|JPEG|PNG|WebP|HEIC|MB|kB|CSV|TOTP|ID|A|D|I|J|K|O|R|T|Ctrl|Esc|Enter|USD|Bs|Español|English|es|en)$"
)


@pytest.mark.parametrize("path", PAGES, ids=shown)
def test_a_page_asks_nothing_of_other_servers(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.findall(r"""(?:src|href|action|srcset)\s*=\s*["'](?:https?:)?//""", text)


@pytest.mark.parametrize("path", [page for page in PAGES if page not in LETTERS], ids=shown)
def test_a_page_has_no_inline_code(path: Path) -> None:
    """The content security policy would block it; letters need inline styles and have no policy."""
    text = re.sub(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}", "", text, flags=re.DOTALL)  # `style=` of a tag is an argument of ours
    assert not re.findall(r"\sstyle\s*=\s*[\"']", text), "style attribute"
    assert not re.findall(r"\son[a-z]+\s*=\s*[\"']", text), "event handler"
    assert "javascript:" not in text
    for tag in re.findall(r"<(?:script|style)\b[^>]*>", text):
        assert "src=" in tag or "nonce" in tag, tag


def test_styles_and_scripts_ask_nothing_of_other_servers() -> None:
    found = [
        f"{shown(path)}: {hit}"
        for path in project_files(".css", ".js")
        if "vendor" not in path.parts
        for hit in re.findall(r"""(?:url\(|import\s+|fetch\()\s*["']?https?://[^\s"')]+""", path.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.parametrize("path", TEMPLATES, ids=shown)
def test_every_word_of_a_template_is_translated(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    text = re.sub(r"\{#.*?#\}|\{%-?\s*comment.*?endcomment\s*%\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{%\s*blocktrans(?:late)?.*?endblocktrans(?:late)?\s*%\}", " ", text, flags=re.DOTALL)
    # These blocks hold names of styles, attributes and addresses, not words.
    text = re.sub(r"\{%\s*block (?:page_class|body_class|body_data)\b.*?endblock\s*%\}", " ", text, flags=re.DOTALL)
    attributes = re.findall(r"""\b(?:placeholder|title|alt|aria-label)\s*=\s*"([^"]*)\"""", re.sub(r"\{[%{].*?[%}]\}", " ", text))
    text = re.sub(r"<(script|style)\b.*?</\1>", " ", text, flags=re.DOTALL)
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", " ", text, flags=re.DOTALL)
    text = re.sub(r"<!--.*?-->|<[^>]*>", " ", text, flags=re.DOTALL)
    words = re.findall(r"[A-Za-zÁÉÍÓÚÑáéíóúñ]{2,}", re.sub(r"&#?\w+;", " ", " ".join([text, *attributes])))
    assert not [word for word in words if not SAME_IN_BOTH.match(word)]


def _messages(path: Path) -> Iterator[tuple[str, str]]:
    """Context, which may be empty, and msgid of everything that is translated."""
    source = path.read_text(encoding="utf-8")
    if path.suffix in {".html", ".txt"}:
        source = templatize(source)
    try:
        found = list(extract_python(io.BytesIO(source.encode()), list(KEYWORDS), [], {"encoding": "utf-8"}))
    except (SyntaxError, ValueError):
        found = []
    for _line, name, message, _comments in found:
        parts = message if isinstance(message, tuple) else (message,)
        context = ""
        if name and name.startswith(("pgettext", "npgettext")):
            context, *parts = parts
        if parts and isinstance(parts[0], str) and parts[0]:
            yield context, parts[0]


def _catalog(room: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Context and msgid → the Spanish, singular and plural; nothing where it is not complete."""
    path = ROOT / room / "locale" / "es" / "LC_MESSAGES" / "django.po"
    if not path.exists():
        return {}
    with path.open("rb") as file:
        catalog = read_po(file)
    known = {}
    for message in catalog:
        if message.id:
            texts = message.string if isinstance(message.string, tuple | list) else [message.string]
            msgid = message.id[0] if isinstance(message.id, tuple | list) else message.id
            known[message.context or "", msgid] = tuple(texts) if all(texts) and "fuzzy" not in message.flags else ()
    return known


@pytest.mark.parametrize("room", ROOMS)
def test_every_sentence_has_its_spanish(room: str) -> None:
    catalog = _catalog(room)
    sources = [
        path
        for path in project_files(".py", ".html", ".txt")
        if path.relative_to(ROOT).parts[0] == room and "migrations" not in path.parts
    ]
    wanted = {message for path in sources for message in _messages(path)}
    missing = sorted(message for message in wanted if not catalog.get(message))
    assert not missing


def test_a_sentence_has_one_spanish() -> None:
    """Django takes one catalogue's words for all rooms: two translations of one msgid are a surprise in one of them."""
    said: dict[tuple[str, str], dict[tuple[str, ...], list[str]]] = {}
    for room in ROOMS:
        for key, words in _catalog(room).items():
            said.setdefault(key, {}).setdefault(words, []).append(room)
    assert {key: words for key, words in said.items() if len(words) > 1} == {}


def test_python_speaks_english() -> None:
    """Spanish on the screen comes from the catalogues; a Spanish string in code would show on English pages too."""
    accented = re.compile(r"[áéíóúñ¿¡]", re.IGNORECASE)
    found = []
    for path in project_files(".py"):
        parts = path.relative_to(ROOT).parts
        if parts[0] not in ROOMS or {"migrations", "demo", "data"} & set(parts):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in KEYWORDS:
                found += [
                    f"{shown(path)}: {arg.value}"
                    for arg in node.args
                    if isinstance(arg, ast.Constant) and isinstance(arg.value, str) and accented.search(arg.value)
                ]
    assert not found
