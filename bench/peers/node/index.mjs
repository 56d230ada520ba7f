// The same conditional write in Node with the AWS SDK v3, under the same Runtime API.
//
// The loop is `fetch` and not aws-lambda-ric's, which does more: that flatters Node.

import { readFileSync } from "node:fs";
import { Agent } from "node:https";
import { ConditionalCheckFailedException, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { NodeHttpHandler } from "@smithy/node-http-handler";

const base = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;

const client = new DynamoDBClient({
  endpoint: process.env.AWS_ENDPOINT_URL,
  requestHandler: new NodeHttpHandler({
    httpsAgent: new Agent({ keepAlive: true, ca: readFileSync(process.env.SSL_CERT_FILE) }),
  }),
});

async function handle() {
  try {
    await client.send(
      new PutItemCommand({
        TableName: "parts",
        Item: {
          pk: { S: "T#acme#INC#1" },
          sk: { S: "EV#0000000001#0001" },
          body: { S: "x".repeat(600) },
        },
        ConditionExpression: "attribute_not_exists(pk)",
      }),
    );
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
  }
  return {};
}

for (;;) {
  const next = await fetch(`${base}/next`);
  await next.json();
  const request = next.headers.get("lambda-runtime-aws-request-id");
  const answer = await handle();
  await fetch(`${base}/${request}/response`, { method: "POST", body: JSON.stringify(answer) });
}
