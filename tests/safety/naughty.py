"""Strings that break careless programs: markup that wants to run, signs that turn text round, templates, formulas, encodings.

Our own list, after the well-known ones. What is markup names its elements and attributes so that they are recognised when one
comes to life: `x5q`, or a handler that calls `alert`.
"""

from __future__ import annotations

MARKUP = (
    "<script>alert(1)</script>",
    "<script src=//x5q.example/x.js></script>",
    "</title><script>alert(2)</script>",
    "</textarea><script>alert(3)</script>",
    "</style><script>alert(4)</script>",
    "--><script>alert(5)</script><!--",
    "<img src=x onerror=alert(6)>",
    "<img src=`x` onerror=alert(7)>",
    "<svg onload=alert(8)>",
    "<svg><script>alert(9)</script></svg>",
    "<svg/onload=alert`10`>",
    "<body onload=alert(11)>",
    "<iframe src=javascript:alert(12)>",
    "<iframe srcdoc='<script>alert(13)</script>'>",
    "<object data=javascript:alert(14)>",
    "<embed src=//x5q.example/x.swf>",
    "<a href=javascript:alert(15)>x</a>",
    "<a href='data:text/html,<script>alert(16)</script>'>x</a>",
    "<form action=//x5q.example><button>",
    "<button formaction=javascript:alert(17)>x",
    "<input autofocus onfocus=alert(18)>",
    "<details open ontoggle=alert(19)>",
    "<video><source onerror=alert(20)>",
    "<math href=javascript:alert(21)>x5q",
    "<base href=//x5q.example/>",
    "<meta http-equiv=refresh content='0;url=//x5q.example/'>",
    "<link rel=stylesheet href=//x5q.example/x.css>",
    "<style>@import '//x5q.example/x.css';</style>",
    "<style>body{display:none}</style>",
    "<div style=position:fixed;inset:0 x5q>",
    "<x5q-element>",
    "<plaintext>",
    "<template><script>alert(22)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(23)>'>",
    '"><script>alert(24)</script>',
    "'><script>alert(25)</script>",
    '" onmouseover=alert(26) x5q="',
    "' onfocus=alert(27) autofocus x5q='",
    '"><img src=x onerror=alert(28)>',
    "`-alert(29)-`",
    "';alert(30);//",
    '";alert(31);//',
    '\\";alert(32);//',
    "</script><script>alert(33)</script>",
    "<scr<script>ipt>alert(34)</scr</script>ipt>",
    "<ScRiPt>alert(35)</sCrIpT>",
    "<script\x0b>alert(36)</script>",
    "<<script>alert(37);//<</script>",
    "&lt;script&gt;alert(38)&lt;/script&gt;",
    "&#60;script&#62;alert(39)&#60;/script&#62;",
    "%3Cscript%3Ealert(40)%3C/script%3E",
    "\\u003cscript\\u003ealert(41)\\u003c/script\\u003e",
    "＜script＞alert(42)＜/script＞",
    "javascript:alert(43)",
    "JaVaScRiPt:alert(44)",
    "data:text/html;base64,PHNjcmlwdD5hbGVydCg0NSk8L3NjcmlwdD4=",
    "<![CDATA[<script>alert(46)</script>]]>",
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "<div hx-get=//x5q.example hx-trigger=load>",
    "<div data-hx-on:load=alert(47) hx-on::load=alert(48)>",
    "<tr><td>x5q</td></tr>",
    "</form><form x5q>",
    "</main></body></html>x5q",
    "<h1>x5q</h1>",
)
PLAIN = (
    "undefined", "null", "None", "NaN", "true", "0", "-1", "1/0", "\\", "\\\\", "'", '"', "''", "`", "%", "%s", "%n",
    "%d%s%x", "{}", "{0}", "{{7*7}}", "{% debug %}", "{{request.user.password}}", "{#", "${7*7}", "#{7*7}", "<%= 7*7 %>",
    "[[7*7]]", "%(number)s", "%(nothing)s", "{number!r:>{width}}", "=1+1", '=HYPERLINK("//x5q.example")', "+1+1", "-1+1",
    "@SUM(1)", "=cmd|'/C calc'!A0", "\tx5q", "' OR '1'='1", "'; DROP TABLE orders_order;--", "1;SELECT pg_sleep(9)",
    "../../etc/passwd", "..\\..\\windows", "/dev/null", "$(id)", "`id`", "; ls -la", "|id", "&& id", "CON", "AUX.txt",
    "a\r\nBcc: x5q@x.example", "a\nb", "a\u2028b\u2029c", "\u202etxt.exe", "\u2066x\u2069y", "\u200b\u200c\u200d\ufeff",
    "Z\u0338\u0322\u031ba\u0337\u0360l\u0335\u0328g\u0336o\u0334\u035d \u0336t\u0335e\u0337x\u0338t\u0334", "ﷺﷺﷺ",
    "مرحبا بالعالم", "שָׁלוֹם x5q", "𝕿𝖍𝖊 𝖖𝖚𝖎𝖈𝖐", "田中さん", "ñÑáÉíÓúÜ¿¡", "ﬁ ﬀ ǆ", "İıŞş", "ß ẞ ſ", "１２３", "١٢٣", "½ ² ₃",
    "\U0001f4a5\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466\U0001f3f3\ufe0f\u200d\U0001f308", "🇻🇪🇪🇨", "💩💩💩💩💩",
    "é", "e\u0301", "ʇxǝʇ", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "ÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅÅ", "long-long-long-long-long-long-long-long-long-long-long-long-",
    "&amp;&lt;", "&nbsp;", "\x7f", "\x1b[31mred", "\x08\x08", "∀∂∈ℝ∧∪≡∞", "＇＂", "scunthorpe",
)  # fmt: skip
NAUGHTY = (*MARKUP, *PLAIN)


def fitting(serial: int, longest: int | None, *, only: tuple[str, ...] = NAUGHTY) -> str:
    """The next string of the list, from place `serial` on, that is not longer than `longest`."""
    for step in range(len(only)):
        text = only[(serial + step) % len(only)]
        if longest is None or len(text) <= longest:
            return text
    return "<b>"[:longest]
