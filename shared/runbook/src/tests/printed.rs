//! What a step prints is kept: what would print a secret is refused, and what tells of one is not.

use crate::lint::Code;
use crate::{lint, parse};
use serde_json::{Value, json};

/// The codes of the lint of a harmless step that does this.
fn codes(action: Value) -> Vec<Code> {
    let spec = json!({
        "name": "x", "title": "x", "description": "x", "author": "x", "risk": "low",
        "review_days": 90, "tags": {"a": "b"},
        "steps": [{"id": "x", "title": "x", "risk": "low", "timeout": "2m",
                   "do": action}]
    });
    lint(&parse::read(&spec).unwrap()).iter().map(|one| one.code).collect()
}

#[test]
fn what_prints_a_secret_is_refused() {
    let codes = |row: &str| {
        let argv: Vec<&str> = row.split('|').collect();
        codes(json!({"command": {"argv": argv, "profile": "p"}}))
    };
    for row in [
        "aws|secretsmanager|get-secret-value|--secret-id|x",
        "aws|secretsmanager|get-secret-value|--secret-id|x|--query|SecretString",
        "aws|--region|eu-west-1|secretsmanager|batch-get-secret-value",
        "aws|ssm|get-parameter|--name|x|--with-decryption",
        "aws|ssm|get-parameters-by-path|--path|/x|--with-decryption",
        "aws|sts|assume-role|--role-arn|x",
        "aws|sts|get-session-token",
        "aws|sts|get-federation-token|--name|x",
        "aws|ecr|get-login-password",
        "aws|ecr|get-authorization-token",
        "aws|rds|generate-db-auth-token|--hostname|x",
        "aws|redshift|get-cluster-credentials",
        "aws|eks|get-token|--cluster-name|x",
        "aws|ec2|get-password-data|--instance-id|x",
        "aws|iam|create-access-key",
        "aws|kms|decrypt|--ciphertext-blob|x",
        "aws|configure|export-credentials",
        "aws|apigateway|get-api-keys|--include-values",
        "kubectl|get|secret|x|-o|yaml",
        "kubectl|get|secrets|-ojson",
        "kubectl|-n|x|get|secret/x|--output=jsonpath={.data.a}",
        "kubectl|get|pods,secrets|-o|yaml",
        "kubectl|describe|secret|x",
        "kubectl|get|--raw|/api/v1/namespaces/x/secrets/y",
        "kubectl|create|token|x",
        "kubectl|config|view|--raw",
        "kubectl|exec|d|--|env",
        "cat|/proc/1/environ",
        "psql|-c|SELECT * FROM pg_shadow",
        "kubectl|exec|d|--|printenv|PGUSER",
        "kubectl|exec|d|--|cat|/var/run/secrets/kubernetes.io/serviceaccount/token",
        "terraform|output|-json",
        "terraform|state|pull",
        "vault|kv|get|x",
        "gcloud|auth|print-access-token",
        "sh|-c|aws secretsmanager get-secret-value --secret-id x",
        "sh|-c|x=\"$(date)\"; aws secretsmanager get-secret-value --secret-id x",
        "sh|-c|AWS_REGION=eu aws secretsmanager get-secret-value --secret-id x",
        "sh|-c|aws --region eu \\\n secretsmanager get-secret-value --secret-id x",
        "timeout|30|aws|sts|assume-role",
        "aws|ssm|send-command|--parameters|commands=[\"aws sts get-session-token\"]",
        "sh|-c|echo $DB_PASSWORD",
        "sh|-c|echo \"a; b=$DB_PASSWORD\"",
        "redis-cli|config|get|*",
        "sh|-c|date; printf '%s' \"${DB_PASS}\"",
        "kubectl|exec|d|--|sh|-c|echo ${API_TOKEN:-none}",
        "helm|get|values|x",
        "helm|-n|prod|get|manifest|x",
        "helm|get|all|x",
        "terraform|output|db_password",
        "pulumi|stack|output|--show-secrets",
        "etcdctl|get|--prefix|/registry/secrets",
        "kubectl|config|view|--raw=true",
        "kubectl|get|--raw=/api/v1/namespaces/x/secrets",
        "ps|eww",
        "ps|-ww|auxe",
        "jq|-n|env",
        "jq|-n|$ENV",
        "jq|-n|{a: env.DB_PASSWORD}",
        "awk|BEGIN{print ENVIRON[\"X\"]}",
        "cat|.env",
        "cat|/app/.env.production",
        "head|/var/lib/pgsql/.pgpass",
        "tail|/etc/shadow",
        "sudo|cat|/etc/kubernetes/admin.conf",
        "grep|x|/vault/secrets/db",
        "find|/|-name|.pgpass|-exec|cat|{}|+",
        "sh|-c|cat < .env",
        "mysql|-e|SELECT * FROM mysql.user",
        "redis-cli|CONFIG|GET|requirepass",
    ] {
        assert!(codes(row).contains(&Code::SecretPrinted), "{row}");
    }
    for row in [
        "aws|secretsmanager|describe-secret|--secret-id|x",
        "aws|secretsmanager|list-secrets",
        "aws|ssm|get-parameter|--name|x",
        "aws|sts|get-caller-identity",
        "aws|iam|get-role|--role-name|x",
        "aws|iam|get-account-password-policy",
        "aws|iam|get-credential-report",
        "aws|iam|list-access-keys",
        "aws|apigateway|get-api-keys",
        "kubectl|get|secrets",
        "kubectl|get|secret|x|-o|name",
        "kubectl|get|pods|-o|yaml",
        "kubectl|get|pods|-l|app=secret|-o|json",
        "kubectl|auth|can-i|get|secrets",
        "terraform|output",
        "terraform|state|list",
        "vault|status",
        "curl|https://a.example.com/environments",
        "helm|get|notes|x",
        "terraform|output|vpc_id",
        "terraform|output|password_secret_arn",
        "sh|-c|echo $PWD $SECRET_NAME $HOME",
        "kubectl|config|view",
        "ps|aux",
        "ps|-eo|etime,user",
        "jq|.spec.env[]|f",
        "jq|{env: .a}|f",
        "jq|-n|env.PAGER",
        "jq|--arg|env|x|.a == $env|f",
        "find|/|-name|.pgpass",
        "ls|-l|.env",
        "ls|-l|/var/lib/pgsql/.pgpass",
        "cat|.env.example",
        "mysql|-e|SELECT count(*), host FROM mysql.user GROUP BY host",
    ] {
        assert_eq!(codes(row), vec![], "{row}");
    }
}

#[test]
fn what_a_shell_reads_or_a_document_runs_prints_no_secret_either() {
    let text = "set -e\naws sts get-session-token";
    let ssm =
        json!({"ssm": {"document": "AWS-RunShellScript", "parameters": {"commands": [text]}}});
    let stdin = json!({"command": {"argv": ["sh", "-s"], "stdin": text, "profile": "p"}});
    let probe = json!({"command": {"argv": ["aws", "sts", "get-session-token"], "profile": "p"}});
    let check =
        json!({"check": {"probe": probe, "every": "30s", "stable_for": "1m", "limit": "1m"}});
    let text = "date\necho ${API_TOKEN}";
    let echoed = json!({"command": {"argv": ["sh", "-s"], "stdin": text, "profile": "p"}});
    for action in [ssm, stdin, check, echoed] {
        assert!(codes(action.clone()).contains(&Code::SecretPrinted), "{action}");
    }
}
