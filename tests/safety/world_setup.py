"""What a house's set-up leaves behind: a higher limit asked, words of its own, a file of orders with what another one made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import LimitRequest
from accounts.setup_history import note_setup
from letters.models import LetterText
from orders.models import ImportedRow, OrderImport

if TYPE_CHECKING:
    from tests.safety.world import House

OUTCOME = {
    "rows": 1, "customers": {"new": 1, "known": 0, "refused": 0}, "orders": {"new": 0, "known": 0, "refused": 0},
    "problem_count": 0, "refused": [], "missing": [],
}  # fmt: skip


def setup_of(house: House) -> None:
    """One row of each kind."""
    merchant, ada, alice = house.merchant, house.scene.cast.ada, house.alice
    word = alice.canaries.word
    note_setup("house", {}, {"name": f"Casa {word}"}, by=ada)
    LimitRequest.objects.create(merchant=merchant, limit=9000, asked_by=ada.user)
    LetterText.objects.create(merchant=merchant, kind="ticket_withdrawn", language="es", subject=f"Retirado {word}")
    file = OrderImport.objects.create(
        merchant=merchant, file_name=f"{word}.csv", sha256="0" * 64, headings=["customer_number", "customer_name"],
        content=f"customer_number,customer_name\nZ9,Zeta {word}\n".encode(), mapping={"customer_number": 0, "customer_name": 1},
        outcome=OUTCOME, by=ada.user,
    )  # fmt: skip
    ImportedRow.objects.create(merchant=merchant, source=file, customer=alice.customer)
    ImportedRow.objects.create(merchant=merchant, source=file, order=alice.orders["spare"])
