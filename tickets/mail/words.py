"""The words of a mail: HTML as plain text, and the answer without what it quotes. Pure; time grows with the length alone."""

from __future__ import annotations

import html
import re

LONGEST_HTML = 500_000
# One pass from left to right: a comment (an open one reaches to the end), a tag, text, or a lonely bracket.
_PIECE = re.compile(r"<!--(?:.*?-->|.*)|<[^<>]*>|[^<]+|<", re.DOTALL)
_NAME = re.compile(r"</?\s*([a-zA-Z][a-zA-Z0-9]*)")
_UNSEEN = frozenset({"script", "style", "head", "title", "template", "noscript", "svg", "math", "object", "select", "textarea"})
_BREAKS = frozenset(
    {
        "address", "article", "blockquote", "br", "dd", "div", "dl", "dt", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
        "header", "hr", "li", "ol", "p", "pre", "section", "table", "tr", "ul",
    }
)  # fmt: skip
_SPACES = re.compile(r"[ \t\r\n\f\v\u00a0]+")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
# A class or id by which programs mark what they quote.
_QUOTED = re.compile(r"""gmail_quote|yahoo_quoted|moz-cite-prefix|divRplyFwdMsg|appendonsend|protonmail_quote|\btype=["']?cite""")

# The line that our own letters draw, in every language in which they are written.
ANSWER_ABOVE = ("— Escriba su respuesta encima de esta línea —", "— Write your answer above this line —")
_INTRODUCES = (
    re.compile(r"^(?:El|On|Em|Le|Am)\b.{5,250}\b(?:escribió|wrote|escreveu|a écrit|schrieb)\s*:\s*$", re.IGNORECASE),
    re.compile(
        r"^-{2,}\s*(?:Original Message|Mensaje original|Mensagem original|Forwarded message|Mensaje reenviado)", re.IGNORECASE
    ),
    re.compile(r"^_{20,}\s*$"),
)
_OUTLOOK_FROM = re.compile(r"^\*?(?:From|De|Von)\s*:\*?\s+\S", re.IGNORECASE)
_OUTLOOK_THEN = re.compile(r"^\*?(?:Sent|Enviado|Enviado el|Date|Fecha|To|Para|Subject|Asunto)\s*:\*?\s", re.IGNORECASE)


def plain_text(markup: str) -> str:
    """What a person sees of HTML, as text: no markup, no scripts, no quoted mail. At most its first half million characters."""
    parts: list[str] = []
    unseen: list[str] = []
    for piece in _PIECE.findall(markup[:LONGEST_HTML]):
        if not piece.startswith("<") or piece == "<":
            if not unseen:
                parts.append(_SPACES.sub(" ", html.unescape(piece)))
            continue
        named = _NAME.match(piece)
        if named is None:
            continue
        name = named[1].lower()
        if unseen:
            if piece.startswith("</") and name == unseen[-1]:
                unseen.pop()
            continue
        if not piece.startswith("</"):
            if _QUOTED.search(piece):
                break
            if name in _UNSEEN and not piece.endswith("/>"):
                unseen.append(name)
                continue
        if name in _BREAKS:
            parts.append("\n")
    lines = [line.strip() for line in "".join(parts).split("\n")]
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def without_quote(text: str) -> str:
    """The answer alone: what stands above the quoted mail, without a signature. The whole text where nothing would be left."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    kept = lines[: _end_of_answer(lines)]
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith(">")):
        kept.pop()
    for place, line in enumerate(kept):
        if line.rstrip("\r") in ("-- ", "--") and len(kept) - place <= 15:
            kept = kept[:place]
            break
    answer = "\n".join(kept).strip()
    return _BLANK_LINES.sub("\n\n", answer or text.strip())


def _end_of_answer(lines: list[str]) -> int:
    """The line where the quoted mail begins."""
    for place, line in enumerate(lines):
        said = line.strip().lstrip(">* ").strip()
        if not said:
            continue
        if any(mark in said for mark in ANSWER_ABOVE):
            return _before_introduction(lines, place)
        if any(each.match(said[:400]) for each in _INTRODUCES):
            return place
        # "On … wrote:" is often broken over two lines.
        following = lines[place + 1].strip() if place + 1 < len(lines) else ""
        if said[:3].lower() in ("el ", "on ", "em ") and _INTRODUCES[0].match(f"{said} {following}"[:400]):
            return place
        if _OUTLOOK_FROM.match(said) and _OUTLOOK_THEN.match(following):
            return place
    return len(lines)


def _before_introduction(lines: list[str], place: int) -> int:
    """Programs write a line of their own between the answer and ours ("On Tuesday … wrote:"): it goes too."""
    for before in range(place - 1, max(-1, place - 4), -1):
        said = lines[before].strip().lstrip("> ")
        if said:
            return before if said.endswith(":") else place
    return place
