"""Conversations with support: a new one, reading one, writing on one. Those of tickets are read on the ticket's page."""

from __future__ import annotations

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, customer_page
from accounts.errors import Refused
from portal.forms import HelpForm, MessageForm
from portal.requests import visitor_of
from portal.timeline import team_name
from tickets.selectors import conversation_for, thread_for
from tickets.services import open_conversation, post_message


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("use_tickets")
def start(request: HouseRequest) -> HttpResponseBase:
    """Ask for help: opens a conversation with support."""
    visitor = visitor_of(request)
    form = HelpForm(request.POST, request.FILES) if request.method == "POST" else HelpForm()
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            conversation = open_conversation(
                merchant=visitor.merchant,
                customer=visitor.customer,
                subject=form.cleaned_data["subject"],
                text=form.cleaned_data["text"],
                files=form.cleaned_data["attachments"],
                by=visitor.actor,
            )
        except Refused as refused:
            refusal = refused.message
        else:
            messages.success(request, _("We received your message. We answer here and by e-mail."))
            return redirect("portal:conversation", conversation.number)
    status = 422 if form.is_bound else 200
    return render(request, "portal/support_new.html", {"form": form, "refusal": refusal}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("use_tickets")
def show(request: HouseRequest, number: str) -> HttpResponseBase:
    """Read a conversation and write on it."""
    visitor = visitor_of(request)
    conversation = conversation_for(visitor.actor, number)
    if conversation.ticket_id:
        return redirect("portal:ticket", conversation.number)
    form = MessageForm(request.POST, request.FILES) if request.method == "POST" else MessageForm()
    refusal = ""
    if form.is_bound and form.is_valid():
        try:
            post_message(
                conversation_id=conversation.pk,
                text=form.cleaned_data["text"],
                files=form.cleaned_data["attachments"],
                by=visitor.actor,
            )
        except Refused as refused:
            refusal = refused.message
        else:
            return redirect("portal:conversation", conversation.number)
    talk = [
        {"entry": entry, "who": team_name(entry.team, visitor.merchant, is_own=entry.is_own)}
        for entry in thread_for(visitor.actor, conversation)
    ]
    context = {"conversation": conversation, "talk": talk, "form": form, "refusal": refusal}
    return render(request, "portal/conversation.html", context, status=422 if form.is_bound else 200)
