"""The books read: ageing, balances of the bank and of the ledger, what explains their difference, statements of account."""
