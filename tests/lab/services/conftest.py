"""One converge of the service roles for all tests of this package: box, hub's receiver and a vault."""

from pathlib import Path

import pytest
from dure.lab.instance import Lab
from dure.lab.workspace import prepare

from tests.lab.services.box import BOX_ROLES, Box, make_vault

ROOT = Path(__file__).parents[3]
HUB_ADDRESS = "203.0.113.10"
HEARTBEAT_PORT = 8551


@pytest.fixture(scope="package")
def services(session_lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> tuple[Box, Box]:
    """The box `ansan` and the hub, as new, with their service roles; the tunnel is left out."""
    lab = session_lab
    lab.reset()
    workspace = tmp_path_factory.mktemp("services") / "workspace"
    prepare(ROOT / "examples" / "hanbit-it", workspace, lab)
    vault = make_vault(lab, "ansan-vault")
    box = Box(lab, "ansan", "hansol-plastics/ansan", workspace, tmp_path_factory.mktemp("box"), vault, BOX_ROLES)
    box.variables["heartbeat_url"] = f"http://{HUB_ADDRESS}:{HEARTBEAT_PORT}/"
    hub = Box(lab, "hub", "hub", workspace, tmp_path_factory.mktemp("hub"), vault, ("heartbeat_receiver",))
    hub.variables["heartbeat_receiver_address"] = HUB_ADDRESS
    box.run("apt-get update -q", seconds=120)
    box.converge()
    box.run("networkctl reload")
    hub.converge()
    key = lab.machine("ansan").host_key
    hub.run(
        "cat > /etc/dure/heartbeat/signers/hansol-plastics_ansan <<'END'\n"
        f'hansol-plastics/ansan namespaces="dure-heartbeat" {key}\nEND'
    )
    return box, hub


@pytest.fixture
def box(services: tuple[Box, Box]) -> Box:
    return services[0]


@pytest.fixture
def hub(services: tuple[Box, Box]) -> Box:
    return services[1]
