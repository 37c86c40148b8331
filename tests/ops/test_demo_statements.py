"""The page with the files of the demo's banks: there in the demo, nowhere else, and no way out of its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.factories import make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.DEMO, settings.DEMO_FILES_DIR = True, tmp_path / "statements"
    make_merchant(slug="andina", name="Hosting Andina")
    own = tmp_path / "statements" / "andina"
    own.mkdir(parents=True)
    (own / "banesco-4821.qif").write_bytes(b"!Tipo:Banco\r\n")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return own


def test_the_files_are_listed_and_taken_away(client: Client, folder: Path) -> None:
    assert "banesco-4821.qif" in client.get("/demo/statements/").content.decode()
    answer = client.get("/demo/statements/andina/banesco-4821.qif")
    assert b"".join(answer.streaming_content) == b"!Tipo:Banco\r\n"  # type: ignore[attr-defined]
    assert answer["Content-Disposition"] == 'attachment; filename="banesco-4821.qif"'


@pytest.mark.parametrize("name", ["nothing.csv", "..%2F..%2Fsecret.txt", "../../secret.txt", "%2e%2e%2fsecret.txt"])
def test_no_name_leads_out_of_the_folder(client: Client, folder: Path, name: str) -> None:
    assert client.get(f"/demo/statements/andina/{name}").status_code == 404


def test_outside_the_demo_there_is_no_such_page(client: Client, folder: Path, settings: Any) -> None:
    settings.DEMO = False
    for path in ("/demo/statements/", "/demo/statements/andina/banesco-4821.qif"):
        assert client.get(path).status_code == 404
