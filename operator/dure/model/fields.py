"""Field types that the workspace's models share; each refusal says what, why and how to mend."""

import base64
import binascii
import ipaddress
import re
from datetime import date
from decimal import Decimal
from typing import Annotated, NoReturn

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from dure.escaping import escaped

ID_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
SITE_ID_PATTERN = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*/[a-z][a-z0-9]*(-[a-z0-9]+)*$"
ID_LENGTH = 40
LOGIN_LENGTH = 31  # Linux and Samba take 32 bytes with the closing zero
_LOGINS = """root dure daemon bin sys sync games man lp mail news uucp proxy backup list irc nobody sshd messagebus
systemd-network systemd-resolve systemd-timesync admin sudo guest dnsmasq chrony"""
SYSTEM_LOGINS = frozenset(_LOGINS.split())
_KEY_TYPES = """ssh-ed25519 ssh-rsa ecdsa-sha2-nistp256 ecdsa-sha2-nistp384 ecdsa-sha2-nistp521
sk-ssh-ed25519@openssh.com sk-ecdsa-sha2-nistp256@openssh.com"""
SSH_KEY_TYPES = frozenset(_KEY_TYPES.split())
BROADCASTS = ipaddress.IPv4Network("255.255.255.255/32")
PRIVATE_NETWORKS = tuple(ipaddress.IPv4Network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
WIDEST_OFFICE = 8
"""Prefix length of the widest network that the policy lets in, too (rule closed-ingress)."""


def refuse(what: str, why: str, mend: str) -> NoReturn:
    """Raise the error that pydantic collects and that becomes a Problem."""
    raise PydanticCustomError("dure", "{what}", {"what": what, "why": why, "mend": mend})


def suggest_id(text: str) -> str:
    """The nearest valid id, or an example when nothing of the text can be kept."""
    kept = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-0123456789")
    return kept or "hansol-plastics"


def check_id(text: str) -> str:
    if not re.fullmatch(ID_PATTERN, text):
        why = "an id is lower-case ASCII letters and digits joined by single hyphens and starts with a letter"
        refuse(
            f'id "{text}" is not valid', why, f'write an id such as "{suggest_id(text)}" and keep the name in `name`'
        )
    if len(text) > ID_LENGTH:
        refuse(f'id "{text}" is too long', f"it has {len(text)} characters and may have {ID_LENGTH}", "shorten it")
    return text


def check_name(text: str) -> str:
    if not text.strip():
        refuse("the name is empty", "people read it on pages, reports and messages", "write it")
    return _one_line(text, "name", "a name is one line")


def check_line(text: str) -> str:
    """A text of one line, or none; characters that nobody sees were refused when the file was read."""
    return _one_line(text, "text", "it is shown on one line")


def _one_line(text: str, kind: str, why: str) -> str:
    if "\n" in text or "\t" in text:
        refuse(f"the {kind} holds a line break or tab", why, "write it on one line, with plain spaces")
    return text


OWN_INTERFACES = {"wg0": "the tunnel to the hub", "vpn1": "the VPN to AWS", "vpn2": "the VPN to AWS"}
OWN_INTERFACES["ipsec0"] = OWN_INTERFACES["vpn1"]
"""Interfaces that the roles wireguard and strongswan make."""


def check_interface(text: str) -> str:
    if text in OWN_INTERFACES:
        why = f"it is {OWN_INTERFACES[text]}, which Dure itself makes there"
        refuse(f'"{text}" holds no cable', why, "write the interface that holds the cable")
    if text == "lo":
        refuse('"lo" is no way out', "it is the machine's loopback", "write the interface that holds the cable")
    return text


def check_login(text: str) -> str:
    check_id(text)
    if len(text) > LOGIN_LENGTH:
        refuse(
            f'id "{text}" is too long', f"it becomes a login name of at most {LOGIN_LENGTH} characters", "shorten it"
        )
    if text in SYSTEM_LOGINS:
        refuse(
            f'id "{text}" is taken', "the box's system has an account of that name", f'write an id such as "{text}-1"'
        )
    return text


def check_site_id(text: str) -> str:
    if not re.fullmatch(SITE_ID_PATTERN, text):
        refuse(f'"{text}" is not a site', "a site is written customer/site", 'write it as in "hansol-plastics/ansan"')
    return text


def parse_network(text: str) -> ipaddress.IPv4Network:
    """The IPv4 network written in text; refuses host bits and nonsense."""
    if "/" not in text:
        refuse(f'"{text}" is not a network', "the prefix length is missing", f"write it as in {text}/24")
    try:
        return ipaddress.IPv4Network(text)
    except ValueError:
        pass
    try:
        meant = ipaddress.IPv4Network(text, strict=False)
    except ValueError:
        refuse(
            f'"{text}" is not an IPv4 network', "it is not of the form a.b.c.d/length", "write it as in 192.168.0.0/24"
        )
    refuse(f"{text} has host bits set", f"the network of that address is {meant}", f"write {meant}")


def check_network(text: str) -> str:
    return str(parse_network(text))


def check_office_network(text: str) -> str:
    """A network that one holder may have; RFC 1918 and IANA's registry know none wider than /8."""
    network = parse_network(text)
    if network.prefixlen < WIDEST_OFFICE:
        why = f"it is wider than /{WIDEST_OFFICE}, the internet in pieces"
        refuse(f"{network} is nobody's office", why, "write the office's own public address, such as 203.0.113.7/32")
    return str(network)


def check_private_network(text: str) -> str:
    network = parse_network(text)
    if not any(network.subnet_of(private) for private in PRIVATE_NETWORKS):
        why = "a customer's LAN uses private addresses (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16)"
        refuse(f"{network} is not a private network", why, "write the LAN's own network, such as 192.168.0.0/24")
    return str(network)


def check_address(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        refuse(f'"{text}" is not an IPv4 address', "it is not of the form a.b.c.d", "write it as in 192.168.0.1")


def check_endpoint(text: str) -> str:
    """An IPv4 address or a host name that boxes dial."""
    if re.fullmatch(r"[0-9.]+", text):
        address = ipaddress.IPv4Address(check_address(text))
        if address.is_loopback or address.is_multicast or address.is_unspecified or address in BROADCASTS:
            refuse(f"{text} cannot be dialled", "it is no address of a machine on a network", "write the hub's own")
        return str(address)
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if len(text) > 253 or not re.fullmatch(rf"{label}(\.{label})+", text):
        refuse(
            f'"{text}" is not a host',
            "it is neither an IPv4 address nor a full host name",
            "write it as in hub.hanbit-it.kr",
        )
    return text


def check_domain(text: str) -> str:
    """A full name of DNS, in lower case."""
    label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
    if len(text) > 253 or not re.fullmatch(rf"{label}(\.{label})+", text) or re.fullmatch(r"[0-9.]+", text):
        why = "a domain is labels of a-z, 0-9 and - joined by dots"
        refuse(f'"{text}" is not a domain', why, "write it as in apps.hanbit-it.example")
    return text


def check_cloud_pool(text: str) -> str:
    """Room for at least one /20, the network of a landing zone or silo."""
    network = ipaddress.IPv4Network(check_private_network(text))
    if network.prefixlen > 20:
        refuse(
            f"{network} is too small", "each network in the cloud is a /20 of it", "write a pool such as 10.128.0.0/9"
        )
    return str(network)


def ssh_key_fault(text: str) -> str:
    """Why the line is not an OpenSSH public key; empty when it is one."""
    if "PRIVATE KEY" in text:
        return "it is a private key, which belongs to nobody but its owner"
    if escaped(text) != text:
        return "it holds a line break or another character that nobody sees, and a key is one line"
    parts = re.split(" +", text.strip(" "), maxsplit=2)
    if len(parts) < 2 or parts[0] not in SSH_KEY_TYPES:
        return "a public key is written `ssh-ed25519 AAAA… comment`"
    try:
        blob = base64.b64decode(parts[1], validate=True)
    except (binascii.Error, ValueError):
        return "its second word is not base64"
    kind = parts[0].encode()
    if blob[:4] != len(kind).to_bytes(4, "big") or blob[4 : 4 + len(kind)] != kind:
        return f"its content is not a key of type {parts[0]}"
    if parts[0] == "ssh-ed25519" and len(blob) != 51:
        return "it is cut off or too long"
    return ""


def check_ssh_key(text: str) -> str:
    fault = ssh_key_fault(text)
    if fault:
        refuse(f'"{text[:40]}…" is not an SSH public key', fault, "copy the whole line of ~/.ssh/id_ed25519.pub")
    return text


def check_recipient(text: str) -> str:
    if re.fullmatch(r"age1[02-9ac-hj-np-z]{58}", text):
        return text
    if text.startswith(("AGE-SECRET-KEY-", "-----BEGIN")):
        refuse(
            "a private key stands where a recipient belongs",
            "a recipient is public",
            "replace it, and make a new key: this one is known now",
        )
    if text.startswith(("ssh-ed25519 ", "ssh-rsa ")) and not ssh_key_fault(text):
        return text
    why = "a recipient is an age public key (age1…) or an SSH public key of type ed25519 or rsa"
    refuse(f'"{text[:40]}" is not a recipient', why, "write the output of `age-keygen -y KEYFILE`")


Id = Annotated[
    str, AfterValidator(check_id), WithJsonSchema({"type": "string", "pattern": ID_PATTERN, "maxLength": ID_LENGTH})
]
Login = Annotated[
    str,
    AfterValidator(check_login),
    WithJsonSchema({"type": "string", "pattern": ID_PATTERN, "maxLength": LOGIN_LENGTH}),
]
SiteId = Annotated[str, AfterValidator(check_site_id), WithJsonSchema({"type": "string", "pattern": SITE_ID_PATTERN})]
Network = Annotated[str, AfterValidator(check_network)]
OfficeNetwork = Annotated[str, AfterValidator(check_office_network)]
PrivateNetwork = Annotated[str, AfterValidator(check_private_network)]
CloudPool = Annotated[str, AfterValidator(check_cloud_pool)]
Domain = Annotated[str, AfterValidator(check_domain)]
Address = Annotated[str, AfterValidator(check_address)]
Endpoint = Annotated[str, AfterValidator(check_endpoint)]
SshKey = Annotated[str, AfterValidator(check_ssh_key)]
Recipient = Annotated[str, AfterValidator(check_recipient)]
Name = Annotated[str, Field(min_length=1, max_length=120), AfterValidator(check_name)]
Line = Annotated[str, AfterValidator(check_line)]
Phone = Annotated[str, Field(pattern=r"^\+?[0-9][0-9 -]{2,20}$")]
Email = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", max_length=254)]
CostCentre = Annotated[str, Field(pattern=r"^[A-Za-z0-9 _.:/=+@-]*$", max_length=100)]
Port = Annotated[int, Field(ge=1, le=65535)]
Interface = Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9._-]{0,14}$"), AfterValidator(check_interface)]


def check_decimal(value: object) -> object:
    """A number as YAML has it becomes its own text, so that no binary fraction enters arithmetic."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return format(Decimal(str(value)), "f")
    return value


def check_day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        refuse(f'"{text}" is not a day', "a day is written year-month-day", "write it as in 2026-11-20")


DecimalText = Annotated[
    str,
    BeforeValidator(check_decimal),
    Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$"),
    WithJsonSchema({"type": "number", "minimum": 0}),
]
DayText = Annotated[str, AfterValidator(check_day), WithJsonSchema({"type": "string", "format": "date"})]
