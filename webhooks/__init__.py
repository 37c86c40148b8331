"""The outbox: every letter is a row written with the change it tells of, delivered by a job, at least once."""
