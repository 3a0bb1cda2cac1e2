"""An MSP's workspace with a closed month, and the mail server that its operator.yaml names."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyrage
import yaml
from dure.store.database import store_at

from tests.contract.command import Outcome, operator
from tests.contract.mail_server import PASSWORD, USER, PostOffice
from tests.unit.report.shelf import put_customers
from tests.unit.runs.conftest import make_key

CUSTOMER = "gaon-machinery"
ASKED = ("report", CUSTOMER, "--month", "2026-10", "--send")
CONTACTS = f"""\
id: {CUSTOMER}
name: 가온기계
contacts:
  - {{ name: 정하늘, role: 대표, email: jung@gaon.example }}
  - {{ name: 윤서진, role: 총무, phone: 02-555-0177 }}
  - {{ name: 문가람, role: 공장장, email: moon@gaon.example }}
  - {{ name: 강바다, role: 생산, email: kang@gaon.example, report: false }}
"""


@dataclass
class Desk:
    """The MSP's workspace with a closed month, and the mail server that its operator.yaml names."""

    root: Path
    office: PostOffice

    def run(self, *arguments: str) -> Outcome:
        return operator(*arguments, "-w", self.root)

    def mail(self, **settings: object) -> None:
        """Change `mail` of operator.yaml."""
        file = self.root / "operator.yaml"
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        content["mail"] |= settings
        file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")

    def password(self, value: str) -> None:
        assert operator("secrets", "set", "operator/smtp_password", "-w", self.root, stdin=value).code == 0


@contextmanager
def desk_of(tmp_path: Path, office: PostOffice, security: str) -> Iterator[Desk]:
    """The workspace with a new store; `security` as operator.yaml has it."""
    root = tmp_path / "workspace"
    (root / "customers").mkdir(parents=True)
    (root / "customers" / f"{CUSTOMER}.yaml").write_text(CONTACTS, encoding="utf-8")
    (root / ".dure").mkdir()
    identity = pyrage.x25519.Identity.generate()
    (root / ".dure" / "identity.txt").write_text(f"{identity}\n")
    key = tmp_path / "minsu"
    engineer = {"id": "kim-minsu", "name": "김민수", "email": "m@hanbit.example", "ssh_keys": [make_key(key)]}
    local = {"engineer": "kim-minsu", "ssh_key": str(key), "age_identity": str(root / ".dure" / "identity.txt")}
    (root / ".dure" / "local.yaml").write_text(yaml.safe_dump(local))
    content = {
        "msp": {"id": "hanbit-it", "name": "한빛아이티", "phone": "02-555-0100", "email": "help@hanbit.example"},
        "engineers": [engineer],
        "secrets": {"recipients": [str(identity.to_public())]},
        "hub": {"address": "203.0.113.10"},
        "mail": {"server": "127.0.0.1", "port": office.port, "security": security, "user": USER},
    }
    (root / "operator.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    store = store_at(root, "")
    put_customers(store, [CUSTOMER])
    store.close()
    made = Desk(root, office)
    made.password(PASSWORD)
    yield made
