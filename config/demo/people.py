"""Who can sign in to the demo; the launcher prints them, the customer first."""

from typing import NamedTuple


class DemoPerson(NamedTuple):
    """One person: what they are, how they sign in, and the slug of the merchant whose pages they see."""

    role: str
    email: str
    password: str
    merchant: str


PEOPLE: list[DemoPerson] = []
