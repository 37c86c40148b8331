"""T18: `kill -9` of the web server, the worker, the children that read pictures and statements, and the database, while in use.

The product's own launcher keeps an installation running; customers report payments with pictures, the bank's files come in, what
is certain is settled by itself. Whatever is shot, a report whose number was shown exists exactly once, the books are clean, and
when all is up again the work goes on. It takes a quarter of an hour, and some minutes on a busy machine until all is up first.

Seen to fail: with jobs that are not tried again when the database goes away under them (what was brought in was not matched, a
letter lay until the next sweep).
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from PIL import Image

from config.environment import BASE_DIR
from config.launcher.supervise import SHORT_LIFE_S
from tests.ops.processes import pids_of, wait_until
from tests.ops.test_launcher import Running, free_port
from tests.portal.browsing import form_named

pytestmark = [pytest.mark.slow]
TARGETS = (
    "config.gunicorn",
    "config.gunicorn",
    "procrastinate",
    "procrastinate",
    "files/child.py",
    "statements/child.py",
    "database",
)
CUSTOMERS, PAUSE_S = 2, 2.0
# No bound that is tested, only an end for what hangs on a busy machine.
PATIENCE_S = 600


def ask(home: Path, what: str) -> Any:
    """What `kill_town` says in a process of its own."""
    said = subprocess.run(
        command(what), cwd=BASE_DIR, env=environment(home), check=True, timeout=120, capture_output=True, text=True
    )
    return json.loads(said.stdout.splitlines()[-1])


def command(what: str) -> list[str]:
    return [sys.executable, "-m", "tests.safety.kill_town", what]


def environment(home: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {
        **kept,
        "CONCILIA_HOME": str(home),
        "CONCILIA_DEMO": "0",
        "CONCILIA_HTTPS": "0",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONWARNINGS": "ignore",
    }


def photo() -> bytes:
    """A picture like no other: one that was seen before is a doubt."""
    picture = io.BytesIO()
    Image.effect_noise((30, 40), 120).resize((900, 1200)).convert("RGB").save(picture, "JPEG")
    return picture.getvalue()


class Customer(threading.Thread):
    """Reports one order after the other, each until a number is shown, however often the server is gone."""

    def __init__(self, origin: str, town: dict[str, Any], orders: list[int]) -> None:
        super().__init__(daemon=True)
        self.origin, self.town, self.orders = origin, town, orders
        self.seen: dict[str, str] = {}
        self.again = 0
        self.errors: list[str] = []
        self.stops = threading.Event()
        self.browser = requests.Session()
        self.browser.cookies.update(town["cookies"])

    def run(self) -> None:
        for order in self.orders:
            while not self.stops.is_set():
                try:
                    self.report(order)
                    break
                except requests.RequestException:
                    self.again += 1
                    time.sleep(0.2)
                except Exception as error:
                    self.errors.append(repr(error))
                    raise
            # As many as there are shall last for all rounds.
            if self.stops.wait(PAUSE_S):
                return

    def report(self, order: int) -> None:
        page = self.page(self.town["form"] + f"?orders={order}")
        form = form_named(page, "report-form")
        typed = {"t_0_reference": f"{order:04d}{random.randrange(10**8):08d}", "t_0_origin_bank": self.town["bank"]}
        data = form.data(**typed, t_0_account=self.town["account"])
        answer = self.send(self.town["form"], data, {"t-0-receipt": ("foto.jpg", photo(), "image/jpeg")})
        check = form_named(self.page(answer.headers["Location"]), having="key").data()
        key = check["key"]
        while not self.stops.is_set():
            # From here on the form was sent: as people do, it is sent again until there is an answer.
            try:
                shown = self.send(self.town["check"], check).headers["Location"]
            except requests.RequestException:
                self.again += 1
                time.sleep(0.2)
                continue
            self.seen[key] = shown.rstrip("/").rpartition("/")[2]
            return

    def page(self, path: str) -> Any:
        answer = self.browser.get(self.origin + path, timeout=20, allow_redirects=False)
        self.refuse_broken(answer, 200)
        return SimpleNamespace(content=answer.content)

    def send(self, path: str, data: Any, files: Any = None) -> Any:
        fields = [(name, value) for name in data for value in data.getlist(name)]
        files = files or {"nothing": (None, "")}
        answer = self.browser.post(self.origin + path, data=fields, files=files, timeout=20, allow_redirects=False)
        self.refuse_broken(answer, 302)
        return answer

    def refuse_broken(self, answer: requests.Response, wanted: int) -> None:
        """A server that is falling over may say 5xx; anything else that was not expected is a fault."""
        if answer.status_code == wanted:
            return
        if answer.status_code < 500:
            self.errors.append(f"{answer.status_code} for {answer.url}: {answer.text[:3000]}")
        raise requests.ConnectionError(str(answer.status_code))


@pytest.fixture
def home() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="cc-kill-"))
    folder.chmod(0o711)
    yield folder
    for pid in pids_of(str(folder)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    shutil.rmtree(folder, ignore_errors=True)


def victims(target: str, home: Path) -> list[int]:
    ours = set(pids_of(str(home)))
    if target == "database":
        # The postmaster alone: its children notice.
        return [int((home / "postgres/data/postmaster.pid").read_text().split()[0])]
    if not target.endswith("child.py"):
        return sorted(ours & set(pids_of(target)))
    # The children know nothing of the installation; their parents are ours.
    found = []
    for pid in pids_of(target):
        with contextlib.suppress(OSError, IndexError):
            parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            found += [pid] if parent in ours else []
    return found


def shoot(target: str, home: Path, luck: random.Random) -> str:
    """Kill one process of that kind; a child that reads is waited for a little, and its parent shot when none comes."""
    until = time.monotonic() + 3
    while True:
        with contextlib.suppress(OSError, IndexError):
            if found := victims(target, home):
                os.kill(luck.choice(found), signal.SIGKILL)
                return target
        if time.monotonic() > until:
            return shoot("procrastinate", home, luck) if target != "procrastinate" else ""
        time.sleep(0.005)


def play(home: Path, rounds: int, seed: int) -> tuple[Counter[str], dict[str, Any]]:
    """Shoot so many times at an installation in use; what was shot, and what the database held in the end."""
    luck, shot = random.Random(seed), Counter[str]()
    running = Running(home, port=free_port())
    wait_until(lambda: "Concilia is ready" in running.said(), seconds=PATIENCE_S, what="a start")
    wait_until(running.is_ready, seconds=PATIENCE_S, what="a ready worker")
    town = ask(home, "found")
    origin = f"http://localhost:{running.port}"
    customers = [Customer(origin, town, town["orders"][number::CUSTOMERS]) for number in range(CUSTOMERS)]
    with subprocess.Popen(command("bank"), cwd=BASE_DIR, env=environment(home)) as bank:
        try:
            for each in customers:
                each.start()
            wait_for_more(customers, 0)
            for number in range(rounds):
                time.sleep(luck.uniform(0.2, 1.5))
                # What falls over again and again within seconds is given up by the supervisor; now and then all may live longer.
                if number % 5 == 4:
                    time.sleep(SHORT_LIFE_S + 1)
                # What was shown until now must be there when all is up again.
                shown = {key: value for each in customers for key, value in each.seen.copy().items()}
                shot[shoot(luck.choice(TARGETS), home, luck)] += 1
                wait_until(
                    lambda: running.is_ready() or running.process.poll() is not None,
                    seconds=PATIENCE_S,
                    what=f"readiness in round {number} after {shot}",
                )
                assert running.process.poll() is None, running.said()
                # All is up again: the next report comes through.
                wait_for_more(customers, len(shown))
                if number % 10 == 9 or rounds < 10:
                    check(ask(home, "count"), shown)
            for each in customers:
                each.stops.set()
            for each in customers:
                each.join(60)
        finally:
            bank.kill()
    assert [error for each in customers for error in each.errors] == []
    shown = {key: value for each in customers for key, value in each.seen.items()}
    assert len(shown) >= rounds
    check(ask(home, "count"), shown)
    if rounds >= 10:
        # A job that was shot comes again after a pause that grows with each time, and one that is gone after ten minutes.
        wait_until(lambda: is_done(ask(home, "count")), seconds=15 * 60, what="the end of all jobs")
    held = ask(home, "count")
    check(held, shown)
    held["again"] = sum(each.again for each in customers)
    running.process.send_signal(signal.SIGINT)
    running.process.wait(60)
    return shot, held


def is_done(held: dict[str, Any]) -> bool:
    """No job waits that may run now, and no file waits for one that comes again later."""
    return not held["jobs"] and not held["waiting_files"]


def wait_for_more(customers: list[Customer], than: int) -> None:
    """Until more reports than that were acknowledged; at once when a customer saw what nobody should see."""
    wait_until(
        lambda: sum(len(each.seen) for each in customers) > than or any(each.errors for each in customers),
        seconds=PATIENCE_S,
        what="a report",
    )
    assert [error for each in customers for error in each.errors] == []


def check(held: dict[str, Any], shown: dict[str, str]) -> None:
    """Every acknowledged report is there once, under the number that was shown; nothing came twice; the books are clean."""
    keys = [key for key, _number in held["reports"]]
    assert len(keys) == len(set(keys))
    assert len({number for _key, number in held["reports"]}) == len(keys)
    assert shown.items() <= dict(held["reports"]).items()
    assert len(held["references"]) == len(set(held["references"]))
    assert held["audit"] == []


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_two_shots_lose_no_report(home: Path) -> None:
    play(home, rounds=2, seed=random.randrange(10**6))


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_a_hundred_shots_lose_no_report(home: Path) -> None:
    shot, held = play(home, rounds=100, seed=18)
    print(shot, {name: value if isinstance(value, int) else len(value) for name, value in held.items()})
    assert len(shot) >= 5
    assert held["verified"] > len(held["reports"]) / 2
    assert held["waiting_files"] == 0
    assert held["failed"] == []
