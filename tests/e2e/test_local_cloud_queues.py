"""Uploads and queues reach functions on the local cloud as on AWS, also after a start at another address."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
import urllib3
from botocore.exceptions import ClientError

from local.caller import wait_for
from local.cloud import LocalCloud
from local.emulator import free_port
from local.functions import MOST_WORKERS

TEMPLATE = """
Transform: [AWS::Serverless-2016-10-31]
Parameters: { Stage: { Type: String } }
Mappings: { Stages: { dev: { Mode: GOVERNANCE, Days: 1 } } }
Resources:
  Inbox:
    Type: AWS::S3::Bucket
    DependsOn: UploadsPolicy
    Properties:
      VersioningConfiguration: { Status: Enabled }
      NotificationConfiguration:
        QueueConfigurations:
          - Event: "s3:ObjectCreated:*"
            Queue: !GetAtt Uploads.Arn
            Filter: { S3Key: { Rules: [{ Name: prefix, Value: inbox/ }] } }
  Locked:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: { Status: Enabled }
      ObjectLockEnabled: true
      ObjectLockConfiguration:
        ObjectLockEnabled: Enabled
        Rule:
          DefaultRetention:
            Mode: !FindInMap [Stages, !Ref Stage, Mode]
            Days: !FindInMap [Stages, !Ref Stage, Days]
  Dead:
    Type: AWS::SQS::Queue
    Properties: { QueueName: dead }
  Uploads:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: uploads
      VisibilityTimeout: VISIBILITY
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 2 }
  UploadsPolicy:
    Type: AWS::SQS::QueuePolicy
    Properties:
      Queues: [!Ref Uploads]
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal: { Service: s3.amazonaws.com }
            Action: sqs:SendMessage
            Resource: !GetAtt Uploads.Arn
            Condition:
              StringEquals: { "aws:SourceAccount": !Ref AWS::AccountId }
              ArnLike: { "aws:SourceArn": !Sub "arn:${AWS::Partition}:s3:::${AWS::StackName}-inbox-*" }
  Take:
    Type: AWS::Serverless::Function
    Properties:
      FunctionName: !Sub "${Stage}-take"
      Runtime: python3.13
      Handler: app.handler
      CodeUri: functions/take/
      Timeout: 60
      Events:
        Uploads:
          Type: SQS
          Properties:
            Queue: !GetAtt Uploads.Arn
            BatchSize: 1
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: { MaximumConcurrency: 50 }
Outputs:
  Inbox: { Value: !Ref Inbox }
  Locked: { Value: !Ref Locked }
  Uploads: { Value: !Ref Uploads }
  Dead: { Value: !Ref Dead }
"""
CODE = """
import json, pathlib, threading
NOTES = pathlib.Path(__file__).parents[2] / "notes"

def handler(event, context):
    [record] = event["Records"]
    with NOTES.open("a") as notes:
        notes.write(json.dumps({**record, "ran": context.function_name}) + "\\n")
    if "hang" in record["body"] and not NOTES.with_name("let-go").exists():
        threading.Event().wait()
    failed = [{"itemIdentifier": record["messageId"]}] if "fail" in record["body"] else []
    return {"batchItemFailures": failed}
"""


class Takings:
    """A folder with a small template, and what its function has noted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.template = folder / "template.yaml"
        (folder / "functions" / "take").mkdir(parents=True)
        (folder / "functions" / "take" / "app.py").write_text(CODE, encoding="utf-8")

    def cloud(self, visibility_s: int, port: int | None = None) -> LocalCloud:
        self.template.write_text(TEMPLATE.replace("VISIBILITY", str(visibility_s)), encoding="utf-8")
        return LocalCloud(self.folder / "cloud", template=self.template, port=port)

    def taken(self) -> list[dict[str, Any]]:
        """The records that came, but for S3's word that it will tell from now on."""
        notes = self.folder / "notes"
        lines = notes.read_text(encoding="utf-8").splitlines() if notes.exists() else []
        return [record for record in map(json.loads, lines) if "s3:TestEvent" not in record["body"]]


@pytest.fixture
def takings(tmp_path: Path) -> Takings:
    return Takings(tmp_path)


def wait_until(what: Callable[[], object]) -> None:
    assert wait_for(what, 30) is not None


def waiting(sqs: Any, queue_url: str) -> int:
    """How many messages can be seen in a queue."""
    name = "ApproximateNumberOfMessages"
    return int(sqs.get_queue_attributes(QueueUrl=queue_url, AttributeNames=[name])["Attributes"][name])


def uploads_of(record: dict[str, Any]) -> list[tuple[str, str]]:
    """Keys and versions, read as a function must read them."""
    told = json.loads(record["body"])["Records"]
    return [(unquote_plus(one["s3"]["object"]["key"]), one["s3"]["object"]["versionId"]) for one in told]


def test_uploads_come_with_key_and_version_and_failures_end_apart(takings: Takings) -> None:
    key = "inbox/zahlungen/Bär 100% #1 + 2.csv"
    with takings.cloud(visibility_s=1) as cloud:
        s3, sqs, bucket = cloud.client("s3"), cloud.client("sqs"), cloud.outputs["Inbox"]
        versions = [s3.put_object(Bucket=bucket, Key=key, Body=text)["VersionId"] for text in (b"1", b"22")]
        s3.put_object(Bucket=bucket, Key="work/not-told", Body=b"")
        form = s3.generate_presigned_post(
            bucket, "inbox/form.csv", Conditions=[["content-length-range", 1, 4]], ExpiresIn=60
        )
        statuses = [
            urllib3.request("POST", form["url"], fields={**form["fields"], "file": ("f", content)}).status
            for content in (b"", b"12345", b"1234")
        ]
        assert statuses == [400, 400, 204]
        wait_until(lambda: len(takings.taken()) == 3)
        found = [pair for record in takings.taken() for pair in uploads_of(record)]
        assert {name for name, _ in found} == {key, "inbox/form.csv"}
        assert {version for name, version in found if name == key} == set(versions)
        sqs.send_message(QueueUrl=cloud.outputs["Uploads"], MessageBody="fail")
        wait_until(lambda: waiting(sqs, cloud.outputs["Dead"]))
        [dead] = sqs.receive_message(QueueUrl=cloud.outputs["Dead"])["Messages"]
        assert dead["Body"] == "fail"
        tries = [record for record in takings.taken() if record["body"] == "fail"]
        assert [record["attributes"]["ApproximateReceiveCount"] for record in tries] == ["1", "2"]


def test_a_queue_starts_no_more_calls_than_there_are_processes(takings: Takings) -> None:
    with takings.cloud(visibility_s=600) as cloud:
        (mapping,) = cloud.client("lambda").list_event_source_mappings()["EventSourceMappings"]
        assert mapping["ScalingConfig"]["MaximumConcurrency"] == MOST_WORKERS


def test_what_a_stop_interrupted_comes_again_at_the_next_address(takings: Takings) -> None:
    """Both the queue that the bucket names and the message that nobody works on any more."""
    with takings.cloud(visibility_s=600) as first:
        first_url, another_port = first.endpoint_url, free_port()
        first.client("sqs").send_message(QueueUrl=first.outputs["Uploads"], MessageBody="hang")
        locked = first.client("s3").put_object(
            Bucket=first.outputs["Locked"], Key="seal", Body=b"1", ChecksumAlgorithm="SHA256"
        )
        with pytest.raises(ClientError, match="object lock"):
            first.client("s3").delete_object(
                Bucket=first.outputs["Locked"], Key="seal", VersionId=locked["VersionId"]
            )
        wait_until(lambda: [record["body"] for record in takings.taken()] == ["hang"])
    (takings.folder / "let-go").touch()
    with takings.cloud(visibility_s=600, port=another_port) as second:
        assert second.endpoint_url != first_url
        assert second.outputs["Uploads"].startswith(second.endpoint_url)
        second.client("s3").put_object(Bucket=second.outputs["Inbox"], Key="inbox/later.csv", Body=b"1")
        wait_until(lambda: len(takings.taken()) == 3)
        bodies = [record["body"] for record in takings.taken()]
        assert bodies.count("hang") == 2
        assert [uploads_of(record)[0][0] for record in takings.taken() if record["body"] != "hang"] == [
            "inbox/later.csv"
        ]
