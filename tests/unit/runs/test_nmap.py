"""nmap's own answers, as recorded, and what the acceptance makes of them."""

from pathlib import Path

import pytest
from dure.errors import DureError
from dure.runs.verify.nmap import PortScan, arguments, parse
from dure.runs.verify.scan import as_expected, scan_address
from dure.runs.verify.scene import Vantage

DATA = Path(__file__).parent / "data"


def recorded(name: str) -> bytes:
    return (DATA / f"{name}.xml").read_bytes()


def test_a_scan_that_found_one_open_port_among_all() -> None:
    assert parse(recorded("tcp-hub")) == PortScan(frozenset({22}), 65535, up=True)


def test_closed_udp_ports_are_not_open() -> None:
    assert parse(recorded("udp-router")) == PortScan(frozenset({53, 67}), 5, up=True)


def test_a_scan_that_gave_up_saw_nothing() -> None:
    assert parse(recorded("tcp-timed-out")) == PortScan(frozenset(), 65535, up=False)


@pytest.mark.parametrize(
    "broken", [b"", b"not xml", b"<nmaprun></nmaprun>", recorded("tcp-hub")[:-400], b"<!ENTITY a 'b'><nmaprun/>"]
)
def test_half_an_answer_is_refused(broken: bytes) -> None:
    with pytest.raises(DureError, match="nmap's answer cannot be used"):
        parse(broken)


@pytest.mark.parametrize(
    ("seen", "passes"),
    [
        ({80, 445, 50000}, True),
        ({80, 445}, False),  # the control port was not seen: the scanner is blind
        ({80, 50000}, False),  # a service that must be there is missing
        ({80, 445, 3389, 50000}, False),  # something is open that must not be
    ],
)
def test_a_tcp_scan_passes_only_with_its_control_port_and_nothing_else(seen: set[int], passes: bool) -> None:
    scan = PortScan(frozenset(seen), 65535, up=True)
    assert as_expected(scan, {80, 445}, 50000, silent=False) is passes


def test_a_udp_service_may_keep_silent_but_none_may_be_added() -> None:
    assert as_expected(PortScan(frozenset({50000}), 16, up=True), {51820}, 50000, silent=True)
    assert not as_expected(PortScan(frozenset({161, 50000}), 16, up=True), {51820}, 50000, silent=True)


def test_a_scan_that_timed_out_never_passes() -> None:
    assert not as_expected(PortScan(frozenset({50000}), 65535, up=False), set(), 50000, silent=False)


def test_ipv6_is_asked_for_as_such() -> None:
    assert "-6" in arguments("tcp", "1-65535", "2001:db8::1")
    assert "-6" not in arguments("udp", "53", "203.0.113.21")


def test_a_line_that_loses_the_control_port_at_full_rate_is_scanned_again_more_slowly(tmp_path: Path) -> None:
    lossy = tmp_path / "lossy"
    at_full_rate = DATA / "tcp-hub.xml"
    lossy.write_text(
        f"""#!/bin/sh
echo "$@" >> {tmp_path}/calls
case "$*" in *"--min-rate 10000"*) cat {at_full_rate} ;; *) sed s/'portid="22"'/'portid="4321"'/ {at_full_rate} ;; esac
"""
    )
    vantage = Vantage("a busy line", ("/bin/sh", str(lossy)))
    scan = scan_address(vantage, "tcp", "1-65535", 4321, "203.0.113.10")
    assert 4321 in scan.open
    assert [call.count("--max-retries 2") for call in (tmp_path / "calls").read_text().splitlines()] == [0, 1]
    assert 22 in scan_address(vantage, "tcp", "1-65535", 22, "203.0.113.10").open
    assert len((tmp_path / "calls").read_text().splitlines()) == 3, "a good scan is not made twice"
