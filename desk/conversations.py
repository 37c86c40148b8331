"""Conversations with customers: the list, one with its messages, notes and history, what is done with it, and a new one."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import HouseRequest, staff_page
from accounts.errors import NotAllowed, Refused
from accounts.selectors import customer_for
from desk.acts import FORM_METHODS
from desk.canned import box_of
from desk.forms import MessageForm
from desk.requests import BAD_INPUT, Member, key_of, member_of, show, status_of
from reports.services import link_topic
from reports.topics import topics_of
from tickets import services as tickets
from tickets.models import Conversation
from tickets.selectors import conversation_for, thread_for, tickets_for
from tickets.support import (
    VIEWS,
    ConversationFilters,
    count_views,
    departments_of,
    history_for,
    list_conversations,
    replies_for,
    writers_of,
)

LONGEST_QUERY = 100


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
    """Conversations, what changed last first: `?show=` a view, `?department=` one department, `?q=` words, `?after=` a page."""
    member = member_of(request)
    asked = request.GET.get("show", "")
    filters = ConversationFilters(
        view=asked if asked in VIEWS else "waiting",
        department_id=key_of(request.GET.get("department")),
        query=request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY],
        after=request.GET.get("after", "")[:200],
    )
    page = list_conversations(member.actor, filters)
    context = {
        "page": page,
        "filters": filters,
        "counts": count_views(member.actor),
        "departments": departments_of(member.merchant, all_of_them=True),
    }
    return show(request, member, "desk/conversations.html", context)


@require_http_methods(FORM_METHODS)
@staff_page()
def show_conversation(request: HouseRequest, number: str) -> HttpResponseBase:
    """Read a conversation and write on it; that of a ticket is read on the ticket's page. `?canned=` puts a canned answer into
    the form, to be read and changed before it is sent."""
    member = member_of(request)
    conversation = conversation_for(member.actor, number)
    if conversation.ticket_id:
        return redirect("desk:ticket", number)
    posted = request.method == "POST"
    form = MessageForm(request.POST, request.FILES) if posted else box_of(request, member, conversation)
    refusal, status = "", 200
    if form.is_bound:
        if not member.actor.can_write_messages:
            raise NotAllowed
        status = BAD_INPUT
        if form.is_valid():
            is_internal = request.POST.get("kind") != "public"
            try:
                tickets.post_message(
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
    request: HouseRequest,
    conversation: Conversation,
    form: MessageForm,
    *,
    refusal: str = "",
    typed: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponseBase:
    member = member_of(request)
    can_write = member.actor.can_write_messages
    context = {
        "conversation": conversation,
        "talk": thread_for(member.actor, conversation),
        "history": history_for(member.actor, conversation),
        "topics": topics_of(member.actor, conversation),
        "tickets": tickets_for(member.actor).filter(customer=conversation.customer_id)[:10],
        "form": form,
        "can_write": can_write,
        "replies": replies_for(member.actor, conversation.department) if can_write else [],
        "departments": departments_of(member.merchant).exclude(pk=conversation.department_id) if can_write else [],
        "people": writers_of(member.merchant) if can_write else [],
        "typed": typed or {},
        "refusal": refusal,
    }
    return show(request, member, "desk/conversation.html", context, status=status)


@require_POST
@staff_page("write")
def act(request: HouseRequest, number: str) -> HttpResponseBase:
    """What `act` says: close, reopen, assign (`person`), take, move (`department`, `note`), link (`topic`) or unlink (`link`)."""
    member = member_of(request)
    conversation = conversation_for(member.actor, number)
    done = ACTS.get(request.POST.get("act", ""))
    if done is None:
        return _page(request, conversation, MessageForm(), refusal=_("Please choose what to do."), status=BAD_INPUT)
    try:
        said = done(request, member, conversation)
    except Refused as refused:
        typed = {name: str(request.POST.get(name, ""))[:4000] for name in ("note", "topic")}
        fresh = conversation_for(member.actor, number)
        return _page(request, fresh, MessageForm(), refusal=refused.message, typed=typed, status=status_of(refused))
    messages.success(request, said)
    return redirect("desk:conversation", number)


def _close(_request: HouseRequest, member: Member, conversation: Conversation) -> str:
    tickets.close_conversation(conversation_id=conversation.pk, by=member.actor)
    return _("The conversation is closed.")


def _reopen(_request: HouseRequest, member: Member, conversation: Conversation) -> str:
    tickets.reopen_conversation(conversation_id=conversation.pk, by=member.actor)
    return _("The conversation is open again.")


def _take(_request: HouseRequest, member: Member, conversation: Conversation) -> str:
    tickets.assign_conversation(conversation_id=conversation.pk, user_id=member.user.pk, by=member.actor)
    return _("The conversation is yours now.")


def _assign(request: HouseRequest, member: Member, conversation: Conversation) -> str:
    person = key_of(request.POST.get("person"))
    kept = tickets.assign_conversation(conversation_id=conversation.pk, user_id=person, by=member.actor)
    if kept.assigned_to is None:
        return _("Nobody has the conversation now.")
    return _("%(name)s has the conversation now.") % {"name": kept.assigned_to}


def _move(request: HouseRequest, member: Member, conversation: Conversation) -> str:
    kept = tickets.move_conversation(
        conversation_id=conversation.pk,
        department_id=key_of(request.POST.get("department")) or 0,
        note=str(request.POST.get("note", "")),
        by=member.actor,
    )
    return _("%(department)s has the conversation now.") % {"department": kept.department.name}


def _link(request: HouseRequest, member: Member, conversation: Conversation) -> str:
    link_topic(conversation_id=conversation.pk, number=str(request.POST.get("topic", "")), by=member.actor)
    return _("The link is kept.")


def _unlink(request: HouseRequest, member: Member, conversation: Conversation) -> str:
    link = key_of(request.POST.get("link")) or 0
    tickets.remove_topic(conversation_id=conversation.pk, topic_id=link, by=member.actor)
    return _("The link is removed.")


ACTS: dict[str, Callable[[HouseRequest, Member, Conversation], str]] = {
    "close": _close,
    "reopen": _reopen,
    "take": _take,
    "assign": _assign,
    "move": _move,
    "link": _link,
    "unlink": _unlink,
}


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
                made = tickets.open_conversation(
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
