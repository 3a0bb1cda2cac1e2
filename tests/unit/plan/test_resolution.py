"""A plan: the same for the same files, complete, pure, and in the words of the roles."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from dure import toolkit_path
from dure.errors import DureError, UsageError
from dure.model import SiteFiles, load_site
from dure.plan import Plan, compare, resolve, secrets_needed, tree
from dure.plan.applied import applied_file, load, save

ROOT = Path(__file__).parents[3]
GOOD = ROOT / "tests" / "contract" / "workspace"
EXAMPLE = ROOT / "examples" / "hanbit-it"
SITES = ["hansol-plastics/ansan", "saehan-accounting/seocho", "hub"]
GIVEN_BY_THE_RUN = {
    "backup_bucket": "an output of the stack",
    "backup_endpoint": "of the vault, by the workstation's settings",
    "wireguard_hub_public_key": "read from the hub",
    "commit_confirm_token": "made for each change",
}


def plan_of(site: str, root: Path = EXAMPLE) -> Plan:
    return resolve(load_site(root, site), toolkit_path())


def variables(plan: Plan) -> dict[str, object]:
    return {name: value for role in plan.machine.roles for name, value in role.variables.items()}


@pytest.mark.parametrize("site", SITES)
def test_the_same_files_give_the_same_bytes_in_another_process(site: str) -> None:
    ask = (
        "import sys; from pathlib import Path; from dure import toolkit_path;"
        "from dure.model import load_site;"
        "from dure.plan import resolve;"
        f"plan = resolve(load_site(Path({str(EXAMPLE)!r}), {site!r}), toolkit_path());"
        "sys.stdout.buffer.write(plan.canonical_json())"
    )
    environment = {"PYTHONPATH": str(ROOT / "operator"), "PYTHONHASHSEED": "7"}
    other = subprocess.run([sys.executable, "-c", ask], check=True, capture_output=True, env=environment)
    assert other.stdout == plan_of(site).canonical_json()


def test_resolving_writes_nothing_and_shows_the_network_it_would_allocate() -> None:
    before = {file: file.stat().st_mtime_ns for file in EXAMPLE.rglob("*")}
    plan = plan_of("hansol-plastics/ansan")
    assert {file: file.stat().st_mtime_ns for file in EXAMPLE.rglob("*")} == before
    assert plan.overlay is not None
    assert not plan.overlay.allocated
    assert (plan.overlay.cidr, plan.overlay.address) == ("10.64.1.0/24", "10.64.1.1")


def test_a_gateway_serves_the_lan_and_a_box_beside_a_router_does_not() -> None:
    gateway, beside = plan_of("hansol-plastics/ansan"), plan_of("saehan-accounting/seocho")
    assert "lan" in [role.name for role in gateway.machine.roles]
    assert "lan" not in [role.name for role in beside.machine.roles]
    assert {(one.port, one.protocol) for one in beside.machine.ports} == {(22, "tcp"), (445, "tcp"), (80, "tcp")}
    assert (53, "udp") in {(one.port, one.protocol) for one in gateway.machine.ports}
    assert beside.overlay is not None
    assert variables(beside)["wireguard_address"] == beside.overlay.address == "10.64.1.10"


def test_every_port_of_a_plan_reaches_the_firewall() -> None:
    for site in SITES:
        plan = plan_of(site)
        assert variables(plan)["firewall_ports"] == [port.model_dump(mode="json") for port in plan.machine.ports]


def test_ssh_is_open_to_the_overlay_alone_on_a_box() -> None:
    (rule,) = [port for port in plan_of("hansol-plastics/ansan").machine.ports if port.port == 22]
    assert rule.source == "overlay"


def test_the_hub_listens_on_the_ports_that_boxes_dial() -> None:
    box, hub = variables(plan_of("hansol-plastics/ansan")), plan_of("hub")
    assert box["wireguard_hub_endpoints"] == ["203.0.113.10:51820", "203.0.113.10:443"]
    assert {port.port for port in hub.machine.ports if port.protocol == "udp"} == {51820, 443}
    assert box["wireguard_hub_overlay"] == hub.machine.lan_address == "10.64.0.1"
    assert box["heartbeat_url"] == "http://10.64.0.1:8551/"


def test_a_plan_names_secrets_and_never_holds_them() -> None:
    plan = plan_of("hansol-plastics/ansan")
    assert secrets_needed(plan) == [
        "hansol-plastics/ansan/restic_password",
        "hansol-plastics/users/choi-eunji/smb_password",
        "hansol-plastics/users/jung-daesu/smb_password",
        "hansol-plastics/users/park-youngho/smb_password",
    ]
    assert b"age:" not in plan.canonical_json()


def test_a_user_s_own_password_takes_the_place_of_the_made_one(tmp_path: Path) -> None:
    files = load_site(GOOD, "alpha/main")
    assert files.customer is not None
    users = [one.model_copy(update={"password_secret": "alpha/main/restic_password"}) for one in files.customer.users]
    customer = files.customer.model_copy(update={"users": users[:1]})
    changed = SiteFiles(files.operator, customer, files.site, files.allocations)
    assert secrets_needed(resolve(changed, toolkit_path())) == ["alpha/main/restic_password"]


def test_a_small_lan_is_mapped_to_as_small_a_part_of_its_overlay(tmp_path: Path) -> None:
    text = (GOOD / "customers" / "beta.yaml").read_text(encoding="utf-8").replace("192.168.0.0/24", "192.168.0.0/27")
    (tmp_path / "customers").mkdir()
    (tmp_path / "customers" / "beta.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "operator.yaml").write_text((GOOD / "operator.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    plan = plan_of("beta/seoul", tmp_path)
    assert variables(plan)["wireguard_overlay_cidr"] == "10.64.1.0/27"
    assert plan.overlay is not None
    assert plan.overlay.cidr == "10.64.1.0/24"


def test_without_engineers_there_is_no_plan() -> None:
    files = load_site(GOOD, "alpha/main")
    nobody = SiteFiles(
        files.operator.model_copy(update={"engineers": []}), files.customer, files.site, files.allocations
    )
    with pytest.raises(UsageError, match="nobody could reach the machine"):
        resolve(nobody, toolkit_path())


def specification(role: str) -> dict[str, dict[str, object]]:
    file = ROOT / "playbooks" / "roles" / role / "meta" / "argument_specs.yml"
    options: dict[str, dict[str, object]] = yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"][
        "options"
    ]
    return options


@pytest.mark.parametrize("site", SITES)
def test_plan_and_roles_agree_on_every_variable(site: str) -> None:
    kinds = {"str": str, "path": str, "int": int, "bool": bool, "list": list, "dict": dict}
    for role in plan_of(site).machine.roles:
        options = specification(role.name)
        given = {*role.variables, *role.outputs}
        assert given - set(options) == set(), f"role {role.name} does not know these"
        required = {name for name, option in options.items() if option.get("required")}
        assert required - given - set(GIVEN_BY_THE_RUN) == set(), f"the plan lacks these of role {role.name}"
        for name, value in role.variables.items():
            assert name.startswith(f"{role.name}_")
            assert isinstance(value, kinds[str(options[name]["type"])]), name


ZONE = "landing_zone:\n  domain: apps.test-msp.example\n  repository: test-msp/workspace\n  vpn_gateway: true\n"


def with_vpn(root: Path, customer: str = "alpha") -> Path:
    """The good workspace, with a VPN to AWS for this customer's first site."""
    (root / "customers").mkdir()
    (root / "operator.yaml").write_text((GOOD / "operator.yaml").read_text(encoding="utf-8") + ZONE, encoding="utf-8")
    text = (GOOD / "customers" / f"{customer}.yaml").read_text(encoding="utf-8")
    asked = "    parameters:\n      vpn: aws\n      vpn_address: 203.0.113.21\n"
    (root / "customers" / f"{customer}.yaml").write_text(text.replace("    parameters:\n", asked, 1), encoding="utf-8")
    return root


def test_a_vpn_to_aws_is_in_the_plan_where_it_is_asked_for_and_only_there(tmp_path: Path) -> None:
    without, plan = plan_of("alpha/main", GOOD), plan_of("alpha/main", with_vpn(tmp_path))
    for one, there in ((without, False), (plan, True)):
        assert ("strongswan" in [role.name for role in one.machine.roles]) == there
        assert ("aws_tunnels" in [row.kind for row in one.verification]) == there
        assert ({500, 4500} <= {port.port for port in one.machine.ports}) == there
        assert ("firewall_vpn_interfaces" in variables(one)) == there
        assert one.cloud is not None
        assert one.cloud.takes_outputs_of == ("landing-zone" if there else "")
    assert {port.source for port in plan.machine.ports if port.role == "strongswan"} == {"vpn"}
    assert plan.cloud is not None
    assert plan.overlay is not None
    assert plan.cloud.inputs["overlay"] == plan.overlay.cidr
    assert plan.machine.lan_cidr not in plan.cloud.model_dump_json(), "the LAN is nothing that AWS routes"


def test_the_keys_of_a_vpn_are_the_stack_s_own_and_no_secret_of_the_workspace(tmp_path: Path) -> None:
    plan = plan_of("alpha/main", with_vpn(tmp_path))
    (role,) = [one for one in plan.machine.roles if one.name == "strongswan"]
    assert role.secrets == {"vpn_key_1": "output:vpn_key_1", "vpn_key_2": "output:vpn_key_2"}
    assert [one for one in secrets_needed(plan) if "vpn" in one] == []


def test_plan_and_roles_agree_on_a_vpn_s_variables(tmp_path: Path) -> None:
    plan = plan_of("alpha/main", with_vpn(tmp_path))
    for role in plan.machine.roles:
        if role.name in ("strongswan", "firewall"):
            options, given = specification(role.name), {*role.variables, *role.outputs}
            assert given - set(options) == set()
            assert {name for name, option in options.items() if option.get("required")} - given == set()


def test_a_tree_names_what_will_happen() -> None:
    text = "\n".join(tree(plan_of("hansol-plastics/ansan")))
    for words in (
        "hansol-plastics/ansan  한솔플라스틱  (hybrid-server)",
        "overlay 10.64.1.0/24 (would be allocated), box at 10.64.1.1",
        "cloud hybrid_site, stack hansol-plastics.ansan, ap-northeast-2",
        "445/tcp from lan (file_share)",
        "backup_time: 02:30",
        "secret restic_password: secret:hansol-plastics/ansan/restic_password",
        "reboot (reboot, proof)",
        "files 0.995 by file-share",
    ):
        assert words in text
    assert tree(plan_of("hansol-plastics/ansan")) == tree(plan_of("hansol-plastics/ansan"))


def test_a_difference_names_the_leaf_that_changed() -> None:
    old = plan_of("hansol-plastics/ansan")
    data = json.loads(old.canonical_json())
    backup = next(role for role in data["machine"]["roles"] if role["name"] == "backup")
    backup["variables"]["backup_time"] = "03:00"
    share = next(role for role in data["machine"]["roles"] if role["name"] == "file_share")
    del share["variables"]["file_share_users"][0]
    new = Plan.model_validate(data)
    texts = [one.text() for one in compare(old, new)]
    assert "~ machine.roles.backup.variables.backup_time: 02:30 -> 03:00" in texts
    assert any(one.startswith("- machine.roles.file_share.variables.file_share_users.choi-eunji.") for one in texts)
    assert all("park-youngho" not in one for one in texts)
    assert compare(old, old) == []
    assert all(one.kind == "added" for one in compare(None, new))


def test_an_applied_plan_is_remembered(tmp_path: Path) -> None:
    plan = plan_of("hansol-plastics/ansan")
    assert load(tmp_path, plan.site) is None
    assert (
        save(tmp_path, plan)
        == applied_file(tmp_path, plan.site)
        == tmp_path / ".dure/applied/hansol-plastics.ansan.json"
    )
    assert load(tmp_path, plan.site) == plan


def test_an_applied_plan_that_is_damaged_is_told(tmp_path: Path) -> None:
    file = save(tmp_path, plan_of("hub"))
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(DureError, match=r"rm .*hub\.json"):
        load(tmp_path, "hub")
