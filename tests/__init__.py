"""Concilia's tests: by room, and by what crosses rooms."""
