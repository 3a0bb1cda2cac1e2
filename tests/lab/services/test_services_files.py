"""File shares as a client on the LAN sees them, with Debian's own smbclient."""

import json
import struct
import subprocess
import sys
import textwrap
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.lab.services.box import PASSWORDS, Box
from tests.poll import until

pytestmark = pytest.mark.lab

ADDRESS = "192.168.0.1"
COMPOSED = "회의록 최종본.hwp"
DECOMPOSED = unicodedata.normalize("NFD", "결산 자료.xlsx")


class Client:
    """A person at a PC on the LAN."""

    def __init__(self, box: Box, scratch: Path, user: str, password: str = "") -> None:
        self.box, self.scratch = box, scratch
        self.login = scratch / f"{user}.login"
        self.login.write_text(f"username={user}\npassword={password or PASSWORDS[user]}\n")

    def __call__(self, share: str, commands: str, *options: str) -> tuple[bool, str]:
        """Whether the share opened, and all that was said."""
        argv = ["smbclient", f"//{ADDRESS}/{share}", "-A", str(self.login), *options, "-c", commands]
        ended = self.box.lab.run("ansan-client", argv)
        return ended.returncode == 0, ended.stdout + ended.stderr

    def stay(self, share: str) -> "subprocess.Popen[str]":
        """A session that stays open and takes commands on its standard input."""
        argv = [*self.box.lab.inside("ansan-client"), "smbclient", f"//{ADDRESS}/{share}", "-A", str(self.login)]
        line = subprocess.Popen(
            argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        user = self.login.stem
        until(lambda: user in self.box.run("smbstatus --processes"), 20)
        return line


@pytest.fixture
def eunji(box: Box, tmp_path: Path) -> Client:
    return Client(box, tmp_path, "choi-eunji")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    source = tmp_path / "source.bin"
    source.write_bytes(b"\x00" * 1000 + "견적".encode())
    return source


def test_a_person_opens_the_shares_of_their_own_departments_only(box: Box, tmp_path: Path, eunji: Client) -> None:
    assert eunji("management", "ls")[0]
    assert eunji("경영지원", "ls")[0], "the share opens under its display name too"
    opened, said = eunji("production", "ls")
    assert not opened
    assert "ACCESS_DENIED" in said
    both = Client(box, tmp_path, "park-youngho")
    assert both("management", "ls")[0]
    assert both("생산", "ls")[0]


@pytest.mark.parametrize("name", [COMPOSED, DECOMPOSED], ids=["composed", "decomposed"])
def test_a_korean_name_comes_back_as_it_was_written(eunji: Client, file: Path, tmp_path: Path, name: str) -> None:
    back = tmp_path / "back.bin"
    opened, said = eunji("경영지원", f'put {file} "{name}"; ls; get "{name}" {back}')
    assert opened, said
    assert back.read_bytes() == file.read_bytes()
    assert name in said, "the listing spells the name another way"


@pytest.mark.parametrize(
    ("form", "longest"), [("NFC", 85), ("NFD", 42)], ids=["composed, 3 bytes each", "decomposed, 6 bytes each"]
)
def test_a_name_longer_than_255_bytes_is_refused_and_nothing_is_stored(
    box: Box, eunji: Client, file: Path, form: Literal["NFC", "NFD"], longest: int
) -> None:
    fits, too_long = (unicodedata.normalize(form, syllable) for syllable in "가나")
    assert "NT_STATUS" not in eunji("management", f'put {file} "{fits * longest}"')[1]
    assert "NT_STATUS_OBJECT_NAME_INVALID" in eunji("management", f'put {file} "{too_long * (longest + 1)}"')[1]
    stored = box.run("ls /srv/shares/management").splitlines()
    assert fits * longest in stored
    assert [name for name in stored if name.startswith(too_long)] == []


@pytest.mark.parametrize("protocol", ["SMB2_10", "NT1"])
def test_old_protocols_are_refused(eunji: Client, protocol: str) -> None:
    opened, said = eunji("management", "ls", "-m", protocol, "--option=client min protocol=LANMAN1")
    assert not opened
    assert "NT_STATUS" in said


def test_nobody_gets_in_without_a_name(box: Box) -> None:
    for what in (["-L", f"//{ADDRESS}"], [f"//{ADDRESS}/management", "-c", "ls"]):
        ended = box.lab.run("ansan-client", ["smbclient", "-N", *what])
        assert ended.returncode != 0
        assert "경영지원" not in ended.stdout


def test_the_server_demands_signing_and_speaks_no_netbios(box: Box) -> None:
    source = textwrap.dedent(f"""
        import socket, sys
        sys.path.insert(0, {str(Path(__file__).parents[3] / "playbooks/roles/box_page/files")!r})
        import dure_lights
        line = socket.create_connection(({ADDRESS!r}, 445), 5)
        line.sendall(dure_lights.smb_negotiate())
        print(line.recv(4096).hex())
    """)
    answer = bytes.fromhex(box.lab.run("ansan-client", [sys.executable, "-B", "-c", source]).stdout)
    assert (answer[4:8], answer[12:16]) == (b"\xfeSMB", bytes(4))
    assert struct.unpack_from("<H", answer, 4 + 64 + 2)[0] & 2, "signing is not required"
    listening = box.run("ss -Hltun")
    assert not [line for line in listening.splitlines() if line.split()[4].endswith((":137", ":138", ":139"))]


def test_a_deleted_file_waits_in_the_bin_until_its_days_are_over(box: Box, eunji: Client, file: Path) -> None:
    opened, said = eunji("management", f'put {file} "견적서.txt"; del "견적서.txt"; ls; ls 휴지통/*')
    assert opened, said
    assert said.count("견적서.txt") == 2, "once when put, once in the bin"
    clean = "systemd-tmpfiles --clean"
    box.run(f"{clean} /etc/tmpfiles.d/dure-recycle.conf")
    assert "견적서.txt" in box.run("ls /srv/shares/management/휴지통")
    box.run(f"sed s/30d/0/ /etc/tmpfiles.d/dure-recycle.conf > /run/over.conf && {clean} /run/over.conf")
    assert box.run("ls /srv/shares/management/휴지통") == ""
    assert box.run("systemctl is-enabled systemd-tmpfiles-clean.timer").strip() in ("static", "enabled")


def apply(box: Box, people: dict[str, Any] | str, passwords: dict[str, str]) -> str:
    """What a converge gives to the role's program; its complaint."""
    text = people if isinstance(people, str) else json.dumps(people, ensure_ascii=False)
    box.run(f"cat > /etc/dure/file_share/people.json <<'END'\n{text.rstrip()}\nEND")
    program = "python3 -B /usr/local/lib/dure/dure_shares.py apply"
    ended = box.lab.root("ansan", f"{program} <<'END'\n{json.dumps(passwords, ensure_ascii=False)}\nEND")
    return ended.stderr


@pytest.fixture
def people(box: Box) -> Iterator[dict[str, Any]]:
    """Shares and users of the site, to change; afterwards they are as before."""
    before = box.run("cat /etc/dure/file_share/people.json")
    yield json.loads(before)
    assert apply(box, before, PASSWORDS) == ""


def test_people_come_and_go(box: Box, tmp_path: Path, people: dict[str, Any]) -> None:
    """Who leaves loses open files too, a new password replaces the old, a system user's name is refused."""
    leaver = Client(box, tmp_path, "jung-daesu")
    line = leaver.stay("production")
    assert leaver("production", "ls")[0]
    leaving = people["users"].pop([user["id"] for user in people["users"]].index("jung-daesu"))
    passwords = {name: password for name, password in PASSWORDS.items() if name != "jung-daesu"}
    assert apply(box, people, passwords | {"choi-eunji": "새-password-1"}) == ""
    assert not leaver("production", "ls")[0]
    assert "jung-daesu" not in box.run("getent passwd; pdbedit -L")
    assert not Client(box, tmp_path, "choi-eunji")("management", "ls")[0]
    assert Client(box, tmp_path, "choi-eunji", "새-password-1")("management", "ls")[0]
    assert "NT_STATUS" in line.communicate("ls\n", timeout=20)[0], "the session that was open still works"
    assert "새-password-1" not in box.run("cat /var/lib/dure/file_share/passwords.json")
    assert box.run("stat -c %a /var/lib/dure/file_share/passwords.json").strip() == "600"
    people["users"].append({**leaving, "id": "daemon"})
    assert "user daemon is also a system user" in apply(box, people, passwords)


def test_the_box_answers_from_its_lan_only(box: Box) -> None:
    """Samba itself turns others away, behind the firewall."""
    ended = box.lab.run("ansan-router", ["smbclient", "-N", "-L", "//172.30.1.10"])
    assert ended.returncode != 0
