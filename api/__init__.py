"""The REST face: other systems work at a house with keys, as its actors."""
