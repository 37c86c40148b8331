"""Make the Python environment, then hand over. Runs under the system's Python: standard library only.

`python3 config/launcher/bootstrap.py run` installs `requirements.txt`, as all tasks of `FOR_USE` do; `test`, `lint` and the
other tasks of a developer install `requirements-dev.txt`. Nothing is installed twice: a stamp keeps the lock's hash.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent.parent
HOME = Path(os.environ.get("CONCILIA_HOME") or BASE_DIR / ".local").resolve()
VENV = HOME / "venv"
FOR_USE = {"run", "demo-reset", "backup", "restore", "install"}
# The one without windows draws a page with far less work, and brings less with it; the others will do as well.
CHROMIUMS = ("chromium-headless-shell", "chromium", "chromium-browser")
FONTS = "fonts-dejavu-core"


class Unable(Exception):
    """Something is missing that only the person at the keyboard can give; the text says what to do."""


def say(text: str) -> None:
    """Tell the person what is going on."""
    print(f"concilia: {text}", flush=True)


def apt_install(packages: tuple[str, ...], *, reason: str) -> None:
    """Install Debian packages when allowed to, else say the one command that does."""
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    by_hand = f"sudo apt-get update && sudo {' '.join(command)}"
    apt = shutil.which("apt-get")
    if apt is None:
        raise Unable(f"{reason} Please install: {' '.join(packages)}")
    if os.geteuid() == 0:
        prefix: list[str] = []
    elif shutil.which("sudo") and subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0:
        prefix = ["sudo", "-n"]
    else:
        raise Unable(f"{reason} Please run:  {by_hand}")
    say(f"{reason} Installing with apt: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    quiet = {"stdout": subprocess.DEVNULL, "env": environment, "check": False}
    if subprocess.run([*prefix, *command], **quiet).returncode != 0:  # type: ignore[call-overload]
        subprocess.run([*prefix, "apt-get", "update"], **quiet)  # type: ignore[call-overload]
        if subprocess.run([*prefix, *command], **quiet).returncode != 0:  # type: ignore[call-overload]
            raise Unable(f"{reason} apt could not do it; please run:  {by_hand}")


def check_python() -> None:
    """Refuse a Python that the lock was not made for; bring in venv where Debian split it off."""
    if sys.version_info < (3, 11):  # noqa: UP036 - it runs under whatever `python3` is
        raise Unable(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}. Set PYTHON=/path/to/python3.11")
    try:
        import ensurepip  # noqa: F401
    except ImportError:
        apt_install(("python3-venv",), reason="Python's venv module is not complete.")


def make_venv() -> None:
    """Make `.local/venv`, anew when it was made by a Python that is gone or when it was moved."""
    python = VENV / "bin" / "python"
    marker = VENV / "concilia-venv"
    here = f"{sys.version_info[:2]} {VENV}"
    if python.exists() and marker.exists() and marker.read_text() == here:
        return
    if VENV.exists() and not marker.exists() and python.exists():
        # Made by hand for this folder: it serves if it answers with the right version.
        answer = subprocess.run([str(python), "-c", "import sys; print(sys.version_info[:2])"], check=False, capture_output=True)
        if answer.stdout.decode().strip() == str(tuple(sys.version_info[:2])):
            marker.write_text(here)
            return
    say(f"Making the Python environment in {VENV}")
    shutil.rmtree(VENV, ignore_errors=True)
    HOME.mkdir(parents=True, exist_ok=True)
    venv.create(VENV, with_pip=True)
    marker.write_text(here)


def install(lock: Path) -> None:
    """Install exactly what the lock names, checked by hash, unless it is installed already."""
    stamp = VENV / f"installed-{lock.stem}"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installing {lock.name} (the first time takes a minute or two)")
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--no-deps", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)], check=False)
    if done.returncode != 0:
        raise Unable("The requirements could not be installed (see above). Is the network up?")
    stamp.write_text(wanted)


def find_chromium() -> str:
    """The path of a Chromium for the browser tests, installed with apt if there is none."""
    named = os.environ.get("CONCILIA_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUMS)), None)
    if not named:
        apt_install((CHROMIUMS[0], FONTS), reason="The browser tests need Chromium.")
        named = shutil.which(CHROMIUMS[0])
    if not named:
        raise Unable("Chromium was installed but is not on the PATH; set CONCILIA_CHROMIUM to its path.")
    return named


def main(arguments: list[str]) -> None:
    """Prepare for the task that is named first, then become it."""
    task = arguments[0] if arguments else "run"
    check_python()
    make_venv()
    install(BASE_DIR / ("requirements.txt" if task in FOR_USE else "requirements-dev.txt"))
    environment = dict(os.environ)
    environment["PATH"] = f"{VENV / 'bin'}{os.pathsep}{environment.get('PATH', os.defpath)}"
    environment["VIRTUAL_ENV"] = str(VENV)
    if task == "test":
        environment["CONCILIA_CHROMIUM"] = find_chromium()
    if task in {"tools", "install"}:  # only the environment was wanted
        return
    os.chdir(BASE_DIR)
    python = str(VENV / "bin" / "python")
    os.execve(python, [python, "-m", "config.launcher", *arguments], environment)  # noqa: S606


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Unable as unable:
        sys.exit(f"concilia: {unable}")
