"""The measurement in small: a made-up month with every hard case, matched without a wrong one."""

from __future__ import annotations

import pytest

from tests.bench_matching.__main__ import goals, main
from tests.bench_matching.measure import Score, measure
from tests.bench_matching.parameters import Parameters
from tests.bench_matching.world import make_month


def test_the_same_seed_makes_the_same_month() -> None:
    one, other = make_month(3, Parameters(reports=100)), make_month(3, Parameters(reports=100))
    assert (one.transfers, one.lines, one.truth) == (other.transfers, other.lines, other.truth)
    assert one.transfers != make_month(4, Parameters(reports=100)).transfers


def test_a_made_up_month_is_matched_without_a_wrong_one() -> None:
    score = measure(7, Parameters(reports=1000))
    assert score.wrong == []
    assert score.automatic > 700
    assert [what for what, _, _, good in goals(score) if not good] == []
    assert score.ways["greedy"][1] < score.ways["greedy"][0]


def test_the_command_prints_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seeds", "1", "--reports", "200", "--first-seed", "5"]) in (0, 1)
    told = capsys.readouterr().out
    for words in ("wrong automatic matches", "recall of decidable pairs", "global + margin", "undecidable"):
        assert words in told


def test_scores_add_up() -> None:
    one = measure(1, Parameters(reports=100))
    total = Score()
    total.add(one)
    total.add(one)
    assert (total.seeds, total.truth) == (2, 2 * one.truth)
    assert total.ways["global"][0] == 2 * one.ways["global"][0]


@pytest.mark.soak
@pytest.mark.parametrize("first", [1, 8_000])
def test_ten_months_of_ten_thousand_have_none_wrong(first: int) -> None:
    total = Score()
    for seed in range(first, first + 10):
        total.add(measure(seed, Parameters()))
    assert [what for what, _, _, good in goals(total) if not good] == []
