"""The API's addresses: what a key needs for each method, a good body, and the queries that a list knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.api.town import House, Town, picture, sheet

Body = Callable[[Town], Any]


@dataclass(frozen=True, kw_only=True)
class Route:
    """One address. `path` names something of a house; `post` and `patch` are good bodies, `query` good parameters."""

    path: Callable[[House], str]
    get: str = ""
    post_needs: str = ""
    post: Body | None = None
    patch_needs: str = ""
    patch: Body | None = None
    query: Mapping[str, str] = field(default_factory=dict)
    names_one: bool = False


def order_of(town: Town) -> dict[str, Any]:
    return {
        "customer": town.near.cast.a.number, "description": "Hosting", "due_on": "2031-01-31",
        "lines": [{"description": "Hosting", "unit_price": "10.00", "quantity": "2", "tax_name": "IVA", "tax_rate": "0.16"}],
    }  # fmt: skip


def report_body(town: Town) -> dict[str, Any]:
    scene = town.near.scene
    transfer = scene.transfer("80.00")
    return {
        "customer": town.near.cast.a.number, "channel": "whatsapp", "orders": [{"order": town.near.order.number}],
        "transfers": [
            {
                "method": transfer.method_id, "account": transfer.account_id, "amount": "80.00",
                "paid_on": transfer.paid_on.isoformat(), "reference": transfer.reference_raw,
            }
        ],
        "note": "Pagó por WhatsApp",
    }  # fmt: skip


LIST = {"limit": "2"}
OF_A_CUSTOMER = {**LIST, "customer": "K-1"}
API: dict[str, Route] = {
    "api:customers": Route(
        path=lambda _: "customers/", get="customers:read", post_needs="customers:write",
        query={**LIST, "q": "a", "is_active": "true"},
        post=lambda _: {"name": "Panadería Nueva", "email": "nueva@example.com"},
    ),
    "api:customer": Route(
        path=lambda house: f"customers/{house.cast.b.number}/", get="customers:read", names_one=True,
        patch_needs="customers:write", patch=lambda _: {"name": "Otro nombre"},
    ),
    "api:orders": Route(
        path=lambda _: "orders/", get="orders:read", post_needs="orders:write", post=order_of,
        query={
            **OF_A_CUSTOMER, "state": "open", "due_from": "2026-01-01", "due_until": "2026-12-31", "issued_from": "2026-01-01",
            "issued_until": "2026-12-31",
        },
    ),
    "api:order": Route(path=lambda house: f"orders/{house.order.number}/", get="orders:read", names_one=True),
    "api:order_void": Route(
        path=lambda house: f"orders/{house.unwanted.number}/void/", post_needs="orders:write", names_one=True,
        post=lambda _: {"reason": "Se emitió dos veces"},
    ),
    "api:order_invoice": Route(
        path=lambda house: f"orders/{house.order.number}/invoice/", post_needs="orders:write", names_one=True,
        post=lambda _: {"number": "F-1", "pdf": sheet("%PDF-1.4")},
    ),
    "api:receiving_accounts": Route(path=lambda _: "receiving-accounts/", get="reports:read"),
    "api:receipts": Route(
        path=lambda _: "receipts/", post_needs="reports:write",
        post=lambda town: {"customer": town.near.cast.a.number, "file": picture()},
    ),
    "api:reports": Route(
        path=lambda _: "reports/", get="reports:read", post_needs="reports:write", post=report_body,
        query={**OF_A_CUSTOMER, "state": "submitted"},
    ),
    "api:report": Route(path=lambda house: f"reports/{house.ticket.number}/", get="reports:read", names_one=True),
    "api:tickets": Route(path=lambda _: "tickets/", get="tickets:read", query={**OF_A_CUSTOMER, "state": "verified"}),
    "api:ticket": Route(path=lambda house: f"tickets/{house.ticket.number}/", get="tickets:read", names_one=True),
    "api:ticket_messages": Route(
        path=lambda house: f"tickets/{house.ticket.number}/messages/", post_needs="tickets:write", names_one=True,
        post=lambda _: {"text": "Ya lo vemos."},
    ),
    "api:statement_lines": Route(
        path=lambda _: "statement-lines/", get="statements:read",
        query={**LIST, "account": "1", "booked_from": "2026-01-01", "booked_until": "2026-12-31"},
    ),
    "api:statement_imports": Route(
        path=lambda _: "statement-imports/", post_needs="statements:write",
        post=lambda town: {"file": sheet(), "account": str(town.near.cast.account.pk)},
    ),
    "api:statement_import": Route(
        path=lambda house: f"statement-imports/{house.statement.pk}/", get="statements:read", names_one=True
    ),
    "api:paid_orders": Route(path=lambda _: "paid-orders/", get="payments:read", query=LIST),
}  # fmt: skip
