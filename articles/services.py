"""What is written about articles: a merchant's texts, what it hides, votes and views."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass

from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.errors import Refused, Stale
from accounts.models import Merchant
from articles.models import LONGEST_KEY, LONGEST_NOTE, Article, ArticleText, ArticleViews, ArticleVote, Topic
from articles.ours import our_keys, our_texts
from articles.rendering import is_readable
from articles.shelf import tags_of

MOST_OF_A_MERCHANT = 1_000
RESERVED = frozenset(("new",))  # addresses of the desk's own


@dataclass(frozen=True, kw_only=True)
class TextDraft:
    """What somebody wrote in one language. `author` is shown to the readers."""

    title: str
    body: str
    summary: str = ""
    tags: str = ""
    author: str = ""


def save_article(*, key: str = "", topic: str, texts: Mapping[str, TextDraft], version: int = 0, by: Actor) -> Article:
    """Write an article in one or both languages; a language that is left out falls back to ours, or has none.

    Without a `key` it is a new one, and its key comes from its title. `version` is the one that was read (0: none was). What
    says the same as ours is not kept: ours stands there, as it is and as it will be.
    """
    by.require(by.can_administer)
    if not texts:
        raise Refused(_("Write the article in at least one language."), code="no_text")
    for draft in texts.values():
        if not is_readable(draft.body):
            raise Refused(
                _("This text is too long or too deeply nested to be shown. Split it into several articles."),
                code="text_unreadable",
            )
    with transaction.atomic():
        article = _locked(by.merchant, key, version) if key else _new(by.merchant, texts)
        own = {language: draft for language, draft in texts.items() if not _is_ours(article.key, language, draft)}
        if not own:
            _give_back(article)
            return article
        article.topic = Topic(topic)
        article.version += 1
        article.save()
        article.texts.exclude(language__in=own).delete()
        for language, draft in own.items():
            ArticleText.objects.update_or_create(
                article=article,
                language=language,
                defaults={
                    "merchant": by.merchant,
                    "title": draft.title,
                    "summary": draft.summary,
                    "tags": ", ".join(tags_of(draft.tags)),
                    "body": _lines(draft.body),
                    "author": draft.author or by.merchant.name,
                    "by": by.user,
                    "updated_at": timezone.now(),
                },
            )
    return article


def hide_article(*, key: str, hidden: bool, by: Actor) -> None:
    """Show an article to readers no longer, or again. Ours can be hidden too."""
    by.require(by.can_administer)
    with transaction.atomic():
        article = Article.objects.select_for_update().filter(merchant=by.merchant, key=key).first()
        if article is None:
            article = Article(merchant=by.merchant, key=key, topic=_topic_of_ours(key))
        article.is_hidden = hidden
        article.version += 1
        _save_once(article)


def drop_article(*, key: str, by: Actor) -> bool:
    """Take a merchant's text away for good: ours stands there again where there is one, which is what comes back."""
    by.require(by.can_administer)
    with transaction.atomic():
        article = Article.objects.select_for_update().filter(merchant=by.merchant, key=key).first()
        if article is not None:
            _give_back(article)
    return key in our_keys()


def vote(*, merchant: Merchant, key: str, visitor: str, is_useful: bool, note: str = "", language: str) -> None:
    """Keep what a visitor thinks of an article now, in place of what they thought before. `visitor` is a hash."""
    values = {
        "is_useful": is_useful,
        "note": "" if is_useful else " ".join(note.split())[:LONGEST_NOTE],
        "language": language,
        "voted_at": timezone.now(),
    }
    ArticleVote.objects.bulk_create(
        [ArticleVote(merchant=merchant, key=key, visitor=visitor, **values)],
        update_conflicts=True,
        unique_fields=("merchant", "key", "visitor"),
        update_fields=list(values),
    )


def note_view(*, merchant: Merchant, key: str) -> None:
    """Count one reading, in one of several rows, so that many readers at once do not wait for one."""
    table = ArticleViews._meta.db_table
    slot = random.randrange(ArticleViews.SLOTS)  # noqa: S311 - spreads writers, hides nothing
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS t (merchant_id, key, slot, views) VALUES (%s, %s, %s, 1) "  # noqa: S608 - a name of a model
            "ON CONFLICT (merchant_id, key, slot) DO UPDATE SET views = t.views + 1",
            [merchant.pk, key, slot],
        )


def _is_ours(key: str, language: str, draft: TextDraft) -> bool:
    ours = our_texts(language).get(key)
    said = (draft.title, draft.summary, draft.tags, _lines(draft.body))
    return ours is not None and said == (ours.title, ours.summary, ours.tags, ours.body)


def _lines(body: str) -> str:
    return body.replace("\r\n", "\n").strip()


def _give_back(article: Article) -> None:
    """Without words of the merchant's; what is hidden stays hidden, where there is something of ours to hide."""
    if not (article.is_hidden and article.key in our_keys()):
        article.delete()
        return
    article.texts.all().delete()
    article.version += 1
    article.save()


def _locked(merchant: Merchant, key: str, version: int) -> Article:
    """The merchant's row of an article as it was read, made where ours is changed for the first time."""
    article = Article.objects.select_for_update().filter(merchant=merchant, key=key).first()
    if article is None:
        article = Article(merchant=merchant, key=key, topic=_topic_of_ours(key))
    if article.version != version:
        raise Stale(
            _("Somebody else has changed this article meanwhile. Your text is still here: compare before you save it again."),
            code="article_changed",
        )
    return _save_once(article) if article.pk is None else article


def _new(merchant: Merchant, texts: Mapping[str, TextDraft]) -> Article:
    if Article.objects.filter(merchant=merchant).count() >= MOST_OF_A_MERCHANT:
        raise Refused(_("There are too many articles already. Remove those that nobody reads."), code="too_many")
    root = slugify(next(iter(texts.values())).title)[: LONGEST_KEY - 5].strip("-_").replace("_", "-") or "article"
    root = "-".join(part for part in root.split("-") if part) or "article"
    taken = our_keys() | RESERVED | set(Article.objects.filter(merchant=merchant).values_list("key", flat=True))
    numbered = (f"{root}-{number}" for number in range(2, MOST_OF_A_MERCHANT + 3))
    key = root if root not in taken else next(each for each in numbered if each not in taken)
    return _save_once(Article(merchant=merchant, key=key, topic=Topic.REPORT))


def _topic_of_ours(key: str) -> Topic:
    for language in ("es", "en"):
        if key in our_texts(language):
            return our_texts(language)[key].topic
    raise Refused(_("This article is no longer there."), code="article_unknown")


def _save_once(article: Article) -> Article:
    """Save; who made the same row at the same moment was faster."""
    try:
        with transaction.atomic():
            article.save()
    except IntegrityError:
        raise Stale(_("Somebody else has just changed this article. Look again."), code="article_changed") from None
    return article
