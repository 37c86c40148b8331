"""Where money is found and moves: statement lines, proposals, settlement, reversal, the ledger and its proof."""
