"""Every page of the staff's desk, in both languages, at a desk and on a phone."""

from __future__ import annotations

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Customer
from orders.models import Order
from reconciliation.models import PayerGroup, StatementImport, StatementLine
from reconciliation.services import make_payer_group
from tests.browser import test_portal_pages
from tests.browser.person import Person
from tests.browser.scenery import Scenery, grow_more
from tests.browser.visits import DESK_TARGET, Page, go_round, nothing_wrong

pytestmark = pytest.mark.timeout(900)

# Acts without a page of their own, parts of pages, files, and pages that other tests look at.
NO_PAGE = {
    "portal:order_pdf", "portal:fiscal_document", "portal:ticket_receipt", "desk:order_pdf", "desk:fiscal_document",
    "desk:ticket_receipt",
    "portal:report_live", "portal:report_discard", "portal:report_upload", "portal:ticket_correct_live", "portal:ticket_answer",
    "portal:ticket_message", "portal:switch_customer", "desk:claim_row", "desk:shortcuts", "desk:look", "desk:claim",
    "desk:release", "desk:resume", "desk:take_back", "desk:verify", "desk:sign", "desk:sign_reversal", "desk:refuse_reversal",
    "desk:message", "desk:contact_remove", "desk:conversation_act", "desk:staff_end", "desk:contact_new", "desk:order_credit",
    "desk:import_progress", "desk:import_account", "desk:import_commit", "desk:import_release", "desk:import_reread",
    "desk:import_discard", "desk:import_undo", "desk:books_prove", "desk:period_close", "desk:period_reopen", "desk:period_sign",
    "desk:period_refuse", "desk:ignore_rule_end", "desk:line_restore", "desk:proposal_accept", "desk:proposal_dismiss",
    "desk:proposal_restore", "desk:run_undo", "desk:stop_lift", "desk:automatic", "desk:workbench_propose",
    "portal:contact_invitation", "portal:profile_letters", "session_end", "desk:contact_invitation",
    "desk:deposit_offer_withdraw", "desk:export_file", "desk:import_original", "desk:withholding", "portal:deposit_mine",
    "portal:deposit_not_mine",
    # Seen by test_connections.py.
    "desk:webhook",
    # Seen by test_new_merchant.py.
    "desk:begin", "desk:order_import",
    # Seen by test_workbench.py, and by tests/desk/test_profiles_in_browser.py.
    "desk:workbench", "desk:workbench_certain", "desk:workbench_log", "desk:proposal", "desk:pick_reports", "desk:pick_lines",
    "desk:line_ignore", "desk:ignore_rules", "desk:profile", "desk:profile_version",
    "desk:line_return", "desk:line_refund", "desk:refunds", "desk:refund_new", "desk:refund_reverse", "desk:return_undo",
    "desk:refund_sign", "desk:refund_drop", "desk:refund_sign_reversal", "desk:refund_keep", "desk:tolerance_end",
    "files:page",
    "files:thumb", "files:status", "choose_theme", "set_language", "merchant_logo", "mfa_download_recovery_codes",
    "account_email_verification_sent", "account_set_password", "mfa_reauthenticate",
}  # fmt: skip
BY_ACTING = {
    "portal:register_code", "portal:register_details", "portal:invitation",
    "portal:report_check", "portal:ticket_correct_check", "desk:register_check", "account_confirm_login_code",
    "mfa_authenticate", "mfa_view_recovery_codes",
}  # fmt: skip


def send_empty(who: Person) -> None:
    """A form sent as it stands shows its sentences."""
    form = "main form:not([role=search])"
    who.page.locator(f"{form} button.btn-primary, {form} button.btn-danger").last.click()
    who.page.locator(".error-summary").wait_for()


def register_and_check(who: Person) -> None:
    """The staff's report form as far as its check page."""
    from tests.browser.test_staff import fill_register

    fill_register(who)
    who.press("Check and send")
    who.page.wait_for_url(lambda address: "/check/" in address)


def paid_together(full: Scenery) -> PayerGroup:
    """A payer group of two customers."""
    merchant = full.town.andina.merchant
    by = full.town.andina.staff["Carmen"]
    first = PayerGroup.objects.filter(merchant=merchant).first()
    pks = Customer.objects.filter(merchant=merchant).order_by("pk").values_list("pk", flat=True)[:2]
    return first or make_payer_group(name="Inversiones Roble", customer_ids=list(pks), by=by)


def carmens(full: Scenery) -> list[Page]:
    """What an accountant opens."""
    merchant, customer = full.town.andina.merchant, full.town.customer
    order = full.town.orders["4401"]
    lines = StatementLine.objects.filter(merchant=merchant)
    used = lines.filter(matches__isnull=False).order_by("pk").first() or lines.earliest("pk")
    free = lines.filter(matches__isnull=True).latest("pk")
    rejected_rows = StatementImport.objects.filter(merchant=merchant, rejected_lines__outcome="").latest("pk")
    odd_row = rejected_rows.rejected_lines.filter(outcome="").earliest("pk")
    open_order = Order.objects.with_balance().filter(customer=customer, voided_at__isnull=True).latest("pk")
    decision, verified = full.number("decision"), full.number("verified")
    tickets = ("asked", "in_review", "verified", "rejected", "withdrawn", "reversed", "Distribuidora Kavak, C.A.",
               "Agencia Ñandú, C.A.", "Posada Los Frailejones", "Marcos Delgado", "decision")  # fmt: skip
    acts = ("ask_information", "wait_for_bank", "reject", "verify_other")
    return [
        Page(name="desk:queue"),
        Page(name="desk:queue", query={"view": "overdue"}),
        Page(name="desk:queue", query={"q": "nada-de-esto"}),
        *[Page(name="desk:ticket", args=(full.number(name),)) for name in tickets],
        Page(name="desk:ticket", args=(full.number("Posada Los Frailejones"),), query={"find": "0"}),
        *[Page(name=f"desk:{act}", args=(decision,)) for act in acts],
        *[Page(name=f"desk:{act}", args=(decision,), act=send_empty) for act in ("ask_information", "reject")],
        Page(name="desk:reopen", args=(full.number("rejected"),)),
        Page(name="desk:deposit_offers"),
        Page(name="desk:line_offer", args=(free.pk,)),
        Page(name="desk:payer_groups"),
        Page(name="desk:payer_group_new", query={"customer": customer.pk, "q": "a"}, act=send_empty),
        Page(name="desk:payer_group", args=(paid_together(full).pk,), query={"q": "a"}),
        Page(name="desk:lines"),
        Page(name="desk:lines", query={"q": "nada-de-esto"}),
        Page(name="desk:line", args=(used.pk,)),
        Page(name="desk:line", args=(free.pk,)),
        Page(name="desk:line_new"),
        Page(name="desk:line_new", query={"cash": "1"}),
        Page(name="desk:line_new", act=send_empty),
        Page(name="desk:lines_import"),
        Page(name="desk:lines_import", act=send_empty),
        Page(name="desk:imports"),
        Page(name="desk:imports_together"),
        Page(name="desk:import", args=(rejected_rows.pk,)),
        Page(name="desk:import_row", args=(rejected_rows.pk, odd_row.pk)),
        Page(name="desk:import_row", args=(rejected_rows.pk, odd_row.pk), act=send_empty),
        Page(name="desk:runs"),
        Page(name="desk:books"),
        Page(name="desk:books_account", args=(full.town.banesco.pk,)),
        Page(name="desk:periods"),
        Page(name="desk:exports"),
        Page(name="desk:account_statement", args=(customer.pk,)),
        Page(name="desk:orders_import", act=send_empty),
        Page(name="desk:orders"),
        Page(name="desk:orders", query={"state": "overdue"}),
        *[Page(name="desk:order", args=(each.number,)) for each in (order, full.old, full.void)],
        Page(name="desk:order_new"),
        Page(name="desk:order_new", act=send_empty),
        Page(name="desk:order_void", args=(open_order.number,)),
        Page(name="desk:order_fiscal", args=(open_order.number,)),
        Page(name="desk:fiscal"),
        Page(name="desk:shipments"),
        Page(name="desk:customers"),
        Page(name="desk:customers", query={"q": "nada-de-esto"}),
        Page(name="desk:customer", args=(customer.pk,)),
        Page(name="desk:setup_policies"),
        Page(name="desk:setup_services"),
        Page(name="desk:services", args=(customer.pk,)),
        Page(name="desk:letters", query={"customer": customer.pk}),
        Page(name="desk:customer_new"),
        Page(name="desk:customer_new", act=send_empty),
        Page(name="desk:customer_edit", args=(customer.pk,)),
        Page(name="desk:conversation_new", args=(customer.pk,)),
        Page(name="desk:register", args=(customer.pk,)),
        Page(name="desk:register", args=(customer.pk,), act=send_empty),
        Page(name="desk:register", args=(customer.pk,), query={"orders": order.pk}, act=register_and_check),
        Page(name="desk:conversations"),
        Page(name="desk:mails"),
        Page(name="desk:support"),
        Page(name="desk:conversation", args=(full.talk,)),
        Page(name="desk:search", query={"q": "Pérez"}),
        Page(name="desk:search", query={"q": "nada-de-esto"}),
        Page(name="desk:ticket", args=(verified,)),
    ]


def pedros(full: Scenery) -> list[Page]:
    """What an administrator opens."""
    method = next(iter(full.town.andina.methods.values()))
    return [
        Page(name="desk:setup_look"),
        Page(name="desk:department", args=(0,)),
        Page(name="desk:canned_reply", args=(0,)),
        Page(name="desk:mailbox"),
        Page(name="desk:setup_rules"),
        Page(name="desk:setup_reasons"),
        Page(name="desk:setup_reasons", query={"reason": "new"}),
        Page(name="desk:setup_letters"),
        Page(name="desk:setup_letters", query={"kind": "ticket_verified"}),
        Page(name="desk:setup_history"),
        Page(name="desk:webhooks", act=send_empty),
        Page(name="desk:api_keys", act=send_empty),
        Page(name="desk:articles"),
        Page(name="desk:dashboard"),
        Page(name="desk:article_new", act=send_empty),
        Page(name="desk:article", args=("sign-in-code",)),
        Page(name="desk:setup"),
        Page(name="desk:runs"),
        Page(name="desk:rates"),
        Page(name="desk:rates", act=send_empty),
        Page(name="desk:account_new"),
        Page(name="desk:account_new", act=send_empty),
        Page(name="desk:account", args=(full.town.banesco.pk,)),
        Page(name="desk:tolerances", args=(full.town.banesco.pk,), act=send_empty),
        Page(name="desk:method_new"),
        Page(name="desk:method", args=(method.pk,)),
        Page(name="desk:withholding_new", act=send_empty),
        Page(name="desk:staff"),
        Page(name="desk:staff", act=send_empty),
    ]


@pytest.mark.parametrize("thoroughly", [False, pytest.param(True, marks=pytest.mark.soak)])
def test_pages_of_the_desk_are_sound(scenery: Scenery, thoroughly: bool) -> None:
    full = grow_more(scenery)
    town, found = full.town, forgotten(full)
    anas = [
        Page(name="desk:ticket", args=(full.number("Distribuidora Kavak, C.A."),)),
        Page(name="desk:send_back", args=(full.number("Distribuidora Kavak, C.A."),)),
        Page(name="desk:reverse", args=(full.number("verified"),)),
    ]
    reading = [Page(name="desk:queue"), Page(name="desk:ticket", args=(full.number("decision"),)), Page(name="desk:setup")]
    theirs = {"Carmen": carmens(full), "Pedro": pedros(full), "Ana": anas, "Sofía": reading, "Olga": reading}
    for language in ("es", "en"):
        for name, pages in theirs.items():
            found += go_round(town.staff(name, language=language), pages, target=DESK_TARGET, thoroughly=thoroughly)
    nothing_wrong(found + town.close())


def forgotten(full: Scenery) -> list[str]:
    """Pages that nobody looks at, and names of pages that are gone."""
    seen = test_portal_pages.portal_pages(full) + carmens(full) + pedros(full)
    names = {page.name for page in [*seen, *test_portal_pages.DOOR, *test_portal_pages.OWN, *test_portal_pages.CODES]}
    known = names | NO_PAGE | BY_ACTING | {"desk:reverse", "desk:send_back"}
    there = names_in(get_resolver("config.merchant_urls"))
    unseen = [each for each in there if each not in known and not each.startswith("api:")]
    return [f"{each}: looked at by no test" for each in unseen] + [f"{each}: gone" for each in NO_PAGE - set(there)]


def names_in(resolver: URLResolver, spaces: str = "") -> list[str]:
    """All names of addresses below a resolver."""
    found = []
    for each in resolver.url_patterns:
        if isinstance(each, URLPattern):
            found += [spaces + each.name] if each.name else []
        else:
            found += names_in(each, f"{spaces}{each.namespace}:" if each.namespace else spaces)
    return found
