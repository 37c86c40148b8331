"""The roof as a Django app, and the admin behind our own sign-in."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django_structlog import signals

from config.logs import bind_client, show_request_id


class ConciliaConfig(AppConfig):
    """Commands, demo and template tags."""

    name = "config"
    default = True

    def ready(self) -> None:
        """Let the request log know the client, and the client the request log."""
        signals.bind_extra_request_metadata.connect(bind_client, dispatch_uid="config.bind_client")
        signals.update_failure_response.connect(show_request_id, dispatch_uid="config.show_request_id")
        signals.bind_extra_request_finished_metadata.connect(show_request_id, dispatch_uid="config.show_request_id")


class SecuredAdminConfig(admin.AdminConfig):
    """Django's admin, whose own sign-in page knows neither codes nor TOTP and is therefore not used."""

    default_site = "config.admin_site.SecuredAdminSite"
    default = False
