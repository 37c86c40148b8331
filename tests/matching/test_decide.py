"""What is proposed, what is automatic, and every reason why not."""

from __future__ import annotations

import random
from dataclasses import fields
from typing import Any

import pytest

from reconciliation.matching import weights as w
from reconciliation.matching.columns import Pairs, digest_of, ints, take_lines, take_transfers
from reconciliation.matching.decide import Proposal, Result, propose
from reconciliation.matching.keys import pairs_by_keys
from reconciliation.matching.policy import Policy, Tolerance
from tests.matching.makers import DAY, ONE, make_lines, make_pairs, make_transfers

NAMED = {"reference": "45775572442", "bank_code": "0134"}


def run(transfers: list[dict[str, Any]], lines: list[dict[str, Any]], policy: Policy | None = None) -> Result:
    return propose(make_transfers(*transfers), make_lines(*lines), None, policy or Policy())


def chosen(result: Result) -> list[Proposal]:
    return [proposal for proposal in result if proposal.chosen]


def only(result: Result) -> Proposal:
    (proposal,) = chosen(result)
    return proposal


def test_a_named_exact_deposit_is_automatic() -> None:
    found = only(run([NAMED], [NAMED]))
    assert (found.kind, found.transfers, found.lines, found.rank) == ("one", (1,), (101,), 1)
    assert found.automatic
    assert found.why_not == ()
    assert found.parts[0].amount == 1250 * ONE
    assert found.score == 18.2 + 10.4 + 2.1 + 3.0


@pytest.mark.parametrize(
    ("transfer", "line", "why"),
    [
        (NAMED, {**NAMED, "amount": 1240}, "amount"),
        (NAMED, {**NAMED, "amount": 2500}, "amount"),
        ({"reference": "72442"}, NAMED, "unproven"),
        ({"reference": "", "bank_code": "0134"}, NAMED, "unproven"),
        ({"reference": "44775572442"}, {"reference": "45775572442"}, "unproven"),
        ({**NAMED, "reference": "572442", "bank_code": ""}, {"reference": "45775572442", "seen": 500}, "chance"),
        ({**NAMED, "flagged": True}, NAMED, "flagged"),
        (NAMED, {**NAMED, "amount": 2000, "free": 1250}, "part"),
    ],
)
def test_one_reason_is_enough_to_ask(transfer: dict[str, Any], line: dict[str, Any], why: str) -> None:
    found = only(run([transfer], [line]))
    assert not found.automatic
    assert why in found.why_not


def test_a_limit_and_a_closed_period_ask() -> None:
    assert only(run([NAMED], [NAMED], Policy(limit={1: 1250 * ONE}))).automatic
    assert only(run([NAMED], [NAMED], Policy(limit={1: 1250 * ONE - 1}))).why_not == ("limit",)
    assert only(run([NAMED], [NAMED], Policy(limit={2: 1}))).automatic
    assert only(run([NAMED], [NAMED], Policy(closed=((DAY - 10, DAY),)))).why_not == ("closed",)
    assert only(run([NAMED], [NAMED], Policy(closed=((DAY - 10, DAY - 1),)))).automatic


def test_a_tolerance_informs_and_never_settles() -> None:
    policy = Policy(tolerances=(Tolerance(account=1, less=100 * ONE, reason="withholding"),))
    result = run([NAMED], [{**NAMED, "amount": 1170}], policy)
    found = only(result)
    assert not found.automatic
    amount = next(fact for fact in result.facts_of(*found.parts[0][:2]) if fact["kind"] == "amount")
    assert amount["data"]["reason"] == "withholding"
    assert amount["weight"] == w.AMOUNT_WITHIN_FEE


def test_the_payers_document_proves_alone_only_without_another_number_and_near_the_day() -> None:
    mine = {"payer_id": "V-12.345.678"}
    theirs = {"payer_id": "V12345678", "reference": "99887766"}
    assert only(run([mine], [theirs])).automatic
    assert only(run([mine], [{"text": "TRF 12345678"}])).automatic
    assert not only(run([mine], [{**theirs, "day": DAY + 4}])).automatic
    assert not only(run([mine], [{**theirs, "day": DAY - 2}])).automatic
    assert not any(found.automatic for found in run([{**mine, "reference": "11223344"}], [theirs]))
    assert not any(found.automatic for found in run([{**mine, "reference": "11223344"}], [{"text": "12345678 99887766"}]))


def test_a_payer_of_two_customers_proves_for_neither() -> None:
    mine, theirs = {"payer_id": "V-12.345.678"}, {"payer_id": "V12345678"}
    other = {**mine, "amount": 90, "day": DAY - 9}
    assert not only(run([mine, other], [theirs])).automatic
    assert only(run([{**mine, "group": 5}, {**other, "group": 5}], [theirs])).automatic


def test_debits_and_used_lines_are_no_candidates() -> None:
    assert run([NAMED], [{**NAMED, "amount": -1250}, {**NAMED, "free": 0}]).proposals == []


def test_identical_evidence_twice_asks() -> None:
    result = run([NAMED], [NAMED, NAMED])
    found = only(result)
    assert found.why_not == ("margin_transfer",)
    assert found.margin_transfer == 0
    assert [proposal.rank for proposal in result] == [1, 2]
    twins = {"payer_id": "V12345678"}
    assert not any(found.automatic for found in run([twins, twins], [twins, twins]))


def test_one_payment_reported_twice_asks_for_both() -> None:
    result = run([NAMED, {**NAMED, "reference": "572442"}], [NAMED])
    assert not any(found.automatic for found in result)
    assert "flagged" in chosen(result)[0].why_not
    assert next(found for found in result if not found.chosen).why_not[:1] == ("taken",)


def test_neighbours_one_digit_apart_each_get_their_own() -> None:
    one, other = {**NAMED, "reference": "00915926"}, {**NAMED, "reference": "00915920"}
    result = run([one, other], [other, one])
    assert {(found.transfers, found.lines, found.automatic) for found in chosen(result)} == {
        ((1,), (102,), True),
        ((2,), (101,), True),
    }
    assert not any(found.automatic for found in run([one], [other]))


def test_a_reference_that_everybody_names_proves_nothing() -> None:
    lines = [{"reference": "20261124", "amount": 100 + place} for place in range(6)]
    found = chosen(run([{"reference": "20261124", "amount": 103}], lines))
    assert found[0].lines == (104,)
    assert found[0].why_not == ("chance",)


def test_a_cut_key_asks() -> None:
    result = propose(make_transfers(NAMED), make_lines(NAMED), make_pairs([(0, 0)], crowded=[0]), Policy())
    assert only(result).why_not == ("crowded",)


def test_one_deposit_for_several_reports_of_a_customer() -> None:
    parts = [{"group": 7, "amount": amount, "reference": "45775572442"} for amount in (250, 400, 600)]
    found = only(run(parts, [NAMED]))
    assert (found.kind, found.transfers, found.lines, found.automatic) == ("many_transfers", (1, 2, 3), (101,), True)
    assert sorted((part.transfer, part.amount) for part in found.parts) == [(1, 250 * ONE), (2, 400 * ONE), (3, 600 * ONE)]
    strangers = [{**part, "group": place} for place, part in enumerate(parts)]
    assert not any(found.kind == "many_transfers" for found in run(strangers, [NAMED]))


def test_several_deposits_for_one_report() -> None:
    lines = [{"payer_id": "V12345678", "amount": amount} for amount in (1000, 250)]
    found = only(run([{"payer_id": "V12345678"}], lines))
    assert (found.kind, found.lines, found.automatic) == ("many_lines", (101, 102), True)


def test_a_sum_with_two_answers_asks_and_a_sum_of_strangers_is_none() -> None:
    lines = [{"payer_id": "V12345678", "amount": amount} for amount in (1000, 250, 250)]
    found = only(run([{"payer_id": "V12345678"}], lines))
    assert "not_unique" in found.why_not
    strangers = [{"payer_id": f"V1234567{place}", "amount": amount} for place, amount in enumerate((1000, 250))]
    assert chosen(run([{"payer_id": "V99999999"}], strangers)) == []


def test_a_sum_gives_way_to_an_exact_deposit() -> None:
    lines = [{**NAMED}, {"payer_id": "V12345678", "amount": 1000}, {"payer_id": "V12345678", "amount": 250}]
    found = only(run([{**NAMED, "payer_id": "V12345678"}], lines))
    assert (found.kind, found.lines) == ("one", (101,))


def test_alternatives_are_ranked_and_at_most_three() -> None:
    lines = [{"amount": 1250, "day": DAY + place, "payer_id": "V12345678"} for place in range(5)]
    result = run([{"payer_id": "V12345678"}], lines)
    assert [(found.rank, found.lines[0]) for found in result] == [(1, 101), (2, 102), (3, 103)]
    assert [found.chosen for found in result] == [True, False, False]


def test_nothing_in_gives_nothing_out() -> None:
    for transfers, lines in (([], []), ([NAMED], []), ([], [NAMED])):
        result = run(transfers, lines)
        assert result.proposals == []
        assert result.counts()["automatic"] == 0


def scene(seed: int) -> tuple[Any, Any, Policy]:
    rng = random.Random(seed)
    numbers = [str(rng.randrange(10**5, 10**9)) for _ in range(40)]
    transfers = [{"reference": number[-rng.choice([4, 6, 9]) :], "amount": rng.choice([10, 20, 30]), "group": rng.randrange(9),
                  "payer_id": f"V1234567{rng.randrange(9)}", "day": DAY + rng.randrange(6)} for number in numbers]  # fmt: skip
    lines = [{"reference": rng.choice(["", number]), "amount": rng.choice([10, 20, 30, 50]), "day": DAY + rng.randrange(6),
              "payer_id": f"V1234567{rng.randrange(9)}", "seen": 9} for number in numbers]  # fmt: skip
    return make_transfers(*transfers), make_lines(*lines), Policy()


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_the_input_changes_nothing(seed: int) -> None:
    transfers, lines, policy = scene(seed)
    pairs = pairs_by_keys(transfers, lines)
    whole = propose(transfers, lines, pairs, policy).proposals
    assert whole == propose(transfers, lines, None, policy).proposals
    rng = random.Random(seed)
    mixed_t, mixed_l = (rng.sample(range(len(rows)), len(rows)) for rows in (transfers, lines))
    mixed = Pairs(
        transfer=ints([mixed_t.index(place) for place in pairs.transfer]),
        line=ints([mixed_l.index(place) for place in pairs.line]),
        crowded=ints([]),
    )
    shuffled = propose(take_transfers(transfers, ints(mixed_t)), take_lines(lines, ints(mixed_l)), mixed, policy)
    assert shuffled.proposals == whole
    assert shuffled.facts_of(*whole[0].parts[0][:2])


@pytest.mark.parametrize("seed", range(12))
def test_what_is_chosen_shares_nothing_and_automatic_means_no_reason(seed: int) -> None:
    result = propose(*scene(seed)[:2], None, Policy())
    taken = chosen(result)
    transfers = [transfer for found in taken for transfer in found.transfers]
    lines = [line for found in taken for line in found.lines]
    assert len(transfers) == len(set(transfers))
    assert len(lines) == len(set(lines))
    assert taken
    for found in result:
        assert found.automatic == (found.why_not == ())
        assert found.chosen or "taken" in found.why_not
    assert result.counts()["chosen"] == len(taken)
    assert len(result) == len(result.proposals)


def test_the_digest_follows_every_column() -> None:
    transfers, lines = make_transfers(NAMED), make_lines(NAMED)
    before = digest_of(transfers, lines)
    assert before == digest_of(make_transfers(NAMED), make_lines(NAMED))
    assert before != digest_of(make_transfers({**NAMED, "reference": "1"}), lines)
    assert before != digest_of(transfers, make_lines({**NAMED, "day": DAY + 1}))
    assert {each.name for each in fields(transfers)} >= {"id", "group", "flagged"}
