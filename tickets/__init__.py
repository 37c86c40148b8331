"""The case: a ticket's state machine, its events and deadlines, and the one door to django-helpdesk."""
