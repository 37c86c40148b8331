"""What the customer's pages show of a paper invoice."""

from __future__ import annotations

from reports.models import Shipment, ShipmentState

LOOKS: dict[str, tuple[str, str]] = {
    ShipmentState.REQUESTED: ("amber", "clock-fill"),
    ShipmentState.PREPARED: ("blue", "box-seam"),
    ShipmentState.HANDED_OVER: ("blue", "truck"),
    ShipmentState.DELIVERED: ("green", "check-circle-fill"),
    ShipmentState.RETURNED: ("red", "arrow-return-left"),
}


def shipment_context(shipment: Shipment | None) -> dict[str, object]:
    """For `portal/_shipment.html`: the steps newest first, and the state's colour and icon."""
    if shipment is None:
        return {"shipment": None}
    colour, icon = LOOKS[shipment.state]
    steps = sorted(shipment.events.all(), key=lambda event: event.pk, reverse=True)
    return {"shipment": shipment, "shipment_steps": steps, "shipment_colour": colour, "shipment_icon": icon}
