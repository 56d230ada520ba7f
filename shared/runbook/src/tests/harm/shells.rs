//! What a shell or a runner is handed is read as they read it.

use super::known::all;
use crate::lint::{Harm, of_action};
use crate::tests::harm::action;
use serde_json::json;

fn judged(text: &str) -> Harm {
    of_action(&action(json!({"command": {"argv": ["sh", "-c", text], "profile": "p"}}))).harm
}

/// Asserts of each text, handed to a shell, how much harm it does.
fn texts(harms: Harm, rows: &[&str]) {
    let other: Vec<_> = rows.iter().filter(|text| judged(text) != harms).collect();
    assert!(other.is_empty(), "not {harms:?}: {other:#?}");
}

#[test]
fn what_runs_in_a_text_of_a_shell_is_found_wherever_it_stands() {
    texts(
        Harm::Destroys,
        &[
            "kubectl --context ${CTX} drain n1",
            "kubectl scale deploy/${APP} --replicas=0",
            "kubectl --context $(kubectl config current-context) drain n1",
            "kubectl --context `kubectl config current-context` drain n1",
            "LOG=\"/var/log/$(date +%F).log\" kubectl drain n1",
            "aws rds modify-db-instance --db-instance-identifier ${DB} --apply-immediately",
            "psql -h ${DBHOST} -c \"UPDATE users SET email = NULL\"",
            "{ date; kubectl drain n1; }",
            "2>/dev/null kubectl drain n1",
            "</dev/null kubectl drain n1",
            "date 2>&1 | grep x && kubectl drain n1",
            "cat <(kubectl drain n1)",
            "eval kubectl drain n1",
            "command -p kubectl drain n1",
            "time -p kubectl drain n1",
            "exec -a x kubectl drain n1",
            "trap 'kubectl drain n1' EXIT",
            "echo \"${x:-\"it'\"'\"'s\"}\"; kubectl drain n1; echo \"${x:-\"it'\"'\"'s\"}\"",
            "for one in a b; do kubectl drain n1; done",
            "echo 'kubectl drain n1' | sh",
            "echo 'UPDATE users SET a = 1' | psql",
            "psql app <<< 'UPDATE users SET a = 1'",
            "psql app <<E\nUPDATE users SET a = 1;\nE",
            "cat <<'E' | psql app\nUPDATE users SET a = 1;\nE",
            "psql -d app < wipe.sql",
            "echo 'DEL k' | redis-cli -h x",
            ": > /var/log/app.log",
            "cat /dev/null > /var/log/app.log",
            "cat /dev/zero > /dev/sda",
            "echo b > /proc/sysrq-trigger",
            "kubectl rollout restart d/x; bash -c 'umount /x'",
            "cat wipe.sql |\n psql -h x",
            "echo 'drop table t' | # note\npsql",
            "echo 'drop table t' |& psql",
            "echo 'drop table t' | {\npsql\n}",
            "echo 'drop table t' | (date; psql)",
            "echo 'drop table t' | psql -h \"$(cat host)\"",
            "echo 'drop table t' | psql -h `cat host`",
            "echo 'drop table t' | psql -d mysql",
            "psql < wipe.sql \"$(cat dsn)\"",
            "{ psql; } < wipe.sql",
            "(psql) < wipe.sql",
            "if psql; then date; fi < wipe.sql",
            "exec < wipe.sql; psql",
            "cat wipe.sql | timeout 60 bash -c \"psql -d x\"",
            "kubectl exec -i db -- sh -c psql < wipe.sql",
            "cat < $(reboot)",
            "cat </dev/null$(reboot)",
            "x=$(cat < `reboot`)",
            "psql <<< \"call wipe('$(date)')\"",
            "echo 'get a\nflushall' | redis-cli",
            "printf 'echo a\\nrm -rf x\\n' | sh",
            "echo `df # x`; kubectl delete pod a",
            "df -h \\\n# it's\nkubectl delete pod a # it's",
            "df \u{a0}# ; kubectl delete pod a",
            "echo `echo \\`kubectl delete pod a\\``",
            "echo `echo \"\\$(kubectl delete pod a)\"`",
            "echo `echo 'a`; kubectl delete pod a; echo `b'`",
            "for x do kubectl delete pod $x; done",
            "for x in a; do kubectl delete pod $x; done",
            "command time -f echo rm x",
            "env -SA=b 'kubectl delete pod' df",
            "psql --co='drop table t'",
            "eval eval eval eval eval eval eval eval eval eval eval date",
        ],
    );
    texts(
        Harm::Changes,
        &[
            "mysql prod < tidy.sql",
            "cat dump.sql | mysql prod",
            "echo \"$SQL\" | psql app",
            "psql app <<< \"$SQL\"",
            "psql -c \"$(cat tidy.sql)\"",
            "kubectl exec -i db-0 -- mysql app < tidy.sql",
            "for one in a b; do $one; done",
            "curl https://x/y | sh",
            "echo a >> notes",
            "echo a 2> notes",
            "echo x >&1file",
            "echo 'begin;' | cat - tidy.sql | psql",
            "cat tidy.sql <<< 'select 1' | psql",
            "cat tidy.sql | psql -h redis-cli",
            "echo \"select 1 \\g |x\" | psql",
            "echo \"select 1 $(cat tidy.sql)\" | psql",
            "echo \"get a\nset b c\" | redis-cli",
            "for p in $(kubectl get pods -o name); do kubectl describe $p; done > /var/out",
            "(kubectl get pods) > /var/out",
            "echo > /dev/tcp/10.0.0.1/5432",
        ],
    );
    texts(
        Harm::Looks,
        &[
            "kubectl get events -A | grep -i kill",
            "2>/dev/null kubectl get pods",
            "exec 2>&1; df -h",
            "kubectl -n ${NS} get pods 2>/dev/null | grep -c \"$(date +%F)\"",
            "aws rds describe-events | grep failover || echo 'none' >&2",
            "for pod in a b; do kubectl get pod $pod; done",
            "if kubectl get pods; then echo up; else echo down; fi",
            "git log --oneline | grep -i rollback",
            "if [ -f /x ] && [[ 1 -gt 0 ]]; then true; else sleep 5; fi",
            "psql -c \"SELECT 1\" < /dev/null",
            "echo 'SELECT 1' | psql -tA app",
            "psql app <<< 'SELECT 1'",
            "jq . <<< \"$(cat restore.json)\"",
            "df 2>\"/dev/null\" >/dev/fd/2",
            "mysql -ureadonly -e 'select 1'",
            "kubectl get pods | while read -r pod; do echo \"$pod\"; done",
        ],
    );
}

#[test]
fn no_text_takes_long_to_read() {
    // Each runner hands on the text behind it, and so does each before it.
    let quoted = |text: String| format!("{}'{}'", "ssh ".repeat(60), text.replace('\'', "'\\''"));
    let nested = (0..4).fold("kubectl drain n1".to_owned(), |text, _| quoted(text));
    let long = [
        nested,
        format!("ssh {}", "a\\ b ".repeat(60).repeat(60)),
        "x ".repeat(3_000) + &">a ".repeat(3_000),
        format!("{}{}", "cat <<a ".repeat(500), "b\n".repeat(500)),
        "$(".repeat(3_000),
        "`".repeat(3_001),
        "eval ".repeat(1_000),
        format!("psql -c \"select {} 1\"", "f('a'), ".repeat(500)),
        "sh -c 'ssh a b ".repeat(200),
    ];
    // Each ends, and none is a look.
    for text in &long {
        assert_ne!(judged(text), Harm::Looks, "{}", text.get(..20).unwrap_or(text));
    }
}

#[test]
fn what_a_runner_runs_is_judged_and_its_own_words_are_not() {
    all(
        Harm::Destroys,
        &[
            "sh|-c|--|kubectl drain n1",
            "su|-|postgres|-c|umount /data",
            "su|-c|iptables -F",
            "su|postgres|-c|psql -c \"UPDATE users SET a = 1\"",
            "runuser|-u|postgres|--|psql|-c|UPDATE users SET a = 1",
            "env|-S|iptables -F",
            "env|--split-string=kubectl delete pod|df",
            "flock|f|-c|umount /data",
            "sh|-c|ssh web1 'umount /data'",
            "ionice|-c3|umount|/data",
            "systemd-run|--unit|x|umount|/data",
            "aws-vault|exec|p|--|kubectl|drain|n1",
            "oc|rsh|p|umount|/x",
            "sudo|-u|root|rm|-rf|/data",
            "sudo|--unknown|root|umount|/data",
            "timeout|-k|5|30|kubectl|drain|n1",
            "env|A=b|-u|C|kubectl|drain|n1",
            "xargs|-n|1|-I{}|kubectl|drain|{}",
        ],
    );
    all(
        Harm::Looks,
        &[
            "timeout|30|kubectl|get|pods",
            "timeout|--signal=KILL|30|kubectl|get|pods",
            "sudo|df|-h",
            "sudo|grep|-i|kill|/var/log/messages",
            "sudo|-u|postgres|psql|-c|SELECT 1",
            "nice|-n|10|du|-sh|/var",
            "env|TZ=UTC|date",
        ],
    );
}

#[test]
fn what_an_instance_is_handed_is_found_in_each_form() {
    all(
        Harm::Destroys,
        &[
            "aws|ssm|send-command|--parameters|commands=[\"umount /data\"],executionTimeout=[\"600\"]",
            "aws|ssm|send-command|--parameters|workingDirectory=[\"/srv\"],commands=[\"docker compose down\"]",
            "aws|ssm|send-command|--parameters|commands=['systemctl stop nginx']",
            "aws|ssm|send-command|--parameters|commands=umount /data",
            "aws|ssm|send-command|--parameters|commands=echo [\"a\"]; umount /data",
            "aws|ssm|send-command|--cli-input-json|{\"Parameters\":{\"commands\":[\"umount /data\"]}}",
            "aws|ssm|create-association|--parameters|commands=[\"umount /data\"]",
            "aws|redshift-data|batch-execute-statement|--sqls|[\"SELECT 1\",\"DROP TABLE x\"]",
            "aws|rds-data|execute-statement|--sql|SELECT '[\"a\"]'; DROP TABLE x",
            "aws|dynamodb|batch-execute-statement|--statements|[{\"Statement\":\"DELETE FROM x\"}]",
            "aws|rds-data|execute-statement|--cli-input-json|{\"sql\":\"DROP TABLE x\"}",
            "aws|ecs|run-task|--overrides|{\"containerOverrides\":[{\"command\":[\"rm\",\"-rf\",\"/data\"]}]}",
            "aws|rds|backtrack-db-cluster|--db-cluster-identifier|x",
            "aws|autoscaling|set-instance-health|--health-status|Unhealthy",
            "aws|ec2|associate-address|--allow-reassociation",
        ],
    );
    all(
        Harm::Looks,
        &["aws|s3|rm|s3://b/k|--dryrun", "aws|ec2|terminate-instances|--instance-ids|i|--dry-run"],
    );
}

#[test]
fn what_routes_is_found_behind_the_options_of_kubectl() {
    all(
        Harm::Destroys,
        &[
            "kubectl|patch|--type|merge|svc|web|-p|{\"spec\":{\"selector\":{\"a\":\"b\"}}}",
            "kubectl|patch|-p|{\"spec\":{}}|svc|web",
            "oc|patch|route/web|-p|{\"spec\":{}}",
            "oc|set|route-backends|web|a=0|b=100",
            "kubectl|annotate|ingress|web|canary-weight=100",
            "kubectl|drain|n1|--dry-run=none",
        ],
    );
    all(
        Harm::Looks,
        &[
            "kubectl|drain|n1|--dry-run=client",
            "kubectl|apply|-f|x.yaml|--dry-run=server",
            "kubectl|rollout|--timeout|60s|status|d/x",
        ],
    );
}
