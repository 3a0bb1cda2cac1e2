"""What stands before a load balancer: aws:wafv2 and aws:acm."""

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.plain import ANY, Call, Plain, Step
from dure.cloud.sandbox.template import Template

ACL_PARAMETERS: dict[str, Template] = {
    "Name": "{name}",
    "Scope": "{scope}",
    "DefaultAction": "{defaultAction|pascal}",
    "Rules": "{rules|firewall}",
    "VisibilityConfig": "{visibilityConfig|firewall}",
    "Description": "{description}",
}
ACL = {"Name": "{name}", "Scope": "{scope}", "Id": "{id}"}
WEB_ACL = Plain(
    "aws:wafv2/webAcl:WebAcl",
    "wafv2",
    make=Call("create_web_acl", ACL_PARAMETERS),
    identity="Summary.Id",
    look=Call("get_web_acl", ACL),
    found="{WebACL: WebACL, LockToken: LockToken}",
    drop=(Call("delete_web_acl", {**ACL, "LockToken": "{lockToken}"}),),
    sees={
        "name": "WebACL.Name",
        "defaultAction": "WebACL.DefaultAction",
        "rules": "WebACL.Rules",
        "visibilityConfig": "WebACL.VisibilityConfig",
    },
    outputs={"arn": "WebACL.ARN", "lockToken": "LockToken"},
    replace_on=frozenset({"name", "scope"}),
    steps=(
        Step(
            ("defaultAction", "rules", "visibilityConfig", "description"),
            Call("update_web_acl", {**ACL_PARAMETERS, **ACL, "LockToken": "{lockToken}"}),
        ),
    ),
    tagging=tagging.FIREWALL,
    named="name",
    gone=("WAFNonexistentItemException",),
    note="It filters nothing.",
)
WEB_ACL_ASSOCIATION = Plain(
    "aws:wafv2/webAclAssociation:WebAclAssociation",
    "wafv2",
    make=Call("associate_web_acl", {"WebACLArn": "{webAclArn}", "ResourceArn": "{resourceArn}"}),
    parts=("webAclArn", "resourceArn"),
    separator=",",
    look=Call("get_web_acl_for_resource", {"ResourceArn": "{resourceArn}"}),
    found="WebACL",
    drop=(Call("disassociate_web_acl", {"ResourceArn": "{resourceArn}"}),),
    sees={"webAclArn": "ARN"},
    replace_on=ANY,
    gone=("WAFNonexistentItemException",),
)
DESCRIBE_CERTIFICATE = Call("describe_certificate", {"CertificateArn": "{id}"})
CERTIFICATE = Plain(
    "aws:acm/certificate:Certificate",
    "acm",
    make=Call(
        "request_certificate",
        {
            "DomainName": "{domainName}",
            "SubjectAlternativeNames": "{subjectAlternativeNames}",
            "ValidationMethod": "{validationMethod}",
        },
    ),
    identity="CertificateArn",
    look=DESCRIBE_CERTIFICATE,
    found="Certificate",
    drop=(Call("delete_certificate", {"CertificateArn": "{id}"}),),
    sees={"domainName": "DomainName", "subjectAlternativeNames": "SubjectAlternativeNames"},
    outputs={
        "arn": "CertificateArn",
        "domainValidationOptions": "DomainValidationOptions[].{domainName: DomainName,"
        " resourceRecordName: ResourceRecord.Name, resourceRecordType: ResourceRecord.Type,"
        " resourceRecordValue: ResourceRecord.Value}",
    },
    replace_on=ANY,
    tagging=tagging.CERTIFICATE,
    gone=("ResourceNotFoundException",),
    note="Issued by itself, whatever DNS says.",
)
VALIDATION = Plain(
    "aws:acm/certificateValidation:CertificateValidation",
    "acm",
    make=Call("describe_certificate", {"CertificateArn": "{certificateArn}"}),
    identity="Certificate.CertificateArn",
    look=DESCRIBE_CERTIFICATE,
    found="Certificate",
    replace_on=ANY,
    gone=("ResourceNotFoundException",),
    note="Only that the certificate exists; AWS waits until DNS proves the name.",
)
TYPES = (WEB_ACL, WEB_ACL_ASSOCIATION, CERTIFICATE, VALIDATION)
