"""Commands over SSH: results, deadlines and the reasons of failure, against a real sshd."""

import re
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest
from dure.errors import DeadlineExceeded, UsageError
from dure.fleet.connect import HostKeyRefused, LoginRefused, Unreachable
from dure.fleet.keyscan import scan_host_key
from dure.fleet.known_hosts import pin, pinned
from dure.fleet.openssh import write_config
from dure.fleet.route import Route
from dure.fleet.session import Session

from tests.unit.fleet.conftest import make_key

BY_PROGRAM = 'python3 -c \'import socket,sys,threading as t;s=socket.create_connection((sys.argv[1],int(sys.argv[2])));\
import os;t.Thread(target=lambda:[s.sendall(b) for b in iter(lambda:os.read(0,65536),b"")],daemon=True).start();\
[os.write(1,b) for b in iter(lambda:s.recv(65536),b"")]\' %h %p'


def test_a_command_gives_back_its_code_and_both_streams(sshd: Route) -> None:
    with Session(sshd) as session:
        result = session.run(["sh", "-c", "cat; echo trouble >&2; exit 7"], input="안산 공장\n".encode())
    assert (result.code, result.text, result.complaint) == (7, "안산 공장", "trouble")


def test_arguments_arrive_as_they_are(sshd: Route) -> None:
    words = ["a b", "$HOME", "'quoted'", "; echo no", "한글"]
    with Session(sshd) as session:
        assert session.run(["printf", "%s\n", *words]).text.splitlines() == words


def test_large_input_and_output_pass_at_once(sshd: Route) -> None:
    body = bytes(range(256)) * 20_000
    with Session(sshd) as session:
        assert session.run(["cat"], input=body, deadline=60).stdout == body


def test_a_command_that_hangs_is_ended_in_its_time_on_the_machine_too(sshd: Route) -> None:
    with Session(sshd) as session:
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded, match="hansol-plastics/ansan: sleep did not end within 1 s"):
            session.run(["sleep", "3071"], deadline=1)
        assert time.monotonic() - started < 5
        assert session.run(["pgrep", "-xf", "sleep 3071"]).code == 1


def test_one_session_runs_many_commands_and_scripts(sshd: Route) -> None:
    with Session(sshd) as session:
        assert [session.run(["echo", str(n)]).text for n in range(5)] == list("01234")
        assert session.script("import sys; print(sys.argv[1], sys.stdin.read())", ["a"], input=b"b").text == "a b"


def test_a_box_is_reached_through_the_hub(jumped: Route) -> None:
    with Session(jumped) as session:
        assert session.run(["echo", "through"]).text == "through"


def test_a_machine_is_reached_through_a_proxy_command(sshd: Route) -> None:
    with Session(replace(sshd, proxy_command=BY_PROGRAM)) as session:
        assert session.run(["echo", "through"]).text == "through"


def test_a_proxy_command_that_ends_at_once_is_unreachable(sshd: Route) -> None:
    with pytest.raises(Unreachable, match="no SSH at"), Session(replace(sshd, proxy_command="exit 1")):
        pass


def test_nobody_there_is_said_with_address_and_way(sshd: Route) -> None:
    dead = replace(sshd, port=9)
    with pytest.raises(Unreachable, match=f"no SSH at 127.0.0.1 port {dead.port}, because"), Session(dead):
        pass


def test_a_server_that_never_speaks_costs_only_the_deadline(sshd: Route) -> None:
    silent = replace(sshd, proxy_command="sleep 60")
    started = time.monotonic()
    with pytest.raises(Unreachable), Session(silent, connect_deadline=1):
        pass
    assert time.monotonic() - started < 6


def test_another_host_key_is_refused_with_both_fingerprints(sshd: Route, tmp_path: Path) -> None:
    other = tmp_path / "known_hosts"
    other.write_text("hansol-plastics/ansan " + make_key(tmp_path / "key") + "\n")
    shown = scan_host_key(sshd).fingerprint
    with pytest.raises(HostKeyRefused, match=re.escape(shown)) as refused, Session(replace(sshd, known_hosts=other)):
        pass
    assert refused.value.exit_code == 4
    assert "operator enrol hansol-plastics/ansan" in refused.value.mend


def test_a_machine_without_a_pinned_key_is_refused(sshd: Route, tmp_path: Path) -> None:
    with (
        pytest.raises(HostKeyRefused, match="no host key is pinned"),
        Session(replace(sshd, known_hosts=tmp_path / "none")),
    ):
        pass


def test_a_key_that_the_machine_does_not_know_is_said_so(sshd: Route, tmp_path: Path) -> None:
    make_key(tmp_path / "key")
    with pytest.raises(LoginRefused, match="is not let in"), Session(replace(sshd, key=tmp_path / "key")):
        pass


def test_pinning_keeps_other_lines_and_replaces_its_own(sshd: Route, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    key = scan_host_key(sshd)
    file.write_text(f"# ours\nhub {key.kind} {key.body}\na/b ssh-ed25519 AAAA\n")
    pin(file, "a/b", key)
    assert pinned(file, "a/b") == key
    assert file.read_text().splitlines()[:2] == ["# ours", f"hub {key.kind} {key.body}"]
    assert file.read_text().count("a/b") == 1


@pytest.mark.parametrize("line", ["a/b", "a/b ssh-ed25519", "a/b ssh-ed25519 !!!", "a/b ssh-ed25519 AAAA"])
def test_a_damaged_pinned_key_does_not_look_like_another_machine(line: str, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{line}\n")
    with pytest.raises(UsageError, match="the host key pinned for a/b is damaged"):
        pinned(file, "a/b")
    file.unlink()
    file.mkdir()
    with pytest.raises(UsageError, match="the pinned host keys cannot be read"):
        pinned(file, "a/b")


def test_openssh_goes_the_same_way(jumped: Route, tmp_path: Path) -> None:
    config = write_config([jumped], tmp_path)
    said = subprocess.run(
        ["ssh", "-F", str(config), "hansol-plastics/ansan", "echo there"], capture_output=True, text=True, timeout=30
    )
    assert (said.stdout, said.stderr, said.returncode) == ("there\n", "", 0)


def test_openssh_refuses_another_host_key(sshd: Route, tmp_path: Path) -> None:
    other = tmp_path / "known_hosts"
    other.write_text("hansol-plastics/ansan " + make_key(tmp_path / "key") + "\n")
    config = write_config([replace(sshd, known_hosts=other)], tmp_path)
    said = subprocess.run(
        ["ssh", "-F", str(config), "hansol-plastics/ansan", "true"], capture_output=True, text=True, timeout=30
    )
    assert said.returncode == 255
    assert "Host key verification failed" in said.stderr
