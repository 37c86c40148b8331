"""Every constant of the matching, each with its reason. Nothing is fitted: fitting waits for real confirmed matches.

A weight is log2(m/u): how much likelier the observation is for the right line (m) than for a stranger's (u). Weights have one
decimal and are added as whole tenths, so that sums are exact and the same in whatever order they are made.
"""

from __future__ import annotations

from decimal import Decimal

# --- reference: by its end, for customers type the end of what the bank prints and banks pad with zeros ---
# Eight agreeing digits happen by chance once in 10^8; capped, for what a person types is copied from one receipt as a whole.
REFERENCE_LONG = 18.2
# Six digits: once in 10^6, and people are told that the last six suffice.
REFERENCE_SIX = 13.0
# Four digits: once in 10^4, among some hundred lines of a window.
REFERENCE_FOUR = 8.0
# The ends agree, but both go on and go on differently: one payer's transfers of one day differ in a single digit anywhere, so
# this says much less than the digits that agree, and it never proves.
REFERENCE_LONG_HEAD_DIFFERS = 6.0
REFERENCE_SIX_HEAD_DIFFERS = 3.0
# Two references that end differently are seldom one payment; banks do number a transfer anew on its way, so it is not infinite.
REFERENCE_CONFLICT = -11.0
LONG, SIX, FOUR = 8, 6, 4

# --- amount ---
# An amount seen once in thirty days; each doubling of how common it is takes one bit away (price lists repeat).
AMOUNT_EXACT = 10.4
AMOUNT_EXACT_LEAST = 1.0
# A bank on the way kept a fee: it happens, and a stranger's amount falls into two percent now and then. The same for a difference
# that the account's own tolerances name.
AMOUNT_WITHIN_FEE = 2.0
AMOUNT_DIFFERS = -6.0
FEE_SHARE = Decimal("0.02")

# --- date ---
# The same day is usual for transfers of one bank, one day for others; before the declared day is a slip of the pen.
DAYS = {0: 2.1, 1: 1.0, 2: 0.5, 3: 0.0, 4: 0.0, -1: -1.0}
DAYS_OUTSIDE = -4.0

# --- person ---
# About one bank in eight sends a given transfer.
BANK_AGREES = 3.0
BANK_DIFFERS = -3.0
# Documents are unique: one line in five hundred is this payer's. Not more, for a customer's other payments carry the same one.
PAYER_ID = 9.0
# Names only support.
PAYER_NAME = 1.5
# Bank, document and name come from one person and say partly the same.
PERSON_CAP = 12.0

# --- what a score means ---
STRONG = 15.0
POSSIBLE = 6.0
# Below this a line is not even shown as what else may be meant: it contradicts more than it agrees.
LEAST_SHOWN = -12.0

# --- automatic ---
# Twice the odds seven times: the next best explanation is 128 times less likely. More than a nearer date and the bank can add up
# to, so that these never decide between two deposits.
MARGIN = 7.0
# How many lines of this amount may be expected to agree with such a reference by mere chance: one in 5,000. A wrong match needs
# that the transfer's own line is missing, too (one in ten), and that nobody reported the other (one in five): one in 250,000.
CHANCE = 2e-4
# What the bank, the document and a nearer date take from that chance.
CHANCE_OF_BANK = 1 / 8
CHANCE_OF_PAYER = 1 / 256
# A reference that ends like this in more lines than these is no reference (a date, the merchant's own document, 99999999).
COMMON_REFERENCE = 3
# The payer's document says who paid, not which payment it is. Alone it proves only what the bank booked on the declared day, and
# only when neither side has another payment of that payer within a slip of the pen: who pays twice, or again because the first
# attempt failed, shows the same. In a set, whose sum must agree as well, the days may lie as far apart as deposits are booked.
# Counted in days of business, for Saturday's and Monday's payments are booked together.
PAYER_DAYS = 1
PAYER_IN_SET_DAYS = (-1, 4)
# Calendar days from the declared day to the booked one within which a deposit may be of the customer's other equal report.
DAYS_OF_EQUAL = (-1, 7)
COMMON_PAYER = 12

# --- bounds ---
# Pairs kept of one transfer by one key, the nearest days first.
MOST_BY_AMOUNT = 12
MOST_BY_REFERENCE = 50
MOST_BY_PAYER = 50
# Calendar days around the declared day: -1 to +4 business days with a long week-end; references hold longer.
DAYS_BY_AMOUNT = (-3, 7)
DAYS_BY_REFERENCE = (-30, 60)
DAYS_BY_PAYER = (-3, 10)
# Components with more transfers get their assignment but no margins, and nothing in them is automatic.
MOST_IN_COMPONENT = 400
# Sums: a stranger's deposit hits some subset of 12 orders 38 % of the time, so sets are small and never proven by the sum alone.
MOST_PARTS = 6
MOST_FOR_SUM = 24
