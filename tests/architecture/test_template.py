"""The template keeps its promises: no careless delete loses anything, nothing may do more than it must."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from local.environment import ROOT
from local.template import read_functions, transform

TEMPLATE = ROOT / "template.yaml"
RAW: dict[str, Any] = yaml_parse(TEMPLATE.read_text(encoding="utf-8"))
RESOURCES: dict[str, dict[str, Any]] = RAW["Resources"]

HOLDS_DATA = ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::Cognito::UserPool", "AWS::KMS::Key")
OPEN_TO_ALL = {
    "POST /enrolments": "who enrols has no token yet and shows a one-time code",
    "GET /openapi.json": "the API's description, outside prod only",
    "GET /docs": "the page of the API's description, outside prod only",
}
KEY = {"Fn::GetAtt": ["Key", "Arn"]}


def of_type(*types: str) -> list[str]:
    return [name for name, resource in RESOURCES.items() if resource["Type"] in types]


def properties(name: str) -> dict[str, Any]:
    found: dict[str, Any] = RESOURCES[name].get("Properties", {})
    return found


FUNCTIONS = of_type("AWS::Serverless::Function")


@pytest.fixture(scope="module")
def plain() -> dict[str, dict[str, Any]]:
    """The resources after SAM's transformation, as the local cloud gets them."""
    found: dict[str, dict[str, Any]] = transform(TEMPLATE, "eu-central-1")["Resources"]
    return found


@pytest.mark.parametrize("name", of_type(*HOLDS_DATA))
def test_what_holds_data_survives_its_stack_in_prod(name: str) -> None:
    by_stage = {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "WhenDeleted"]}
    assert RESOURCES[name]["DeletionPolicy"] == by_stage
    assert RESOURCES[name]["UpdateReplacePolicy"] == by_stage
    assert RAW["Mappings"]["Stages"]["prod"]["WhenDeleted"] == "Retain"


@pytest.mark.parametrize("name", of_type("AWS::DynamoDB::Table"))
def test_tables_are_encrypted_recoverable_and_protected(name: str) -> None:
    table = properties(name)
    assert table["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["DeletionProtectionEnabled"] == {"Fn::If": ["IsProd", True, False]}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


@pytest.mark.parametrize("name", of_type("AWS::S3::Bucket"))
def test_buckets_are_encrypted_versioned_and_private(name: str) -> None:
    bucket = properties(name)
    rules = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert [rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"] for rule in rules] == [KEY]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", []):
        assert set(rule) <= {"Id", "Status", "NoncurrentVersionExpiration"}, (
            "a current file never goes by itself"
        )
    denials = [
        statement
        for policy in of_type("AWS::S3::BucketPolicy")
        if properties(policy)["Bucket"] == {"Ref": name}
        for statement in properties(policy)["PolicyDocument"]["Statement"]
    ]
    assert any(denial["Condition"] == {"Bool": {"aws:SecureTransport": "false"}} for denial in denials)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_code_an_event_a_log_and_an_alarm(name: str) -> None:
    function = properties(name)
    folder = ROOT / function["CodeUri"]
    assert (folder / "app.py").is_file()
    json.loads((ROOT / "events" / f"{folder.name}.json").read_text(encoding="utf-8"))
    log = properties(function["LoggingConfig"]["LogGroup"]["Ref"])
    assert log["LogGroupName"] == {"Fn::Sub": "/aws/lambda/" + function["FunctionName"]["Fn::Sub"]}
    assert log["KmsKeyId"] == KEY
    watched = [
        alarm
        for alarm in map(properties, of_type("AWS::CloudWatch::Alarm"))
        if alarm["MetricName"] == "Errors" and alarm["Dimensions"][0]["Value"] == {"Ref": name}
    ]
    assert [alarm["AlarmActions"] for alarm in watched] == [[{"Ref": "Alarms"}]]


@pytest.mark.parametrize("name", of_type("AWS::Logs::LogGroup"))
def test_logs_do_not_stay_for_ever(name: str) -> None:
    assert properties(name)["RetentionInDays"] == {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "LogDays"]}


@pytest.mark.parametrize("name", of_type("AWS::SQS::Queue"))
def test_what_failed_waits_encrypted_and_is_announced(name: str) -> None:
    assert properties(name).get("KmsMasterKeyId") == KEY or properties(name)["SqsManagedSseEnabled"]
    queue_name = {"Fn::GetAtt": [name, "QueueName"]}
    alarms = [properties(alarm) for alarm in of_type("AWS::CloudWatch::Alarm")]
    assert any(alarm["Dimensions"][0]["Value"] == queue_name and alarm["AlarmActions"] for alarm in alarms)


def queue_events() -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Function, its event and its queue, wherever a queue starts a function."""
    return [
        (name, event["Properties"], properties(event["Properties"]["Queue"]["Fn::GetAtt"][0]))
        for name in FUNCTIONS
        for event in properties(name).get("Events", {}).values()
        if event["Type"] == "SQS"
    ]


def test_work_waits_in_queues_for_functions() -> None:
    assert {name for name, _, _ in queue_events()} == {"ImportFileFunction", "SettleRowsFunction"}


@pytest.mark.parametrize(("name", "event", "queue"), queue_events())
def test_a_message_comes_again_only_when_its_function_can_no_longer_run(
    name: str, event: dict[str, Any], queue: dict[str, Any]
) -> None:
    """AWS asks for six times the time-out; and one that always fails must not come for ever."""
    assert queue["VisibilityTimeout"] >= 6 * properties(name)["Timeout"]
    assert 2 <= queue["RedrivePolicy"]["maxReceiveCount"] <= 10
    dead = properties(queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0])
    assert dead["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["MessageRetentionPeriod"] <= dead["MessageRetentionPeriod"]
    assert dead.get("KmsMasterKeyId") == queue.get("KmsMasterKeyId")
    assert event["BatchSize"] == 1, "one message, one life: a second one would die with the first"
    assert event["ScalingConfig"]["MaximumConcurrency"] >= 2
    assert "ReservedConcurrentExecutions" not in properties(name), (
        "it throttles, and a throttled message counts"
    )


def test_functions_may_unlock_the_queues_that_start_them() -> None:
    """Lambda receives with the function's own rights; without the key it would receive nothing, unheard."""
    locked = [name for name, _, queue in queue_events() if queue.get("KmsMasterKeyId")]
    assert locked == ["SettleRowsFunction"]
    for name in locked:
        policies = [policy["Ref"] for policy in properties(name)["Policies"] if "Ref" in policy]
        unlocking = [
            statement
            for owner, statement in statements()
            if owner in policies and "kms:Decrypt" in statement["Action"]
        ]
        assert "sqs.${AWS::Region}.amazonaws.com" in str(unlocking), name


def test_s3_tells_of_uploads_and_of_nothing_that_functions_write() -> None:
    """Else each file that a function puts would start a function, without end."""
    [told] = properties("Imports")["NotificationConfiguration"]["QueueConfigurations"]
    assert told["Queue"] == {"Fn::GetAtt": ["ImportUploads", "Arn"]}
    assert told["Filter"] == {"S3Key": {"Rules": [{"Name": "prefix", "Value": "inbox/"}]}}
    writers = [
        (owner, statement["Resource"])
        for owner, statement in statements()
        if "s3:PutObject" in statement["Action"] and "inbox/" in str(statement["Resource"])
    ]
    assert writers == [("ImportsApiFunction", {"Fn::Sub": "${Imports.Arn}/inbox/*"})], "it signs uploads"


def test_only_s3_puts_uploads_into_their_queue_and_needs_no_key_for_it() -> None:
    """S3 is let in by the bucket's made name; by reference, bucket and policy would wait for each other."""
    assert RESOURCES["Imports"]["DependsOn"] == "ImportUploadsPolicy"
    assert "KmsMasterKeyId" not in properties("ImportUploads")
    assert properties("ImportUploadsPolicy")["Queues"] == [{"Ref": "ImportUploads"}]
    [statement] = properties("ImportUploadsPolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "s3.amazonaws.com"}
    assert statement["Condition"] == {
        "StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}},
        "ArnLike": {"aws:SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:s3:::${AWS::StackName}-imports-*"}},
    }


def test_seals_are_locked_in_prod_for_as_long_as_books_are_kept() -> None:
    seals, prod = properties("Seals"), RAW["Mappings"]["Stages"]["prod"]
    assert seals["ObjectLockEnabled"] is True
    assert seals["ObjectLockConfiguration"]["Rule"]["DefaultRetention"] == {
        "Mode": {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "SealLock"]},
        "Days": {"Fn::FindInMap": ["Stages", {"Ref": "Stage"}, "SealDays"]},
    }
    assert (prod["SealLock"], prod["SealDays"]) == ("COMPLIANCE", 12 * 365 + 3)
    assert "LifecycleConfiguration" not in seals, "the oldest version is the true one"


def dead_letters(resource_type: str, where: str, plain: dict[str, dict[str, Any]]) -> set[str]:
    """The queues into which services of AWS put by themselves what they could not hand over."""
    found = [json.dumps(each["Properties"]) for each in plain.values() if each["Type"] == resource_type]
    pattern = rf'"{where}": \{{"Arn": \{{"Fn::GetAtt": \["(\w+)", "Arn"\]'
    return {name for text in found for name in re.findall(pattern, text)}


@pytest.mark.parametrize("giver", ["AWS::Events::Rule", "AWS::Scheduler::Schedule"])
def test_dead_letters_of_aws_itself_need_no_key_of_ours(giver: str, plain: dict[str, dict[str, Any]]) -> None:
    """Neither a schedule's own role nor EventBridge could use it: the letters would be lost unheard."""
    queues = dead_letters(giver, "DeadLetterConfig", plain)
    assert queues
    for name in queues:
        assert properties(name)["SqsManagedSseEnabled"] is True
        assert "KmsMasterKeyId" not in properties(name)


def test_functions_may_use_the_key_of_the_queue_for_their_failures() -> None:
    for name in FUNCTIONS:
        for queue in re.findall(r"'Destination': \{'Fn::GetAtt': \['(\w+)', 'Arn'\]", str(properties(name))):
            if properties(queue).get("KmsMasterKeyId"):
                assert "MovePayments" in str(properties(name)["Policies"]), name
    services = [
        statement["Condition"]["StringEquals"]["kms:ViaService"]
        for statement in properties("MovePayments")["PolicyDocument"]["Statement"]
        if "kms:GenerateDataKey" in statement["Action"] and "kms:Decrypt" in statement["Action"]
    ]
    assert {"Fn::Sub": "sqs.${AWS::Region}.amazonaws.com"} in services[0]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_what_runs_unasked_has_a_place_for_its_failures(name: str) -> None:
    function = properties(name)
    for event in function.get("Events", {}).values():
        if event["Type"] == "DynamoDB":
            assert event["Properties"]["DestinationConfig"]["OnFailure"]["Type"] == "SQS"
            assert event["Properties"]["MaximumRetryAttempts"] >= 1
            assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        elif event["Type"] == "SQS":
            assert properties(event["Properties"]["Queue"]["Fn::GetAtt"][0])["RedrivePolicy"]
            assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        elif event["Type"] != "HttpApi":
            assert event["Properties"]["DeadLetterConfig"]
            assert function["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if properties(name).get("SnapStart")])
def test_a_function_with_snapshots_publishes_and_forgets_versions(name: str) -> None:
    function = properties(name)
    assert function["AutoPublishAlias"]
    assert function["AutoPublishCodeSha256"] == {"Ref": "CodeHash"}
    assert function["VersionDeletionPolicy"] == "Delete"


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every statement by which an identity may do something, with the resource that it stands in."""
    for name in FUNCTIONS:
        for policy in properties(name).get("Policies", []):
            yield from ((name, statement) for statement in policy.get("Statement", []))
    for name in of_type("AWS::IAM::ManagedPolicy"):
        yield from ((name, statement) for statement in properties(name)["PolicyDocument"]["Statement"])
    for name in of_type("AWS::IAM::Role"):
        for policy in properties(name)["Policies"]:
            yield from ((name, statement) for statement in policy["PolicyDocument"]["Statement"])


@pytest.mark.parametrize(("owner", "statement"), list(statements()))
def test_nobody_may_do_anything_or_anywhere(owner: str, statement: dict[str, Any]) -> None:
    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
    places = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    assert statement["Effect"] == "Allow"
    assert statement["Sid"], owner
    assert [action for action in actions if re.fullmatch("[a-z0-9-]+:[A-Za-z]+", action)] == actions, owner
    assert "*" not in places, owner
    assert "dynamodb:DeleteItem" not in actions, "nothing that was recorded goes away"
    assert "dynamodb:Scan" not in actions, "nobody waits for a scan"
    assert "s3:DeleteObject" not in actions, "what a function removes, it removes by its version"
    if "s3:DeleteObjectVersion" in actions:
        assert "PaymentFiles" in str(places), "files of imports and seals stay"


def test_every_route_asks_for_a_token_unless_it_says_why_not(plain: dict[str, dict[str, Any]]) -> None:
    routes = [each["Properties"] for each in plain.values() if each["Type"] == "AWS::ApiGatewayV2::Route"]
    unguarded = {route["RouteKey"] for route in routes if route["AuthorizationType"] == "NONE"}
    assert unguarded == set(OPEN_TO_ALL)
    guarded = [route for route in routes if route["RouteKey"] not in OPEN_TO_ALL]
    assert {route["AuthorizerId"]["Ref"] for route in guarded} == {"ApiAuthorizerUserPoolToken"}


def test_the_local_cloud_knows_every_function() -> None:
    folders = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")}
    assert {folder.name for folder in read_functions(TEMPLATE).values()} == folders


def test_there_are_three_stages_and_prod_is_shown_before_it_changes() -> None:
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    for stage in RAW["Parameters"]["Stage"]["AllowedValues"]:
        deploy = stages[stage]["deploy"]["parameters"]
        assert deploy["stack_name"] == f"tillbridge-{stage}"
        assert deploy["confirm_changeset"] is (stage == "prod")
