"""The words by which articles are found."""

from django.db import migrations

# Every name is written with its schema: a restored dump computes the column `search` with no search path at all.
SEARCH = """
CREATE TEXT SEARCH CONFIGURATION public.articles_es (COPY = pg_catalog.spanish);
ALTER TEXT SEARCH CONFIGURATION public.articles_es ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.spanish_stem;
CREATE TEXT SEARCH CONFIGURATION public.articles_en (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION public.articles_en ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.english_stem;

CREATE FUNCTION public.articles_config(lang text) RETURNS regconfig LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE lang WHEN 'en' THEN 'public.articles_en'::regconfig ELSE 'public.articles_es'::regconfig END $$;

CREATE FUNCTION public.articles_words(lang text, title text, tags text, summary text, body text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT setweight(to_tsvector(public.articles_config(lang), title), 'A')
        || setweight(to_tsvector(public.articles_config(lang), tags), 'B')
        || setweight(to_tsvector(public.articles_config(lang), summary), 'C')
        || setweight(to_tsvector(public.articles_config(lang), body), 'D')
$$;

ALTER TABLE articles_articletext ADD COLUMN search tsvector
    GENERATED ALWAYS AS (public.articles_words(language::text, title::text, tags::text, summary::text, body)) STORED;
CREATE INDEX articletext_search ON articles_articletext USING gin (search);
"""

UNDO = """
ALTER TABLE articles_articletext DROP COLUMN search;
DROP FUNCTION public.articles_words(text, text, text, text, text);
DROP FUNCTION public.articles_config(text);
DROP TEXT SEARCH CONFIGURATION public.articles_en;
DROP TEXT SEARCH CONFIGURATION public.articles_es;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("articles", "0001_initial"),
        ("accounts", "0004_setup"),
    ]

    operations = [
        migrations.RunSQL(SEARCH, UNDO),
    ]
