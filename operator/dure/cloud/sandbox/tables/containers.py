"""Containers: aws:ecs, the registry, builds, and their logs."""

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.plain import ANY, Call, Plain, Step
from dure.cloud.sandbox.template import Template

CLUSTER = Plain(
    "aws:ecs/cluster:Cluster",
    "ecs",
    make=Call("create_cluster", {"clusterName": "{name}"}),
    identity="cluster.clusterArn",
    look=Call("describe_clusters", {"clusters": ["{id}"]}),
    found="clusters[?status=='ACTIVE'] | [0]",
    drop=(Call("delete_cluster", {"cluster": "{id}"}),),
    sees={"name": "clusterName"},
    outputs={"arn": "clusterArn"},
    replace_on=frozenset({"name"}),
    tagging=tagging.ECS,
    named="name",
    gone=("ClusterNotFoundException",),
)
PUT_CAPACITY = Call(
    "put_cluster_capacity_providers",
    {
        "cluster": "{clusterName}",
        "capacityProviders": "{capacityProviders}",
        "defaultCapacityProviderStrategy": "{defaultCapacityProviderStrategies}",
    },
)
CAPACITY = Plain(
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    "ecs",
    make=PUT_CAPACITY,
    parts=("clusterName",),
    look=Call("describe_clusters", {"clusters": ["{clusterName}"]}),
    found="clusters[?status=='ACTIVE'] | [0]",
    drop=(
        Call(
            "put_cluster_capacity_providers",
            {"cluster": "{clusterName}", "capacityProviders": [], "defaultCapacityProviderStrategy": []},
        ),
    ),
    sees={
        "capacityProviders": "capacityProviders",
        "defaultCapacityProviderStrategies": "defaultCapacityProviderStrategy",
    },
    replace_on=frozenset({"clusterName"}),
    steps=(Step(("capacityProviders", "defaultCapacityProviderStrategies"), PUT_CAPACITY),),
    gone=("ClusterNotFoundException",),
)
TASK_DEFINITION = Plain(
    "aws:ecs/taskDefinition:TaskDefinition",
    "ecs",
    make=Call(
        "register_task_definition",
        {
            "family": "{family}",
            "cpu": "{cpu}",
            "memory": "{memory}",
            "networkMode": "{networkMode}",
            "requiresCompatibilities": "{requiresCompatibilities}",
            "executionRoleArn": "{executionRoleArn}",
            "taskRoleArn": "{taskRoleArn}",
            "containerDefinitions": "{containerDefinitions|json}",
        },
    ),
    identity="taskDefinition.taskDefinitionArn",
    look=Call("describe_task_definition", {"taskDefinition": "{id}"}),
    found="taskDefinition",
    alive="status == 'ACTIVE'",
    drop=(Call("deregister_task_definition", {"taskDefinition": "{id}"}),),
    sees={"family": "family", "cpu": "cpu", "memory": "memory", "containerDefinitions": "containerDefinitions"},
    outputs={"arn": "taskDefinitionArn", "revision": "revision"},
    replace_on=ANY,
    tagging=tagging.ECS,
    gone=("ClientException",),
)
SERVICE_PARAMETERS: dict[str, Template] = {
    "cluster": "{cluster}",
    "taskDefinition": "{taskDefinition}",
    "desiredCount": "{desiredCount}",
    "capacityProviderStrategy": "{capacityProviderStrategies}",
    "loadBalancers": "{loadBalancers}",
    "networkConfiguration": {
        "awsvpcConfiguration": {
            "subnets": "{networkConfiguration.subnets}",
            "securityGroups": "{networkConfiguration.securityGroups}",
            "assignPublicIp": "{networkConfiguration.assignPublicIp|switch}",
        }
    },
    "deploymentConfiguration": {"deploymentCircuitBreaker": "{deploymentCircuitBreaker}"},
}
SERVICE = Plain(
    "aws:ecs/service:Service",
    "ecs",
    make=Call("create_service", {"serviceName": "{name}", **SERVICE_PARAMETERS}),
    identity="service.serviceArn",
    look=Call("describe_services", {"cluster": "{cluster}", "services": ["{name}"]}),
    found="services[?status=='ACTIVE'] | [0]",
    drop=(Call("delete_service", {"cluster": "{cluster}", "service": "{name}", "force": True}),),
    sees={
        "name": "serviceName",
        "taskDefinition": "taskDefinition",
        "desiredCount": "desiredCount",
        "networkConfiguration": "networkConfiguration",
        "loadBalancers": "loadBalancers",
    },
    outputs={"arn": "serviceArn"},
    replace_on=frozenset({"name", "cluster"}),
    steps=(
        Step(
            (
                "taskDefinition",
                "desiredCount",
                "networkConfiguration",
                "loadBalancers",
                "capacityProviderStrategies",
                "deploymentCircuitBreaker",
            ),
            Call("update_service", {"service": "{name}", **SERVICE_PARAMETERS}),
        ),
    ),
    tagging=tagging.ECS,
    named="name",
    gone=("ServiceNotFoundException", "ClusterNotFoundException"),
    note="No container runs; whether the image exists is not looked at.",
)
REPOSITORY = Plain(
    "aws:ecr/repository:Repository",
    "ecr",
    make=Call(
        "create_repository",
        {
            "repositoryName": "{name}",
            "imageTagMutability": "{imageTagMutability}",
            "imageScanningConfiguration": "{imageScanningConfiguration}",
        },
    ),
    parts=("name",),
    look=Call("describe_repositories", {"repositoryNames": ["{name}"]}),
    found="repositories[0]",
    drop=(Call("delete_repository", {"repositoryName": "{name}", "force": "{forceDelete}"}),),
    sees={"imageTagMutability": "imageTagMutability", "imageScanningConfiguration": "imageScanningConfiguration"},
    outputs={"arn": "repositoryArn", "repositoryUrl": "repositoryUri", "registryId": "registryId"},
    defaults={"imageTagMutability": "MUTABLE", "forceDelete": False},
    replace_on=frozenset({"name", "encryptionConfigurations"}),
    steps=(
        Step(
            ("imageTagMutability",),
            Call(
                "put_image_tag_mutability",
                {"repositoryName": "{name}", "imageTagMutability": "{imageTagMutability}"},
            ),
        ),
        Step(
            ("imageScanningConfiguration",),
            Call(
                "put_image_scanning_configuration",
                {"repositoryName": "{name}", "imageScanningConfiguration": "{imageScanningConfiguration}"},
            ),
        ),
    ),
    tagging=tagging.ECR,
    unseen=("forceDelete",),
    named="name",
    gone=("RepositoryNotFoundException",),
    note="Images are not scanned.",
)
PUT_LIFECYCLE = Call("put_lifecycle_policy", {"repositoryName": "{repository}", "lifecyclePolicyText": "{policy}"})
LIFECYCLE = Plain(
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "ecr",
    make=PUT_LIFECYCLE,
    parts=("repository",),
    look=Call("get_lifecycle_policy", {"repositoryName": "{repository}"}),
    found="@",
    drop=(Call("delete_lifecycle_policy", {"repositoryName": "{repository}"}),),
    sees={"policy": "lifecyclePolicyText"},
    replace_on=frozenset({"repository"}),
    steps=(Step(("policy",), PUT_LIFECYCLE),),
    gone=("LifecyclePolicyNotFoundException", "RepositoryNotFoundException"),
    note="No image is expired.",
)
DELETE_PROJECT = Call("delete_project", {"name": "{name}"})
MAKE_PROJECT = Call(
    "create_project",
    {
        "name": "{name}",
        "description": "{description}",
        "serviceRole": "{serviceRole}",
        "source": "{source}",
        "artifacts": "{artifacts}",
        "environment": "{environment}",
        "timeoutInMinutes": "{buildTimeout}",
    },
)
BUILD_INPUTS = ("description", "serviceRole", "source", "artifacts", "environment", "buildTimeout")
BUILD = Plain(
    "aws:codebuild/project:Project",
    "codebuild",
    make=MAKE_PROJECT,
    parts=("name",),
    look=Call("batch_get_projects", {"names": ["{name}"]}),
    found="projects[0]",
    drop=(DELETE_PROJECT,),
    sees={"serviceRole": "serviceRole", "source": "source", "environment": "environment", "artifacts": "artifacts"},
    outputs={"arn": "arn"},
    replace_on=frozenset({"name"}),
    steps=(Step(BUILD_INPUTS, DELETE_PROJECT), Step(BUILD_INPUTS, MAKE_PROJECT)),
    unseen=("tags", "logsConfig"),
    named="name",
    note="It builds nothing; changed by deleting and making it anew; logs and tags as written.",
)
LOG_GROUP = Plain(
    "aws:cloudwatch/logGroup:LogGroup",
    "logs",
    make=Call("create_log_group", {"logGroupName": "{name}", "kmsKeyId": "{kmsKeyId}"}),
    parts=("name",),
    look=Call("describe_log_groups", {"logGroupNamePrefix": "{name}"}),
    found="logGroups[?logGroupName=='{name}'] | [0]",
    drop=(Call("delete_log_group", {"logGroupName": "{name}"}),),
    sees={"retentionInDays": "retentionInDays", "kmsKeyId": "kmsKeyId"},
    outputs={"arn": "before(arn, ':*')"},
    replace_on=frozenset({"name"}),
    steps=(
        Step(
            ("retentionInDays",),
            Call("put_retention_policy", {"logGroupName": "{name}", "retentionInDays": "{retentionInDays}"}),
            at_making=True,
        ),
    ),
    tagging=tagging.LOGS,
    named="name",
    gone=("ResourceNotFoundException",),
)
TYPES = (
    CLUSTER,
    CAPACITY,
    TASK_DEFINITION,
    SERVICE,
    REPOSITORY,
    LIFECYCLE,
    BUILD,
    LOG_GROUP,
)
