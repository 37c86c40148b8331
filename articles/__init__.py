"""Articles of help: ours stand as Markdown files in this room, a merchant's own in its tables. Searched by PostgreSQL."""
