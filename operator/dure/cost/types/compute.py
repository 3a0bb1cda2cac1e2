"""What runs: instances, containers, builds."""

from collections.abc import Mapping
from decimal import Decimal

from pydantic import JsonValue

from dure.cost.line import Line, Lines, PricedType, Target, Unpriced, counted, times, whole
from dure.cost.price import Item
from dure.cost.usage import plain

EC2, ECS = "AmazonEC2", "AmazonECS"
DEFAULT_ROOT_GB = Decimal(8)
"""The size that most images have."""
CPU_UNITS = Decimal(1024)
MIB = Decimal(1024)


def instance(target: Target) -> Lines:
    """A virtual machine's hours, and its disks."""
    lines: list[Line | Unpriced] = [times(EC2, f"instance-hour:{target.text('instanceType')}", target.usage.hours())]
    root = target.inputs.get("rootBlockDevice")
    lines.append(_disk(root if isinstance(root, Mapping) else {}, "root disk"))
    lines += [_disk(one, "disk") for one in target.mappings("ebsBlockDevices")]
    return lines


def _disk(given: Mapping[str, JsonValue], words: str) -> Line:
    kind = given.get("volumeType") or "gp3"
    size = whole(given.get("volumeSize"))
    told = f"{words} of {plain(size)} GB" if size is not None else f"{words} of {DEFAULT_ROOT_GB} GB (assumed)"
    return Line(Item(EC2, f"volume-gb:{kind}"), size if size is not None else DEFAULT_ROOT_GB, told)


def volume(target: Target) -> Lines:
    """A disk by its size."""
    size = target.number("size")
    if size is None:
        return [Unpriced("its size is not known yet")]
    return [Line(Item(EC2, f"volume-gb:{target.text('type', 'gp3')}"), size, f"{plain(size)} GB")]


def service(target: Target) -> Lines:
    """Containers on Fargate while they run: vCPU and memory of the task definition, times the count.

    Spot capacity has a price of the hour; it is priced as on demand, which it never exceeds.
    """
    task = _task_definition(target)
    count = target.number("desiredCount")
    if task is None or count is None:
        return [Unpriced("no task definition of its component tells cpu and memory")]
    cpu, memory = whole(task.get("cpu")), whole(task.get("memory"))
    if cpu is None or memory is None:
        return [Unpriced("the task definition names no cpu and memory")]
    platform = task.get("runtimePlatform")
    arm = isinstance(platform, Mapping) and platform.get("cpuArchitecture") == "ARM64"
    kind = "fargate-arm" if arm else "fargate"
    hours = target.usage.running_hours()
    tasks = counted(count, "task") + (", spot at the price on demand: an upper bound" if _spot(target) else "")
    vcpu, gb = cpu / CPU_UNITS, memory / MIB
    lines: list[Line | Unpriced] = [
        times(ECS, f"{kind}-vcpu-hour", hours, count * vcpu, f"{tasks} × {plain(vcpu)} vCPU"),
        times(ECS, f"{kind}-gb-hour", hours, count * gb, f"{tasks} × {plain(gb)} GB"),
    ]
    network = target.inputs.get("networkConfiguration")
    if isinstance(network, Mapping) and network.get("assignPublicIp") is True:
        lines.append(times("AmazonVPC", "public-ipv4-hour", hours, count, counted(count, "task")))
    return lines


def _spot(target: Target) -> bool:
    return any(one.get("capacityProvider") == "FARGATE_SPOT" for one in target.mappings("capacityProviderStrategies"))


def _task_definition(target: Target) -> Mapping[str, JsonValue] | None:
    """The definition that the service runs: the one of its own component."""
    for one in target.subject.resources:
        if one.type == "aws:ecs/taskDefinition:TaskDefinition" and one.parent == target.resource.parent:
            return one.as_is() if target.past else one.inputs
    return None


def build_project(target: Target) -> Lines:
    """Minutes of builds on the smallest Linux machine."""
    environment = target.inputs.get("environment")
    size = environment.get("computeType") if isinstance(environment, Mapping) else None
    if size != "BUILD_GENERAL1_SMALL":
        return [Unpriced(f"builds on {size} have no price here")]
    return [times("CodeBuild", "general1-small-minute", target.usage.of("build_minutes"))]


TYPES: dict[str, PricedType] = {
    "aws:ec2/instance:Instance": instance,
    "aws:ebs/volume:Volume": volume,
    "aws:ecs/service:Service": service,
    "aws:codebuild/project:Project": build_project,
}
