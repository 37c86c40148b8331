"""What `make` calls: `python -m config.launcher run | demo-reset | backup […] | restore […] | test […] | with-database … |
with-durable-database …`."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

from config.launcher.binaries import NoPostgres
from config.launcher.children import die_with_parent
from config.launcher.run import BASE_DIR, ClusterFailed, GaveUp, Stopped, Unable, database, home_in_use, manage, run, say
from config.launcher.supervise import stop_on_signals


def home_folder() -> Path:
    """CONCILIA_HOME, `.local` beside manage.py if it is not set."""
    return Path(os.environ.get("CONCILIA_HOME") or BASE_DIR / ".local").resolve()


def beside_the_database(home: Path, *command: str) -> None:
    """One of Django's commands on the database that runs now, or on the home's own one, started for the purpose."""
    environment = {"CONCILIA_DEMO": "1", **os.environ, "CONCILIA_HOME": str(home)}
    if (home / "environment").exists():
        manage(environment, *command)  # settings find the running database by that note
        return
    stop_on_signals()
    with home_in_use(home, "run"), database(home, "postgres") as (url, _):
        manage({**environment, "DATABASE_URL": url}, *command)


def with_database(home: Path, command: list[str], *, durable: bool = False) -> int:
    """Run `command` beside a cluster of its own; gives back its exit code. Unless `durable` it is fast and may be lost.

    The command finds it by DATABASE_URL, and PostgreSQL's own programs (pgbench) in PG_BIN.
    """
    stop_on_signals()
    with (
        home_in_use(home, "test"),
        database(home, "postgres-bench" if durable else "postgres-test", durable=durable, for_trials=True) as (url, cluster),
        subprocess.Popen(
            command,
            cwd=BASE_DIR,
            env={**os.environ, "DATABASE_URL": url} | ({"PG_BIN": str(cluster.binaries.folder)} if cluster else {}),
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        ) as process,
    ):
        try:
            return process.wait()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def test(home: Path, arguments: list[str]) -> int:
    """The whole suite (or what `arguments` name) under pytest, on as many processors as there are, at most four."""
    from config.translations import compile_stale

    compile_stale()
    workers = os.environ.get("TEST_WORKERS") or str(min(os.cpu_count() or 1, 4))
    command = [sys.executable, "-m", "pytest", *arguments]
    if workers not in ("0", "1") and "-n" not in arguments:
        # In the order of collection (tests/conftest.py): the long ones first, so that no worker waits for another at the end.
        command += ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"]
    return with_database(home, command)


def main(arguments: list[str]) -> int:
    """Dispatch. Exit code 0, or 1 with a sentence, or that of the command."""
    task, rest = (arguments[0], arguments[1:]) if arguments else ("run", [])
    home = home_folder()
    try:
        match task:
            case "run":
                run(home)
            case "demo-reset":
                beside_the_database(home, "demo", "--reset")
            case "backup" | "restore":
                beside_the_database(home, task, *rest)
            case "test":
                return test(home, rest)
            case "with-database" | "with-durable-database" if rest:
                return with_database(home, rest, durable=task == "with-durable-database")
            case _:
                say(__doc__ or "")
                return 2
    except (Unable, NoPostgres, ClusterFailed, GaveUp) as failed:
        sys.stderr.write(f"concilia: {failed}\n")
        return 1
    except Stopped:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
