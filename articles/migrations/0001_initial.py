"""Articles, what was made of them, and the words by which they are found."""

import re

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from accounts.tenancy import EnforceTenancy

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
    initial = True

    dependencies = [
        ("accounts", "0007_setup"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Article",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "key",
                    models.CharField(
                        max_length=60,
                        validators=[django.core.validators.RegexValidator(re.compile("^[a-z0-9]+(?:-[a-z0-9]+)*\\Z"))],
                    ),
                ),
                (
                    "topic",
                    models.CharField(
                        choices=[
                            ("entry", "Getting in"),
                            ("owed", "What you owe"),
                            ("report", "Reporting a payment"),
                            ("tickets", "Following your ticket"),
                            ("account", "Your data and your people"),
                            ("staff", "For the staff"),
                        ],
                        max_length=10,
                    ),
                ),
                ("is_hidden", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=0)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="articles", to="accounts.merchant"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ArticleText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], max_length=2)),
                ("title", models.CharField(max_length=120)),
                ("summary", models.CharField(blank=True, max_length=240)),
                ("tags", models.CharField(blank=True, max_length=240)),
                ("body", models.TextField()),
                ("author", models.CharField(max_length=150)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "article",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="articles.article"),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.merchant"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ArticleViews",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("slot", models.PositiveSmallIntegerField()),
                ("views", models.PositiveBigIntegerField(default=0)),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.merchant"),
                ),
            ],
            options={
                "verbose_name_plural": "article views",
            },
        ),
        migrations.CreateModel(
            name="ArticleVote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=60)),
                ("visitor", models.CharField(max_length=64)),
                ("is_useful", models.BooleanField()),
                ("note", models.CharField(blank=True, max_length=500)),
                ("language", models.CharField(choices=[("es", "Español"), ("en", "English")], max_length=2)),
                ("voted_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "merchant",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.merchant"),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="article_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="article",
            constraint=models.UniqueConstraint(fields=("merchant", "key"), name="article_key_unique"),
        ),
        migrations.AddConstraint(
            model_name="articletext",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="articletext_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="articletext",
            constraint=models.UniqueConstraint(fields=("article", "language"), name="articletext_once_per_language"),
        ),
        migrations.AddConstraint(
            model_name="articleviews",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="articleviews_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="articleviews",
            constraint=models.UniqueConstraint(fields=("merchant", "key", "slot"), name="articleviews_slot_unique"),
        ),
        migrations.AddConstraint(
            model_name="articlevote",
            constraint=models.UniqueConstraint(fields=("merchant", "id"), name="articlevote_tenant_key"),
        ),
        migrations.AddConstraint(
            model_name="articlevote",
            constraint=models.UniqueConstraint(fields=("merchant", "key", "visitor"), name="articlevote_once_per_visitor"),
        ),
        migrations.RunSQL(SEARCH, UNDO),
        EnforceTenancy("articles"),
    ]
