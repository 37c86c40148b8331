"""The installation's own pages: the front door with its merchants, and the demo's letters and bank files."""

from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from accounts.models import Merchant
from config import maildir


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    """List the merchants that are active; each is a link to its own public page."""
    merchants = Merchant.objects.filter(is_active=True).order_by("name")
    return render(request, "config/landing.html", {"merchants": merchants})


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is missing or old: our page with the way back to where it stood, and nothing of the `reason`."""
    back = request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return render(request, "403_csrf.html", {"back": back if is_ours else ""}, status=403)


def _only_in_the_demo() -> None:
    if not settings.DEMO:
        raise Http404


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    """The letters that the demo has sent, newest first. 404 outside the demo."""
    _only_in_the_demo()
    wanted = request.GET.get("to", "")[:254]
    found = maildir.list_letters(settings.DEMO_MAIL_DIR, to=wanted)
    # Who reads this sits at the machine, so the machine's own clock is theirs.
    with timezone.override(datetime.now().astimezone().tzinfo):
        return render(request, "config/letters.html", {"letters": found, "to": wanted})


@require_safe
def letter(request: HttpRequest, key: str) -> HttpResponse:
    """One letter: headers, text, and its HTML in a frame that can do nothing."""
    _only_in_the_demo()
    found = maildir.read_letter(settings.DEMO_MAIL_DIR, key)
    if found is None:
        raise Http404
    return render(request, "config/letter.html", {"letter": found})


@require_safe
@xframe_options_sameorigin
def letter_html(request: HttpRequest, key: str) -> HttpResponse:
    """A letter's HTML part alone, shown without scripts, forms or anything from outside."""
    _only_in_the_demo()
    found = maildir.read_letter(settings.DEMO_MAIL_DIR, key)
    if found is None or not found.html:
        raise Http404
    response = HttpResponse(found.html)
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
    )
    return response


@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """The files that the demo's banks hand out, by merchant. 404 outside the demo."""
    _only_in_the_demo()
    merchants = Merchant.objects.filter(is_active=True).order_by("name")
    found = [(merchant, sorted(path.name for path in _bank_files(merchant.slug))) for merchant in merchants]
    return render(request, "config/statements.html", {"found": [(merchant, names) for merchant, names in found if names]})


@require_safe
def statement(request: HttpRequest, merchant: str, name: str) -> FileResponse:
    """One of them. A name is looked up among the files, never used as a path."""
    _only_in_the_demo()
    path = next((path for path in _bank_files(merchant) if path.name == name), None)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="application/octet-stream")


def _bank_files(slug: str) -> list[Path]:
    folder = Path(settings.DEMO_FILES_DIR) / get_object_or_404(Merchant, slug=slug).slug
    return [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
