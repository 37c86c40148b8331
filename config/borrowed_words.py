"""Sentences of Django's and allauth's that address the reader as "tú"; our own translations of them, found first, say "usted"."""

from django.utils.translation import gettext_noop

SENTENCES = (
    gettext_noop("Be patient, you are sending too many requests."),
    gettext_noop("Please select only one."),
    gettext_noop("Use authenticator app or code"),
    gettext_noop("Enter a phone number including country code (e.g. +1 for the US)."),
    gettext_noop("You cannot generate recovery codes without having two-factor authentication enabled."),
    gettext_noop("You have verified phone number %(phone)s."),
    gettext_noop("Save them  in a secure location now — they won't be shown again."),
    gettext_noop("Invalid login."),
)
