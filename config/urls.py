"""Addresses of the installation itself; everything else begins with a merchant's slug."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health, pages
from config.appearance import choose_theme

urlpatterns: list[URLPattern | URLResolver] = [
    path("", pages.landing, name="landing"),
    path("i18n/theme/", choose_theme, name="choose_theme"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("demo/statements/", pages.statements, name="demo_statements"),
    path("demo/statements/<str:merchant>/<str:name>", pages.statement, name="demo_statement"),
    path("demo/letters/", pages.letters, name="demo_letters"),
    path("demo/letters/<str:key>/", pages.letter, name="demo_letter"),
    path("demo/letters/<str:key>/html/", pages.letter_html, name="demo_letter_html"),
]
