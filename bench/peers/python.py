"""The same conditional write in Python with boto3, which awslambdaric runs as it does on Lambda."""

import os

import boto3

client = boto3.client(
    "dynamodb",
    endpoint_url=os.environ["AWS_ENDPOINT_URL"],
    verify=os.environ["SSL_CERT_FILE"],
)


def handle(_event, _context):
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
