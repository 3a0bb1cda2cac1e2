"""operator demo data: a workspace with a made-up past, agreements signed by made-up engineers, and closed months."""

import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from dure.errors import DureError, UsageError
from dure.model.local import LocalSettings
from dure.model.promise.agreement import ExclusionAgreement, Window
from dure.model.promise.agreement_files import write_agreement
from dure.model.writing import replace_file
from dure.runs.context import Context
from dure.runs.promise.approval import approved, moment
from dure.runs.promise.close_command import close_and_record
from dure.runs.promise.demo.company import ALL_CHECKS, MADE_UP, SUPPLIERS, Company, companies
from dure.runs.promise.demo.filling import fill, take_records
from dure.runs.promise.demo.history import ISP_OUTAGE, MAINTENANCE, Past
from dure.sla.periods import midnight, month, parsed_month
from dure.store.promise.months import month_before

ENGINEERS = (("demo-kim", "김가상"), ("demo-lee", "이가상"))
ZONE = ZoneInfo("Asia/Seoul")
DAY = 86400


@dataclass(frozen=True, slots=True)
class Made:
    """What was made; all of it is made up."""

    workspace: str
    customers: int
    months: tuple[str, ...]
    checks: int
    spans: int
    closed: int


def make(
    root: Path, months: int, count: int, seed: int, until: str, *, close: bool, progress: Callable[[str], None]
) -> Made:
    """Make the workspace in an empty directory. The same arguments give the same data, keys and signatures aside."""
    names = _months(until, months)
    _require_empty(root)
    first, second = _engineers(root)
    made = companies(count, seed)
    period = (month(*parsed_month(names[0]), ZONE)[0], month(*parsed_month(names[-1]), ZONE)[1])
    starts = date.fromisoformat(f"{names[0]}-01").isoformat()
    for company in made:
        replace_file(root / "customers" / f"{company.id}.yaml", company.as_yaml(starts).encode())
    past = Past(period, seed)
    filled = []
    for number, company in enumerate(made):
        for one in _agreements(company, number, period):
            _write_signed(one, first, second)
        filled.append(fill(first, second, company, number, past, names))
        if (number + 1) % 100 == 0:
            progress(f"{number + 1} of {count} pasts")
    progress(f"{count} made-up companies")
    take_records(first, filled, past, names)
    progress("tickets, surveys, use, hosts and benefits")
    closed = 0
    for name in names if close else ():
        now = month(*parsed_month(name), ZONE)[1] + 7 * DAY
        for result in close_and_record(first, [one.id for one in made], name, now, accept_missing=False):
            closed += len(result.frozen)
        progress(f"{name} closed")
    return Made(str(root), count, names, count * len(ALL_CHECKS), sum(one.spans for one in filled), closed)


def _months(until: str, months: int) -> tuple[str, ...]:
    if not 1 <= months <= 60:
        raise UsageError(f"{months} months cannot be made", why="a past has 1 to 60", mend="--months 6")
    names = [until]
    while len(names) < months:
        names.append(month_before(names[-1]))
    return tuple(reversed(names))


def _require_empty(root: Path) -> None:
    if root.exists() and any(root.iterdir()):
        why = "made-up data never go where real ones may be"
        raise UsageError(f"{root} is not empty", why=why, mend="name a directory that does not exist")
    (root / "customers").mkdir(parents=True, exist_ok=True)
    (root / ".dure").mkdir(mode=0o700, exist_ok=True)


def _engineers(root: Path) -> tuple[Context, Context]:
    """The two engineers with fresh keys, as each would sit at this workstation; the first one's settings are left."""
    lines, contexts = [], []
    for name, person in ENGINEERS:
        key = root / ".dure" / name
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", f"{name}@example", "-f", str(key)]
        done = subprocess.run(argv, capture_output=True, check=False)
        if done.returncode:
            raise DureError(
                "no key could be made", why=done.stderr.decode().strip(), mend="install OpenSSH's ssh-keygen"
            )
        public = key.with_suffix(".pub").read_text(encoding="utf-8").strip()
        lines.append(f'  - {{ id: {name}, name: {person}, email: {name}@demo.example, ssh_keys: ["{public}"] }}')
        contexts.append(Context(root, LocalSettings(engineer=name, ssh_key=key)))
    text = (
        "# 지어낸 자료입니다. (Made up by `operator demo data`.)\n"
        f"msp: {{ id: demo-msp, name: 두레데모 {MADE_UP}, name_en: Dure Demo (made up), phone: 02-555-0100, "
        "email: support@demo.example }\n"
        "engineers:\n" + "\n".join(lines) + "\nhub: { address: 203.0.113.10 }\n"
    )
    replace_file(root / "operator.yaml", text.encode())
    settings = {"engineer": ENGINEERS[0][0], "ssh_key": str((root / ".dure" / ENGINEERS[0][0]).absolute())}
    replace_file(root / ".dure" / "local.yaml", yaml.safe_dump(settings).encode())
    return contexts[0], contexts[1]


def _agreements(company: Company, number: int, period: tuple[int, int]) -> Iterator[Window | ExclusionAgreement]:
    """The maintenance in May of every company, and the carrier's outage in March where it was acknowledged."""
    if period[0] <= MAINTENANCE[0] < period[1]:
        yield Window(
            customer=company.id,
            id="2026-05-13-storage",
            services=["files"],
            start=moment(MAINTENANCE[0]),
            end=moment(MAINTENANCE[1]),
            reason=f"저장 장치 교체 {MADE_UP}",
            announced=moment(midnight(date(2026, 5, 6), ZONE)),
        )
    if period[0] <= ISP_OUTAGE[0] < period[1] and company.supplier == SUPPLIERS[0] and number % 2 == 0:
        yield ExclusionAgreement(
            customer=company.id,
            id="2026-03-19-isp",
            services=["internet"],
            start=moment(ISP_OUTAGE[0]),
            end=moment(ISP_OUTAGE[1]),
            reason=f"통신사 장애 {MADE_UP}",
            cause="third_party_beyond_control",
            evidence=f"{SUPPLIERS[0]} 2026-0319 {MADE_UP}",
            supplier=SUPPLIERS[0],
        )


def _write_signed(one: Window | ExclusionAgreement, first: Context, second: Context) -> None:
    # No audit chain saw a made-up past, so that windows too need the signatures of two.
    before, after = one.interval[0] - 5 * DAY, one.interval[1] + DAY
    if isinstance(one, Window):
        write_agreement(first.workspace, approved(second, approved(first, one, before), before))
    else:
        write_agreement(first.workspace, approved(second, approved(first, one, after), after))
