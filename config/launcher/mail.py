"""The demo's post office: takes every letter on this machine and keeps it as a file; sends none on."""

import os
import signal
import sys
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox

LARGEST = 30 * 1024 * 1024


def main() -> None:
    """Listen on 127.0.0.1:SMTP_PORT and write to MAIL_DIR until SIGTERM."""
    folder = Path(os.environ["MAIL_DIR"])
    for part in ("", "tmp", "new", "cur"):  # a Maildir is made whole or not at all; a reset may have emptied it
        (folder / part).mkdir(mode=0o700, parents=True, exist_ok=True)
    stop = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, stop)  # before the controller's thread, which inherits it
    controller = Controller(Mailbox(folder), hostname="127.0.0.1", port=int(os.environ["SMTP_PORT"]), data_size_limit=LARGEST)
    controller.start()
    sys.stdout.write(f"letters go to {folder}\n")
    sys.stdout.flush()
    signal.sigwait(stop)
    controller.stop()


if __name__ == "__main__":
    main()
