"""The same conditional write in Python with boto3, under the same Runtime API.

The loop is http.client's and not awslambdaric's, which does more: that flatters Python.
"""

import http.client
import json
import os

import boto3

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = "/2018-06-01/runtime/invocation"

client = boto3.client(
    "dynamodb",
    endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    verify=os.environ["SSL_CERT_FILE"],
)


def handle(_event):
    client.put_item(
        TableName="parts",
        Item={
            "pk": {"S": "T#acme#INC#1"},
            "sk": {"S": "EV#0000000001#0001"},
            "body": {"S": "x" * 600},
        },
        ConditionExpression="attribute_not_exists(pk)",
    )
    return {}


def main():
    connection = http.client.HTTPConnection(API)
    while True:
        connection.request("GET", BASE + "/next")
        answer = connection.getresponse()
        event = json.loads(answer.read())
        request = answer.headers["lambda-runtime-aws-request-id"]
        body = json.dumps(handle(event))
        connection.request("POST", f"{BASE}/{request}/response", body)
        connection.getresponse().read()


main()
