"""Reading statements: one module per layout, bytes in, rows out. Pure Python, no Django."""
