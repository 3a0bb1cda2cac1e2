"""The example's hub and boxes, converged straight by playbooks, for tests of what the roles do to a machine."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dure import toolkit_path
from dure.configure import ConvergeResult, TaskEvent, converge, inventory_from
from dure.errors import DureError
from dure.fleet.openssh import write_config
from dure.fleet.route import Route
from dure.fleet.session import Session
from dure.lab.instance import Lab
from dure.model.workspace import load_site
from dure.plan import Plan, resolve
from pydantic import JsonValue

HUB, GATEWAY, BESIDE = "hub", "hansol-plastics/ansan", "saehan-accounting/seocho"
ROLES: list[JsonValue] = ["base", "accounts", "ssh", "firewall", "wireguard"]
ENGINEER, BENCH_USER = "kim-minsu", "dure"


def nothing(_event: TaskEvent) -> None:
    """Nobody looks at the progress."""


@dataclass(slots=True)
class Bench:
    """Converges machines of the lab from one workspace."""

    lab: Lab
    root: Path
    directory: Path
    known_hosts: Path = field(init=False)
    runs: int = 0
    outputs: dict[str, str] = field(default_factory=lambda: {"bucket": "none"})
    """Of the site's stack."""
    secrets: dict[str, str] = field(default_factory=dict)
    """File name -> content, for the roles."""

    def __post_init__(self) -> None:
        self.directory.mkdir()
        self.known_hosts = self.directory / "known_hosts"
        rows = [row for row in self.lab.status_rows() if row.host_key]
        self.known_hosts.write_text("".join(f"{row.site} {row.host_key}\n" for row in rows))

    def plan(self, site: str) -> Plan:
        return resolve(load_site(self.root, site), toolkit_path())

    def first_way(self, site: str, user: str) -> Route:
        return Route(
            alias=site,
            address=self.lab.first_address(site),
            user=user,
            known_hosts=self.known_hosts,
            key=self.lab.key,
            proxy_command=self.lab.proxy_command,
        )

    def hub(self) -> Route:
        return self.first_way(HUB, ENGINEER)

    def tunnel(self, site: str) -> Route:
        overlay = self.plan(site).overlay
        assert overlay is not None
        return Route(
            alias=site,
            address=overlay.address,
            user=ENGINEER,
            known_hosts=self.known_hosts,
            key=self.lab.key,
            jump=self.hub(),
        )

    def converge(
        self,
        playbook: str,
        site: str,
        route: Route,
        *,
        check: bool = False,
        fast: bool = False,
        cancel: Callable[[], bool] = lambda: False,
        on_event: Callable[[TaskEvent], None] = nothing,
        deadline: float = 300,
        **extra: JsonValue,
    ) -> ConvergeResult:
        self.runs += 1
        directory = self.directory / f"run-{self.runs}-{site.replace('/', '-')}"
        directory.mkdir()
        for name, value in self.secrets.items():
            (directory / name).write_text(value)
        hub = None if site == HUB else self.hub()
        config = write_config([route, *([hub] if hub else [])], directory)
        roles: list[JsonValue] = [*ROLES[:-1], "hub"] if site == HUB else ROLES
        inventory = inventory_from(self.plan(site), route, hub, config, self.outputs, {"dure_roles": roles, **extra})
        return converge(
            playbook, inventory, check=check, fast=fast, secrets_directory=directory,
            artifacts=directory / "artifacts", on_event=on_event, cancel=cancel, deadline=deadline,
        )  # fmt: skip

    def reaches(self, site: str) -> bool:
        """Whether an engineer gets in through the tunnel now."""
        try:
            with Session(self.tunnel(site), connect_deadline=4) as session:
                return session.run(["true"], deadline=4).code == 0
        except DureError:
            return False

    def tunnel_state(self, machine: str) -> dict[str, object]:
        """What the box's watch knows."""
        shown = self.lab.root(machine, "cat /run/dure/tunnel.json")
        return json.loads(shown.stdout) if shown.returncode == 0 and shown.stdout else {}

    def fingerprint(self, machine: str) -> dict[str, str]:
        """What a run that changes nothing leaves as it is: files, packages, rules, processes."""
        ask = {
            "files": "find /etc /usr/local /root -xdev -type f ! -name '.*' -printf '%p %m %U %T@\\n' | sort",
            "contents": "find /etc /usr/local -xdev -type f -print0 | sort -z | xargs -0 sha256sum",
            "packages": "dpkg-query -W",
            "rules": "nft -s list ruleset",
            # A timer of commit-confirm that was stopped is collected some time later; it is no file that a run leaves.
            "units": "systemctl list-unit-files --no-legend --no-pager | grep -v ' transient '",
            "processes": "systemctl show -p Id,MainPID ssh dure-tunnel wg-quick@wg0 systemd-journald chrony nftables",
        }
        return {name: self.lab.root(machine, command).stdout for name, command in ask.items()}
