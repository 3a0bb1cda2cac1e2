"""Made-up companies with contracts; each name says that it is made up."""

import random
from dataclasses import dataclass

FIRST = (
    "가온",
    "나래",
    "다솜",
    "라온",
    "마루",
    "바론",
    "새론",
    "아람",
    "자람",
    "찬솔",
    "큰별",
    "터울",
    "푸른",
    "하람",
    "미리내",
)
FIRST_EN = (
    *("Gaon", "Narae", "Dasom", "Raon", "Maru", "Baron", "Saeron", "Aram"),
    *("Jaram", "Chansol", "Keunbyeol", "Teoul", "Pureun", "Haram", "Mirinae"),
)
TRADES = (
    ("기계", "Machinery"),
    ("식품", "Foods"),
    ("회계", "Accounting"),
    ("물류", "Logistics"),
    ("치과", "Dental"),
    ("인쇄", "Printing"),
    ("건축", "Architects"),
    ("약국", "Pharmacy"),
)
MADE_UP, MADE_UP_EN = "(가상)", "(made up)"
SUPPLIERS = ("GaonNet", "NuriTel")
TIERS = ("basic", "standard", "standard", "premium")
CHECKS = {
    "internet": ("line-gateway", "line-dns", "line-far"),
    "files": ("files-share", "files-disk", "files-login"),
    "erp": ("erp-web", "erp-db", "erp-batch"),
    "mail": ("mail-smtp", "mail-imap", "mail-login"),
}
NAMES = {
    "internet": ("인터넷 회선", "internet line"),
    "files": ("파일 공유", "file share"),
    "erp": ("전사 관리(ERP)", "ERP"),
    "mail": ("전자 우편", "e-mail"),
}
TIMED, RESPONSE_MS, TIMED_EVERY = "erp-web", 2000, 100
"""The check of every hundredth company that has to answer within so many milliseconds; samples take room and time."""
LINE, BACKUP = "line-gateway", "files-backup"
"""The checks that look at the line and at the backup's age; the second one belongs to no service."""
ALL_CHECKS = (*(check for names in CHECKS.values() for check in names), BACKUP)
LOOKS = {LINE: ", looks_at: link", BACKUP: ", looks_at: backup"}
INTERVAL = 60
FEES = {"internet": 60_000, "files": 180_000, "erp": 320_000, "mail": 90_000}


@dataclass(frozen=True, slots=True)
class Company:
    """A customer of the demonstration."""

    id: str
    name: str
    name_en: str
    tier: str
    people: int
    supplier: str
    powers_off: bool
    """It turns its machines off over the Lunar New Year."""
    is_timed: bool
    """Its ERP has promised to answer in time, and samples say how long it took."""

    def as_yaml(self, starts: str) -> str:
        """Its file in the workspace."""
        checks = "\n".join(
            f"    - {{ id: {check}, interval_seconds: {INTERVAL}{LOOKS.get(check, '')} }}" for check in ALL_CHECKS
        )
        services = "\n".join(self._service(name) for name in CHECKS)
        return f"""\
# 지어낸 회사입니다. (A made-up company, from `operator demo data`.)
id: {self.id}
name: {self.name}
name_en: {self.name_en}
people: {self.people}
contract:
  starts: {starts}
  tier: {self.tier}
  hours: {{ open: ["09:00-12:00", "13:00-18:00"] }}
  degraded_weight: "0.3"
  credits:
    bands:
      - {{ at_least: "99.5", credit: "0" }}
      - {{ at_least: "99", credit: "10" }}
      - {{ at_least: "95", credit: "20" }}
    below: "50"
  checks:
{checks}
  services:
{services}
"""

    def _limit(self, check: str) -> str:
        return f", response_ms: {RESPONSE_MS}" if self.is_timed and check == TIMED else ""

    def _service(self, name: str) -> str:
        ko, en = NAMES[name]
        members = ", ".join(f"{{ check: {check}{self._limit(check)} }}" for check in CHECKS[name])
        lines = [
            f"    - id: {name}",
            f"      name: {ko}",
            f"      name_en: {en}",
            f"      fee: {FEES[name]}",
            f"      checks: [{members}]",
            '      target: "99.5"',
        ]
        if name == "internet":
            lines += ["      round_the_clock: true", f"      suppliers: [{self.supplier}]"]
        if name == "mail":
            lines += ["      depends_on: internet"]
        return "\n".join(lines)


def companies(count: int, seed: int) -> list[Company]:
    """That many, always the same for a seed; a longer list begins with the shorter one."""
    found = []
    for number in range(count):
        source = random.Random(f"{seed}/company/{number}")  # noqa: S311 - made up, and the same for a seed
        first, (trade, trade_en) = number % len(FIRST), TRADES[number // len(FIRST) % len(TRADES)]
        series = number // (len(FIRST) * len(TRADES))
        more = f" {series + 1}" if series else ""
        found.append(
            Company(
                id=f"{FIRST_EN[first]}-{trade_en}-{number + 1}".lower(),
                name=f"{FIRST[first]}{trade}{more} {MADE_UP}",
                name_en=f"{FIRST_EN[first]} {trade_en}{more} {MADE_UP_EN}",
                tier=source.choice(TIERS),
                people=source.randint(3, 60),
                supplier=SUPPLIERS[source.random() < 0.4],
                powers_off=source.random() < 0.3,
                is_timed=number % TIMED_EVERY == 0,
            )
        )
    return found
