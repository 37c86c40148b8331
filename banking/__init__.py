"""Banks, receiving accounts, payment methods, dated exchange rates, and how money and references are read and written."""
