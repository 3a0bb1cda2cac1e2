"""A DNS zone with a certificate for every name right below it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from iaas.component import Component, refuse

DOMAIN = re.compile(r"(?=.{4,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")


@dataclass(frozen=True)
class DnsZoneArgs:
    domain: str

    def __post_init__(self) -> None:
        refuse("DNS zone", [] if DOMAIN.fullmatch(self.domain) else [f"domain {self.domain!r} is no domain name"])


class DnsZone(Component):
    """Outputs: `zone_id`, `domain`, `name_servers`, `certificate_arn` (validated). The zone is protected: the
    registrar points to its name servers, and a new zone would get others."""

    def __init__(self, name: str, args: DnsZoneArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, opts)
        zone = aws.route53.Zone(name, name=args.domain, comment="Customers' names", opts=self._part(protect=True))
        certificate = aws.acm.Certificate(
            f"{name}-certificate",
            domain_name=args.domain,
            subject_alternative_names=[f"*.{args.domain}"],
            validation_method="DNS",
            opts=self._part(),
        )
        proof = certificate.domain_validation_options[0]  # the domain and its wildcard are proven by one record
        record = aws.route53.Record(
            f"{name}-proof",
            zone_id=zone.zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=300,
            opts=self._part(),
        )
        valid = aws.acm.CertificateValidation(
            f"{name}-valid",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=self._part(),
        )
        self.zone_id, self.domain = zone.zone_id, args.domain
        self.name_servers = zone.name_servers
        self.certificate_arn = valid.certificate_arn
        self._done(
            {
                "zone_id": self.zone_id,
                "domain": self.domain,
                "name_servers": self.name_servers,
                "certificate_arn": self.certificate_arn,
            }
        )
