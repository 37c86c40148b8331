"""The demo: two merchants with customers, orders, tickets in every state, deposits and drawn receipts.

`people.PEOPLE` is plain data, readable without Django; `loading.is_loaded()` and `loading.load()` fill the database.
"""
