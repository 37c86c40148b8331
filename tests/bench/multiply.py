"""Ten thousand rows like one: copies made by the database, so that a bench need not wait for the services."""

from config.scale import greatest, multiply

__all__ = ("greatest", "multiply")
