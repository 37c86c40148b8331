"""Conversations with a department: a new one, reading one, writing on one, and how it was. Those of tickets are read on the
ticket's page."""

from __future__ import annotations

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, customer_page
from accounts.actors import Actor
from accounts.errors import Refused
from portal.adapters import house_of
from portal.forms import HelpForm, MessageForm, RatingForm
from portal.requests import visitor_of
from portal.timeline import team_name
from reports.services import link_topic
from reports.topics import topics_of, topics_offered
from tickets.mail.tokens import rating_token, read_rating_token
from tickets.models import Conversation, Department
from tickets.selectors import conversation_for, thread_for
from tickets.services import open_conversation, post_message, rate_conversation
from tickets.support import departments_of


@require_http_methods(["GET", "HEAD", "POST"])
@customer_page("use_tickets")
def start(request: HouseRequest) -> HttpResponseBase:
    """Ask for help: opens a conversation with the department that is chosen, about an order or ticket where one is named."""
    visitor = visitor_of(request)
    departments = list(departments_of(visitor.merchant, offered=True))
    topics = list(topics_offered(visitor.actor))
    posted = request.method == "POST"
    initial = {
        "department": next((each.pk for each in departments if each.key == Department.SUPPORT), None),
        "topic": request.GET.get("about", "")[:40],
    }
    form = HelpForm(
        request.POST if posted else None,
        request.FILES if posted else None,
        departments=departments,
        topics=topics,
        initial=initial,
    )
    refusal = ""
    if form.is_bound and form.is_valid():
        read = form.cleaned_data
        try:
            with transaction.atomic():
                conversation = open_conversation(
                    merchant=visitor.merchant,
                    customer=visitor.customer,
                    subject=read["subject"],
                    text=read["text"],
                    department_id=read.get("department"),
                    files=read["attachments"],
                    by=visitor.actor,
                )
                if read.get("topic"):
                    link_topic(conversation_id=conversation.pk, number=read["topic"], by=visitor.actor)
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
    """Read a conversation and write on it; once it is closed, say how it was."""
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
    context = {
        "conversation": conversation,
        "talk": talk,
        "form": form,
        "refusal": refusal,
        "topics": topics_of(visitor.actor, conversation),
        "rating_token": "" if conversation.is_open else rating_token(visitor.merchant.pk, conversation.pk),
    }
    return render(request, "portal/conversation.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, token: str) -> HttpResponseBase:
    """How it was: the link of a letter, good without signing in. Looking changes nothing; sending one of three answers does."""
    merchant = house_of(request)
    pk = read_rating_token(token, merchant.pk)
    conversation = Conversation.objects.filter(merchant=merchant, pk=pk).first() if pk else None
    if conversation is None:
        raise Http404
    form = RatingForm(request.POST if request.method == "POST" else None, initial={"rating": conversation.rating})
    refusal, status = "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            try:
                rate_conversation(
                    conversation_id=conversation.pk,
                    rating=form.cleaned_data["rating"],
                    note=form.cleaned_data["note"],
                    by=Actor.system(merchant),
                )
            except Refused as refused:
                refusal, status = refused.message, 409
            else:
                messages.success(request, _("Thank you. Your answer reached us."))
                return redirect("portal:rating", token)
    context = {"conversation": conversation, "form": form, "refusal": refusal}
    return render(request, "portal/rating.html", context, status=status)
