"""The AWS double as the lab starts it."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError
from dure.cloud import moto
from dure.errors import DureError


def test_an_unknown_key_is_refused(account: moto.Account) -> None:
    stranger = boto3.client(
        "s3",
        endpoint_url=account.endpoint,
        region_name=moto.REGION,
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    with pytest.raises(ClientError, match="InvalidAccessKeyId"):
        stranger.list_buckets()


def test_the_administrators_key_is_for_its_owner_only(account: moto.Account) -> None:
    assert stat.S_IMODE(account.credentials.stat().st_mode) == 0o600


def test_it_ends_on_sigterm_and_takes_its_ready_file_with_it(tmp_path: Path) -> None:
    running = moto.start(tmp_path)
    ready = json.loads((tmp_path / "moto-ready.json").read_text())
    assert ready == {"endpoint": running.endpoint, "pid": running.process.pid}
    os.kill(running.process.pid, signal.SIGTERM)
    assert running.process.wait(5) == 0
    assert not (tmp_path / "moto-ready.json").exists()


def test_a_taken_port_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(DureError, match=r"cannot listen, because .*Address already in use"):
            moto.start(tmp_path, port)
        files = ["--credentials", str(tmp_path / "c"), "--ready-file", str(tmp_path / "r")]
        command = [sys.executable, "-m", "dure.cloud.moto", "--port", str(port), *files]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert not (tmp_path / "c").exists()
