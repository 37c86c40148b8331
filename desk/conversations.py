"""Conversations with customers: the list, one with its messages and internal notes, and a new one."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from accounts.selectors import customer_for
from desk.acts import FORM_METHODS
from desk.forms import MessageForm
from desk.requests import BAD_INPUT, member_of, show, status_of
from tickets.models import Conversation
from tickets.selectors import conversation_for, conversations_for, thread_for, tickets_for
from tickets.services import close_conversation, open_conversation, post_message

PAGE_SIZE = 50
KINDS = ("open", "support", "tickets", "all")


class NewConversationForm(MessageForm):
    """What it is about, and the first message."""

    subject = forms.CharField(
        label=gettext_lazy("What it is about"),
        max_length=200,
        error_messages={"required": gettext_lazy("Please write in a few words what it is about.")},
    )
    field_order = ("subject", "text", "files")


@require_safe
@staff_page()
def show_conversations(request: HouseRequest) -> HttpResponseBase:
    """Conversations, the newest message first; `?kind=` open ones of support (the default), all of support, of tickets, all."""
    member = member_of(request)
    kind = request.GET.get("kind", "")
    kind = kind if kind in KINDS else "open"
    conversations = conversations_for(member.actor)
    if kind in ("open", "support"):
        conversations = conversations.filter(ticket__isnull=True)
    if kind == "open":
        conversations = conversations.filter(is_open=True)
    if kind == "tickets":
        conversations = conversations.filter(ticket__isnull=False, messages__isnull=False).distinct()
    page = Paginator(conversations, PAGE_SIZE).get_page(request.GET.get("page"))
    return show(request, member, "desk/conversations.html", {"page": page, "kind": kind})


@require_http_methods(FORM_METHODS)
@staff_page()
def show_conversation(request: HouseRequest, number: str) -> HttpResponseBase:
    """Read a conversation and write on it; that of a ticket is read on the ticket's page."""
    member = member_of(request)
    conversation = conversation_for(member.actor, number)
    if conversation.ticket_id:
        return redirect("desk:ticket", number)
    form = MessageForm(request.POST, request.FILES) if request.method == "POST" else MessageForm()
    refusal, status = "", 200
    if form.is_bound:
        if not member.actor.can_write_messages:
            raise NotAllowed
        status = BAD_INPUT
        if form.is_valid():
            is_internal = request.POST.get("kind") != "public"
            try:
                post_message(
                    conversation_id=conversation.pk,
                    text=form.cleaned_data["text"],
                    files=form.cleaned_data["files"],
                    is_internal=is_internal,
                    by=member.actor,
                )
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                kept, sent = _("The note is kept; the customer does not see it."), _("Your message went to the customer.")
                messages.success(request, kept if is_internal else sent)
                return redirect("desk:conversation", number)
    return _page(request, conversation, form, refusal=refusal, status=status)


def _page(
    request: HouseRequest, conversation: Conversation, form: MessageForm, *, refusal: str = "", status: int = 200
) -> HttpResponseBase:
    member = member_of(request)
    context = {
        "conversation": conversation,
        "talk": thread_for(member.actor, conversation),
        "tickets": tickets_for(member.actor).filter(customer=conversation.customer_id)[:10],
        "form": form,
        "can_write": member.actor.can_write_messages,
        "refusal": refusal,
    }
    return show(request, member, "desk/conversation.html", context, status=status)


@require_POST
@staff_page("write")
def close(request: HouseRequest, number: str) -> HttpResponseBase:
    """Nothing is left to say; a new message of the customer opens it again."""
    member = member_of(request)
    conversation = conversation_for(member.actor, number)
    try:
        close_conversation(conversation_id=conversation.pk, by=member.actor)
    except Refused as refused:
        return _page(request, conversation, MessageForm(), refusal=refused.message, status=status_of(refused))
    messages.success(request, _("The conversation is closed."))
    return redirect("desk:conversation", number)


@require_http_methods(FORM_METHODS)
@staff_page("write")
def new_conversation(request: HouseRequest, pk: int) -> HttpResponseBase:
    """Write to a customer about something that is no ticket."""
    member = member_of(request)
    customer = customer_for(member.actor, pk)
    form = NewConversationForm(request.POST, request.FILES) if request.method == "POST" else NewConversationForm()
    refusal, status = "", 200
    if form.is_bound:
        status = BAD_INPUT
        if form.is_valid():
            read = form.cleaned_data
            try:
                made = open_conversation(
                    merchant=member.merchant,
                    customer=customer,
                    subject=read["subject"],
                    text=read["text"],
                    files=read["files"],
                    by=member.actor,
                )
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _("Your message went to the customer."))
                return redirect("desk:conversation", made.number)
    context = {"form": form, "customer": customer, "refusal": refusal}
    return show(request, member, "desk/conversation_new.html", context, status=status)
