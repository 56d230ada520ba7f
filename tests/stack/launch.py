"""Starts the local stack: MiniStack on 127.0.0.1, with seven additions that it lacks.

    python launch.py --port 4566 --data DIRECTORY

It serves until SIGTERM or SIGINT, or with `--with-parent` until its standard input ends;
`GET /_ministack/ready` answers 200 when it can be used. Nothing but DIRECTORY is written to, and
nothing survives a stop. The environment that the functions inherit is made here, so the caller's own
is never handed on.

Real: the template, the bootstrap, DynamoDB, SQS, SNS, EventBridge, Step Functions, S3, Secrets
Manager, the HTTP API and its JWT check, as far as MiniStack keeps to AWS.

Simulated, each by one class or function below:
  * an alarm's state change goes on the default event bus as CloudWatch's own event, and to SNS in
    CloudWatch's own words, with one timestamp for both (MiniStack: SNS only, in shorter words);
  * a running task that allows commands has its ExecuteCommandAgent (MiniStack: no agents);
  * a task that is stopped leaves the evidence that its container would have written to S3, with its
    manifest (MiniStack runs no container);
  * a program that a runbook starts has ended with exit code 0 when it is looked at, and its output
    says that it was not run (MiniStack runs no container);
  * an SSM document that a runbook starts has ended two seconds later, as a success, and its output
    says that it was not run; any document that the deployment lists is taken to exist (MiniStack:
    no automations);
  * a page's preflight is answered by the template's CORS rules (MiniStack: not those of a template);
  * answers of the functions are not held back for 40 ms by Nagle's algorithm.

Not here at all: containers and their shells, mounts, ECS task events (the probe queue stands in for
them), the check of SigV4 signatures and of IAM policies, throttling.
"""

import argparse
import hashlib
import importlib.metadata
import json
import logging
import os
import signal
import socketserver
import sys
import threading
from datetime import datetime, timezone
from pathlib import Path

# The additions reach into private names, which another version may have changed.
MINISTACK = "1.5.33"

log = logging.getLogger("watchfire.stack")


def main() -> None:
    parser = argparse.ArgumentParser(description="The local stack, on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=4566)
    parser.add_argument("--data", type=Path, required=True, help="a folder to write to")
    parser.add_argument("--with-parent", action="store_true", help="stop when standard input ends")
    arguments = parser.parse_args()
    if arguments.with_parent:
        threading.Thread(target=stop_with_parent, daemon=True).start()

    found = importlib.metadata.version("ministack")
    if found != MINISTACK:
        sys.exit(f"the local stack is made for ministack {MINISTACK}, this is {found}")
    prepare_environment(arguments.port, arguments.data.resolve())

    # MiniStack reads the environment when it is imported.
    from ministack import app

    add_alarm_events()
    add_execute_command_agent()
    add_evidence()
    end_programs()
    add_automations()
    add_template_cors()
    answer_at_once()
    sys.argv = ["ministack"]
    app.main()


def stop_with_parent() -> None:
    """A parent that is killed cannot stop us, but its end of the pipe closes."""
    while os.read(sys.stdin.fileno(), 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def prepare_environment(port: int, data: Path) -> None:
    """Every variable here reaches every function: MiniStack hands its own environment on."""
    kept = {name: os.environ[name] for name in ("HOME", "PATH") if name in os.environ}
    folders = {"STATE_DIR": "state", "S3_DATA_DIR": "s3", "TMPDIR": "tmp"}
    os.environ.clear()
    os.environ.update(kept)
    os.environ.update({
        "LANG": "C.UTF-8",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": "127.0.0.1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "IOT_MTLS_ENABLED": "0",
        "LOG_LEVEL": "WARNING",
    })
    for name, folder in folders.items():
        (data / folder).mkdir(parents=True, exist_ok=True)
        os.environ[name] = str(data / folder)


# ------------------------------------------------------------------ alarms


def add_alarm_events() -> None:
    from ministack.services import cloudwatch, eventbridge, sns

    told: dict[str, dict] = {}

    def dispatch(alarm, old_state, new_state, reason):
        at = instant(datetime.now(timezone.utc))
        now = {"value": new_state, "reason": reason, "timestamp": at}
        if alarm.get("StateReasonData"):
            now["reasonData"] = alarm["StateReasonData"]
        elif alarm.get("MetricName"):
            now["reasonData"] = json.dumps({"version": "1.0", "queryDate": at,
                                            "statistic": alarm.get("Statistic"),
                                            "period": alarm.get("Period"),
                                            "threshold": alarm.get("Threshold")})
        before = told.get(alarm["AlarmArn"])
        if before is None or before["value"] != old_state:
            before = {"value": old_state, "reason": "Unchecked: Initial alarm creation",
                      "timestamp": at}
        told[alarm["AlarmArn"]] = now
        eventbridge._put_events(
            {"Entries": [{
                "Source": "aws.cloudwatch",
                "DetailType": "CloudWatch Alarm State Change",
                "Resources": [alarm["AlarmArn"]],
                "Detail": json.dumps({"alarmName": alarm["AlarmName"], "state": now,
                                      "previousState": before,
                                      "configuration": configuration(alarm)}),
            }]},
            allow_aws_source=True,
        )
        field = {"ALARM": "AlarmActions", "OK": "OKActions",
                 "INSUFFICIENT_DATA": "InsufficientDataActions"}.get(new_state, "")
        actions = alarm.get(field) or [] if alarm.get("ActionsEnabled", True) else []
        for action in filter(cloudwatch._is_sns_action_arn, actions):
            sns._fanout(action, cloudwatch.new_uuid(), json.dumps(message(alarm, old_state, now)),
                        f'{new_state}: "{alarm["AlarmName"]}" in {cloudwatch.get_region()}'[:100])

    cloudwatch._dispatch_alarm_actions = dispatch


def instant(at: datetime) -> str:
    """CloudWatch's way to write a time: milliseconds, and an offset without a colon."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def configuration(alarm: dict) -> dict:
    about = {"description": alarm["AlarmDescription"]} if alarm.get("AlarmDescription") else {}
    if alarm.get("AlarmRule"):
        return about | {"alarmRule": alarm["AlarmRule"]}
    dimensions = {each["Name"]: each["Value"] for each in alarm.get("Dimensions") or []}
    metric = {"namespace": alarm.get("Namespace"), "name": alarm.get("MetricName"),
              "dimensions": dimensions}
    statistic = alarm.get("ExtendedStatistic") or alarm.get("Statistic")
    identity = hashlib.sha256(json.dumps(metric, sort_keys=True).encode()).hexdigest()
    return about | {"metrics": [{
        "id": "-".join((identity[:8], identity[8:12], identity[12:16], identity[16:20],
                        identity[20:32])),
        "metricStat": {"metric": metric, "period": alarm.get("Period", 60), "stat": statistic},
        "returnData": True,
    }]}


def message(alarm: dict, old_state: str, now: dict) -> dict:
    """What CloudWatch publishes to SNS: PascalCase, and a region by its display name."""
    words = {
        "AlarmName": alarm["AlarmName"],
        "AlarmDescription": alarm.get("AlarmDescription") or None,
        "AWSAccountId": alarm["AlarmArn"].split(":")[4],
        "AlarmConfigurationUpdatedTimestamp": instant(datetime.fromtimestamp(
            alarm.get("AlarmConfigurationUpdatedTimestamp", 0), timezone.utc)),
        "NewStateValue": now["value"],
        "NewStateReason": now["reason"],
        "StateChangeTime": now["timestamp"],
        "Region": "US East (N. Virginia)",
        "AlarmArn": alarm["AlarmArn"],
        "OldStateValue": old_state,
        "OKActions": alarm.get("OKActions") or [],
        "AlarmActions": alarm.get("AlarmActions") or [],
        "InsufficientDataActions": alarm.get("InsufficientDataActions") or [],
    }
    if alarm.get("AlarmRule"):
        return words | {"AlarmRule": alarm["AlarmRule"]}
    return words | {"Trigger": {
        "MetricName": alarm.get("MetricName"),
        "Namespace": alarm.get("Namespace"),
        "StatisticType": "Statistic",
        "Statistic": (alarm.get("Statistic") or "").upper(),
        "Unit": alarm.get("Unit"),
        "Dimensions": [{"value": each["Value"], "name": each["Name"]}
                       for each in alarm.get("Dimensions") or []],
        "Period": alarm.get("Period", 60),
        "EvaluationPeriods": alarm.get("EvaluationPeriods", 1),
        "ComparisonOperator": alarm.get("ComparisonOperator"),
        "Threshold": alarm.get("Threshold"),
        "TreatMissingData": alarm.get("TreatMissingData", "missing"),
        "EvaluateLowSampleCountPercentile": "",
    }}


# ------------------------------------------------------------------ tasks


def add_execute_command_agent() -> None:
    from ministack.services import ecs

    describe = ecs._ACTION_MAP["DescribeTasks"]

    def with_agent(data):
        status, headers, body = describe(data)
        if status != 200:
            return status, headers, body
        answer = json.loads(body)
        for task in answer.get("tasks", []):
            if not task.get("enableExecuteCommand"):
                continue
            for container in task.get("containers", []):
                agent = {"name": "ExecuteCommandAgent", "lastStatus": container["lastStatus"]}
                if container["lastStatus"] == "RUNNING" and task.get("startedAt"):
                    agent["lastStartedAt"] = ecs._ts_to_epoch(task["startedAt"])
                container["managedAgents"] = [agent]
        return status, headers, json.dumps(answer).encode()

    ecs._ACTION_MAP["DescribeTasks"] = with_agent


def add_evidence() -> None:
    from ministack.services import ecs

    stop = ecs._ACTION_MAP["StopTask"]

    def with_evidence(data):
        cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
        task = ecs._resolve_task(data.get("task", ""), cluster) if cluster else None
        ran = bool(task) and task["lastStatus"] != "STOPPED"
        answer = stop(data)
        if ran:
            write_evidence(task, ecs._task_defs.get(ecs._resolve_td_key(task["taskDefinitionArn"])))
        return answer

    ecs._ACTION_MAP["StopTask"] = with_evidence


def write_evidence(task: dict, definition: dict | None) -> None:
    """What `aws s3 sync` in the container's entrypoint leaves, under the date of the stop."""
    from ministack.services import s3

    containers = (definition or {}).get("containerDefinitions") or [{}]
    known = {each["name"]: each["value"] for each in containers[0].get("environment", [])}
    for override in task.get("overrides", {}).get("containerOverrides", []):
        known.update({each["name"]: each["value"] for each in override.get("environment", [])})
    try:
        bucket, cluster, number = (known[name] for name in
                                   ("S3_AUDIT_BUCKET", "CLUSTER_ID", "INCIDENT_NUMBER"))
    except KeyError as absent:
        log.warning("no evidence for %s: its container has no %s", task["taskArn"], absent)
        return
    day = datetime.now(timezone.utc).strftime("%Y%m%d")
    prefix = f"{cluster}/{number}/{day}/{task['taskArn'].rsplit('/', 1)[-1]}"
    files = home(cluster, number, known.get("OC_VERSION", ""))
    manifest = {"version": 1, "files": [
        {"path": path, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(files.items())]}
    files["manifest.json"] = json.dumps(manifest, indent=2).encode()
    for path, content in files.items():
        status, *_ = s3._put_object(bucket, f"{prefix}/{path}", content, {})
        if status != 200:
            log.warning("no evidence at s3://%s/%s/%s: status %s", bucket, prefix, path, status)


def end_programs() -> None:
    """What a runbook runs is started by `step-<job>`. Nothing is run: its end is made up, and says so."""
    from ministack.services import ecs, s3

    run = ecs._ACTION_MAP["RunTask"]

    def with_end(data):
        status, headers, body = run(data)
        if status != 200 or not data.get("startedBy", "").startswith("step-"):
            return status, headers, body
        cluster = ecs._resolve_cluster_name(data.get("cluster", "default"))
        override = (data.get("overrides", {}).get("containerOverrides") or [{}])[0]
        known = {each["name"]: each["value"] for each in override.get("environment", [])}
        for answered in json.loads(body).get("tasks", []):
            task = ecs._resolve_task(answered["taskArn"], cluster)
            now = datetime.now(timezone.utc).timestamp()
            task.update({"lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stoppedAt": now,
                         "stopCode": "EssentialContainerExited",
                         "stoppedReason": "Essential container in task exited"})
            for container in task.get("containers", []):
                container.update({"lastStatus": "STOPPED", "exitCode": 0})
        bucket, _, name = known["WATCHFIRE_OUTPUT"].removeprefix("s3://").partition("/")
        said = "on the local stack nothing is run: " + " ".join(override.get("command", [])) + "\n"
        put, *_ = s3._put_object(bucket, name, said.encode(), {"x-amz-meta-exit-code": "0"})
        if put != 200:
            log.warning("no output at s3://%s/%s: status %s", bucket, name, put)
        return status, headers, body

    ecs._ACTION_MAP["RunTask"] = with_end


def add_automations() -> None:
    """SSM Automation as the API reference has it: StartAutomationExecution,
    DescribeAutomationExecutions and StopAutomationExecution, as far as runbooks call them."""
    from ministack.services import ssm

    others = ssm.handle_request
    operations = {"StartAutomationExecution": start_automation,
                  "DescribeAutomationExecutions": describe_automations,
                  "StopAutomationExecution": stop_automation}

    async def handle_request(method, path, headers, body, query_params):
        operation = operations.get(headers.get("x-amz-target", "").removeprefix("AmazonSSM."))
        if operation is None:
            return await others(method, path, headers, body, query_params)
        return operation(json.loads(body or "{}"))

    ssm.handle_request = handle_request


# How long a document is under way, in seconds: long enough that a look finds it so.
AUTOMATION = 2.0

# The executions, the oldest first: what of each is shown, and what it was started under.
automations: list[dict] = []


def start_automation(data: dict) -> tuple:
    from ministack.services import ssm

    token = data.get("ClientToken", "").lower()
    if token and any(each["token"] == token for each in automations):
        return ssm.error_response_json("IdempotentParameterMismatch", "The token was used.")
    document, parameters = data["DocumentName"], data.get("Parameters", {})
    words = [document] + [f"{name}={','.join(values)}"
                          for name, values in sorted(parameters.items())]
    shown = {
        "AutomationExecutionId": ssm.new_uuid(),
        "AutomationExecutionStatus": "InProgress",
        "AutomationType": "Local",
        "DocumentName": document,
        "DocumentVersion": data.get("DocumentVersion", "1"),
        "ExecutionStartTime": ssm._now_epoch(),
        "Mode": data.get("Mode", "Auto"),
    }
    said = {"LocalStack": ["on the local stack nothing is run: " + " ".join(words)]}
    automations.append({"token": token, "tags": data.get("Tags", []), "outputs": said,
                        "shown": shown})
    return ssm.json_response({"AutomationExecutionId": shown["AutomationExecutionId"]})


def describe_automations(data: dict) -> tuple:
    from ministack.services import ssm

    found = list(map(as_of_now, reversed(automations)))
    for rule in data.get("Filters", []):
        if rule["Key"] != "TagKey":
            return ssm.error_response_json("InvalidFilterKey", f"not here: {rule['Key']}")
        found = [each for each in found
                 if any(tag["Key"] in rule["Values"] for tag in each["tags"])]
    return ssm.json_response({"AutomationExecutionMetadataList": [each["shown"] for each in found]})


def stop_automation(data: dict) -> tuple:
    from ministack.services import ssm

    for each in map(as_of_now, automations):
        shown = each["shown"]
        if shown["AutomationExecutionId"] != data["AutomationExecutionId"]:
            continue
        if shown["AutomationExecutionStatus"] != "InProgress":
            return ssm.error_response_json("InvalidAutomationStatusUpdateException", "It is over.")
        shown.update({"AutomationExecutionStatus": "Cancelled",
                      "ExecutionEndTime": ssm._now_epoch()})
        return ssm.json_response({})
    return ssm.error_response_json("AutomationExecutionNotFoundException", "It is not here.")


def as_of_now(each: dict) -> dict:
    """The same, ended if its time is over; until then it has no outputs."""
    from ministack.services import ssm

    shown = each["shown"]
    end = shown["ExecutionStartTime"] + AUTOMATION
    if shown["AutomationExecutionStatus"] == "InProgress" and ssm._now_epoch() >= end:
        shown.update({"AutomationExecutionStatus": "Success", "ExecutionEndTime": end,
                      "Outputs": each["outputs"]})
    return each


def home(cluster: str, number: str, version: str) -> dict[str, bytes]:
    history = ["oc login --server=https://api.example.invalid:6443", "oc get nodes",
               "oc get pods --all-namespaces | grep -i error", "exit"]
    findings = [f"# Incident {number} Investigation", "", "## Problem",
                "High latency on the storage nodes.", "", "## Root Cause",
                f"A rebalance on {cluster} that did not end.", "", "## Resolution",
                "The rebalance was paused.", ""]
    return {
        ".bash_history": "\n".join(history + [""]).encode(),
        f"incident-{number}-findings.md": "\n".join(findings).encode(),
        "storage-deployment.yaml": f"kind: Deployment\n# oc {version}\n".encode(),
    }


# ------------------------------------------------------------------ the HTTP API


def add_template_cors() -> None:
    """A template says AllowOrigins; MiniStack stores it so and looks for allowOrigins."""
    from ministack.services.cloudformation import provisioners

    handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGatewayV2::Api"]
    create, update = handlers["create"], handlers["update"]
    handlers["create"] = lambda name, properties, *rest: create(name, lowered(properties), *rest)
    handlers["update"] = lambda api, before, after, *rest: update(
        api, lowered(before), lowered(after), *rest)


def lowered(properties: dict) -> dict:
    rules = properties.get("CorsConfiguration")
    if not rules:
        return properties
    rules = {name[0].lower() + name[1:]: value for name, value in rules.items()}
    return properties | {"CorsConfiguration": rules}


def answer_at_once() -> None:
    socketserver.StreamRequestHandler.disable_nagle_algorithm = True


if __name__ == "__main__":
    main()
