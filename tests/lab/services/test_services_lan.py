"""The LAN behind a gateway box, its page and its heartbeat, seen from a client and from the hub."""

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import segno
from dure.lab.faults import cut, mend
from dure.lab.network import switch_port

from tests.lab.services.box import Box
from tests.poll import until

pytestmark = pytest.mark.lab

ROLES = Path(__file__).parents[3] / "playbooks" / "roles"
PHONE = "02-555-0100"


def get(box: Box, path: str, *options: str) -> str:
    """What a PC on the LAN gets from the box page, headers first."""
    address = f"http://192.168.0.1{path}"
    ended = box.lab.run("ansan-client", ["curl", "-s", "-i", "--max-time", "10", *options, address])
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def look(box: Box) -> dict[str, dict[str, object]]:
    """The lights as they are now."""
    box.run("systemctl start dure-lights")
    lights = json.loads(box.run("cat /run/dure/lights.json"))["lights"]
    assert isinstance(lights, dict)
    return lights


def dhcp_servers(box: Box, place: str) -> str:
    """DHCP servers that a newcomer on the LAN hears."""
    source = (
        f"import sys; sys.path.insert(0, {str(ROLES / 'lan' / 'files')!r}); import dure_lan; "
        "dure_lan.WAIT = 4; print(dure_lan.other_servers('eth0'))"
    )
    return box.lab.run(place, [sys.executable, "-B", "-c", source]).stdout.strip()


def test_a_newcomer_gets_an_address_and_the_name_of_the_box(box: Box) -> None:
    assert dhcp_servers(box, "ansan-client") == "['192.168.0.1']"
    asked = box.lab.run("ansan-client", ["dig", "+short", "+time=3", "@192.168.0.1", "box.lan"])
    assert asked.stdout.strip() == "192.168.0.1"


VERDICT = "python3 -B /usr/local/lib/dure/dure_lan.py verdict"
OTHER_DHCP_SERVER = "another DHCP server answers on eth1: 192.168.0.50"


@contextmanager
def another_dhcp_server(box: Box, leases: Path) -> Iterator[None]:
    """A PC on the LAN that gives addresses too; afterwards the box alone does."""
    argv = [
        "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--port=0", "--interface=eth0", "--bind-dynamic",
        "--dhcp-range=192.168.0.210,192.168.0.220", "--no-ping", f"--dhcp-leasefile={leases}",
    ]  # fmt: skip
    rogue = subprocess.Popen([*box.lab.inside("ansan-client"), *argv], stderr=subprocess.PIPE, text=True)
    try:
        yield
    finally:
        rogue.terminate()
        rogue.communicate(timeout=10)
    box.run(f"systemctl restart dnsmasq && {VERDICT}", seconds=30)
    assert gives_addresses(box)


def gives_addresses(box: Box) -> bool:
    return ":67" in box.run("ss -Hlun sport = :67")


def test_no_address_is_given_beside_another_dhcp_server(box: Box, tmp_path: Path) -> None:
    with another_dhcp_server(box, tmp_path / "leases"):
        box.run("systemctl restart dnsmasq", seconds=30)
        ended = box.lab.root("ansan", VERDICT)
        assert ended.returncode == 1, "the play would not have failed"
        assert OTHER_DHCP_SERVER in ended.stderr
        asked = box.lab.run("ansan-client", ["dig", "+short", "+time=3", "@192.168.0.1", "box.lan"])
        assert asked.stdout.strip() == "192.168.0.1", "names must be served all the same"
        assert not gives_addresses(box)


@pytest.fixture
def switch_off(box: Box) -> Iterator[Callable[[str], None]]:
    """Sets the port of the LAN's switch that the box hangs on `down` or `up`; afterwards it is up."""
    node = box.lab.machine(box.name).node
    port = switch_port(node, next(port for port in node.ports if port.segment == "ansan-lan"))

    def turn(state: str) -> None:
        box.lab.run("ansan-lan", ["ip", "link", "set", port, state])

    yield turn
    turn("up")


def test_without_a_carrier_no_address_is_given_until_the_line_is_up_and_was_asked(
    box: Box, tmp_path: Path, switch_off: Callable[[str], None]
) -> None:
    """A switch that comes up later than the box hides the other server when dnsmasq starts."""
    switch_off("down")
    box.run("systemctl restart dnsmasq", seconds=30)
    assert not gives_addresses(box)
    waiting = box.run(VERDICT)
    assert "as soon as the line is up" in waiting, "an empty LAN must not fail the play"
    with another_dhcp_server(box, tmp_path / "leases"):
        switch_off("up")
        until(lambda: OTHER_DHCP_SERVER in box.lab.root("ansan", VERDICT).stderr, 20)
        assert not gives_addresses(box)


@pytest.mark.long
def test_once_the_line_is_up_addresses_are_given_by_themselves(box: Box, switch_off: Callable[[str], None]) -> None:
    switch_off("down")
    box.run("systemctl restart dnsmasq", seconds=30)
    switch_off("up")
    until(lambda: gives_addresses(box), 20)


def test_the_page_tells_the_office_how_its_server_is(box: Box) -> None:
    look(box)
    page = get(box, "/")
    assert "HTTP/1.0 200" in page
    assert '<html lang="ko">' in page
    assert "한솔플라스틱" in page
    assert f'href="tel:{PHONE.replace("-", "")}"' in page
    assert "휴지통" in page
    for light in ("internet", "files", "backup"):
        assert f'data-light="{light}"' in page
    english = get(box, "/?lang=en")
    assert '<html lang="en">' in english
    assert "Hansol Plastics" in english


def test_the_printed_card_leads_a_telephone_to_the_page(box: Box) -> None:
    card = get(box, "/card")
    drawn = set(re.findall(r"<svg.*?</svg>", card, re.DOTALL))
    code = segno.make("http://192.168.0.1/", micro=False, error="q")
    assert drawn == {code.svg_inline(border=2, omitsize=True, lineclass=None, svgclass=None)}
    assert "<b>192.168.0.1</b>" in card
    assert "<b>box.lan</b>" in card


def test_the_page_brings_nothing_from_outside_and_tells_no_names(box: Box) -> None:
    box.run("echo x > /srv/shares/management/급여대장.xlsx")
    look(box)
    for path in ("/", "/?lang=en", "/card"):
        page = get(box, path)
        head, _, body = page.partition("\r\n\r\n")
        assert "Content-Security-Policy: default-src 'none'" in head
        assert "X-Content-Type-Options: nosniff" in head
        for word in (
            "박영호",
            "최은지",
            "choi-eunji",
            "급여대장",
            "restic",
            "AKIA",
            "<script",
            "src=",
            "@import",
            "url(",
        ):
            assert word not in body, word
        assert body.count("http://") == body.count("http://box.lan") + body.count("http://192.168.0.1")


def test_the_page_takes_no_orders(box: Box) -> None:
    for options in (("-X", "POST", "-d", "x=1"), ("-X", "DELETE"), ("-X", "PUT", "-d", "x")):
        assert "HTTP/1.0 501" in get(box, "/", *options)
    assert "HTTP/1.0 404" in get(box, "/../../etc/passwd", "--path-as-is")
    assert "HTTP/1.0 4" in get(box, "/" + "a" * 70000)


@pytest.fixture
def neighbour(box: Box) -> Iterator[str]:
    """The address of a second PC on the LAN."""
    address = "192.168.0.51"
    box.lab.run("ansan-client", ["ip", "address", "add", f"{address}/24", "dev", "eth0"])
    yield address
    box.lab.run("ansan-client", ["ip", "address", "del", f"{address}/24", "dev", "eth0"])


def test_one_address_cannot_keep_the_page_from_others(box: Box, neighbour: str) -> None:
    """A client that opens many lines and says nothing loses them; a neighbour is served meanwhile."""
    source = (
        "import socket, sys; lines = [socket.create_connection(('192.168.0.1', 80), 5) for _ in range(60)];"
        "print('ready', flush=True); sys.stdin.read()"
    )
    argv = [*box.lab.inside("ansan-client"), sys.executable, "-c", source]
    greedy = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert greedy.stdout is not None
    assert greedy.stdout.readline().strip() == "ready"
    assert "HTTP/1.0 200" in get(box, "/", "--interface", neighbour)
    ask = ["curl", "-s", "--max-time", "5", "http://192.168.0.1/"]
    assert box.lab.run("ansan-client", ask).returncode != 0, "the greedy address itself has used up its share"
    greedy.communicate("", timeout=10)


def test_the_page_works_with_the_line_down_and_says_so(box: Box) -> None:
    assert look(box)["internet"]["state"] == "ok"
    cut(box.lab, "ansan", "link")
    try:
        assert until(lambda: look(box)["internet"]["state"], 20) == "bad"
        page = get(box, "/")
        assert "인터넷이 끊겼지만 사무실 안의 공유 폴더는 그대로 쓰실 수 있습니다." in page
    finally:
        mend(box.lab, "ansan", "link")
    until(lambda: look(box)["internet"]["state"] == "ok", 30)


def test_shares_that_do_not_open_and_a_failed_backup_show_on_the_page(box: Box) -> None:
    box.run("systemctl stop smbd")
    try:
        assert look(box)["files"] == {"state": "bad", "reason": "no-answer"}
        assert "공유 폴더가 열리지 않으니 바로 전화해 주십시오." in get(box, "/")
    finally:
        box.run("systemctl start smbd")
    keep = "/var/lib/dure/backup/status.json"
    box.run(f'touch {keep} && cp {keep} /run/kept.json && echo \'{{"state": "failed"}}\' > {keep}')
    assert (look(box)["backup"]["state"], look(box)["files"]["state"]) == ("bad", "ok")
    assert "백업에 문제가 있어" in get(box, "/")
    box.run(f"cp /run/kept.json {keep}")


def test_old_news_does_not_shine_green(box: Box) -> None:
    box.run("systemctl stop dure-lights.timer")
    try:
        look(box)
        box.run('sed -i \'s/"time": "20[0-9][0-9]/"time": "2020/\' /run/dure/lights.json')
        page = get(box, "/")
        assert "지금은 상태를 확인하지 못하고 있으니" in page
        assert 'class="ok"' not in page
    finally:
        box.run("systemctl start dure-lights.timer")


def beat(box: Box, hub: Box) -> dict[str, object]:
    box.run("systemctl start dure-heartbeat")
    record = json.loads(hub.run("cat /var/lib/dure/heartbeats/hansol-plastics_ansan.json"))
    assert isinstance(record, dict)
    return record


def test_the_hub_hears_each_heartbeat_with_a_rising_number(box: Box, hub: Box) -> None:
    look(box)
    first, second = beat(box, hub), beat_later(box, hub)
    assert first["site"] == "hansol-plastics/ansan"
    assert isinstance(first["sequence"], int)
    assert isinstance(second["sequence"], int)
    assert second["sequence"] > first["sequence"]
    lights = second["lights"]
    assert isinstance(lights, dict)
    assert set(lights) >= {"internet", "files", "backup"}


def beat_later(box: Box, hub: Box) -> dict[str, object]:
    """The next heartbeat that the hub's pace lets through."""
    before = beat(box, hub)["sequence"]

    def newer() -> dict[str, object] | None:
        record = beat(box, hub)
        return record if record["sequence"] != before else None

    found = until(newer, 15, every=0.5)
    assert found is not None
    return found


@pytest.mark.long
def test_a_preview_on_a_clean_box_touches_nothing(box: Box, tmp_path: Path) -> None:
    clean = Box(box.lab, "seocho", "saehan-accounting/seocho", box.workspace, tmp_path, box.vault, box.roles[1:])
    before = clean.run("find /etc /usr/local /srv /var/lib -newer /proc/1 -type f | sort | xargs -r sha256sum")
    secrets = {"yoon-seoyeon": "x" * 12, "han-jihoon": "y" * 12}
    assert clean.converge(check=True, passwords=secrets)["changed"]
    after = clean.run("find /etc /usr/local /srv /var/lib -newer /proc/1 -type f | sort | xargs -r sha256sum")
    assert after == before
    assert not clean.run("ls -d /etc/dure /srv/shares 2>/dev/null; true")


@pytest.mark.long
def test_a_second_converge_changes_nothing(box: Box) -> None:
    state = (
        "find /etc /usr/local /srv -type f -print0 | sort -z | xargs -0 sha256sum; dpkg -l; "
        "systemctl show -P MainPID smbd dnsmasq dure-box-page"
    )
    before = box.run(state)
    assert box.converge()["changed"] == []
    assert box.run(state) == before
