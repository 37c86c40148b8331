"""One way through the report form: a new report, or a rejected one corrected. Both have a form, a check page and a draft."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Customer
from portal.report_input import offer_amount
from portal.report_picture import ReportPicture
from portal.requests import Visitor
from reconciliation.services import submit_claim
from reports.content import ReportContent
from reports.drafts import correction_key, draft_data, draft_of, draft_token
from reports.forms import ReportForm
from reports.models import ReportDraft
from reports.selectors import report_of, ticket_of_key
from reports.services import resubmit_report
from reports.view import ReportView
from tickets.models import Ticket


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Where the form, its check page and what they lead to stand. `ticket`, `view`: the report that is corrected."""

    visitor: Visitor
    ticket: Ticket | None = None
    view: ReportView | None = None

    @property
    def customer(self) -> Customer:
        return self.visitor.customer

    @property
    def title(self) -> str:
        if self.ticket:
            return _("Correct the report %(number)s") % {"number": self.ticket.number}
        return _("Report payment(s)")

    @property
    def form_url(self) -> str:
        return reverse("portal:ticket_correct", args=[self.ticket.number]) if self.ticket else reverse("portal:report")

    @property
    def check_url(self) -> str:
        return (
            reverse("portal:ticket_correct_check", args=[self.ticket.number]) if self.ticket else reverse("portal:report_check")
        )

    @property
    def live_url(self) -> str:
        return reverse("portal:ticket_correct_live", args=[self.ticket.number]) if self.ticket else reverse("portal:report_live")

    @property
    def back_url(self) -> str:
        return reverse("portal:ticket", args=[self.ticket.number]) if self.ticket else reverse("portal:home")

    @property
    def back_text(self) -> str:
        return self.ticket.number if self.ticket else _("Home")

    def upload_url(self, key: uuid.UUID) -> str:
        """Where files of this form go; the position of the transfer follows."""
        return reverse("portal:report_upload", args=[key, 1]).removesuffix("1/")

    # --- Drafts ---

    def new_key(self) -> uuid.UUID:
        """A correction has one draft, a new report a new one each time."""
        return correction_key(self.view.report) if self.view else uuid.uuid4()

    def draft(self, key: uuid.UUID | None) -> ReportDraft | None:
        """The draft of this person with that key."""
        return draft_of(self.customer, self.visitor.user, key) if key else None

    def sent_as(self, key: uuid.UUID) -> Ticket | None:
        """The ticket that a form with this key became."""
        return None if self.ticket else ticket_of_key(self.customer, key)

    def token(self, key: uuid.UUID) -> str:
        return draft_token(key, self.customer, self.visitor.user)

    # --- Forms ---

    def form(
        self,
        data: QueryDict | None = None,
        files: object = None,
        *,
        ticked: tuple[int, ...] = (),
        draft: ReportDraft | None = None,
    ) -> ReportForm:
        """The form with what was posted, or as it begins."""
        return ReportForm(data, files, customer=self.customer, ticked=ticked, view=self.view, draft=draft)

    def form_of_draft(self, draft: ReportDraft) -> ReportForm:
        """The form as it was left. A draft that so far has files alone begins like a new form."""
        form = self.form(draft_data(draft), draft=draft) if draft.data else self.begun(draft=draft)
        return form

    def begun(self, *, ticked: tuple[int, ...] = (), draft: ReportDraft | None = None) -> ReportForm:
        """A form at its beginning, bound to what it starts with, so that its sums are computed like any other's."""
        start = self.form(ticked=ticked, draft=draft)
        return self.form(_starting_data(start), ticked=ticked, draft=draft)

    def picture(self, form: ReportForm, key: uuid.UUID, *, judged: bool, fills_blank: bool = True) -> ReportPicture:
        """The form as the page shows it."""
        offered = offer_amount(form, fills_blank=fills_blank)
        return ReportPicture(form, judged=judged, offered=offered, upload_url=self.upload_url(key))

    # --- The end ---

    def send(self, key: uuid.UUID, content: ReportContent) -> Ticket:
        """Send the report, or send it again corrected. Raises what the services raise."""
        visitor = self.visitor
        if self.ticket:
            return resubmit_report(ticket_id=self.ticket.pk, content=content, by=visitor.actor)
        ticket, _made = submit_claim(
            merchant=visitor.merchant, customer=visitor.customer, key=key, content=content, by=visitor.actor
        )
        return ticket


def correction_of(visitor: Visitor, ticket: Ticket) -> Flow:
    """The flow that corrects a rejected report."""
    return Flow(visitor=visitor, ticket=ticket, view=report_of(visitor.actor, ticket))


def _starting_data(form: ReportForm) -> QueryDict:
    """What an unbound form starts with, as if it had been posted. The hidden copy of the amount says that it is ours."""
    data = QueryDict(mutable=True)
    for name, each in form.fields.items():
        value = form.get_initial_for_field(each, name)
        if name == "orders":
            data.setlist(name, [str(pk) for pk in value or ()])
        elif value not in (None, "", False):
            data[name] = "1" if value is True else str(value)
    for voucher in form.withholdings if form.current else ():
        for name, value in voucher.initial.items():
            data.setlist(voucher.add_prefix(name), value if isinstance(value, list) else [str(value)])
    for transfer in form.transfers.forms:
        for name, each in transfer.fields.items():
            value = transfer.get_initial_for_field(each, name)
            data[transfer.add_prefix(name)] = "" if value is None else str(value)
        if transfer.current is None:
            data[f"{transfer.prefix}-amount"] = data[f"{transfer.prefix}-offered"] = ""
        else:
            data.setlist(transfer.add_prefix("files"), [str(key) for key in transfer.current.file_keys])
    return data
