"""The MSP's WireGuard hub: a small Debian machine with an address that stays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from ipaddress import collapse_addresses

import pulumi
import pulumi_aws as aws

from iaas.addressing import network
from iaas.component import Component, refuse
from iaas.security_group import EVERYWHERE, Rule, SecurityGroup, SecurityGroupArgs

DEBIAN = "136693071363"
"""Debian's account at AWS (Debian wiki, "Cloud/AmazonEC2Image")."""
IMAGE = "debian-12-arm64-*"
DISK_GB = 8
WIDEST = 8
"""Prefix of the widest network that SSH may come from, joined with its neighbours; as in the rule closed-ingress."""


@dataclass(frozen=True)
class WireguardHubArgs:
    vpc_id: pulumi.Input[str]
    subnet: pulumi.Input[str]
    """A public one."""
    ports: tuple[int, ...]
    """UDP ports on which boxes dial in."""
    ssh_from: tuple[str, ...]
    """CIDRs of the MSP's offices, for first contact."""
    ssh_keys: tuple[str, ...]
    """Public keys of the first engineers; `operator provision` writes the others."""
    instance_type: str = "t4g.nano"

    def __post_init__(self) -> None:
        wrong = [f"port {one} is not from 1 to 65535" for one in self.ports if not 1 <= one <= 65535]
        if not self.ports:
            wrong.append("ports is empty")
        offices = []
        for cidr in self.ssh_from:
            try:
                offices.append(network(cidr))
            except ValueError as error:
                wrong.append(f"ssh_from: {error}")
        wide = [str(one) for one in collapse_addresses(offices) if one.prefixlen < WIDEST]
        if wide:
            wrong.append(f"ssh_from may not be the whole world, nor {', '.join(wide)}; name the offices' addresses")
        if not self.ssh_keys:
            wrong.append("ssh_keys is empty; nobody could reach the machine")
        refuse("WireGuard hub", wrong)

    def rules(self) -> dict[str, Rule]:
        boxes = {
            f"wireguard-{port}": Rule(port, "Boxes dial in", protocol="udp", cidr=EVERYWHERE) for port in self.ports
        }
        offices = {
            f"ssh-{cidr.replace('/', '-')}": Rule(22, "First contact from an office", cidr=cidr)
            for cidr in self.ssh_from
        }
        return boxes | offices

    def first_start(self) -> str:
        """cloud-init's user data: the first engineers' keys; no secret is in it."""
        return "#cloud-config\n" + json.dumps({"ssh_authorized_keys": list(self.ssh_keys)}) + "\n"


class WireguardHub(Component):
    """Outputs: `address` (public, stays), `instance`, `group` (security group's id).

    The machine is not replaced when Debian publishes an image or an engineer comes: patching and keys are Ansible's.
    """

    def __init__(self, name: str, args: WireguardHubArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        group = SecurityGroup(
            f"{name}-group", SecurityGroupArgs(args.vpc_id, "WireGuard hub", args.rules()), self._part()
        )
        image = aws.ec2.get_ami_output(
            owners=[DEBIAN],
            most_recent=True,
            filters=[{"name": "name", "values": [IMAGE]}],
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        instance = aws.ec2.Instance(
            name,
            ami=image.id,
            instance_type=args.instance_type,
            subnet_id=args.subnet,
            vpc_security_group_ids=[group.id],
            user_data=args.first_start(),
            source_dest_check=False,
            metadata_options={"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
            root_block_device={"encrypted": True, "volume_size": DISK_GB, "volume_type": "gp3"},
            opts=self._part(ignore_changes=["ami", "userData"]),
        )
        address = aws.ec2.Eip(f"{name}-address", domain="vpc", opts=self._part(protect=True))
        aws.ec2.EipAssociation(f"{name}-answers", allocation_id=address.id, instance_id=instance.id, opts=self._part())
        self.address, self.instance, self.group = address.public_ip, instance.id, group.id
        self._done({"address": self.address, "instance": self.instance, "group": self.group})
