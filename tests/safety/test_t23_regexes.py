"""T23: no text of 100 kB keeps a regular expression busy for 50 ms.

All of them: those in the code (its syntax trees are walked, so a new one is in the test by being written), in the addresses,
those kept as data, and those that people may type. One that only running code knows must be named in COMPUTED.
Seen to fail: with the old expressions for an amount's sign (60 ms for 28 spaces, and for each four more twice that), for a
currency's sign and for what stands behind a separator in an export (both 200 ms for 5 kB); with `_ways_of` always 1 (`.*.*(x)` is
taken and runs for seconds); with `find` searching whole texts; and with a `re.match(pattern, …)` that has no name here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator

from django.urls import URLPattern, URLResolver, get_resolver
from hypothesis import given, settings
from hypothesis import strategies as st

from config import gunicorn
from reconciliation.statements import patterns
from reconciliation.statements.amounts import Signs
from reconciliation.statements.dates import _expression
from reconciliation.statements.layouts import LAYOUTS
from tests.safety.regexes import ROOT, regexes, slowest

MOST_S = 0.05
LONGEST_ADDRESS = 4094
TYPED = "reconciliation/statements/patterns.py:pattern"
MASKS = json.loads((ROOT / "banking/data/reference_formats.json").read_text())["formats"]
CODE = "(?<![0-9]){re.escape(%s)}(?![0-9])"
MT940 = """reconciliation/statements/mt940.py:f"\\\\{found['sign']}([0-9]{{2}})\""""
GROUPED = "-?(?:[0-9]{{1,15}}{grouped})(?:{re.escape(self.decimal)}[0-9]{{1,6}})?"
# What each of them can be: with the settings of profiles, the codes of banks, the currencies that there are.
COMPUTED: dict[str, tuple[str, ...]] = {
    "desk/requests.py:f'{prefix}-([0-9]{{1,18}})'": ("allocation-([0-9]{1,18})",),
    "orders/csv_layout.py:pattern": (r"(\d{4})-(\d{1,2})-(\d{1,2})", r"(\d{1,2})/(\d{1,2})/(\d{4})"),
    "orders/fields.py:f'[0-9]{{1,12}}([.,][0-9]{{1,{places}}})?'": ("[0-9]{1,12}([.,][0-9]{1,4})?",),
    f"reconciliation/matching/evidence.py:f'{CODE % 'declared.bank_code'}'": ("(?<![0-9])0134(?![0-9])",),
    "reconciliation/matching/vectors.py:pattern": ("(?<![0-9])BNC(?![0-9])",),
    f"reconciliation/statements/amounts.py:f'{GROUPED}'": tuple(
        Signs(decimal, thousands, 0, 2).plainest.pattern for decimal, thousands in (",.", ".,", ", ")
    ),
    "reconciliation/statements/dates.py:''.join(written)": tuple(
        _expression(each).pattern for each in ("%d/%m/%Y", "%Y%m%d", "%d%b%y", "%d %B %Y %H:%M:%S")
    ),
    MT940: (r"\?([0-9]{2})", r"\>([0-9]{2})"),
    # Those that come with the program; what people may type has tests of its own below.
    TYPED: tuple(pattern for layout in LAYOUTS.values() for pattern in layout.profile.patterns.values()),
    "reconciliation/statements/patterns.py:sign": (r"\d", r"\s", r"\w", r"\D", r"\S", r"\W", "(?s:.)"),
    r"reconciliation/statements/simple_csv.py:f'[-−]?\\d{{1,18}}{decimals}'": (r"[-−]?\d{1,18}(?:[.,]\d{1,2})?",),
    "reports/offer.py:mask.pattern": tuple(each["pattern"] for each in MASKS),
}
# Pieces from which people build what is slow, and what is not.
PIECES = (
    "a", "b", "REF", " ", ":", r"\d", r"\s", r"\w", ".", "[ab]", "[^a]", "a*", "a+", "a?", ".*", ".+?", r"\d+", r"\s*",
    r"\w{1,20}", "[ab]*", "(?:a|ab)", "(?:a|b|c)", "(?:ab)*", r"\b", "$", "^", "a{0,400}", "(?:a?b*)", "(?i:A*)", "[^b]*",
)  # fmt: skip


def finding(pattern: str) -> Callable[[str], object]:
    return lambda text: patterns.find(pattern, text)


def test_no_expression_in_the_code_is_slow() -> None:
    found, unknown = regexes(COMPUTED)
    assert unknown == [], "only running code knows these: name what they can be in COMPUTED"
    assert set(COMPUTED) <= {each.where for each in found}, "named, but no longer in the code"
    assert len(found) > 100
    slow = {}
    for each in found:
        # A profile's patterns are asked by `find` alone, which looks at as much as is kept.
        ask = finding(each.pattern) if each.where == TYPED else each.ask
        took, text = slowest(ask, each.pattern, each.flags, MOST_S)
        if took > MOST_S:
            slow[each] = f"{took:.3f} s for {text}"
    assert slow == {}


def expressions_of(resolver: URLResolver) -> Iterator[str]:
    for each in resolver.url_patterns:
        yield each.pattern.regex.pattern
        if isinstance(each, URLResolver):
            yield from expressions_of(each)
        else:
            assert isinstance(each, URLPattern)


def test_no_address_is_slow() -> None:
    """An address is as long as the server takes at most."""
    assert gunicorn.limit_request_line == LONGEST_ADDRESS
    found = {*expressions_of(get_resolver("config.urls")), *expressions_of(get_resolver("config.merchant_urls"))}
    assert len(found) > 100
    for pattern in found:
        took, text = slowest(re.compile(pattern).search, pattern, 0, MOST_S, (20, 24, 28, 40, 320, LONGEST_ADDRESS))
        assert took <= MOST_S, f"{pattern}: {took:.3f} s for {text}"


def test_what_people_type_is_refused_when_it_could_be_slow() -> None:
    for pattern in (
        ".*.*(x)",
        r"\s*\s*(x)",
        ".*a.*a.*a(b)",
        "a{0,400}a{0,400}(b)",
        "(?:a|a)" * 25 + "(b)",
        "(a+)+",
        ".*a[ab]*c(x)",
    ):
        assert patterns.pattern_error(pattern) == "pattern_nested", pattern
    for pattern in (
        r"NOMBRE (.*) REF",
        r"(?i)ref\s*:?\s?(\d+)",
        r"(\d+)-\d+-\d+",
        r"\w+\s+(\w+)$",
        r"POR CUENTA DE : (.{1,80}?) REF,",
    ):
        assert patterns.pattern_error(pattern) == "", pattern


@settings(max_examples=60, deadline=None)
@given(before=st.lists(st.sampled_from(PIECES), max_size=5), after=st.lists(st.sampled_from(PIECES), max_size=4))
def test_whatever_else_people_type_is_fast(before: list[str], after: list[str]) -> None:
    pattern = "".join([*before, "(a)", *after])
    if patterns.pattern_error(pattern):
        return
    took, text = slowest(finding(pattern), pattern, 0, MOST_S)
    assert took <= MOST_S, f"{pattern}: {took:.3f} s for {text}"
