"""`make bench`: measure everything in one run, print ratios beside their goals. What misses its goal is printed all the same."""

from __future__ import annotations

import os
import subprocess
import sys

PARTS = ("report", "pages", "receipt", "importing", "matching", "settling", "ends", "scale")


def main(parts: list[str]) -> int:
    """Each part in a process and a database of its own: what one leaves in memory must not slow the next."""
    for part in parts or PARTS:
        done = subprocess.run([sys.executable, "-m", "tests.bench", "only", part], check=False)
        if done.returncode:
            return done.returncode
    return 0


def measure(part: str) -> int:
    """One part, in a database that is dropped at the end.

    Django's test environment is not set up: it would copy every template's context, and pages would look slower than they are.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.db import connection

    from tests.bench import importing, pages, receipt, report_post, scale, settling
    from tests.bench.timing import show

    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        if part == "report":
            rows, profile = report_post.measure()
            show("Sending a report", rows)
            print("  where Python's time goes:")
            for line in profile:
                print(f"    {line}", flush=True)
        elif part == "pages":
            show("A customer's orders", pages.measure_orders())
            show("The staff's queue", pages.measure_queue())
        elif part == "receipt":
            show("A receipt", receipt.measure())
        elif part == "importing":
            show("Importing a file of the bank", importing.measure())
        elif part == "matching":
            show("Matching an account", settling.measure_matching())
        elif part == "settling":
            show("Settling what a run found", settling.measure_settling())
        elif part == "scale":
            show("Every list, in a house of 1,000,000 orders", scale.measure())
        elif part == "ends":
            show("From the bank's file to paid orders", settling.measure_ends())
        else:
            show("The same, a hundred thousand lines", settling.measure_ends(99_999, goal=200))
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
    return 0


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.exit(measure(arguments[1]) if arguments[:1] == ["only"] else main(arguments))
