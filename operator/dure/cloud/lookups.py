"""Types whose id AWS makes and that AWS lets stand once only, by name or in the whole account: how they are found."""

from dataclasses import dataclass, field

from dure.cloud.sandbox.template import Template


@dataclass(frozen=True)
class Lookup:
    """One call; `ids` is JMESPath of a list of ids in its answer. Both know the inputs as `{key}`."""

    service: str
    operation: str
    ids: str
    parameters: Template = field(default_factory=dict)


RULES: Template = {"Filters": [{"Name": "group-id", "Values": ["{securityGroupId}"]}]}
LOOKUPS = {
    "aws:acm/certificate:Certificate": Lookup(
        "acm", "list_certificates", "CertificateSummaryList[?DomainName=='{domainName}'].CertificateArn"
    ),
    "aws:backup/plan:Plan": Lookup(
        "backup", "list_backup_plans", "BackupPlansList[?BackupPlanName=='{name}'].BackupPlanId"
    ),
    "aws:cloudtrail/trail:Trail": Lookup("cloudtrail", "describe_trails", "trailList[?Name=='{name}'].TrailARN"),
    "aws:cognito/userPool:UserPool": Lookup(
        "cognito-idp", "list_user_pools", "UserPools[?Name=='{name}'].Id", {"MaxResults": 60}
    ),
    "aws:cognito/userPoolClient:UserPoolClient": Lookup(
        "cognito-idp",
        "list_user_pool_clients",
        "UserPoolClients[?ClientName=='{name}'].ClientId",
        {"UserPoolId": "{userPoolId}"},
    ),
    "aws:ec2/eipAssociation:EipAssociation": Lookup(
        "ec2", "describe_addresses", "Addresses[?AllocationId=='{allocationId}'].AssociationId"
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Lookup(
        "ec2",
        "describe_route_tables",
        "RouteTables[].Associations[?SubnetId=='{subnetId}'].RouteTableAssociationId | []",
        {"RouteTableIds": ["{routeTableId}"]},
    ),
    "aws:ecs/cluster:Cluster": Lookup(
        "ecs", "describe_clusters", "clusters[?status=='ACTIVE'].clusterArn", {"clusters": ["{name}"]}
    ),
    "aws:ecs/service:Service": Lookup(
        "ecs",
        "describe_services",
        "services[?status=='ACTIVE'].serviceArn",
        {"cluster": "{cluster}", "services": ["{name}"]},
    ),
    "aws:ecs/taskDefinition:TaskDefinition": Lookup(
        "ecs",
        "list_task_definitions",
        "taskDefinitionArns",
        {"familyPrefix": "{family}", "status": "ACTIVE", "sort": "DESC"},
    ),
    "aws:guardduty/detector:Detector": Lookup("guardduty", "list_detectors", "DetectorIds"),
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": Lookup(
        "iam", "list_open_id_connect_providers", "OpenIDConnectProviderList[?contains('{url}', after(Arn, '/'))].Arn"
    ),
    "aws:iam/policy:Policy": Lookup("iam", "list_policies", "Policies[?PolicyName=='{name}'].Arn", {"Scope": "Local"}),
    "aws:lb/listener:Listener": Lookup(
        "elbv2",
        "describe_listeners",
        "Listeners[?to_string(Port)=='{port}'].ListenerArn",
        {"LoadBalancerArn": "{loadBalancerArn}"},
    ),
    "aws:lb/loadBalancer:LoadBalancer": Lookup(
        "elbv2", "describe_load_balancers", "LoadBalancers[].LoadBalancerArn", {"Names": ["{name}"]}
    ),
    "aws:lb/targetGroup:TargetGroup": Lookup(
        "elbv2", "describe_target_groups", "TargetGroups[].TargetGroupArn", {"Names": ["{name}"]}
    ),
    "aws:organizations/account:Account": Lookup(
        "organizations", "list_accounts", "Accounts[?Email=='{email}' && Name=='{name}'].Id"
    ),
    "aws:organizations/organization:Organization": Lookup(
        "organizations", "describe_organization", "[Organization.Id]"
    ),
    "aws:organizations/organizationalUnit:OrganizationalUnit": Lookup(
        "organizations",
        "list_organizational_units_for_parent",
        "OrganizationalUnits[?Name=='{name}'].Id",
        {"ParentId": "{parentId}"},
    ),
    "aws:route53/zone:Zone": Lookup(
        "route53", "list_hosted_zones", "HostedZones[?Name=='{name}.'].after(Id, '/hostedzone/')"
    ),
    "aws:secretsmanager/secret:Secret": Lookup("secretsmanager", "describe_secret", "[ARN]", {"SecretId": "{name}"}),
    "aws:sns/topic:Topic": Lookup("sns", "list_topics", "Topics[?ends_with(TopicArn, ':{name}')].TopicArn"),
    "aws:sns/topicSubscription:TopicSubscription": Lookup(
        "sns",
        "list_subscriptions_by_topic",  # one that waits for its reader has no ARN; asking again sends the mail again
        "Subscriptions[?Protocol=='{protocol}' && Endpoint=='{endpoint}' && starts_with(SubscriptionArn, 'arn:')]"
        ".SubscriptionArn",
        {"TopicArn": "{topic}"},
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Lookup(
        "ec2", "describe_security_group_rules", "SecurityGroupRules[?IsEgress].SecurityGroupRuleId", RULES
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Lookup(
        "ec2", "describe_security_group_rules", "SecurityGroupRules[?!IsEgress].SecurityGroupRuleId", RULES
    ),
    "aws:wafv2/webAcl:WebAcl": Lookup("wafv2", "list_web_acls", "WebACLs[?Name=='{name}'].Id", {"Scope": "{scope}"}),
}
