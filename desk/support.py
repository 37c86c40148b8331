"""Support's own pages: its set-up (departments, canned answers, the mailbox), and mails that wait for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from accounts.selectors import customer_by_number
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, Member, key_of, member_of, show, status_of
from desk.support_forms import DepartmentForm, MailboxForm, ReplyForm
from tickets.canned import EXAMPLES, VARIABLES, fill_in
from tickets.services import open_held_mail, save_canned_reply, save_department, save_mailbox, settle_held_mail
from tickets.services.mailboxes import FAILURES
from tickets.support import departments_of, held_mails_for, mailbox_of, replies_for

PAGE_SIZE = 30
LONGEST_NUMBER = 30


@require_safe
@staff_page()
def show_support(request: HouseRequest) -> HttpResponseBase:
    """Departments, canned answers and the mailbox at a glance."""
    member = member_of(request)
    mailbox = mailbox_of(member.actor)
    context = {
        "departments": departments_of(member.merchant, all_of_them=True),
        "replies": replies_for(member.actor, all_of_them=True),
        "mailbox": mailbox,
        "failure": FAILURES.get(mailbox.failure, "") if mailbox else "",
        "can_administer": member.actor.can_administer,
    }
    return show(request, member, "desk/support.html", context)


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_department(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Add (0) or change a department."""
    member = member_of(request)
    department = departments_of(member.merchant, all_of_them=True).filter(pk=pk).first() if pk else None
    if pk and department is None:
        raise Http404
    posted = request.method == "POST"
    form = DepartmentForm(request.POST if posted else None, initial=DepartmentForm.initial_of(department))

    def keep() -> str:
        kept = save_department(merchant=member.merchant, data=form.to_data(), department_id=pk or None, by=member.actor)
        return _("The department %(name)s is kept.") % {"name": kept.name}

    return _edit(request, form, keep, title=department.name if department else _("New department"))


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_reply(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Add (0) or change a canned answer; the button `preview` shows it filled in, without keeping it."""
    member = member_of(request)
    reply = replies_for(member.actor, all_of_them=True).filter(pk=pk).first() if pk else None
    if pk and reply is None:
        raise Http404
    posted = request.method == "POST"
    form = ReplyForm(request.POST if posted else None, merchant=member.merchant, initial=ReplyForm.initial_of(reply))

    def keep() -> str:
        kept = save_canned_reply(merchant=member.merchant, data=form.to_data(), reply_id=pk or None, by=member.actor)
        return _("The answer %(name)s is kept.") % {"name": kept.name}

    values = {**EXAMPLES, "merchant": member.merchant.name, "agent": str(member.user)}
    texts = [form[name].value() or "" for name in ("text_es", "text_en")]
    more = {
        "variables": [(f"{{{name}}}", words) for name, words in VARIABLES.items()],
        "preview": [fill_in(str(text), values) for text in texts] if any(texts) else [],
    }
    wants_preview = "preview" in request.POST
    return _edit(request, form, keep, title=reply.name if reply else _("New answer"), more=more, only_shows=wants_preview)


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_mailbox(request: HouseRequest) -> HttpResponseBase:
    """Where answers by mail arrive. One that is to be read is opened before it is kept."""
    member = member_of(request)
    mailbox = mailbox_of(member.actor)
    form = MailboxForm(request.POST if request.method == "POST" else None, initial=MailboxForm.initial_of(mailbox))

    def keep() -> str:
        save_mailbox(merchant=member.merchant, data=form.to_data(), by=member.actor)
        return _("The mailbox is kept.")

    return _edit(request, form, keep, title=_("Mailbox for answers by e-mail"))


def _edit(
    request: HouseRequest,
    form: forms.Form,
    keep: Callable[[], str],
    *,
    title: str,
    more: dict[str, Any] | None = None,
    only_shows: bool = False,
) -> HttpResponseBase:
    """A form of this set-up: shown, or kept and back to the overview; a refusal stands at its field and nothing is lost."""
    refusal, status = "", 200
    if form.is_bound and not only_shows:
        status = BAD_INPUT
        if form.is_valid():
            try:
                said = keep()
            except Refused as refused:
                status = status_of(refused)
                named = [field for field in refused.fields if field in form.fields]
                for field in named:
                    form.add_error(field, refused.message)
                refusal = "" if named else refused.message
            else:
                messages.success(request, said)
                return redirect("desk:support")
    context = {"form": form, "title": title, "refusal": refusal, **(more or {})}
    return show(request, member_of(request), "desk/support_form.html", context, status=status)


@require_http_methods(FORM_METHODS)
@staff_page()
def show_mails(request: HouseRequest) -> HttpResponseBase:
    """E-mails that found no way: from strangers, forged, too many, unreadable. Each leaves the list when somebody has dealt
    with it: by taking it off, or by saying whose it is."""
    member = member_of(request)
    refusal, status, key = "", 200, key_of(request.POST.get("mail"))
    if request.method == "POST":
        if not member.actor.can_write_messages:
            raise NotAllowed
        if key is None:
            raise Http404
        try:
            return _deal_with(request, member, key)
        except Refused as refused:
            refusal, status = refused.message, status_of(refused)
    page = Paginator(held_mails_for(member.actor), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "can_write": member.actor.can_write_messages,
        "refusal": refusal,
        "chosen": key,
        "typed": request.POST.get("customer", "")[:LONGEST_NUMBER],
    }
    return show(request, member, "desk/mails.html", context, status=status)


def _deal_with(request: HouseRequest, member: Member, key: int) -> HttpResponseBase:
    """Off the list; with `act=open` into a conversation of the customer with this number."""
    if request.POST.get("act") != "open":
        settle_held_mail(mail_id=key, by=member.actor)
        messages.success(request, _("The e-mail is off the list."))
        return redirect("desk:mails")
    number = request.POST.get("customer", "").replace("\x00", "").strip()[:LONGEST_NUMBER]
    customer = customer_by_number(member.actor, number)
    if customer is None:
        raise Refused(_("There is no customer with the number %(number)s.") % {"number": number or "–"}, code="no_customer")
    talk = open_held_mail(mail_id=key, customer=customer, by=member.actor)
    messages.success(request, _("The e-mail is a conversation of %(customer)s now.") % {"customer": customer.name})
    return redirect("desk:conversation", talk.number)
