"""The roof as a Django app, and the admin behind our own sign-in."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class ConciliaConfig(AppConfig):
    """Commands, demo and template tags."""

    name = "config"
    default = True


class SecuredAdminConfig(admin.AdminConfig):
    """Django's admin, whose own sign-in page knows neither codes nor TOTP and is therefore not used."""

    default_site = "config.admin_site.SecuredAdminSite"
    default = False
