"""Papers: bills, fiscal invoices, credit notes, receipts and statements of account as PDF. Frozen facts in, bytes out."""
