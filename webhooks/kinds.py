"""What other systems can hear of. A kind is a promise: what its data hold is told in docs/howto/webhooks.md."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """One sort of news. The value is what the receiver reads as `type`."""

    REPORT_SUBMITTED = "report.submitted", _("A payment report arrived")
    TICKET_STATE_CHANGED = "ticket.state_changed", _("A ticket changed its state")
    ORDER_ISSUED = "order.issued", _("An order was issued")
    ORDER_PAID = "order.paid", _("An order was paid in full")
    ORDER_REOPENED = "order.reopened", _("A paid order is owed again")
    ORDER_VOIDED = "order.voided", _("An order was voided")
    CUSTOMER_UPDATED = "customer.updated", _("Data of a customer changed")
    SERVICE_ACTIVATED = "service.activated", _("A service became active")
    SERVICE_RENEWED = "service.renewed", _("A service was renewed")
    SERVICE_ENDED = "service.ended", _("A service was cancelled or ran out")
    DOCUMENT_ISSUED = "document.issued", _("A document of an order was issued")
    TEST = "test", _("A test")


# What an endpoint may subscribe to: a test goes to the one endpoint that is tested.
SUBSCRIBABLE = tuple(kind for kind in Kind if kind != Kind.TEST)
