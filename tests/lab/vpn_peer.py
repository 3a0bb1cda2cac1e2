"""A lab with one box, its hub, and a strongSwan machine that stands for AWS's end of a site-to-site VPN."""

from dataclasses import dataclass, field, replace

from dure.lab.instance import Lab
from dure.lab.topology import Node, Port, Topology, example_topology, mac_address

from tests.poll import until

PEERS = {1: "203.0.113.31", 2: "203.0.113.32"}
SITE = "203.0.113.21"
"""The modem's address, behind which the box is."""
NETWORK, INSIDE = "10.128.0.0/20", "10.128.0.10"
OVERLAY = "10.64.1.0/24"
PACKAGES = "charon-systemd strongswan-swanctl libstrongswan-standard-plugins libcharon-extra-plugins"
CHARON = """charon {
  install_virtual_ip = no
  retransmit_timeout = 2.0
  retransmit_base = 1.6
  retransmit_tries = 2
  plugins { kernel-libipsec { load = yes } }
}
"""
CONNECTION = """  tunnel%(number)d {
    version = 2
    local_addrs = %(peer)s
    proposals = aes256gcm16-prfsha384-ecp384
    encap = yes
    dpd_delay = 5s
    local { auth = psk
      id = %(peer)s }
    remote { auth = psk
      id = %(site)s }
    children { net%(number)d {
      local_ts = %(network)s
      remote_ts = %(overlay)s
      esp_proposals = aes256gcm16-ecp384
    } }
  }
"""
SECRET = """  ike-%(number)d { id-aws = %(peer)s
    id-site = %(site)s
    secret = "%(key)s" }
"""


def vpn_topology(name: str) -> Topology:
    """The example's hub and its gateway box, and beside the hub a machine with two addresses."""
    whole = example_topology(name)
    addresses = tuple(f"{one}/24" for one in PEERS.values())
    port = Port("eth0", "inet", mac_address("aws", "eth0"), addresses)
    aws = Node("aws", "machine", "", (port,), v4_gateway="203.0.113.1", nameserver="203.0.113.2")
    segments = tuple(one for one in whole.segments if not one.name.startswith("seocho"))
    nodes = tuple(one for one in whole.nodes if not one.name.startswith("seocho"))
    return replace(whole, segments=segments, nodes=(*nodes, aws))


@dataclass(slots=True)
class Aws:
    """The other end: two tunnels, and one server behind them at INSIDE."""

    lab: Lab
    keys: dict[int, str] = field(default_factory=lambda: {1: "a1" * 16, 2: "b2" * 16})

    def root(self, command: str, *, seconds: float = 60) -> str:
        done = self.lab.root("aws", command, seconds=seconds)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self) -> None:
        self.root(f"apt-get update -q && apt-get install -qy --no-install-recommends {PACKAGES}", seconds=180)
        self.write("/etc/strongswan.d/lab.conf", CHARON)
        self.root(f"ip address replace {INSIDE}/32 dev lo")
        self.root("systemctl restart strongswan")
        self.load()

    def load(self) -> None:
        """The connections, with the keys as they are now."""
        told = [{"number": n, "peer": peer, "site": SITE, "network": NETWORK, "overlay": OVERLAY, "key": self.keys[n]}
                for n, peer in PEERS.items()]  # fmt: skip
        connections = "".join(CONNECTION % one for one in told)
        secrets = "".join(SECRET % one for one in told)
        self.write("/etc/swanctl/conf.d/lab.conf", f"connections {{\n{connections}}}\nsecrets {{\n{secrets}}}\n")
        self.root("swanctl --load-creds --clear --noprompt && swanctl --load-conns")

    def write(self, file: str, text: str) -> None:
        self.root(f"cat > {file} <<'END'\n{text}END")

    def cut(self, number: int) -> None:
        """Nothing comes to or from one of the two addresses any more."""
        peer = PEERS[number]
        rules = (
            f"add table ip cut{number}; "
            f"add chain ip cut{number} in {{ type filter hook prerouting priority -300; }}; "
            f"add rule ip cut{number} in ip daddr {peer} drop; "
            f"add chain ip cut{number} out {{ type filter hook output priority -300; }}; "
            f"add rule ip cut{number} out ip saddr {peer} drop"
        )
        done = self.lab.run("aws", ["nft", rules])
        assert done.returncode == 0, done.stderr

    def mend(self, number: int) -> None:
        self.lab.run("aws", ["nft", f"delete table ip cut{number}"])


def reaches(lab: Lab, count: int = 1) -> bool:
    """Whether a PC on the LAN reaches the server behind the tunnels."""
    ping = ["ping", "-n", "-c", str(count), "-i", "0.2", "-W", "1", INSIDE]
    return lab.run("ansan-client", ping).returncode == 0


def reaches_again(lab: Lab, seconds: float) -> None:
    until(lambda: reaches(lab, 3), seconds)
