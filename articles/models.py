"""A merchant's articles, what it did to ours, and how often each was read and found useful."""

from __future__ import annotations

import re
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Language, Merchant, User

KEY = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*\Z")
LONGEST_KEY, LONGEST_TITLE, LONGEST_SUMMARY, LONGEST_TAGS, LONGEST_NOTE = 60, 120, 240, 240, 500


class Topic(models.TextChoices):
    """What an article is about, in the order of the page of help. Those for the staff are shown to the staff alone."""

    ENTRY = "entry", _("Getting in")
    OWED = "owed", _("What you owe")
    REPORT = "report", _("Reporting a payment")
    TICKETS = "tickets", _("Following your ticket")
    ACCOUNT = "account", _("Your data and your people")
    STAFF = "staff", pgettext_lazy("topic of help", "For the staff")


class Article(models.Model):
    """An article of a merchant's own, or one of ours (the same `key`) that the merchant hides or has replaced.

    With a text it stands in place of ours in that text's language; without one it only says whether ours is hidden.
    """

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="articles")
    key = models.CharField(max_length=LONGEST_KEY, validators=[RegexValidator(KEY)])
    topic = models.CharField(max_length=10, choices=Topic)
    is_hidden = models.BooleanField(default=False)
    # Counted up by each change: who saves what somebody else has changed meanwhile is told so.
    version = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = (
            models.UniqueConstraint(fields=("merchant", "id"), name="article_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "key"), name="article_key_unique"),
        )

    def __str__(self) -> str:
        return f"{self.merchant_id} {self.key}"


class ArticleText(models.Model):
    """What an article says in one language, as Markdown. Its words for the search are kept beside it by the database."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=2, choices=Language)
    title = models.CharField(max_length=LONGEST_TITLE)
    summary = models.CharField(max_length=LONGEST_SUMMARY, blank=True)
    tags = models.CharField(max_length=LONGEST_TAGS, blank=True)  # separated by commas
    body = models.TextField()
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    author = models.CharField(max_length=150)  # as shown, whoever changed it last
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = (
            models.UniqueConstraint(fields=("merchant", "id"), name="articletext_tenant_key"),
            models.UniqueConstraint(fields=("article", "language"), name="articletext_once_per_language"),
        )

    def __str__(self) -> str:
        return f"{self.language} {self.title}"


class ArticleVote(models.Model):
    """Whether an article was useful to somebody: one row a visitor, who may think otherwise later."""

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=LONGEST_KEY)  # of ours or of the merchant's own
    visitor = models.CharField(max_length=64)  # a hash: nobody's address or number stands here
    is_useful = models.BooleanField()
    note = models.CharField(max_length=LONGEST_NOTE, blank=True)  # what was missing
    language = models.CharField(max_length=2, choices=Language)
    voted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints: ClassVar = (
            models.UniqueConstraint(fields=("merchant", "id"), name="articlevote_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "key", "visitor"), name="articlevote_once_per_visitor"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.is_useful}"


class ArticleViews(models.Model):
    """How often an article was opened, in several rows of which each view counts up one: readers do not wait for each other."""

    SLOTS: ClassVar[int] = 16

    merchant = models.ForeignKey(Merchant, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=LONGEST_KEY)
    slot = models.PositiveSmallIntegerField()
    views = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name_plural = "article views"
        constraints: ClassVar = (
            models.UniqueConstraint(fields=("merchant", "id"), name="articleviews_tenant_key"),
            models.UniqueConstraint(fields=("merchant", "key", "slot"), name="articleviews_slot_unique"),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.views}"
