"""Measures the matching on made-up months and prints what it is worth.

python -m tests.bench_matching --seeds 10 --reports 10000 [--first-seed 1] [--show-wrong]
"""

from __future__ import annotations

import argparse
import sys

from tests.bench_matching.measure import WAYS, Score, measure
from tests.bench_matching.parameters import Parameters


def main(given: list[str] | None = None) -> int:
    """Prints the table; 1 when a goal is missed."""
    reader = argparse.ArgumentParser(prog="python -m tests.bench_matching")
    reader.add_argument("--seeds", type=int, default=10)
    reader.add_argument("--reports", type=int, default=10_000)
    reader.add_argument("--first-seed", type=int, default=1)
    reader.add_argument("--show-wrong", action="store_true")
    arguments = reader.parse_args(given)
    total = Score()
    for seed in range(arguments.first_seed, arguments.first_seed + arguments.seeds):
        total.add(measure(seed, Parameters(reports=arguments.reports)))
    tell(total)
    if arguments.show_wrong:
        for seed, proposal in total.wrong:
            print(seed, proposal)
    return 0 if all(good for _, _, _, good in goals(total)) else 1


def goals(total: Score) -> list[tuple[str, str, str, bool]]:
    """What was measured beside what it should be."""
    wrong = total.automatic - total.right
    recall = total.right_decidable / total.decidable
    three = total.first_three / total.truth
    undecidable = 1 - total.decidable / total.truth
    return [
        ("wrong automatic matches", f"{wrong} of {total.automatic}", "0", wrong == 0),
        ("recall of decidable pairs", f"{recall:.4f}", ">= 0.95", recall >= 0.95),
        ("right one among the first three", f"{three:.4f}", ">= 0.99", three >= 0.99),
        ("undecidable pairs", f"{undecidable:.4f}", "< 0.10", undecidable < 0.1),
    ]


def tell(total: Score) -> None:
    """The tables."""
    print(f"{total.seeds} months, {total.transfers} transfers, {total.truth} with their money\n")
    for what, found, goal, good in goals(total):
        print(f"{what:42}{found:>20}   goal {goal:8} {'met' if good else 'MISSED'}")
    rows = [
        ("precision (count)", f"{total.right / max(1, total.automatic):.6f}"),
        ("precision (money)", f"{1 - total.wrong_money / max(1.0, total.money):.6f}"),
        ("wrong money", f"{total.wrong_money:.2f}"),
        ("recall of all pairs", f"{total.right_decidable / total.truth:.4f} decidable only"),
        ("recall, the document decides on any day", f"{total.right_any_day / total.decidable_any_day:.4f}"),
        ("undecidable, counted that way", f"{1 - total.decidable_any_day / total.truth:.4f}"),
        ("right one first", f"{total.first / total.truth:.4f}"),
        ("among three, decidable", f"{total.first_three_decidable / total.decidable:.4f}"),
        ("transfers with money left to a person", f"{total.abstained / total.truth:.4f}"),
        ("true pairs among the candidates", f"{total.complete / total.truth:.4f}"),
        ("settled by the second report of a payment", f"{total.again}"),
        ("shared account, amount and day", f"{total.shared / total.transfers:.4f}"),
        ("blank references", f"{total.blank / total.transfers:.4f}"),
        ("CPU, microseconds a transfer", f"{total.seconds / total.transfers * 1e6:.0f}"),
    ]
    for what, found in rows:
        print(f"{what:42}{found:>20}")
    print(f"\n{'way':20}{'settled':>10}{'precision':>12}{'recall of decidable':>22}")
    for way in WAYS:
        settled, right, decided = total.ways[way]
        print(f"{way:20}{settled:>10}{right / max(1, settled):>12.5f}{decided / total.decidable:>22.4f}")


if __name__ == "__main__":
    sys.exit(main())
