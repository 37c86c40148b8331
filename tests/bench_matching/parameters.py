"""The made-up month, as numbers. Shares are of payments unless said otherwise; where statistics of real merchants exist they are
kept (29 % of transfers share account, amount and day with another; 5 % of references are blank; 16 % of reports cover several
orders), the rest is chosen so that every hard case is there in every month of a thousand reports.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """One month of one merchant."""

    reports: int = 10_000
    days: int = 30

    # Three accounts in two currencies; what the bank's file shows of a deposit differs by account.
    accounts: tuple[int, ...] = (1, 2, 3)
    customers_per_report: float = 0.45
    # Prices of the list (per 10,000 reports), and how many payments are one of them; sums of 2-5 orders are the rest's half.
    prices: int = 220
    at_list_price: float = 0.46
    several_orders: float = 0.16
    # One of these customers pays the same amount again within days, reported or not.
    regular_payers: float = 0.05
    shared_payer: float = 0.03
    paid_by_another: float = 0.04

    # What is missing on either side.
    line_missing: float = 0.06
    strangers: float = 0.15
    strangers_that_sum: float = 0.005

    # References. Shapes on both sides together make some forty combinations.
    blank_reference: float = 0.05
    typed: dict[str, float] = field(
        default_factory=lambda: {
            "as_printed": 0.44, "without_zeros": 0.16, "last_8": 0.13, "last_6": 0.13, "last_5": 0.008, "last_4": 0.008,
            "with_spaces": 0.03, "padded": 0.05, "look_alikes": 0.006,
        }
    )  # fmt: skip
    mistyped: float = 0.008  # one digit
    swapped: float = 0.004  # two digits
    other_number: float = 0.005  # the approval's number instead
    date_as_reference: float = 0.003
    printed: dict[str, float] = field(
        default_factory=lambda: {
            "as_numbered": 0.45, "padded_13": 0.15, "padded_15": 0.08, "in_text": 0.14, "last_8": 0.06, "prefixed": 0.07,
            "composite": 0.04,
        }
    )  # fmt: skip
    destroyed: float = 0.008  # 3.46E+10
    renumbered: float = 0.006  # on its way, by a bank between

    # One payer's next transfer: same amount, number one digit apart, anywhere. Of some pairs only the wrong halves are there: one
    # report, one line, and the digit among the last four (further left, who names four digits cannot be told from the other).
    neighbours: float = 0.02
    neighbours_halved: float = 0.3
    # Genuine twins: same payer, amount and day.
    twins: float = 0.008

    # Reports of one payment twice: by the customer, or by somebody who got hold of the receipt. How often a flag notices the
    # former; the latter shows the same picture and is always noticed (what pictures miss is not measured here).
    reported_twice: float = 0.010
    stolen: float = 0.004
    flag_notices: float = 0.7

    # One deposit for several reports, several deposits for one transfer.
    one_for_several: float = 0.007
    several_for_one: float = 0.004

    # Amounts that are not those declared.
    fee_kept: float = 0.007
    amount_mistyped: float = 0.004

    # Dates: business days until booked; the declared day off by one or by much.
    booked_after: tuple[float, ...] = (0.58, 0.33, 0.06, 0.02, 0.01)
    day_off_by_one: float = 0.04
    day_far_off: float = 0.006

    # What the line shows of the person, by account.
    shows_document: tuple[float, ...] = (0.75, 0.55, 0.45)
    shows_bank: tuple[float, ...] = (0.8, 0.5, 0.6)
    shows_name: tuple[float, ...] = (0.7, 0.4, 0.3)
    # What the customer declares of it.
    declares_bank: float = 0.85
    declares_wrong_bank: float = 0.015
    wrong_account: float = 0.002
