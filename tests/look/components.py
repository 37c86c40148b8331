"""A page with every component, for tests alone: the product has no such page."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from config.states import ORDER_STATES, TICKET_STATES


class EveryField(forms.Form):
    """One of each widget."""

    amount = forms.CharField(label="Monto")
    paid_on = forms.CharField(label="Fecha", widget=forms.DateInput(attrs={"type": "date"}))
    bank = forms.ChoiceField(label="Banco", help_text="El banco de origen.", choices=[("1", "0134 Banesco")])
    method = forms.ChoiceField(label="Método", widget=forms.RadioSelect, choices=[("t", "Transferencia"), ("p", "Pago móvil")])
    orders = forms.MultipleChoiceField(
        label="Órdenes", widget=forms.CheckboxSelectMultiple, choices=[("1", "2026-1"), ("2", "2026-2")], required=False
    )
    paper = forms.BooleanField(label="Factura en físico", required=False, help_text="Necesita un envío pagado.")
    address = forms.CharField(label="Dirección", widget=forms.Textarea, required=False)
    receipt = forms.FileField(label="Comprobante", required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)


PAGE = (Path(__file__).parent / "components.html").read_text(encoding="utf-8")


def make_request(*, theme: str = "", accent: str = "#4338ca") -> HttpRequest:
    """A signed-out reader at a merchant's house; nothing of it is in the database."""
    request = RequestFactory().get("/", {"state": "open", "page": "2"})
    request.COOKIES["theme"] = theme
    merchant = SimpleNamespace(
        name="Hosting Andina", legal_name="Hosting Andina, C.A.", tax_id="J-40918273-5", accent=accent, logo_png=None,
        time_zone="America/Caracas", support_email="ayuda@andina.example", support_phone="+58 212 5550100",
    )  # fmt: skip
    nobody = SimpleNamespace(is_authenticated=False, uses_shortcuts=True)
    vars(request).update(merchant=merchant, actor=None, user=nobody, _messages=[])
    return request


def render_components(*, base: str = "portal/base.html", language: str = "es", theme: str = "", accent: str = "#4338ca") -> str:
    """The page as HTML."""
    with translation.override(language):
        wrong = EveryField({"amount": "", "paid_on": ""})
        wrong.is_valid()
        return engines["django"].from_string(PAGE).render(
            {
                "base": base, "wrong": wrong, "plain": EveryField(initial={"method": "t"}, auto_id="plain_%s"),
                "amount": Decimal("1704.1"), "day": date(2026, 11, 18), "now": datetime(2026, 11, 24, 14, 36, tzinfo=UTC),
                "order_states": list(ORDER_STATES), "ticket_states": list(TICKET_STATES),
                "page": Paginator(range(76), 12).page(2),
            },
            make_request(theme=theme, accent=accent),
        )  # fmt: skip
