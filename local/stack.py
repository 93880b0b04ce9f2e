"""Brings the template into the local cloud, once per version of the template."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from local.environment import SetUpFailed
from local.template import STAGE, read_locks, template_hash, transform

STACK = "tillbridge-local"
MADE_FROM = "made-from"  # the tag that says which template the stack stands for
CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
TEMPLATES = "tillbridge-local-templates"  # CloudFormation reads templates of this size from a bucket only
LOOK_AGAIN_S = 0.1


def deploy(client: Callable[[str], Any], template: Path, region: str) -> tuple[dict[str, str], bool]:
    """The stack's outputs, and whether something had to be deployed for them."""
    cloudformation = client("cloudformation")
    wanted = template_hash(template)
    stack = _stack(cloudformation)
    if stack is not None and _made_from(stack) == wanted:
        _lock_buckets(client, template)
        return _outputs(stack), False
    arguments = {
        "StackName": STACK,
        "TemplateURL": _store(client("s3"), wanted, json.dumps(transform(template, region)), region),
        "Parameters": [{"ParameterKey": "Stage", "ParameterValue": STAGE}],
        "Capabilities": CAPABILITIES,
        "Tags": [{"Key": MADE_FROM, "Value": wanted}],
    }
    if stack is None:
        cloudformation.create_stack(**arguments)
    else:
        cloudformation.update_stack(**arguments)
    stack = _settled(cloudformation)
    if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
        raise SetUpFailed(f"The template could not be deployed: {_first_reason(cloudformation, stack)}")
    _lock_buckets(client, template)
    return _outputs(stack), True


def _lock_buckets(client: Callable[[str], Any], template: Path) -> None:
    """Set the Object Lock that the template wants, which the local CloudFormation passes over.

    At every start, since a start may have died between the deployment and this. (It passes over encryption,
    lifecycle and ownership too; nothing that can be seen from outside depends on these. How long an object is
    locked it forgets when it ends: what is sealed before a restart can be deleted after it, here.)
    """
    for bucket, retention in read_locks(template).items():
        found = client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=bucket)
        client("s3").put_object_lock_configuration(
            Bucket=found["StackResourceDetail"]["PhysicalResourceId"],
            ObjectLockConfiguration={
                "ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": retention},
            },
        )


def _store(s3: Any, name: str, body: str, region: str) -> str:
    """Put the template where CloudFormation can read it; its address."""
    if TEMPLATES not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=TEMPLATES, CreateBucketConfiguration={"LocationConstraint": region})
    s3.put_object(Bucket=TEMPLATES, Key=name, Body=body.encode())
    return f"{s3.meta.endpoint_url}/{TEMPLATES}/{name}"


def _stack(cloudformation: Any) -> dict[str, Any] | None:
    try:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError as error:
        if error.response["Error"]["Code"] == "ValidationError":  # CloudFormation's word for "there is none"
            return None
        raise
    if stack["StackStatus"].endswith(("FAILED", "ROLLBACK_COMPLETE")):
        raise SetUpFailed(
            f"An earlier deployment ended as {stack['StackStatus']}: `make clean` and start again"
            " (what the local cloud held is lost by that)."
        )
    return stack


def _settled(cloudformation: Any) -> dict[str, Any]:
    """The stack when CloudFormation is done with it."""
    while True:
        stack: dict[str, Any] = cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
        if not stack["StackStatus"].endswith("IN_PROGRESS"):
            return stack
        time.sleep(LOOK_AGAIN_S)


def _first_reason(cloudformation: Any, stack: dict[str, Any]) -> str:
    events = cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
    failed = [each for each in events if each["ResourceStatus"].endswith("FAILED")]
    if not failed:
        return str(stack.get("StackStatusReason", stack["StackStatus"]))
    first = failed[-1]
    return f"{first['LogicalResourceId']}: {first.get('ResourceStatusReason', first['ResourceStatus'])}"


def _made_from(stack: dict[str, Any]) -> str | None:
    return next((tag["Value"] for tag in stack.get("Tags", []) if tag["Key"] == MADE_FROM), None)


def _outputs(stack: dict[str, Any]) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}
