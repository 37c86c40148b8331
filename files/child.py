"""The decoding child: `python -I files/child.py KIND CPU_S MEMORY_MB`, raw bytes on stdin, copies into the working folder.

Prints one line of JSON: `{"ok": true, "width": …}` or `{"ok": false, "code": …}`. Anything else means that it died.
It takes its limits on before it imports a decoder, and closes the door before it looks at the bytes.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

MEGABYTE = 1024 * 1024
COPY_BYTES = 8 * MEGABYTE
# Before the type: what is wanted is a logo, not pages.
LOGO = "logo:"


def main(kind: str, cpu_s: int, memory_mb: int) -> dict[str, object]:
    """Decode stdin. Everything that a hostile file can raise becomes a code here, in one place."""
    # -I keeps the working folder and the environment out of the path; the project's own root goes last, so it shadows nothing.
    sys.path.append(str(Path(__file__).resolve().parent.parent))
    from files.cage import close_the_door, limit_resources

    limit_resources(cpu_s=cpu_s, memory_bytes=memory_mb * MEGABYTE, file_bytes=COPY_BYTES)
    caged = close_the_door()
    from files.decode import Undecodable, decode, draw_logo

    try:
        draw = draw_logo if kind.startswith(LOGO) else decode
        decoded = draw(sys.stdin.buffer.read(), kind.removeprefix(LOGO), Path.cwd())
    except Undecodable as refusal:
        return {"ok": False, "code": refusal.code, "caged": caged}
    except MemoryError:
        return {"ok": False, "code": "too_heavy", "caged": caged}
    except Exception as error:  # noqa: BLE001 - decoders raise whatever they like; the name goes to the log, the file is refused
        return {"ok": False, "code": "damaged", "caged": caged, "error": type(error).__name__}
    return {"ok": True, "caged": caged, **decoded._asdict()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
