"""The provider of the AWS double outlives its killed starter until what AWS was asked is answered."""

import subprocess
import sys
from pathlib import Path

import grpc
import pytest
from dure.cloud import moto
from dure.cloud.sandbox.process import credentials_environment
from dure.cloud.sandbox.properties import to_struct
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from tests.contract.cloud.conftest import REGION
from tests.contract.cloud.proxy import calling, faulty

URN = "urn:pulumi:one::dure::aws:ec2/vpc:Vpc::network"
LONGER = 4.0
"""Seconds; more than calls get once nobody waits for them."""


def test_what_a_killed_starter_had_asked_for_is_answered(account: moto.Account, tmp_path: Path) -> None:
    with faulty(account.endpoint) as faults:
        faults.holding = calling("CreateVpc")
        process = subprocess.Popen(
            [sys.executable, "-m", "dure.cloud.sandbox", "--endpoint", faults.endpoint, "--record", tmp_path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=credentials_environment(account.credentials),
        )
        assert process.stdin
        assert process.stdout
        with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
            engine = provider_pb2_grpc.ResourceProviderStub(channel)
            engine.Configure(provider_pb2.ConfigureRequest(args=to_struct({"region": REGION})))
            inputs = to_struct({"cidrBlock": "10.151.0.0/20"})
            making = engine.Create.future(provider_pb2.CreateRequest(urn=URN, properties=inputs))
            assert faults.reached.wait(30)
            process.stdin.close()
            with pytest.raises(grpc.FutureTimeoutError):
                making.result(timeout=LONGER)
            faults.release.set()
            assert making.result(timeout=30).id.startswith("vpc-")
        assert process.wait(30) == 0, "and then it ends"
        process.stdout.close()
