"""Draw ``static/concilia/icons.svg``: the Bootstrap Icons named in ``names.txt``, one symbol each.

Usage, from the project's root, with the package fetched by ``npm pack bootstrap-icons@1.13.2``::

    python static/vendor/bootstrap-icons/sprite.py bootstrap-icons-1.13.2.tgz
"""

import re
import sys
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SPRITE = HERE.parent.parent / "concilia" / "icons.svg"


def symbol(name: str, drawing: str) -> str:
    """One ``<symbol>`` from the text of one icon file; raises ValueError when it is no icon."""
    found = re.fullmatch(r"\s*<svg [^>]*viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>\s*", drawing, re.DOTALL)
    if found is None:
        raise ValueError(f"{name} is not an icon")
    body = re.sub(r">\s+<", "><", found[2]).strip()
    return f'<symbol id="{name}" viewBox="{found[1]}">{body}</symbol>'


def main(package: str) -> None:
    """Write the sprite from the tarball at ``package``."""
    names = sorted((HERE / "names.txt").read_text(encoding="utf-8").split())
    with tarfile.open(package) as archive:
        symbols = []
        for name in names:
            member = archive.extractfile(f"package/icons/{name}.svg")
            if member is None:
                raise ValueError(f"{name} is not in {package}")
            symbols.append(symbol(name, member.read().decode("utf-8")))
    SPRITE.write_text('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
