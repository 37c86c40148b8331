"""Where the links of an article lead in the house in which it is read: `page:orders`, `article:ticket-states`."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

from articles.models import KEY

# Pages to which an article may lead, `page:orders`: only what every house has.
PAGES = {
    "home": "portal:home", "about": "portal:about", "orders": "portal:orders", "report": "portal:report",
    "statement": "portal:account_statement", "tickets": "portal:tickets", "support": "portal:support_new",
    "profile": "portal:profile", "data": "portal:customer_data", "contacts": "portal:contacts", "help": "portal:help",
    "sign-in": "account_login", "code": "account_request_login_code", "password": "account_reset_password",
    "register": "portal:register", "sessions": "usersessions_list", "letters": "portal:letters", "queue": "desk:queue",
    "lines": "desk:lines", "import": "desk:lines_import", "workbench": "desk:workbench", "books": "desk:books",
    "months": "desk:periods", "setup": "desk:setup", "customers": "desk:customers",
}  # fmt: skip


def address_of(kind: str, name: str) -> str:
    """Where `page:orders` and `article:states` lead in this house; "" for what is not there."""
    try:
        if kind == "article":
            return reverse("portal:article", args=(name,)) if KEY.match(name) else ""
        return reverse(PAGES[name])
    except (KeyError, NoReverseMatch):
        return ""
