"""Many pairs weighed at once weigh what each weighs by itself, and strict keys lose no pair that could be proven."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciliation.matching import weights as w
from reconciliation.matching.columns import BusinessDays, business_days, ints, seen_in_thirty_days
from reconciliation.matching.keys import pairs_by_keys
from reconciliation.matching.policy import Policy, Tolerance
from reconciliation.matching.texts import codes_of, digits_of, runs_of, shared_ends
from reconciliation.matching.vectors import Texts, facts_of, tenths, weigh_pairs
from tests.matching.makers import DAY, all_pairs, make_lines, make_transfers

REFERENCES = ["", "1", "442", "2442", "72442", "572442", "75572442", "45775572442", "95775572442", "99991111", "A12345678",
              "45775572449", "123456", "20261124"]  # fmt: skip
DOCUMENTS = ["", "V-12.345.678", "V12345678", "J-00123456-0", "1234", "12345678"]
CODES = ["", "0134", "0102", "012", "BNAC"]
NAMES = [
    "",
    "Alicia Pérez",
    "PEREZ ALICIA M",
    "Comercial El Sol, C.A.",
    "Perez Perez",
    "José Gregorio Núñez Ávila",
    "SOL COMERCIAL",
]
TEXTS = ["", "TRF.OB 0134 J001234560", "PAGO MOVIL 45775572442 12345678 ALICIA PEREZ", "BNAC 0102-20261124/2442",
         "ñandú 012 0572442", "0134045775572442"]  # fmt: skip

transfer_rows = st.fixed_dictionaries(
    {
        "amount": st.sampled_from([100, 100.5, 98, 250]),
        "day": st.integers(DAY - 8, DAY + 8),
        "reference": st.sampled_from(REFERENCES),
        "bank_code": st.sampled_from(CODES),
        "payer_id": st.sampled_from(DOCUMENTS),
        "payer_names": st.lists(st.sampled_from(NAMES[1:]), max_size=3).map(tuple),
        "method": st.integers(1, 2),
    }
)
line_rows = st.fixed_dictionaries(
    {
        "amount": st.sampled_from([100, 100.5, 98, 250]),
        "day": st.integers(DAY - 8, DAY + 8),
        "seen": st.integers(1, 5000),
        "reference": st.sampled_from(REFERENCES),
        "text": st.sampled_from(TEXTS),
        "bank_code": st.sampled_from(CODES),
        "payer_id": st.sampled_from(DOCUMENTS),
        "payer_name": st.sampled_from(NAMES),
    }
)
POLICY = Policy(
    resting=frozenset(day for day in range(DAY - 30, DAY + 30) if day % 7 in (0, 6)),
    tolerances=(Tolerance(account=1, method=2, less=30_000, more=5_000, reason="withholding"),),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(transfer_rows, min_size=1, max_size=5), st.lists(line_rows, min_size=1, max_size=6))
def test_many_pairs_weigh_what_each_weighs_in_words(mine: list[dict], theirs: list[dict]) -> None:
    transfers, lines = make_transfers(*mine), make_lines(*theirs)
    pairs = all_pairs(transfers, lines)
    found = weigh_pairs(transfers, lines, pairs, POLICY, Texts(transfers, lines))
    calendar = business_days(transfers, lines, POLICY.resting_days())
    for place, (t, m) in enumerate(zip(pairs.transfer.tolist(), pairs.line.tolist(), strict=True)):
        facts = {fact["kind"]: fact for fact in facts_of(transfers, lines, t, m, POLICY, calendar)}
        assert found.reference[place] == tenths(facts["reference"]["weight"])
        assert found.amount[place] == tenths(facts["amount"]["weight"])
        assert found.date[place] == tenths(facts["date"]["weight"])
        person = [facts[kind]["weight"] for kind in ("bank", "payer_id", "payer_name") if kind in facts]
        assert found.person[place] == sum(map(tenths, person))
        assert found.score[place] == sum(tenths(fact["weight"]) for fact in facts.values())
        assert found.same_payer[place] == ("payer_id" in facts)
        proven = facts["reference"]["weight"] >= w.REFERENCE_SIX
        assert (found.digits[place] >= w.SIX) == proven


def test_a_difference_that_the_account_takes_says_why() -> None:
    transfers, lines = make_transfers({"amount": 100, "method": 2}), make_lines({"amount": 97.5})
    calendar = business_days(transfers, lines, POLICY.resting_days())
    amount = next(fact for fact in facts_of(transfers, lines, 0, 0, POLICY, calendar) if fact["kind"] == "amount")
    assert (amount["weight"], amount["data"]["reason"]) == (w.AMOUNT_WITHIN_FEE, "withholding")
    other = make_transfers({"amount": 100, "method": 1})
    amount = next(fact for fact in facts_of(other, lines, 0, 0, POLICY, calendar) if fact["kind"] == "amount")
    assert (amount["weight"], "reason" in amount["data"]) == (w.AMOUNT_DIFFERS, False)


def test_digits_after_which_both_go_on_differently_prove_nothing() -> None:
    transfers = make_transfers({"reference": "45775572442"})
    lines = make_lines({"reference": "44775572442"}, {"reference": "75572442"})
    found = weigh_pairs(transfers, lines, all_pairs(transfers, lines), Policy(), Texts(transfers, lines))
    assert found.reference.tolist() == [tenths(w.REFERENCE_LONG_HEAD_DIFFERS), tenths(w.REFERENCE_LONG)]
    assert found.digits.tolist() == [0, 8]


def test_codes_are_read_from_their_end() -> None:
    one, other = codes_of(["45775572442", "", "75572442"]), codes_of(["75572442", "45775572442", "X5572442"])
    assert shared_ends(one, ints([0, 1, 2]), other, ints([0, 1, 2])).tolist() == [8, 0, 7]
    assert digits_of(["J-00123456-0", "", "abc"]).length.tolist() == [7, 0, 0]
    runs = runs_of(["a 0012 x123456", "", "99 0000"], 4)
    assert (runs.owner.tolist(), runs.raw.tolist(), runs.code.length.tolist()) == ([0, 0, 2], [4, 6, 4], [2, 6, 0])


@pytest.mark.parametrize(
    ("start", "end", "apart"),
    [(0, 0, 0), (0, 1, 1), (0, 6, 4), (4, 6, 1), (1, 0, -1), (6, 4, -1), (4, 4, 0), (3, 12, 5)],
)
def test_days_are_counted_as_business_days(start: int, end: int, apart: int) -> None:
    # Day 0 is a Tuesday; 4 and 5 are a week-end.
    resting = ints([4, 5, 11, 12])
    calendar = BusinessDays(0, 12, resting)
    assert calendar.apart(ints([start]), ints([end])).tolist() == [apart]
    assert calendar.apart_one(start, end) == apart


def test_how_often_an_amount_was_seen_counts_thirty_days_of_one_account() -> None:
    days = ints([100, 114, 115, 130, 100])
    seen = seen_in_thirty_days(ints([1, 1, 1, 1, 2]), ints([5, 5, 5, 5, 5]), days)
    slow = [
        sum(1 for other in range(4) if days[each] - 15 <= days[other] <= days[each] + 14) if each < 4 else 1 for each in range(5)
    ]
    assert seen.tolist() == slow


def test_keys_lose_no_pair_that_reference_or_document_could_prove() -> None:
    rng = random.Random(4)
    tails = [f"{rng.randrange(10**8):08d}".lstrip("0") for _ in range(60)]
    mine = [{"reference": tail[-rng.choice([4, 5, 6, 8]) :].lstrip("0"), "amount": rng.choice([10, 20]),
             "payer_id": f"V{10_000_000 + rng.randrange(20)}", "day": DAY + rng.randrange(4)} for tail in tails]  # fmt: skip
    theirs = [{"reference": rng.choice(["", "77" + tail, tail]), "text": rng.choice(["", f"TRF {tail} X", f"C{10_000_000 + n}"]),
               "amount": rng.choice([10, 20]), "day": DAY + rng.randrange(4)} for n, tail in enumerate(tails)]  # fmt: skip
    transfers, lines = make_transfers(*mine), make_lines(*theirs)
    found = weigh_pairs(transfers, lines, all_pairs(transfers, lines), Policy(), Texts(transfers, lines))
    provable = {
        (t, m)
        for place, (t, m) in enumerate((t, m) for t in range(len(transfers)) for m in range(len(lines)))
        if found.digits[place] >= w.SIX or found.same_payer[place]
    }
    keys = pairs_by_keys(transfers, lines)
    kept = set(zip(keys.transfer.tolist(), keys.line.tolist(), strict=True))
    assert provable
    assert provable <= kept
    assert not len(keys.crowded)


def test_a_cut_key_is_said_and_the_nearest_days_are_kept() -> None:
    transfers = make_transfers({"reference": "12345678", "day": DAY})
    lines = make_lines(*({"reference": "12345678", "amount": 5, "day": DAY + place % 40} for place in range(80)))
    keys = pairs_by_keys(transfers, lines)
    assert len(keys) == w.MOST_BY_REFERENCE
    assert keys.crowded.tolist() == [0]
    assert max(lines.day[keys.line]) <= DAY + 25
