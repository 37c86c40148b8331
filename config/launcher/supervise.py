"""Keep processes running until told to stop, then leave nothing behind.

What falls over is started again, at most five times in a minute. Each process leads a process group of its
own, so its children go with it, and Linux ends it should this supervisor be killed outright.
"""

import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from config.launcher.children import die_with_parent

PATIENCE_S = 15
MOST_RESTARTS = 5
WITHIN_S = 60


class Stopped(BaseException):
    """Somebody pressed Ctrl-C or sent SIGTERM."""


class GaveUp(Exception):
    """A process falls over as often as it is started; the text names it and shows the end of its log."""


def stop_on_signals() -> None:
    """Turn the first SIGINT, SIGTERM or SIGHUP into `Stopped`; those that follow are ignored."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        raise Stopped

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)


def read_procfile(path: Path) -> dict[str, list[str]]:
    """`name: command` lines as name → arguments. No shell: what it says is what runs."""
    commands = {}
    for line in path.read_text().splitlines():
        name, colon, command = line.partition(":")
        if colon and not line.startswith("#"):
            commands[name.strip()] = shlex.split(command)
    return commands


@dataclass
class Service:
    """One process: its arguments, environment and log; `process` while it runs."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)
    starts: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Start it in a session of its own."""
        self.starts.append(time.monotonic())
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: PLW1509 - the launcher has no threads
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )

    def fell_over(self) -> bool:
        """Whether it was started and is gone."""
        return self.process is not None and self.process.poll() is not None

    def starts_lately(self) -> int:
        """How often it was started within the last minute."""
        return sum(1 for start in self.starts if start > time.monotonic() - WITHIN_S)

    def signal_group(self, how: signal.Signals) -> None:
        """Send a signal to it and to its children."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, how)
            except (ProcessLookupError, PermissionError):
                return

    def tail(self) -> str:
        """The last lines that it wrote."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])


def keep_running(services: list[Service], *, each_round: Callable[[], None], say: Callable[[str], None]) -> None:
    """Watch over `services` until `Stopped` is raised by a signal. Raises GaveUp.

    `each_round` runs about four times a second; the launcher looks after the database there.
    """
    while True:
        time.sleep(0.25)
        each_round()
        for service in services:
            if not service.fell_over():
                continue
            service.signal_group(signal.SIGKILL)  # children that it left
            if service.starts_lately() > MOST_RESTARTS:
                raise GaveUp(f"{service.name} keeps falling over; the end of {service.log}:\n{service.tail()}")
            say(f"{service.name} stopped unexpectedly and is started again (log: {service.log})")
            service.start()


def stop_all(services: list[Service]) -> None:
    """Ask all to finish, wait fifteen seconds, then end what is left, children included."""
    running = [service for service in services if service.process is not None]
    for service in running:
        if not service.fell_over():
            service.process.send_signal(signal.SIGTERM)  # type: ignore[union-attr]
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and not all(service.fell_over() for service in running):
        time.sleep(0.05)
    for service in running:
        service.signal_group(signal.SIGKILL)
        service.process.wait()  # type: ignore[union-attr]
        service.process = None
