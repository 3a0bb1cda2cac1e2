"""The inventory says what the plan says, and no value of a workspace is ever run as a template."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from dure.configure.inventory import Inventory, inventory_from
from dure.errors import DureError
from dure.fleet.openssh import write_config
from dure.fleet.route import Route
from dure.plan.value import MachinePlan, Overlay, Plan, RolePlan


def route(alias: str) -> Route:
    return Route(alias=alias, address="192.0.2.1", user="kim-minsu", known_hosts=Path("/nowhere"))


def plan(*roles: RolePlan) -> Plan:
    machine = MachinePlan(
        hostname="ansan", topology="gateway", lan_cidr="192.168.0.0/24", lan_address="192.168.0.1",
        interfaces={"uplink": "eth0"}, roles=list(roles), ports=[],
    )  # fmt: skip
    return Plan(
        site="han/ansan", customer="han", customer_name="한", blueprint="hybrid-server",
        overlay=Overlay(cidr="10.64.1.0/24", address="10.64.1.1", allocated=True), cloud=None,
        machine=machine, verification=[], checks=[], objectives=[],
    )  # fmt: skip


def test_a_box_comes_with_its_roles_variables_and_the_hub_beside_it() -> None:
    role = RolePlan(name="backup", variables={"backup_time": "01:30"}, outputs={"backup_bucket": "bucket"})
    made = inventory_from(plan(role), route("han/ansan"), route("hub"), Path("cfg"), {"bucket": "b-1"}, {"more": 1})
    box = made.groups["box"]["han/ansan"]
    assert box["backup_time"] == "01:30"
    assert box["backup_bucket"] == "b-1"
    assert box["dure_roles"] == ["backup"]
    assert box["more"] == 1
    assert list(made.groups["hub"]) == ["hub"]


def test_mitogen_gives_a_silent_machine_up_as_soon_as_ssh_does(tmp_path: Path) -> None:
    config = write_config([route("hub")], tmp_path)
    box = inventory_from(plan(), route("han/ansan"), route("hub"), config, {}, {}).groups["box"]["han/ansan"]
    text = config.read_text()
    assert f"ServerAliveInterval {box['mitogen_ssh_keepalive_interval']}\n" in text
    assert f"ServerAliveCountMax {box['mitogen_ssh_keepalive_count']}\n" in text


def test_a_missing_stack_output_is_named() -> None:
    role = RolePlan(name="backup", variables={}, outputs={"backup_bucket": "bucket"})
    with pytest.raises(DureError, match="backup needs the cloud's `bucket`"):
        inventory_from(plan(role), route("han/ansan"), None, Path("cfg"), {}, {})


def test_a_template_in_a_customers_name_stays_text(tmp_path: Path) -> None:
    evil = "{{ lookup('pipe', 'touch " + str(tmp_path / "ran") + "') }}"
    hosts = Inventory({"box": {"han/ansan": {"name": evil, "deep": [{"name": evil}]}}}, Path("cfg"), "han/ansan")
    (tmp_path / "hosts.yml").write_text(hosts.text({"ansible_python_interpreter": sys.executable}))
    (tmp_path / "show.yml").write_text(
        "- hosts: box\n  gather_facts: false\n  connection: local\n  tasks:\n"
        "    - ansible.builtin.copy: { content: '{{ [name, deep] | to_json }}', dest: '{{ playbook_dir }}/seen' }\n"
    )
    program = str(Path(sys.executable).parent / "ansible-playbook")
    command = [program, "-i", str(tmp_path / "hosts.yml"), str(tmp_path / "show.yml")]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    assert json.loads((tmp_path / "seen").read_text()) == [evil, [{"name": evil}]]
    assert not (tmp_path / "ran").exists()
