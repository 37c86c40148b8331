"""The tickets room takes the answers to its letters."""

from __future__ import annotations

from django.apps import AppConfig


class TicketsConfig(AppConfig):
    """Says to the letters room where answers go: letters know nothing of tickets."""

    name = "tickets"

    def ready(self) -> None:
        from letters.answers import take_answers
        from tickets.mail.answering import place_of_answers

        take_answers(place_of_answers)
