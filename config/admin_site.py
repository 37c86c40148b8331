"""Django's admin for the people who run the installation, entered by the same door as everything else."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import urlencode

from accounts.models import Merchant


class SecuredAdminSite(AdminSite):
    """Superusers with TOTP (except in the demo). Strangers are sent to the sign-in of a merchant."""

    site_header = "Concilia"
    site_title = "Concilia"

    def has_permission(self, request: HttpRequest) -> bool:
        """Only an active superuser, with a second factor where staff need one."""
        user = request.user
        if not (user.is_active and user.is_authenticated and user.is_staff and user.is_superuser):
            return False
        return not settings.STAFF_TOTP_REQUIRED or is_mfa_enabled(user)

    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        """Send strangers to sign in; tell the others that this is not theirs."""
        if request.user.is_authenticated:
            raise PermissionDenied
        merchant = Merchant.objects.filter(is_active=True).order_by("pk").first()
        if merchant is None:
            raise Http404
        query = urlencode({"next": request.GET.get("next") or "/admin/"})
        return HttpResponseRedirect(f"/{merchant.slug}/account/login/?{query}")
