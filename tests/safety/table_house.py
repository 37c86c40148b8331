"""Addresses of the entry, of private files, and of the installation with its admin."""

from __future__ import annotations

import uuid

from tests.safety.actors import World
from tests.safety.pages import NO_WAY, Page, Table

# Pages about oneself: whoever is signed in sees their own data there, at any merchant's address. They are 302 where allauth asks
# for the password again, or sends on somebody who has nothing to do there.
ENTRY: Table = {
    "account_login": Page(who="entry", post=200, writes=False, data=lambda _: {"login": "a@b.example", "password": "wrong"}),
    "account_signup": Page(who="entry", post=200, writes=False, data=lambda _: {"email": "a@b.example"}),
    "account_request_login_code": Page(who="entry", post=302, writes=False, data=lambda _: {"email": "a@b.example"}),
    "portal:register": Page(who="entry", post=302, by="stranger", data=lambda _: {"email": "a@b.example"}),
    "portal:register_code": Page(who="entry", get=302, post=302, writes=False, data=lambda _: {"code": "123456"}),
    "portal:register_details": Page(who="entry", get=302, post=302, writes=False, data=lambda _: {"person": "Ana"}),
    "account_confirm_login_code": Page(who="entry", get=302, post=302, writes=False, data=lambda _: {"code": "123456"}),
    "mfa_authenticate": Page(who="entry", get=302, post=302, writes=False, data=lambda _: {"code": "123456"}),
    "account_inactive": Page(who="public"),
    "api:document": Page(who="public"),
    "account_reset_password": Page(who="public", post=302, by="stranger", writes=False, data=lambda _: {"email": "a@b.example"}),
    "account_reset_password_done": Page(who="public"),
    "account_reset_password_from_key": Page(
        who="public", args=lambda world: ("1", "set-password"), post=200, by="stranger", writes=False,
        data=lambda _: {"password1": "Xy12!xy34", "password2": "Xy12!xy34"},
    ),
    "account_reset_password_from_key_done": Page(who="public"),
    "account_email_verification_sent": Page(who="public", get=302, post=302, by="stranger", writes=False),
    "account_logout": Page(who="signed_in", post=302, writes=False),
    "account_reauthenticate": Page(who="signed_in", post=200, writes=False, data=lambda _: {"password": "wrong"}),
    "account_email": Page(who="signed_in", post=302, writes=False, data=lambda _: {"email": "new@b.example", "action_add": "1"}),
    "account_change_password": Page(
        who="signed_in", post=200, writes=False,
        data=lambda _: {"oldpassword": "wrong", "password1": "Xy12!xy34", "password2": "Xy12!xy34"},
    ),
    "account_set_password": Page(who="signed_in", get=302, post=302, writes=False),
    "mfa_index": Page(who="signed_in"),
    "mfa_reauthenticate": Page(who="signed_in", get=302, post=302, writes=False),
    "mfa_activate_totp": Page(who="signed_in", get=302, post=302, writes=False),
    "mfa_deactivate_totp": Page(who="signed_in", get=404, post=404, writes=False),
    "mfa_view_recovery_codes": Page(who="signed_in", get=404),
    "mfa_generate_recovery_codes": Page(who="signed_in", get=302, post=302, writes=False),
    "mfa_download_recovery_codes": Page(who="signed_in", get=404, post=404, writes=False),
    "usersessions_list": Page(who="signed_in", post=302, writes=False),
    "session_end": Page(who="signed_in", args=lambda _: (10**9,), get=NO_WAY, post=404, writes=False),
}  # fmt: skip


def receipt(world: World) -> uuid.UUID:
    return world.andina.alice.files["receipt"].key


HOUSE: Table = {
    "choose_theme": Page(who="public", get=NO_WAY, post=302, writes=False, data=lambda _: {"theme": "dark", "next": "/andina/"}),
    "set_language": Page(who="public", get=NO_WAY, post=302, data=lambda _: {"language": "en", "next": "/andina/"}),
    "merchant_logo": Page(who="public", get=404),  # Andina has none
    "files:page": Page(
        who="file", args=lambda world: (receipt(world), 1), of_alice=True, query=lambda _: {"download": "1"}
    ),
    "files:thumb": Page(who="file", args=lambda world: (receipt(world),), of_alice=True),
    "files:status": Page(who="file", args=lambda world: (receipt(world),), of_alice=True, query=lambda _: {"n": "1"}),
}  # fmt: skip
MERCHANT_ENTRY = ENTRY | HOUSE

INSTALLATION: Table = {
    "/": Page(who="public"),
    "/i18n/theme/": Page(who="public", get=NO_WAY, post=302, writes=False, data=lambda _: {"theme": "dark"}),
    "/i18n/setlang/": Page(who="public", get=302, post=302, writes=False, data=lambda _: {"language": "en"}),
    "/healthz": Page(who="public"),
    "/readyz": Page(who="public", get=503),  # no worker runs in a test
    "/metrics": Page(who="public"),  # to this machine alone: tests/ops
    "/demo/statements/": Page(who="closed"),
    "/demo/statements/<str:merchant>/<str:name>": Page(who="closed"),
    "/demo/letters/": Page(who="closed", query=lambda _: {"to": "alice@andina.example"}),
    "/demo/letters/<str:key>/": Page(who="closed"),
    "/demo/letters/<str:key>/html/": Page(who="closed"),
}  # fmt: skip

# The installation's admin: who runs it sees these kinds of rows, nobody else any. A model that is registered must be added here.
ADMIN_MODELS = {
    "accounts": ("merchant", "user", "customer", "contact", "staffrole"),
    "banking": ("bank", "referenceformat", "receivingaccount", "paymentmethod", "withholdingkind", "exchangerate"),
    "letters": ("letter",),
    "orders": ("order", "orderline"),
    "reports": ("paymentreport", "transfer", "withholding", "shippingwish"),
    "reconciliation": ("ledgerentry", "match", "settlement", "statementimport", "statementline"),
    "tickets": ("ticket", "ticketevent", "reason"),
    "auth": ("group",),
    "account": ("emailaddress",),
    "mfa": ("authenticator",),
    "usersessions": ("usersession",),
    "procrastinate": ("procrastinatejob",),
}
ADMIN_PAGES = (
    "", "login/", "logout/", "password_change/", "password_change/done/", "autocomplete/", "jsi18n/",
    "r/<path:content_type_id>/<path:object_id>/", "<app_label>/", "(?P<url>.*)$",
)  # fmt: skip
ADMIN_MODEL_PAGES = (
    "", "add/", "<path:object_id>/history/", "<path:object_id>/delete/", "<path:object_id>/change/", "<path:object_id>/",
)  # fmt: skip


def admin_patterns() -> set[str]:
    """Every pattern below `admin/` that may exist."""
    models = {f"{app}/{model}/" for app, names in ADMIN_MODELS.items() for model in names}
    return {f"admin/{page}" for page in ADMIN_PAGES} | {f"admin/{model}{page}" for model in models for page in ADMIN_MODEL_PAGES}
