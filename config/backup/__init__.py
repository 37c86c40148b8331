"""Backups and their way back: `manage.py backup`, `restore`, `receive_wal`, `audit_files`. How: docs/howto/backup-and-restore.md.

The database is copied by PostgreSQL's own programs, the private files by the rows that name them. `stored` says what rows name,
`shelf` where backups lie and which are kept, `take` makes one, `scratch` brings one up beside everything else, `restore` moves
it into an empty database.
"""
