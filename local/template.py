"""Turns template.yaml into what the local CloudFormation understands, and changes as little as it can.

Six things differ from AWS, each for a reason that stands at its function; all else is deployed as it is.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from local.emulator import HOST
from local.functions import MOST_WORKERS

Shape = dict[str, Any]

STAGE = "dev"
RUNS_FROM_THE_CHECKOUT = "s3://local/checkout"
NOT_HERE = 'def handler(event, context):\n    raise RuntimeError("functions run from the checkout")\n'
BATCHED = ("sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:SendMessage")
METHODS = {"x-amazon-apigateway-any-method": "ANY"}


def template_hash(template: Path) -> str:
    """What a deployment was made from: the template and the way it is turned (this file)."""
    turned_by = Path(__file__).read_bytes() + str(MOST_WORKERS).encode()
    return hashlib.sha256(template.read_bytes() + turned_by).hexdigest()


def read_functions(template: Path) -> dict[str, Path]:
    """Each function's name on the local stage and the folder that its code is in."""
    functions = {}
    for resource in load(template)["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            properties = resource["Properties"]
            name = properties["FunctionName"]["Fn::Sub"].replace("${Stage}", STAGE)
            functions[name] = (template.parent / properties["CodeUri"]).resolve()
    return functions


def read_locks(template: Path) -> dict[str, Shape]:
    """Each bucket under Object Lock, and how long its objects are locked on the local stage."""
    document = load(template)
    stage = document.get("Mappings", {}).get("Stages", {}).get(STAGE, {})
    locks = {}
    for name, resource in document["Resources"].items():
        properties = resource.get("Properties", {})
        if "ObjectLockConfiguration" in properties:
            retention = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
            locks[name] = {
                term: stage[value["Fn::FindInMap"][-1]] if isinstance(value, dict) else value
                for term, value in retention.items()
            }
    return locks


def transform(template: Path, region: str) -> Shape:
    """The template as plain CloudFormation, for the local cloud."""
    # Imported here: the translator takes half a second, and a start without a change does not need it.
    from samtranslator.translator.transform import transform as translate  # noqa: PLC0415

    os.environ.setdefault("AWS_DEFAULT_REGION", region)  # the translator asks boto3 for it
    document = load(template)
    for resource in document["Resources"].values():
        for place in ("CodeUri", "ContentUri"):
            if place in resource.get("Properties", {}):
                resource["Properties"][place] = RUNS_FROM_THE_CHECKOUT
    transforms = document.pop("Transform")
    plain: Shape = translate(document, {"Stage": STAGE}, _NoManagedPolicies())
    plain["Transform"] = [name for name in transforms if "Serverless" not in name]
    resources: Shape = plain["Resources"]
    _leave_code_where_it_is(resources)
    _open_without_tls(resources)
    _name_batches(resources)
    _start_no_more_than_run(resources)
    for name in [name for name, each in resources.items() if each["Type"] == "AWS::ApiGatewayV2::Api"]:
        _expand_api(resources, name)
    return json.loads(json.dumps(plain))  # type: ignore[no-any-return]


class _NoManagedPolicies:
    """The translator wants AWS's managed policies, for templates that name one without its ARN."""

    def load(self) -> dict[str, str]:
        """None are named so."""
        return {}


def load(template: Path) -> Shape:
    """The template as it is written, with its short functions spelled out."""
    from samtranslator.yaml_helper import yaml_parse  # noqa: PLC0415 - see transform

    return yaml_parse(template.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _leave_code_where_it_is(resources: Shape) -> None:
    """Functions run from the checkout (local/functions.py), so nothing is packed and no layer is needed."""
    for name in [name for name, each in resources.items() if each["Type"] == "AWS::Lambda::LayerVersion"]:
        del resources[name]
    for each in resources.values():
        if each["Type"] == "AWS::Lambda::Function":
            each["Properties"]["Code"] = {"ZipFile": NOT_HERE}
            each["Properties"].pop("Layers", None)


def _open_without_tls(resources: Shape) -> None:
    """The local cloud listens on loopback without TLS: a policy that denies that would deny everything."""
    for each in resources.values():
        if each["Type"] == "AWS::S3::BucketPolicy":
            document = each["Properties"]["PolicyDocument"]
            document["Statement"] = [
                statement
                for statement in document["Statement"]
                if "aws:SecureTransport" not in statement.get("Condition", {}).get("Bool", {})
            ]
    for name, each in list(resources.items()):
        if each["Type"] == "AWS::S3::BucketPolicy" and not each["Properties"]["PolicyDocument"]["Statement"]:
            del resources[name]


def _name_batches(shape: object) -> None:
    """The local IAM takes a batch for an action of its own; on AWS the right to the single call covers it."""
    if isinstance(shape, list):
        for part in shape:
            _name_batches(part)
    elif isinstance(shape, dict):
        if "Action" in shape and "Effect" in shape:
            actions = shape["Action"] if isinstance(shape["Action"], list) else [shape["Action"]]
            shape["Action"] = [*actions, *(f"{action}Batch" for action in actions if action in BATCHED)]
        for part in shape.values():
            _name_batches(part)


def _start_no_more_than_run(resources: Shape) -> None:
    """A queue starts no more calls of a function than there are processes here.

    Those in excess would stand in line for a process (local/functions.py) while the emulator already counts
    their time, and gives up on them.
    """
    for each in resources.values():
        if each["Type"] == "AWS::Lambda::EventSourceMapping" and "ScalingConfig" in each["Properties"]:
            scaling = each["Properties"]["ScalingConfig"]
            scaling["MaximumConcurrency"] = min(scaling["MaximumConcurrency"], MOST_WORKERS)


def _expand_api(resources: Shape, api: str) -> None:
    """The local gateway ignores an API's body: its routes, integrations and authorizers become resources."""
    properties = resources[api]["Properties"]
    body = properties.pop("Body")
    properties.pop("FailOnWarnings", None)
    properties |= {"Name": body["info"]["title"], "ProtocolType": "HTTP"}
    resources |= _domain(api)
    schemes = body.get("components", {}).get("securitySchemes", {})
    for name, scheme in schemes.items():
        resources[f"{api}Authorizer{name}"] = _authorizer(api, name, scheme)
    for path, conditional_methods in body["paths"].items():
        condition, methods = _unconditional(conditional_methods)
        for method, conditional_operation in methods.items():
            own_condition, operation = _unconditional(conditional_operation)
            key = f"{METHODS.get(method, method.upper())} {path}"
            _add_route(resources, api, key, operation, own_condition or condition)


def _domain(api: str) -> Shape:
    """The API stands at the root of its address, as with a domain of its own on AWS."""
    return {
        f"{api}Domain": {"Type": "AWS::ApiGatewayV2::DomainName", "Properties": {"DomainName": HOST}},
        f"{api}Mapping": {
            "Type": "AWS::ApiGatewayV2::ApiMapping",
            "DependsOn": f"{api}ApiGatewayDefaultStage",
            "Properties": {"DomainName": {"Ref": f"{api}Domain"}, "ApiId": {"Ref": api}, "Stage": "$default"},
        },
    }


def _unconditional(shape: Shape) -> tuple[str | None, Shape]:
    """A part of the body without its `Fn::If`, and the condition under which it is there."""
    if "Fn::If" not in shape:
        return None, shape
    condition, there, _ = shape["Fn::If"]
    return condition, there


def _authorizer(api: str, name: str, scheme: Shape) -> Shape:
    settings = scheme["x-amazon-apigateway-authorizer"]
    jwt = settings["jwtConfiguration"]
    return {
        "Type": "AWS::ApiGatewayV2::Authorizer",
        "Properties": {
            "ApiId": {"Ref": api},
            "Name": name,
            "AuthorizerType": "JWT",
            "IdentitySource": [settings["identitySource"]],
            "JwtConfiguration": {"Issuer": jwt["issuer"], "Audience": jwt["audience"]},
        },
    }


def _add_route(resources: Shape, api: str, key: str, operation: Shape, condition: str | None) -> None:
    """One route and its integration, with the authorizer that the body names for it."""
    settings = operation["x-amazon-apigateway-integration"]
    _, uri = _unconditional(settings["uri"])
    name = "".join(letter for letter in key.title() if letter.isalnum())
    integration = f"{api}Integration{hashlib.sha256(json.dumps(uri).encode()).hexdigest()[:8]}"
    extra: Shape = {"Condition": condition} if condition else {}
    resources[integration] = extra | {
        "Type": "AWS::ApiGatewayV2::Integration",
        "Properties": {
            "ApiId": {"Ref": api},
            "IntegrationType": "AWS_PROXY",
            "IntegrationUri": uri,
            "PayloadFormatVersion": settings["payloadFormatVersion"],
        },
    }
    authorizer = next((scheme for need in operation.get("security", []) for scheme in need), "NONE")
    authorization: Shape = {"AuthorizationType": "NONE"}
    if authorizer != "NONE":
        authorization = {
            "AuthorizationType": "JWT",
            "AuthorizerId": {"Ref": f"{api}Authorizer{authorizer}"},
        }
    target = {"Fn::Sub": f"integrations/${{{integration}}}"}
    resources[f"{api}Route{name}"] = extra | {
        "Type": "AWS::ApiGatewayV2::Route",
        "Properties": {"ApiId": {"Ref": api}, "RouteKey": key, "Target": target, **authorization},
    }
