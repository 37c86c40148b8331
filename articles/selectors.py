"""What readers find on the shelf, and what the merchant sees of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from accounts.actors import Actor
from accounts.models import Merchant
from articles.models import Article, ArticleText, ArticleViews, ArticleVote, Topic
from articles.ours import LAST_PLACE, our_texts
from articles.rendering import first_words
from articles.search import find
from articles.shelf import Text

MOST_RELATED, MOST_NOTES = 4, 20


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How often an article was opened, and what its readers thought of it."""

    views: int = 0
    useful: int = 0
    not_useful: int = 0

    @property
    def votes(self) -> int:
        return self.useful + self.not_useful


@dataclass(frozen=True, kw_only=True)
class Row:
    """An article as the merchant's administrators see it: `text` as readers do, `article` the merchant's row of it."""

    key: str
    text: Text
    article: Article | None
    counts: Counts
    is_ours: bool

    @property
    def is_hidden(self) -> bool:
        return bool(self.article and self.article.is_hidden)

    @property
    def is_replaced(self) -> bool:
        return self.is_ours and self.text.is_own


def shelf_of(merchant: Merchant, language: str, *, for_staff: bool) -> dict[str, Text]:
    """Key → text of what a reader of `language` may see, in the order of topics. One query."""
    shelf = dict(our_texts(language))
    for article in Article.objects.filter(merchant=merchant):
        if article.is_hidden:
            shelf.pop(article.key, None)
    hidden = Q(article__is_hidden=True)
    for row in _texts(merchant, language).exclude(hidden).defer("body"):
        shelf[row.article.key] = _text(row)
    return _sorted(each for each in shelf.values() if for_staff or not each.for_staff)


def article_for(merchant: Merchant, key: str, language: str, *, for_staff: bool) -> Text | None:
    """An article with its body in `language`, or in the other one where it has no other; None where readers may not see it."""
    found = {row.language: row for row in _texts(merchant, "", key)}
    row = Article.objects.filter(merchant=merchant, key=key).first()
    if row is not None and row.is_hidden:
        return None
    for each in (language, "en" if language == "es" else "es"):
        text = _text(found[each], with_body=True) if each in found else our_texts(each).get(key)
        if text is not None:
            return text if for_staff or not text.for_staff else None
    return None


def search(merchant: Merchant, text: str, language: str, *, for_staff: bool) -> tuple[list[Text], bool]:
    """What has the words of `text`, best first, and whether it has all of them (`articles.search`)."""
    return find(merchant, shelf_of(merchant, language, for_staff=for_staff), text, language)


def related_to(text: Text, shelf: dict[str, Text]) -> list[Text]:
    """Those with most tags in common; then those of its topic that stand next to it."""
    tags, keys = set(text.tag_list), list(shelf)
    here = keys.index(text.key) if text.key in shelf else 0

    def distance(other: Text) -> tuple[int, bool, int]:
        return -len(tags & set(other.tag_list)), other.topic != text.topic, abs(keys.index(other.key) - here)

    near = [each for each in shelf.values() if each.key != text.key]
    near = [each for each in near if each.topic == text.topic or tags & set(each.tag_list)]
    return sorted(near, key=distance)[:MOST_RELATED]


def counts_of(merchant: Merchant, key: str = "") -> dict[str, Counts]:
    """Key → counts of one article, or of all that were ever opened. Two queries."""
    one = {"key": key} if key else {}
    views = ArticleViews.objects.filter(merchant=merchant, **one).values("key").annotate(views=Sum("views"))
    votes = (
        ArticleVote.objects.filter(merchant=merchant, **one)
        .values("key")
        .annotate(useful=Count("pk", filter=Q(is_useful=True)), not_useful=Count("pk", filter=Q(is_useful=False)))
    )
    found = {row["key"]: {"views": row["views"]} for row in views}
    for row in votes:
        found.setdefault(row["key"], {}).update(useful=row["useful"], not_useful=row["not_useful"])
    return {each: Counts(**values) for each, values in found.items()}


def vote_of(merchant: Merchant, key: str, visitor: str) -> ArticleVote | None:
    """What this visitor said of an article."""
    return ArticleVote.objects.filter(merchant=merchant, key=key, visitor=visitor).first() if visitor else None


def articles_for(actor: Actor, language: str) -> list[Row]:
    """Every article of the house for who administers it, hidden ones too, in the order of topics."""
    actor.require(actor.can_administer)
    rows = {row.key: row for row in Article.objects.filter(merchant=actor.merchant)}
    counts = counts_of(actor.merchant)
    texts: dict[str, Text] = {}
    for each in ("en" if language == "es" else "es", language):  # the reader's own language wins
        texts |= our_texts(each)
        texts |= {row.article.key: _text(row) for row in _texts(actor.merchant, each).defer("body")}
    ours = our_texts("es").keys() | our_texts("en").keys()
    return [
        Row(key=key, text=text, article=rows.get(key), counts=counts.get(key, Counts()), is_ours=key in ours)
        for key, text in _sorted(texts.values()).items()
    ]


def article_to_edit(actor: Actor, key: str) -> tuple[Article | None, dict[str, Text]]:
    """The merchant's row of an article and its texts by language, ours where the merchant has none; empty where none is."""
    actor.require(actor.can_administer)
    article = Article.objects.filter(merchant=actor.merchant, key=key).first()
    texts = {each: text for each in ("es", "en") if (text := our_texts(each).get(key))}
    texts |= {row.language: _text(row, with_body=True) for row in _texts(actor.merchant, "", key)}
    return article, texts


def notes_about(actor: Actor, key: str) -> list[ArticleVote]:
    """What readers missed, the newest first."""
    actor.require(actor.can_administer)
    return list(ArticleVote.objects.filter(merchant=actor.merchant, key=key).exclude(note="").order_by("-voted_at")[:MOST_NOTES])


def _texts(merchant: Merchant, language: str, key: str = "") -> QuerySet[ArticleText]:
    wanted = {"language": language} if language else {}
    if key:
        wanted["article__key"] = key
    return ArticleText.objects.filter(merchant=merchant, **wanted).select_related("article")


def _text(row: ArticleText, *, with_body: bool = False) -> Text:
    ours = our_texts(row.language).get(row.article.key)
    return Text(
        key=row.article.key,
        language=row.language,
        topic=Topic(row.article.topic),
        place=ours.place if ours else LAST_PLACE,
        title=row.title,
        summary=row.summary or (first_words(row.body) if with_body else ""),
        tags=row.tags,
        author=row.author,
        updated_on=row.updated_at.date(),
        body=row.body if with_body else "",
        is_own=True,
    )


def _sorted(texts: Iterable[Text]) -> dict[str, Text]:
    places = {topic: number for number, topic in enumerate(Topic)}
    return {each.key: each for each in sorted(texts, key=lambda text: (places[text.topic], text.place, text.title))}
