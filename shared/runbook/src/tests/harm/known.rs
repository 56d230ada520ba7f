//! What is not known to be a plain look is a change; what destroys, restores or fails over is told.

use super::action;
use crate::lint::{Harm, of_action};
use serde_json::json;

/// How much harm a command does, its elements parted by `|`.
fn harm(row: &str) -> Harm {
    let argv: Vec<&str> = row.split('|').collect();
    of_action(&action(json!({"command": {"argv": argv, "profile": "p"}}))).harm
}

/// Asserts of each row how much harm it does, and names all that are judged otherwise.
pub(super) fn all(harms: Harm, rows: &[&str]) {
    let other: Vec<_> = rows.iter().filter(|row| harm(row) != harms).collect();
    assert!(other.is_empty(), "not {harms:?}: {other:#?}");
}

#[test]
fn only_sql_that_plainly_reads_looks() {
    all(
        Harm::Looks,
        &[
            "psql|-c|SELECT 1;",
            "psql|-tAc|SELECT count(*) FROM users WHERE email IS NOT NULL;",
            "psql|-c|SELECT 'drop table x', \"delete\" FROM a WHERE b IN (1, 2)",
            "psql|-c|-- a comment\nSELECT max(a) /* drop */ FROM b",
            "psql|-c|WITH x AS (SELECT a FROM b) SELECT count(*) FROM x",
            "psql|-c|SHOW max_connections",
            "psql|-c|EXPLAIN DELETE FROM x",
            "psql|-c|EXPLAIN (ANALYZE, BUFFERS) SELECT a FROM x",
            "psql|-c|BEGIN READ ONLY; SELECT a FROM x; ROLLBACK",
            "psql|-c|SET statement_timeout = '5s'; SELECT pg_catalog.count(*) FROM x",
            "psql|-c|COPY (SELECT a FROM b) TO STDOUT",
            "psql|-c|\\dt+ public.*",
            "psql|-c|SELECT pg_size_pretty(pg_database_size(current_database()))",
            "mysql|-Ne|SHOW PROCESSLIST",
            "sh|-c|psql -c \"SELECT count(*) FROM x WHERE a > 1\" | head -5",
            "kubectl|exec|d|--|psql|-c|SELECT a, sum(b) OVER (PARTITION BY c) FROM d",
        ],
    );
    all(
        Harm::Changes,
        &[
            "psql|-c|SELECT refill()",
            "psql|-c|SELECT * FROM refill()",
            "psql|-c|SELECT evil.count(*) FROM x",
            "psql|-c|SELECT nextval('x')",
            "psql|-c|SELECT set_config('a', 'b', false)",
            "psql|-c|SELECT \"refill\"()",
            "psql|-c|SELECT * INTO y FROM x",
            "psql|-c|SELECT * FROM x FOR UPDATE",
            "psql|-c|SELECT 1; SELECT refill()",
            "psql|-c|COPY users FROM STDIN",
            "psql|-c|COPY users TO PROGRAM 'cat'",
            "psql|-c|\\copy users from x",
            "psql|-c|\\i tidy.sql",
            "psql|-c|SELECT 'a' \\gexec",
            "psql|-c|CALL tidy()",
            "psql|-c|DO $$ BEGIN PERFORM tidy(); END $$",
            "psql|-c|WITH x AS (INSERT INTO a VALUES (1) RETURNING *) SELECT * FROM x",
            "psql|-c|EXPLAIN ANALYZE INSERT INTO a VALUES (1)",
            "psql|-c|UPDATE users SET email = NULL WHERE id = 5",
            "psql|-c|INSERT INTO x VALUES (1) ON CONFLICT DO UPDATE SET a = 1",
            "psql|-c|REFRESH MATERIALIZED VIEW x",
            "psql|--comm|CALL tidy()",
            "psql|-cCALL tidy()",
            "psql|-f|tidy.sql",
            "mysql|-e|SELECT 1--1; CALL tidy()",
            "mariadb|-e|LOAD DATA INFILE 'x' INTO TABLE y",
            "aws|rds-data|execute-statement|--sql|INSERT INTO x VALUES (1)",
        ],
    );
    all(
        Harm::Destroys,
        &[
            "psql|-c|SELECT purge_all();",
            "psql|-c|SELECT * FROM public.purge_all()",
            "psql|-c|UPDATE users SET email = NULL",
            "psql|-c|UPDATE users SET email = NULL WHERE true",
            "psql|-c|UPDATE users SET email = NULL WHERE 1 = 1",
            "psql|-c|UPDATE users SET a = (SELECT b FROM c WHERE d = 1)",
            "psql|-c|WITH x AS (UPDATE users SET a = 1 RETURNING *) SELECT * FROM x WHERE b = 1",
            "psql|-c|DELETE FROM users",
            "psql|-c|WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x",
            "psql|-c|EXPLAIN ANALYZE DELETE FROM users",
            "psql|-c|CALL purge_all()",
            "psql|-c|DO $$ BEGIN PERFORM purge_all(); END $$",
            "psql|-c|SELECT 'it\\'s'; DROP TABLE x; --'",
            "psql|-tAc|TRUNCATE x",
            "psql|-f|wipe.sql",
            "psql|--file=/x/wipe-all.sql",
            "psql|-tAf|wipe.sql",
            "mysql|-e|SELECT 1--1; DROP TABLE x",
            "mysql|-e|/*!50000 DROP TABLE x */",
            "mariadb|-e|DROP DATABASE x",
            "sh|-c|psql -c \"UPDATE users SET email = NULL\"",
            "aws|rds-data|execute-statement|--sql|UPDATE users SET email = NULL",
            "aws|athena|start-query-execution|--query-string|DROP TABLE x",
        ],
    );
}

#[test]
fn an_operation_of_aws_is_a_look_only_if_it_is_known_to_be_one() {
    all(
        Harm::Looks,
        &[
            "aws|iam|simulate-principal-policy|--action-names|s3:GetObject",
            "aws|logs|test-metric-filter",
            "aws|backup|describe-restore-job",
            "aws|backup|list-restore-jobs",
            "aws|codebuild|batch-get-builds",
            "aws|s3api|get-bucket-lifecycle-configuration",
            "aws|--cli-connect-timeout|5|ec2|describe-instances",
        ],
    );
    all(
        Harm::Changes,
        &[
            "aws|elasticache|test-migration",
            "aws|apigateway|test-invoke-method",
            "aws|stepfunctions|get-activity-task",
            "aws|frobnicate|preview-thing",
            "aws|autoscaling|put-lifecycle-hook",
            "aws|elbv2|deregister-targets",
            "aws|elbv2|create-listener",
            "aws|events|enable-rule",
            "aws|lambda|invoke|--function-name|tidy",
            "aws|lambda|update-event-source-mapping",
        ],
    );
    all(
        Harm::Destroys,
        &[
            "aws|elasticache|test-failover",
            "aws|backup|start-restore-job",
            "aws|drs|start-recovery",
            "aws|drs|start-failback-launch",
            "aws|rds|switchover-blue-green-deployment",
            "aws|rds|promote-read-replica",
            "aws|elasticache|decrease-replica-count",
            "aws|elbv2|modify-listener",
            "aws|elbv2|modify-rule",
            "aws|elbv2|set-rule-priorities",
            "aws|ec2|replace-route",
            "aws|ec2|disassociate-address",
            "aws|lambda|update-alias",
            "aws|elasticbeanstalk|swap-environment-cnames",
            "aws|route53-recovery-cluster|update-routing-control-state",
            "aws|s3api|put-bucket-lifecycle-configuration",
            "aws|ecr|put-lifecycle-policy",
            "aws|logs|put-retention-policy",
            "aws|dynamodb|update-time-to-live",
            "aws|dynamodb|batch-write-item|--request-items|{\"t\":[{\"DeleteRequest\":{}}]}",
            "aws|rds|modify-db-instance|--backup-retention-period|0",
            "aws|redshift-data|batch-execute-statement|--sqls|SELECT 1|DROP TABLE x",
            "aws|globalaccelerator|update-endpoint-group|--endpoint-group-arn|x",
            "aws|cloudfront|update-distribution|--id|x",
            "aws|eks|update-nodegroup-config|--scaling-config|minSize=0,maxSize=1,desiredSize=0",
            "aws|cloudformation|update-stack",
            "aws|fis|start-experiment",
            "aws|lambda|invoke|--function-name|wipe-users",
            "aws|stepfunctions|start-execution|--state-machine-arn|arn:aws:states:a:1:stateMachine:PurgeAll",
            "aws|ecs|run-task|--task-definition|restore-users",
            "aws|--cli-connect-timeout|5|ec2|terminate-instances",
            "aws|ssm|send-command|--parameters|commands=[\"kubectl scale d --replicas 0\"]",
            "aws|ssm|send-command|--parameters|commands=[\"aws rds failover-db-cluster > /var/x\"]",
            "sh|-c|aws rds failover-db-cluster > /var/x",
            "bash|-c|echo \"$(aws rds failover-db-cluster)\"",
            "sh|-c|x=\"$(date)\"; kubectl drain n1",
            "sh|-c|x=\"`date`\"; kubectl drain n1",
            "sh|-c|x=\"$(f (a))\"; aws rds failover-db-cluster",
            "sh|-c|kubectl get pods\n# don't wait\nkubectl drain n1",
            "sh|-c|for n in 1 2; do kubectl drain $n; done",
            "sh|-c|if true; then exec kubectl drain n1; fi",
            "sh|-c|AWS_REGION=eu aws rds failover-db-cluster",
            "sh|-c|aws \\\n rds failover-db-cluster",
            "sh|-c|echo ${#list}; kubectl drain n1",
            "sh|-c|echo \"$(date)\"; kubectl drain n1; echo $(date)",
            "sh|-c|cat <<E\ndon't\nE\nkubectl drain n1\ncat <<E\nwon't\nE",
            "sh|-c|echo $'it\\'s'; kubectl drain n1; echo \\'",
            "sh|-c|x=\"$(case a in b) echo '\"';; esac)\"; kubectl drain n1; echo \\'",
            "sh|-c|echo 'a; kubectl drain n1",
            "psql|-c|SELECT 1 --'\n; DROP TABLE x; --'",
            "psql|-c|SELECT 1 --a'\n; DROP TABLE x; --b'",
            "mysql|-e|SELECT 1 # don't\n; DROP TABLE x;",
            "psql|-c|/* /* */ ' */; DROP TABLE x; --'",
            "mysql|-e|SELECT 1 AS $$; DROP TABLE x; SELECT 1 AS $$",
        ],
    );
}

#[test]
fn a_patch_is_judged_by_what_it_takes_away() {
    let patch = |patch: &str| harm(&format!("kubectl|patch|deployment|x|--patch|{patch}"));
    for kept in [
        r#"{"spec":{"replicas":3}}"#,
        r#"{"spec":{"replicas":10}}"#,
        r#"[{"op":"replace","path":"/spec/replicas","value":2}]"#,
        r#"[{"op":"replace","path":"/metadata/labels/a","value":0}]"#,
        "spec: {replicas: 2}",
    ] {
        assert_eq!(patch(kept), Harm::Changes, "{kept}");
    }
    for taken in [
        r#"{"spec":{"replicas":0}}"#,
        r#"{"spec": {"replicas" : 0 }}"#,
        "spec:\n  replicas: 0\n",
        r#"[{"op":"replace","path":"/spec/replicas","value":0}]"#,
        r#"[{"op":"remove","path":"/spec/template/spec/containers/0"}]"#,
        r#"{"data":{"KEY":null}}"#,
        r#"{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}"#,
    ] {
        assert_eq!(patch(taken), Harm::Destroys, "{taken}");
    }
    all(Harm::Looks, &["kubectl|auth|can-i|get|pods", "kubectl|config|current-context"]);
    all(
        Harm::Changes,
        &[
            "kubectl|auth|reconcile|-f|rbac.yaml",
            "kubectl|config|use-context|x",
            "oc|login|x",
            "kubectl|cnpg|status|x",
        ],
    );
    all(
        Harm::Destroys,
        &[
            "kubectl|auth|reconcile|-f|rbac.yaml|--remove-extra-permissions",
            "kubectl|patch|deployment|x|--patch-file|x.json",
            "kubectl|patch|ingress|x|--patch|{\"spec\":{\"rules\":[]}}",
            "kubectl|patch|service/x|--patch|{\"spec\":{\"selector\":{\"a\":\"b\"}}}",
            "kubectl|set|selector|service|x|a=b",
            "kubectl|cnpg|promote|x|y",
            "kubectl|exec|d|rm|-rf|/x",
            "sh|-c|kubectl patch deployment x -p '{\"spec\":{\"replicas\":0}}'",
        ],
    );
}

#[test]
fn a_text_in_a_language_looks_only_if_all_that_it_calls_is_known() {
    all(
        Harm::Looks,
        &[
            "python|-c|print(1)",
            "python3|-c|import gc, psutil; print(psutil.virtual_memory().percent, len(gc.get_objects()))",
            "mongosh|--eval|db.users.find({a: 1}).limit(5)",
            "mongosh|--eval|rs.status()",
        ],
    );
    all(
        Harm::Changes,
        &[
            "python3|-c|import requests; requests.post(1)",
            "python3|-c|import socket",
            "python3|-c|import\tsocket",
            "python3|-c|from urllib.request import urlopen; urlopen('https://a.example.com')",
            "python3|-c|import http.client",
            "python3|-c|print(__import__('os'))",
            "python3|-c|open('/x')",
            "python3|-c|[print][0](1)",
            "python3|-Ic|import requests",
            "node|-e|console.log(1)",
            "perl|-ne|print",
            "mongosh|--eval|db.users.insertOne({})",
            "mongosh|--eval|db.users.aggregate([{$out: 'x'}])",
            "mongosh|--eval|db['users'].find()['x']()",
        ],
    );
    all(
        Harm::Destroys,
        &[
            "python3|-c|import shutil, x; shutil.rmtree('/x')",
            "perl|-e|unlink 'x'",
            "mongosh|--eval|db.dropDatabase()",
            "mongosh|--eval=db.users.deleteMany({})",
            "mongosh|--eval|db.users.updateMany({}, {$set: {a: 1}})",
            "mongosh|--eval|rs.stepDown()",
            "mongosh|wipe.js",
        ],
    );
}

#[test]
fn a_tool_of_the_trade_is_judged_by_what_it_is_told() {
    all(
        Harm::Looks,
        &[
            "docker|compose|-f|x.yaml|ps",
            "docker|volume|ls",
            "docker|system|df",
            "redis-cli|-h|x|--tls|GET|a",
            "redis-cli|SLOWLOG|GET|10",
            "etcdctl|--endpoints=x|member|list",
            "consul|kv|get|a",
            "vault|status",
            "curl|-sSfL|https://a.example.com",
            "terraform|workspace|list",
        ],
    );
    all(
        Harm::Changes,
        &[
            "docker|compose|up|-d",
            "docker|volume|create|x",
            "redis-cli|SET|ping|1",
            "redis-cli|EVAL|return redis.call('SET', KEYS[1], 1)|1|a",
            "redis-cli|SLOWLOG|x",
            "etcdctl|put|a|b",
            "consul|kv|put|a|b",
            "date|-s|10:00",
            "sort|-o|x|y",
            "curl|-sXPOST|https://a.example.com",
            "git|push|origin|main",
            "npm|run|build",
        ],
    );
    all(
        Harm::Destroys,
        &[
            "docker|compose|down|-v",
            "docker|compose|-f|x.yaml|-p|y|rm|-f",
            "docker-compose|down",
            "docker|volume|rm|x",
            "docker|system|prune|-af",
            "podman|container|prune",
            "docker|service|scale|x=0",
            "docker|service|update|--replicas|0|x",
            "redis-cli|EVAL|return redis.call('flushall')|0",
            "redis-cli|EVAL|redis.call(\"DEL\", KEYS[1])|1|a",
            "redis-cli|FlushAll",
            "redis-cli|CLUSTER|RESET",
            "redis-cli|LTRIM|a|1|0",
            "etcdctl|del|--prefix|/",
            "etcdctl|snapshot|restore|x",
            "etcdctl|move-leader|x",
            "consul|kv|delete|-recurse|a",
            "consul|leave",
            "consul|operator|raft|remove-peer",
            "vault|kv|delete|a",
            "vault|lease|revoke|a",
            "vault|operator|seal",
            "terraform|workspace|delete|x",
            "terragrunt|apply|-auto-approve",
            "pulumi|up",
            "cdk|destroy",
            "helm|rollback|x",
            "git|push|origin|+main",
            "git|push|origin|:main",
            "git|branch|-d|x",
            "patronictl|switchover",
            "pg_ctl|promote",
            "pg_rewind|x",
            "mongorestore|--drop|x",
            "rabbitmqctl|purge_queue|x",
            "nodetool|removenode|x",
            "velero|restore|create",
            "lvremove|x",
            "make|wipeall",
            "eksctl|scale|nodegroup|--nodes|0",
            "ss|-K|dst|x",
            "find|/x|-ok|rm",
            "curl|-sXdelete|https://a.example.com",
            "curl|-d|x|https://a.example.com/failover",
        ],
    );
}
