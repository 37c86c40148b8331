"""Addresses as they look from inside one merchant: the middleware has cut its slug off."""

from django.urls import URLPattern, URLResolver, include, path

from config.appearance import choose_theme

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/theme/", choose_theme, name="choose_theme"),
    path("i18n/", include("django.conf.urls.i18n")),
    # path("account/", include("allauth.urls")),
    # path("", include("portal.urls")),
    # path("staff/", include("desk.urls")),
    path("files/", include("files.urls")),
]
