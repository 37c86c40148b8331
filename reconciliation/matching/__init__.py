"""Weighing whether a statement line is a declared transfer: rows in, proposals out. Pure Python, no Django."""
