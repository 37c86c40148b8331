"""Private uploads: received raw, decoded in a limited process, served only as re-encoded copies to those who may see them."""
