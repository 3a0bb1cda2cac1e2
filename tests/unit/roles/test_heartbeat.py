"""Heartbeats between the real sender and the real receiver, signed by real host keys."""

import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import dure_heartbeat
import dure_heartbeat_receiver
import pytest

SITE = "hansol-plastics/ansan"


def make_key(file: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(file)], check=True)
    return file.with_suffix(".pub").read_text().strip()


class Hub:
    def __init__(self, directory: Path) -> None:
        self.signers, self.records, scratch = (directory / name for name in ("signers", "records", "scratch"))
        for folder in (self.signers, self.records, scratch):
            folder.mkdir()
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
        self.server = dure_heartbeat_receiver.Receiver(listening, self.signers, self.records, scratch, between=0)

    def know(self, site: str, key: str) -> None:
        (self.signers / site.replace("/", "_")).write_text(f'{site} namespaces="dure-heartbeat" {key}\n')

    def record(self, site: str = SITE) -> dict[str, object]:
        found = json.loads((self.records / f"{site.replace('/', '_')}.json").read_text())
        assert isinstance(found, dict)
        return found


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Hub]:
    hub = Hub(tmp_path)
    thread = threading.Thread(target=hub.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield hub
    hub.server.shutdown()
    thread.join()
    hub.server.server_close()


@pytest.fixture
def key(tmp_path: Path, hub: Hub) -> Path:
    file = tmp_path / "host_key"
    hub.know(SITE, make_key(file))
    return file


def send(hub: Hub, key: Path, number: int, site: str = SITE, lights: dict[str, object] | None = None) -> None:
    content = dure_heartbeat.statement(site, number, lights or {})
    dure_heartbeat.post(hub.url, content, dure_heartbeat.sign(content, key))


def refused(hub: Hub, key: Path, number: int, site: str = SITE) -> str:
    with pytest.raises(dure_heartbeat.HeartbeatError) as caught:
        send(hub, key, number, site)
    return str(caught.value)


def test_a_signed_heartbeat_is_kept_with_its_lights(hub: Hub, key: Path) -> None:
    send(hub, key, 7, lights={"internet": {"state": "ok"}})
    record = hub.record()
    assert (record["site"], record["sequence"]) == (SITE, 7)
    assert record["lights"] == {"internet": {"state": "ok"}}
    assert record["received"]


def test_an_old_heartbeat_cannot_be_played_again(hub: Hub, key: Path) -> None:
    send(hub, key, 7)
    assert "the sequence number does not rise" in refused(hub, key, 7)
    assert "the sequence number does not rise" in refused(hub, key, 6)
    send(hub, key, 8)
    assert hub.record()["sequence"] == 8


def test_another_key_and_another_site_are_refused(hub: Hub, key: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    make_key(other)
    assert "does not match the site's pinned key" in refused(hub, other, 9)
    hub.know("saehan-accounting/seocho", make_key(tmp_path / "third"))
    assert "does not match the site's pinned key" in refused(hub, key, 9, "saehan-accounting/seocho")
    assert "unknown site" in refused(hub, key, 9, "nobody/here")
    assert not list(hub.records.iterdir())


def test_a_changed_statement_is_refused(hub: Hub, key: Path) -> None:
    content = dure_heartbeat.statement(SITE, 7, {"internet": {"state": "bad"}})
    signature = dure_heartbeat.sign(content, key)
    with pytest.raises(dure_heartbeat.HeartbeatError, match="does not match"):
        dure_heartbeat.post(hub.url, content.replace(b"bad", b"ok!"), signature)


def test_a_signature_made_for_another_purpose_is_refused(hub: Hub, key: Path) -> None:
    content = dure_heartbeat.statement(SITE, 7, {})
    arguments = ["ssh-keygen", "-Y", "sign", "-q", "-n", "file", "-f", str(key)]
    signature = subprocess.run(arguments, input=content, capture_output=True, check=True).stdout.decode()
    with pytest.raises(dure_heartbeat.HeartbeatError, match="does not match"):
        dure_heartbeat.post(hub.url, content, signature)


def test_a_replaced_box_with_another_key_may_start_lower(hub: Hub, key: Path, tmp_path: Path) -> None:
    send(hub, key, 4_000_000_000)
    fresh = tmp_path / "fresh"
    hub.know(SITE, make_key(fresh))
    send(hub, fresh, 5)
    assert hub.record()["sequence"] == 5


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{}", 400),
        (b"[" * 5000, 400),
        (b'{"statement": "{\\"site\\": \\"../../etc\\", \\"sequence\\": 1}", "signature": "x"}', 400),
        (b'{"statement": "{\\"site\\": \\"a/b\\", \\"sequence\\": true}", "signature": "x"}', 400),
        (b"x" * 9000, 413),
    ],
)
def test_nonsense_is_refused_and_the_receiver_lives(hub: Hub, key: Path, body: bytes, status: int) -> None:
    port = hub.server.socket.getsockname()[1]
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(b"POST / HTTP/1.0\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        assert str(status).encode() in line.recv(100)
    send(hub, key, 1)


def test_one_address_is_held_to_a_pace_and_memory_stays_bounded() -> None:
    pace = dure_heartbeat_receiver.Pace(between=2)
    assert pace.allow("10.64.1.1", 100.0)
    assert not pace.allow("10.64.1.1", 101.0)
    assert pace.allow("10.64.1.1", 102.1)
    for number in range(5000):
        pace.allow(f"10.65.{number // 256}.{number % 256}", 103.0)
    assert len(pace.last) == dure_heartbeat_receiver.ADDRESSES


def test_numbers_rise_over_restarts_clocks_that_jump_back_and_a_fresh_box(tmp_path: Path) -> None:
    file = tmp_path / "sequence"
    first = dure_heartbeat.next_number(file, clock=1000.0)
    second = dure_heartbeat.next_number(file, clock=500.0)
    third = dure_heartbeat.next_number(file, clock=2000.0)
    assert first < second < third
    file.unlink()
    assert dure_heartbeat.next_number(file, clock=3000.0) > third


def test_a_hub_that_does_not_answer_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(dure_heartbeat.HeartbeatError, match=r"the hub at 127\.0\.0\.1:1 does not answer"):
        dure_heartbeat.post("http://127.0.0.1:1/", b"{}", "x")


def test_old_lights_are_not_told(tmp_path: Path) -> None:
    file = tmp_path / "lights.json"
    file.write_text('{"time": "2026-11-22T00:00:00+00:00", "lights": {"internet": {"state": "ok"}}}')
    then = 1795305600.0
    assert dure_heartbeat.fresh_lights(file, clock=then + 60)
    assert dure_heartbeat.fresh_lights(file, clock=then + 600) == {}
