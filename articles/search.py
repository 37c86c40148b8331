"""The search: PostgreSQL's full text in the reader's language, accents aside, beginnings of words too.

Ours have no rows: their words are made once a process by the same function of the database that keeps the merchants', and are
handed to each search. An article with all the words stands before one with some.
"""

from __future__ import annotations

import re
from functools import cache

from django.db import connection

from accounts.models import Merchant
from articles.ours import our_texts
from articles.rendering import plain
from articles.shelf import Text

MOST_CHARACTERS, MOST_WORDS, MOST_FOUND = 200, 16, 30

SEARCH = """
WITH asked AS (
    SELECT string_agg(quoted, ' & ')::tsquery AS all_words, string_agg(quoted, ' | ')::tsquery AS any_word
      FROM (SELECT '''' || lexeme || ''':*' AS quoted FROM unnest(to_tsvector(public.articles_config(%(language)s), %(words)s))) w
), shelf AS (
    SELECT key, search FROM unnest(%(keys)s::text[], %(vectors)s::tsvector[]) AS ours (key, search)
     UNION ALL
    SELECT a.key, t.search FROM articles_articletext t JOIN articles_article a ON a.id = t.article_id
     WHERE t.merchant_id = %(merchant)s AND t.language = %(language)s AND t.search @@ (SELECT any_word FROM asked)
)
SELECT shelf.key, shelf.search @@ asked.all_words AS has_all
  FROM shelf, asked
 WHERE shelf.search @@ asked.any_word
 ORDER BY has_all DESC, ts_rank_cd(shelf.search, asked.any_word, 1) DESC, shelf.key
"""


def find(merchant: Merchant, shelf: dict[str, Text], text: str, language: str) -> tuple[list[Text], bool]:
    """Those of the shelf with the words of `text`, best first, and whether they have all of the words.

    Where some have all, those with a part of them are left out. Any text may be asked for; what holds no word finds nothing.
    """
    words = re.findall(r"\w+", text[:MOST_CHARACTERS])[:MOST_WORDS]
    if not words:
        return [], True
    ours = [key for key, each in shelf.items() if not each.is_own]
    vectors = _vectors(language)
    with connection.cursor() as cursor:
        cursor.execute(
            SEARCH,
            {
                "language": language,
                "words": " ".join(words),
                "merchant": merchant.pk,
                "keys": ours,
                "vectors": [vectors[key] for key in ours],
            },
        )
        rows = [(key, has_all) for key, has_all in cursor.fetchall() if key in shelf]
    has_all = any(each for _key, each in rows)
    return [shelf[key] for key, each in rows if each == has_all][:MOST_FOUND], has_all or not rows


@cache
def _vectors(language: str) -> dict[str, str]:
    """Key → the words of our text, as the database writes them."""
    texts = our_texts(language)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key, public.articles_words(%s, title, tags, summary, body)::text "
            "FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) AS ours (key, title, tags, summary, body)",
            [
                language,
                list(texts),
                [each.title for each in texts.values()],
                [each.tags for each in texts.values()],
                [each.summary for each in texts.values()],
                [plain(each.body) for each in texts.values()],
            ],
        )
        return dict(cursor.fetchall())
