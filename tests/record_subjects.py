"""Records what rules and prices are tested on: real previews of every program, by the real engine on the AWS double.

    python -m tests.record_subjects            all of tests/subjects/programs.yaml
    python -m tests.record_subjects bridge     one of them (and the landing zone, whose outputs it takes)

Each becomes tests/subjects/NAME.json; give it again after a program has changed, and look at the difference.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import yaml
from dure.cloud import moto
from dure.cloud.stack import Stack
from dure.model.local import LocalSettings
from dure.plan.subject import Subject, subject_of
from dure.plan.value import CloudPlan

HERE = Path(__file__).parent / "subjects"
PASSPHRASE = "recorded"
ZONE = "landing-zone"


def plan_of(entry: dict[str, Any], upstream: dict[str, str]) -> CloudPlan:
    inputs = dict(entry["inputs"])
    if entry.get("upstream"):
        inputs["upstream"] = upstream
    stack = entry["tags"]["dure:site"].replace("/", ".")
    return CloudPlan(program=entry["program"], stack=stack, region=entry["region"], inputs=inputs, tags=entry["tags"])


def record(name: str, entry: dict[str, Any], stack: Stack, plan: CloudPlan) -> Subject:
    """Preview one stack and write down what it would hold."""
    preview = stack.preview()
    subject = subject_of(plan, preview.resources, place=entry["place"])
    file = HERE / f"{name}.json"
    file.write_text(
        json.dumps(subject.model_dump(mode="json"), ensure_ascii=False, indent=1, sort_keys=True) + "\n",
        encoding="utf-8",
    )
    print(f"{name}: {len(subject.planned())} resources", flush=True)
    return subject


def main() -> int:
    wanted = set(sys.argv[1:])
    entries: dict[str, dict[str, Any]] = yaml.safe_load((HERE / "programs.yaml").read_text(encoding="utf-8"))
    with tempfile.TemporaryDirectory() as place:
        account = moto.start(Path(place))
        try:
            settings = LocalSettings(aws_endpoint=account.endpoint, aws_credentials=account.credentials)
            upstream: dict[str, str] = {}
            for name, entry in entries.items():
                if wanted and name not in wanted and entry["tags"]["dure:site"] != ZONE:
                    continue
                plan = plan_of(entry, upstream)
                stack = Stack(plan, Path(place), settings, PASSPHRASE)
                if not entry.get("applied"):
                    record(name, entry, stack, plan)
                    continue
                stack.up()
                record(name, entry, stack, plan)
                if plan.tags["dure:site"] == ZONE:
                    upstream = stack.outputs()
        finally:
            account.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
