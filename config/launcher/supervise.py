"""Keep processes running until told to stop, then leave nothing behind.

What falls over is started again, after a pause that grows while it keeps falling; in the end we give up. Each
process leads a process group of its own, so its children go with it, and Linux ends it should this supervisor be
killed outright.
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
SHORT_LIFE_S = 10
MOST_SHORT_LIVES = 8  # about a minute of pauses: a reset of the demo leaves the worker without tables for some seconds
LONGEST_PAUSE_S = 15.0


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
    started_at: float = 0.0
    start_again_at: float = 0.0
    short_lives: int = 0

    def start(self) -> None:
        """Start it in a session of its own."""
        self.started_at = time.monotonic()
        self.start_again_at = 0.0
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: PLW1509 - the launcher has no threads
                self.command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                # An orderly end would need the database, which goes at the same moment: the worker waited for it for ever.
                preexec_fn=die_with_parent(signal.SIGKILL),
            )

    def fell_over(self) -> bool:
        """Whether it was started and is gone."""
        return self.process is not None and self.process.poll() is not None

    def note_fall(self) -> None:
        """Clear away what it left and decide when it is started again: at once, or later if it keeps falling."""
        self.signal_group(signal.SIGKILL)
        now = time.monotonic()
        self.short_lives = self.short_lives + 1 if now - self.started_at < SHORT_LIFE_S else 0
        self.start_again_at = now + (min(2.0 ** (self.short_lives - 2), LONGEST_PAUSE_S) if self.short_lives else 0.0)

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
            if not service.start_again_at:
                service.note_fall()
                if service.short_lives > MOST_SHORT_LIVES:
                    raise GaveUp(f"{service.name} keeps falling over; the end of {service.log}:\n{service.tail()}")
            elif time.monotonic() >= service.start_again_at:
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
