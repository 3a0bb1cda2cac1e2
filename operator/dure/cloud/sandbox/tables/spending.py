"""Limits on cost and on loss: aws:budgets and aws:backup."""

from dure.cloud.sandbox import tagging
from dure.cloud.sandbox.plain import ANY, Call, Plain, Step
from dure.cloud.sandbox.recorded import Recorded

NAMED_BUDGET = {
    "AccountId": "{account}",
    "BudgetName": "{name}",
}
MAKE_BUDGET = Call(
    "create_budget",
    {
        "AccountId": "{account}",
        "Budget": {
            "BudgetName": "{name}",
            "BudgetType": "{budgetType}",
            "TimeUnit": "{timeUnit}",
            "BudgetLimit": {"Amount": "{limitAmount}", "Unit": "{limitUnit}"},
            "CostFilters": "{costFilters|filters}",
        },
        "NotificationsWithSubscribers": "{notifications|notices}",
    },
)
BUDGET = Plain(
    "aws:budgets/budget:Budget",
    "budgets",
    make=MAKE_BUDGET,
    parts=("account", "name"),
    separator=":",
    of_account=True,
    look=Call("describe_budget", NAMED_BUDGET),
    found="Budget",
    drop=(Call("delete_budget", NAMED_BUDGET),),
    sees={"limitAmount": "BudgetLimit.Amount", "limitUnit": "BudgetLimit.Unit", "costFilters": "CostFilters"},
    fixed={"arn": "arn:aws:budgets::{account}:budget/{name}"},
    replace_on=frozenset({"name"}),
    steps=(
        Step(("limitAmount", "limitUnit", "costFilters", "notifications"), Call("delete_budget", NAMED_BUDGET)),
        Step(("limitAmount", "limitUnit", "costFilters", "notifications"), MAKE_BUDGET),
    ),
    unseen=("tags",),
    named="name",
    gone=("NotFoundException",),
    note="Nothing is spent, so none is exceeded; changed by deleting and making it anew; notices and tags as written.",
)
BUDGET_ACTION = Recorded(
    "aws:budgets/budgetAction:BudgetAction",
    parts=("budgetName", "actionType", "notificationType"),
    needs=(("budgets", Call("describe_budget", {"AccountId": "{account}", "BudgetName": "{budgetName}"})),),
    fixed={
        "actionId": "{id}",
        "arn": "arn:aws:budgets::{account}:budget/{budgetName}/action/{id}",
        "status": "STANDBY",
    },
    replace_on=frozenset({"budgetName", "actionType"}),
    note="The double lacks budget actions: kept in the record; it never acts.",
)
VAULT = Plain(
    "aws:backup/vault:Vault",
    "backup",
    make=Call("create_backup_vault", {"BackupVaultName": "{name}", "EncryptionKeyArn": "{kmsKeyArn}"}),
    parts=("name",),
    look=Call("describe_backup_vault", {"BackupVaultName": "{name}"}),
    found="@",
    drop=(Call("delete_backup_vault", {"BackupVaultName": "{name}"}),),
    sees={"kmsKeyArn": "EncryptionKeyArn"},
    outputs={"arn": "BackupVaultArn"},
    replace_on=frozenset({"name", "kmsKeyArn"}),
    tagging=tagging.BACKUP,
    named="name",
    gone=("ResourceNotFoundException",),
)
BACKUP_PLAN = Plain(
    "aws:backup/plan:Plan",
    "backup",
    make=Call("create_backup_plan", {"BackupPlan": {"BackupPlanName": "{name}", "Rules": "{rules|backup_rules}"}}),
    identity="BackupPlanId",
    look=Call("get_backup_plan", {"BackupPlanId": "{id}"}),
    found="@",
    alive="DeletionDate == `null`",
    drop=(Call("delete_backup_plan", {"BackupPlanId": "{id}"}),),
    sees={"name": "BackupPlan.BackupPlanName", "rules": "BackupPlan.Rules[].[RuleName, ScheduleExpression]"},
    outputs={"arn": "BackupPlanArn", "version": "VersionId"},
    replace_on=frozenset({"name"}),
    tagging=tagging.BACKUP,
    unseen=("rules",),
    named="name",
    gone=("ResourceNotFoundException",),
    note="A change of rules reaches the record only; nothing is backed up.",
)
SELECTION = Recorded(
    "aws:backup/selection:Selection",
    parts=("planId", "name"),
    needs=(("backup", Call("get_backup_plan", {"BackupPlanId": "{planId}"})),),
    replace_on=ANY,
    named="name",
    note="The double lacks selections: kept in the record.",
)
TYPES = (BUDGET, BUDGET_ACTION, VAULT, BACKUP_PLAN, SELECTION)
