//! The ports on AWS: ECS, EFS, Step Functions, S3, SQS, SES, SNS, Secrets Manager.
