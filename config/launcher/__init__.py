"""Concilia on one machine for trying, developing and testing: `make run`, `make test`, `make backup` and their like.

`bootstrap` (standard library only) makes the Python environment; `binaries` and `cluster` bring up a
PostgreSQL of our own; `supervise` keeps the processes; `mail` catches the letters; `run` ties them together.
A server is set up otherwise: docs/howto/deploy.md.
"""
