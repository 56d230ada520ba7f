//! How much harm a command does.

mod clients;
mod known;
mod shells;

use crate::lint::{Harm, of_action};
use crate::parse;
use crate::spec::Action;
use expect_test::expect;
use serde_json::json;
use std::fmt::Write as _;

fn action(value: serde_json::Value) -> Action {
    let value = json!({
        "name": "x", "title": "x", "description": "x", "author": "x",
        "steps": [{"id": "x", "title": "x", "do": value}]
    });
    parse::read(&value).unwrap().steps.remove(0).action
}

fn table(rows: &[&str], action: impl Fn(&str) -> Action) -> String {
    let mut table = String::new();
    for row in rows {
        let harm = match of_action(&action(row)).harm {
            Harm::Looks => "looks",
            Harm::Changes => "changes",
            Harm::Destroys => "destroys",
        };
        writeln!(table, "{harm:<9}{row}").unwrap();
    }
    table
}

#[test]
fn a_command_is_judged_by_what_it_does() {
    // Elements are parted by `;`.
    let rows = [
        "aws;ec2;describe-instances",
        "aws;--region;eu-west-1;ec2;terminate-instances",
        "aws;s3;ls",
        "aws;s3;rm;s3://b",
        "aws;s3;sync;a;s3://b",
        "aws;s3;sync;a;s3://b;--delete",
        "aws;rds;modify-db-instance;--db-instance-class;x",
        "aws;rds;modify-db-instance;--apply-immediately",
        "aws;rds;failover-db-cluster",
        "aws;rds;restore-db-instance-from-db-snapshot",
        "aws;rds;reboot-db-instance",
        "aws;autoscaling;set-desired-capacity;--desired-capacity;6",
        "aws;autoscaling;set-desired-capacity;--desired-capacity;0",
        "aws;ecs;update-service;--desired-count;0",
        "aws;ecs;update-service;--force-new-deployment",
        "aws;logs;start-query",
        "aws;logs;delete-log-group",
        "aws;secretsmanager;rotate-secret",
        "aws;kms;schedule-key-deletion",
        "aws;route53;change-resource-record-sets",
        "aws;ssm;send-command;--parameters;commands=[\"df -h\"]",
        "aws;ssm;send-command;--parameters;commands=[\"rm -rf /var/cache/x\"]",
        "aws;frobnicate;the-thing",
        "kubectl;get;pods",
        "kubectl;delete;pod;x",
        "kubectl;-n;delete;get;pods",
        "kubectl;scale;d;--replicas=0",
        "kubectl;scale;d;--replicas;6",
        "kubectl;rollout;status;d",
        "kubectl;rollout;undo;d",
        "kubectl;rollout;restart;d",
        "kubectl;apply;-f;x",
        "kubectl;drain;n",
        "kubectl;exec;d;--;cat;x",
        "kubectl;exec;d;--;redis-cli;FLUSHDB",
        "kubectl;exec;d;--;psql;-c;SELECT 1;",
        "kubectl;exec;d;--;psql;-c;DROP TABLE x",
        "git;log",
        "git;push;origin;x",
        "git;push;--force;origin;x",
        "git;push;origin;--force-with-lease=x",
        "git;reset;--hard",
        "git;-C;/a;push;-f",
        "terraform;plan",
        "terraform;apply",
        "terraform;-chdir=a;destroy",
        "terraform;state;list",
        "terraform;state;rm;x",
        "redis-cli;-h;x;INFO",
        "redis-cli;-h;x;flushall",
        "redis-cli;SET;a;b",
        "rm;-rf;/a",
        "find;/a;-name;b",
        "find;/a;-delete",
        "kill;-9;1",
        "sudo;-u;root;rm;x",
        "timeout;30;pkill;x",
        "env;A=b;reboot",
        "xargs;kill",
        "/usr/bin/rm;x",
        "sh;-c;df -h",
        "sh;-c;reboot",
        "bash;-lc;systemctl restart x",
        "systemctl;status;x",
        "systemctl;restart;x",
        "systemctl;stop;x",
        "growpart;/dev/xvda;1",
        "resize2fs;/dev/xvda1",
        "dd;if=a;of=b",
        "mkfs.ext4;/dev/x",
        "helm;list",
        "helm;uninstall;x",
        "docker;ps",
        "docker;rm;x",
        "curl;https://a.example.com",
        "curl;-X;DELETE;https://a.example.com",
        "curl;-d;x;https://a.example.com",
        "psql;-c;UPDATE users SET a = 1",
        "psql;-c;SELECT pg_terminate_backend(1)",
        "mysql;-e;TRUNCATE x",
        "kubectl;exec;d;--;sh;-c;rm x",
        "timeout;30;bash;-c;reboot",
        "awk;BEGIN{system(\"rm x\")}",
        "curl;-XDELETE;https://a.example.com",
        "curl;--request=DELETE;https://a.example.com",
        "psql;--command=DROP TABLE x",
        "psql;-f;x.sql",
        "env;-S;rm -rf x",
        "ssh;host;reboot",
        "docker;exec;c;rm;x",
        "busybox;rm;x",
        "aws;s3;mv;a;b",
        "aws;ssm;start-automation-execution;--document-name;AWS-RebootRdsInstance",
        "kubectl;-l;run;delete;pod",
        "python;-c;print(1)",
        "frobnicate;x",
        "bash;/x/tidy.sh",
        "bash;/x/wipe.sh",
        "sh;-s",
        "sh;-c;/x/tidy.sh",
        "sh;-c;echo a > /etc/b",
        "sh;-c;ps aux 2>&1 | sort | head -5",
        "bash;-c;echo $(frobnicate)",
        "python3;tidy.py",
        "python;wipe.py",
        "node;tidy.js",
        "python;-c;import shutil; shutil.rmtree('/x')",
        "kubectl;exec;d;--;/x/tidy.sh",
        "kubectl;exec;d;tidy",
        "awk;-f;tidy.awk",
        "awk;{print $1}",
        "aws;ecs;update-service;--desired-count=0",
        "aws;ecs;update-service;--desired-count=6",
        "aws;autoscaling;set-desired-capacity;--desired-capacity=0",
        "aws;autoscaling;update-auto-scaling-group;--max-size=0",
        "aws;lambda;put-function-concurrency;--reserved-concurrent-executions=0",
        "aws;ssm;start-automation-execution;--document-name=AWS-RebootRdsInstance",
        "aws;ssm;send-command;--parameters=commands=[\"rm -rf /var/cache/x\"]",
        "gcloud;compute;instances;delete;x",
        "gcloud;compute;instances;describe;x",
        "mysqladmin;drop;x",
        "/opt/wipe-disk;x",
    ];
    let command = |row: &str| {
        let argv: Vec<&str> = row.split(';').filter(|one| !one.is_empty()).collect();
        action(json!({"command": {"argv": argv, "profile": "p"}}))
    };
    expect![[r#"
        looks    aws;ec2;describe-instances
        destroys aws;--region;eu-west-1;ec2;terminate-instances
        looks    aws;s3;ls
        destroys aws;s3;rm;s3://b
        changes  aws;s3;sync;a;s3://b
        destroys aws;s3;sync;a;s3://b;--delete
        changes  aws;rds;modify-db-instance;--db-instance-class;x
        destroys aws;rds;modify-db-instance;--apply-immediately
        destroys aws;rds;failover-db-cluster
        destroys aws;rds;restore-db-instance-from-db-snapshot
        destroys aws;rds;reboot-db-instance
        changes  aws;autoscaling;set-desired-capacity;--desired-capacity;6
        destroys aws;autoscaling;set-desired-capacity;--desired-capacity;0
        destroys aws;ecs;update-service;--desired-count;0
        changes  aws;ecs;update-service;--force-new-deployment
        looks    aws;logs;start-query
        destroys aws;logs;delete-log-group
        destroys aws;secretsmanager;rotate-secret
        destroys aws;kms;schedule-key-deletion
        destroys aws;route53;change-resource-record-sets
        changes  aws;ssm;send-command;--parameters;commands=["df -h"]
        destroys aws;ssm;send-command;--parameters;commands=["rm -rf /var/cache/x"]
        changes  aws;frobnicate;the-thing
        looks    kubectl;get;pods
        destroys kubectl;delete;pod;x
        looks    kubectl;-n;delete;get;pods
        destroys kubectl;scale;d;--replicas=0
        changes  kubectl;scale;d;--replicas;6
        looks    kubectl;rollout;status;d
        destroys kubectl;rollout;undo;d
        changes  kubectl;rollout;restart;d
        destroys kubectl;apply;-f;x
        destroys kubectl;drain;n
        looks    kubectl;exec;d;--;cat;x
        destroys kubectl;exec;d;--;redis-cli;FLUSHDB
        looks    kubectl;exec;d;--;psql;-c;SELECT 1;
        destroys kubectl;exec;d;--;psql;-c;DROP TABLE x
        looks    git;log
        changes  git;push;origin;x
        destroys git;push;--force;origin;x
        destroys git;push;origin;--force-with-lease=x
        destroys git;reset;--hard
        destroys git;-C;/a;push;-f
        looks    terraform;plan
        destroys terraform;apply
        destroys terraform;-chdir=a;destroy
        looks    terraform;state;list
        destroys terraform;state;rm;x
        looks    redis-cli;-h;x;INFO
        destroys redis-cli;-h;x;flushall
        changes  redis-cli;SET;a;b
        destroys rm;-rf;/a
        looks    find;/a;-name;b
        destroys find;/a;-delete
        destroys kill;-9;1
        destroys sudo;-u;root;rm;x
        destroys timeout;30;pkill;x
        destroys env;A=b;reboot
        destroys xargs;kill
        destroys /usr/bin/rm;x
        looks    sh;-c;df -h
        destroys sh;-c;reboot
        changes  bash;-lc;systemctl restart x
        looks    systemctl;status;x
        changes  systemctl;restart;x
        destroys systemctl;stop;x
        destroys growpart;/dev/xvda;1
        destroys resize2fs;/dev/xvda1
        destroys dd;if=a;of=b
        destroys mkfs.ext4;/dev/x
        looks    helm;list
        destroys helm;uninstall;x
        looks    docker;ps
        destroys docker;rm;x
        looks    curl;https://a.example.com
        destroys curl;-X;DELETE;https://a.example.com
        changes  curl;-d;x;https://a.example.com
        destroys psql;-c;UPDATE users SET a = 1
        destroys psql;-c;SELECT pg_terminate_backend(1)
        destroys mysql;-e;TRUNCATE x
        destroys kubectl;exec;d;--;sh;-c;rm x
        destroys timeout;30;bash;-c;reboot
        destroys awk;BEGIN{system("rm x")}
        destroys curl;-XDELETE;https://a.example.com
        destroys curl;--request=DELETE;https://a.example.com
        destroys psql;--command=DROP TABLE x
        changes  psql;-f;x.sql
        destroys env;-S;rm -rf x
        destroys ssh;host;reboot
        destroys docker;exec;c;rm;x
        destroys busybox;rm;x
        destroys aws;s3;mv;a;b
        destroys aws;ssm;start-automation-execution;--document-name;AWS-RebootRdsInstance
        destroys kubectl;-l;run;delete;pod
        looks    python;-c;print(1)
        changes  frobnicate;x
        changes  bash;/x/tidy.sh
        destroys bash;/x/wipe.sh
        changes  sh;-s
        changes  sh;-c;/x/tidy.sh
        changes  sh;-c;echo a > /etc/b
        looks    sh;-c;ps aux 2>&1 | sort | head -5
        changes  bash;-c;echo $(frobnicate)
        changes  python3;tidy.py
        destroys python;wipe.py
        changes  node;tidy.js
        changes  python;-c;import shutil; shutil.rmtree('/x')
        changes  kubectl;exec;d;--;/x/tidy.sh
        changes  kubectl;exec;d;tidy
        changes  awk;-f;tidy.awk
        looks    awk;{print $1}
        destroys aws;ecs;update-service;--desired-count=0
        changes  aws;ecs;update-service;--desired-count=6
        destroys aws;autoscaling;set-desired-capacity;--desired-capacity=0
        destroys aws;autoscaling;update-auto-scaling-group;--max-size=0
        destroys aws;lambda;put-function-concurrency;--reserved-concurrent-executions=0
        destroys aws;ssm;start-automation-execution;--document-name=AWS-RebootRdsInstance
        destroys aws;ssm;send-command;--parameters=commands=["rm -rf /var/cache/x"]
        destroys gcloud;compute;instances;delete;x
        changes  gcloud;compute;instances;describe;x
        destroys mysqladmin;drop;x
        destroys /opt/wipe-disk;x
    "#]]
    .assert_eq(&table(&rows, command));
}

#[test]
fn a_document_is_judged_by_its_name() {
    let rows = [
        "AWS-RestartEC2Instance",
        "AWS-StopEC2Instance",
        "AWS-ResizeInstance",
        "AWS-CreateSnapshot",
        "AWS-DeleteSnapshot",
        "AWSSupport-TroubleshootRDP",
        "AWS-RebootRdsInstance",
        "Our-Own",
    ];
    expect![[r#"
        destroys AWS-RestartEC2Instance
        destroys AWS-StopEC2Instance
        destroys AWS-ResizeInstance
        changes  AWS-CreateSnapshot
        destroys AWS-DeleteSnapshot
        looks    AWSSupport-TroubleshootRDP
        destroys AWS-RebootRdsInstance
        changes  Our-Own
    "#]]
    .assert_eq(&table(&rows, |row| action(json!({"ssm": {"document": row}}))));
}

#[test]
fn a_request_is_judged_by_its_method_and_path() {
    let rows = [
        "GET https://a.example.com/delete",
        "HEAD https://a.example.com/",
        "POST https://a.example.com/x",
        "DELETE https://a.example.com/x",
        "POST https://a.example.com/revoke-all-tokens",
        "PUT https://a.example.com/failover",
        "PATCH https://a.example.com/x",
    ];
    let request = |row: &str| {
        let (method, url) = row.split_once(' ').unwrap();
        action(json!({"http": {"method": method, "url": url}}))
    };
    expect![[r#"
        looks    GET https://a.example.com/delete
        looks    HEAD https://a.example.com/
        changes  POST https://a.example.com/x
        destroys DELETE https://a.example.com/x
        destroys POST https://a.example.com/revoke-all-tokens
        destroys PUT https://a.example.com/failover
        changes  PATCH https://a.example.com/x
    "#]]
    .assert_eq(&table(&rows, request));
}

#[test]
fn what_a_program_reads_is_judged_too() {
    let read = |stdin: &str| {
        let argv = json!(["psql", "--no-psqlrc"]);
        of_action(&action(json!({"command": {"argv": argv, "stdin": stdin, "profile": "p"}}))).harm
    };
    assert_eq!(read("SELECT 1;"), Harm::Looks);
    assert_eq!(read("UPDATE x SET a = 1 WHERE b = 2;"), Harm::Changes);
    assert_eq!(read("UPDATE x SET a = 1;"), Harm::Destroys);
    assert_eq!(read("SELECT purge_all();"), Harm::Destroys);
    assert_eq!(read("drop table x;"), Harm::Destroys);
}
