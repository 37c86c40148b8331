"""People and merchants: who is who, and whose data is whose. The lowest room; it knows nobody."""
