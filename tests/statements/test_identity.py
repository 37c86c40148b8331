"""Which line is which, whatever file it comes in: overlapping files of whole days give exactly the true lines."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from reconciliation.statements.profile import Profile
from reconciliation.statements.reading import parse

PROFILE = Profile(separator=";", header_row=False, columns={"date": 1, "reference": 2, "text": 3, "amount": 4})
# Few values, so that twins come by themselves.
LINE = st.tuples(
    st.integers(1, 4), st.sampled_from(["", "1", "2"]), st.sampled_from(["a", "b"]), st.sampled_from(["1,00", "-1,00"])
)


def keys(lines: list[tuple[int, str, str, str]]) -> set[tuple[str, int]]:
    content = "".join(f"{day:02}/11/2026;{reference};{text};{amount}\n" for day, reference, text, amount in lines)
    statement = parse(content.encode(), PROFILE, currency="VES")
    numbered = [(identity, ordinal) for _row, identity, ordinal in statement.with_ordinals()]
    assert len(set(numbered)) == len(numbered) == len(lines)
    return set(numbered)


@given(lines=st.lists(LINE, min_size=1, max_size=25), first=st.integers(1, 4), last=st.integers(1, 4), order=st.randoms())
def test_overlapping_files_of_whole_days_add_up_to_the_true_lines(
    lines: list[tuple[int, str, str, str]], first: int, last: int, order: Random
) -> None:
    truth = keys(sorted(lines))
    early, late = [line for line in lines if line[0] <= max(first, last)], [line for line in lines if line[0] >= min(first, last)]
    order.shuffle(early)
    found = (keys(early) if early else set()) | (keys(late) if late else set())
    assert found == truth
