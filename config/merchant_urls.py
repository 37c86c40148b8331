"""Addresses as they look from inside one merchant: the middleware has cut its slug off."""

from django.urls import URLPattern, URLResolver, include, path, register_converter

from config.appearance import choose_theme
from orders.addresses import OrderNumber
from portal import public, sessions

register_converter(OrderNumber, "order_number")  # before the faces' addresses, which use it

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/theme/", choose_theme, name="choose_theme"),
    path("i18n/setlang/", public.set_language, name="set_language"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("logo.png", public.merchant_logo, name="merchant_logo"),
    path("account/sessions/", sessions.show, name="usersessions_list"),  # in place of allauth's
    path("account/sessions/<int:pk>/end/", sessions.end, name="session_end"),
    path("account/", include("allauth.urls")),
    path("", include("portal.urls")),
    path("staff/", include("desk.urls")),
    path("files/", include("files.urls")),
    path("api/", include("api.urls")),
]
