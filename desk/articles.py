"""Articles of help: what readers find, and an administrator's own in place of ours or beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import HouseRequest, staff_page
from accounts.errors import Refused
from accounts.models import Language
from articles.addresses import address_of
from articles.models import KEY, LONGEST_SUMMARY, LONGEST_TAGS, LONGEST_TITLE, Article, Topic
from articles.ours import our_texts
from articles.rendering import MOST_CHARACTERS, is_readable, render
from articles.selectors import article_to_edit, articles_for, notes_about
from articles.services import TextDraft, drop_article, hide_article, save_article
from articles.shelf import Text
from desk.acts import FORM_METHODS
from desk.requests import BAD_INPUT, member_of, show, status_of

# What one writes, and what it becomes.
MARKS = (
    ("# …", gettext_lazy("a heading")),
    ("1. …", gettext_lazy("a step, with its number")),
    ("- …", gettext_lazy("an item of a list")),
    ("**…**", gettext_lazy("bold words")),
    ("> …", gettext_lazy("a note in a box")),
    (
        "[…](page:report)",
        gettext_lazy("a link to a page of the portal: home, orders, report, tickets, support, profile, contacts, help"),
    ),
    ("[…](article:ticket-states)", gettext_lazy("a link to another article")),
    ("![…](screen:form-payment)", gettext_lazy("a picture of the program, in the reader's language")),
)


class ArticleForm(forms.Form):
    """An article in both languages; one of them may be left empty."""

    topic = forms.ChoiceField(label=pgettext_lazy("of an article", "Topic"), choices=Topic.choices)
    author = forms.CharField(
        label=gettext_lazy("Author"),
        required=False,
        max_length=150,
        help_text=gettext_lazy("Readers see it. Empty: the name of your company."),
    )
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        for language in Language.values:
            self.fields[f"title_{language}"] = forms.CharField(
                label=gettext_lazy("Title"), required=False, max_length=LONGEST_TITLE
            )
            self.fields[f"summary_{language}"] = forms.CharField(
                label=gettext_lazy("Summary"),
                required=False,
                max_length=LONGEST_SUMMARY,
                help_text=gettext_lazy("One sentence."),
            )
            self.fields[f"tags_{language}"] = forms.CharField(
                label=gettext_lazy("Tags"),
                required=False,
                max_length=LONGEST_TAGS,
                help_text=gettext_lazy("Separated by commas. Add the words that your customers use."),
            )
            self.fields[f"body_{language}"] = forms.CharField(
                label=pgettext_lazy("of an article", "Text"),
                required=False,
                max_length=MOST_CHARACTERS,
                widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
            )

    def clean(self) -> dict[str, Any]:
        """A language has both its title and its text, or neither."""
        read = super().clean() or {}
        given = 0
        for language in Language.values:
            title, body = read.get(f"title_{language}", ""), read.get(f"body_{language}", "")
            if title and not body and f"body_{language}" not in self.errors:
                self.add_error(f"body_{language}", _("Write the text, or empty the title."))
            elif body and not title and f"title_{language}" not in self.errors:
                self.add_error(f"title_{language}", _("Write a title, or empty the text."))
            given += bool(title and body)
        if not given and not self.errors:
            self.add_error(f"title_{get_language() or 'es'}", _("Write the article in at least one language."))
        return read

    def drafts(self) -> dict[str, TextDraft]:
        """Language → what was written in it, as `save_article` takes it."""
        read = self.cleaned_data
        return {
            language: TextDraft(
                title=read[f"title_{language}"],
                body=read[f"body_{language}"],
                summary=read[f"summary_{language}"],
                tags=read[f"tags_{language}"],
                author=read["author"],
            )
            for language in Language.values
            if read.get(f"title_{language}") and read.get(f"body_{language}")
        }

    @staticmethod
    def initial_of(article: Article | None, texts: Mapping[str, Text]) -> dict[str, Any]:
        """The form of an article as it stands."""
        first = next(iter(texts.values()), None)
        own = next((text for text in texts.values() if text.is_own), None)
        found: dict[str, Any] = {"version": article.version if article else 0, "author": own.author if own else ""}
        if first:
            found["topic"] = first.topic
        for language, text in texts.items():
            for part in ("title", "summary", "tags", "body"):
                found[f"{part}_{language}"] = getattr(text, part)
        return found


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def show_articles(request: HouseRequest) -> HttpResponseBase:
    """Every article with its readers' votes; POST hides one, shows it again, or takes the house's own text away."""
    member = member_of(request)
    if request.method == "POST":
        key, act = request.POST.get("key", ""), request.POST.get("act", "")
        try:
            if not KEY.match(key):
                messages.warning(request, _("This article is no longer there."))
            elif act == "drop":
                is_ours = drop_article(key=key, by=member.actor)
                messages.success(request, _("Our own text stands there again.") if is_ours else _("The article was removed."))
            elif act in ("hide", "show"):
                hide_article(key=key, hidden=act == "hide", by=member.actor)
                messages.success(request, _("Readers no longer find it.") if act == "hide" else _("Readers find it again."))
        except Refused as refused:
            messages.warning(request, refused.message)
        return redirect("desk:articles")
    rows = articles_for(member.actor, get_language() or "es")
    topics = [(topic, [row for row in rows if row.text.topic == topic]) for topic in Topic]
    context = {"topics": [(topic, found) for topic, found in topics if found], "language": get_language()}
    return show(request, member, "desk/articles.html", context)


@require_http_methods(FORM_METHODS)
@staff_page("administer")
def edit_article(request: HouseRequest, key: str = "") -> HttpResponseBase:
    """Write a new article, or the house's own text of an existing one. A preview shows it as readers will see it."""
    member = member_of(request)
    if key and not KEY.match(key):
        raise Http404
    article, texts = article_to_edit(member.actor, key) if key else (None, {})
    if key and not texts:
        raise Http404
    form = ArticleForm(request.POST if request.method == "POST" else None, initial=ArticleForm.initial_of(article, texts))
    refusal, status = "", 200
    previews: list[tuple[str, str, Any]] = []
    if form.is_bound:
        if not form.is_valid():
            status = BAD_INPUT
        elif "preview" in request.POST:
            previews, refusal = _previews(form)
            status = BAD_INPUT if refusal else 200
        else:
            try:
                read = form.cleaned_data
                save_article(key=key, topic=read["topic"], texts=form.drafts(), version=read["version"] or 0, by=member.actor)
            except Refused as refused:
                refusal, status = refused.message, status_of(refused)
            else:
                messages.success(request, _("The article was saved. Readers see it now."))
                return redirect("desk:articles")
    context = {
        "form": form,
        "sides": [(name, [form[f"{part}_{code}"] for part in ("title", "summary", "tags", "body")]) for code, name in LANGUAGES],
        "key": key,
        "article": article,
        "is_ours": key in our_texts("es") or key in our_texts("en"),
        "previews": previews,
        "notes": notes_about(member.actor, key) if key else [],
        "marks": MARKS,
        "refusal": refusal,
    }
    return show(request, member, "desk/article.html", context, status=status)


LANGUAGES = [(language.value, language.label) for language in Language]


def _previews(form: ArticleForm) -> tuple[list[tuple[str, str, Any]], str]:
    """(language, title, what readers will see) of each text, and a sentence where one cannot be shown."""
    drafts = form.drafts()
    if not all(is_readable(draft.body) for draft in drafts.values()):
        return [], _("This text is too long or too deeply nested to be shown. Split it into several articles.")
    return [
        (language, draft.title, render(draft.body, language=language, link=address_of)) for language, draft in drafts.items()
    ], ""
