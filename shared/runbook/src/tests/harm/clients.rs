//! Clients of databases, and the tools that an operator has at hand: what an audit found.

use super::action;
use crate::lint::{Harm, of_action};
use serde_json::json;

/// Asserts of each row, its elements parted by `|`, how much harm it does.
fn all(harms: Harm, rows: &[&str]) {
    let harm = |row: &str| {
        let argv: Vec<&str> = row.split('|').collect();
        of_action(&action(json!({"command": {"argv": argv, "profile": "p"}}))).harm
    };
    let other: Vec<_> = rows.iter().filter(|row| harm(row) != harms).collect();
    assert!(other.is_empty(), "not {harms:?}: {other:#?}");
}

#[test]
fn what_follows_a_look_in_a_text_of_sql_is_judged_too() {
    all(
        Harm::Looks,
        &[
            "mysql|-e|use prod",
            "mysql|-e|use prod\nSELECT a FROM users",
            "snowsql|-q|USE WAREHOUSE x; SELECT 1",
            "mysql|-e|SHOW SLAVE STATUS\\G",
            "mysql|-e|SHOW CREATE TABLE x\\g",
            "sqlcmd|-Q|USE prod\nGO\nSELECT a FROM users\nGO",
            "psql|-c|SELECT 'https://a.example.com', a[1] FROM x",
            "psql|-c|EXPLAIN CREATE TABLE x AS SELECT 1",
        ],
    );
    all(
        Harm::Changes,
        &[
            "mysql|-e|use prod\nCALL tidy()",
            "sqlcmd|-Q|SET LOCK_TIMEOUT 1000 EXEC tidy",
            "sqlcmd|-Q|SELECT 1\nGO\nEXEC tidy",
            "sqlcmd|-Q|SELECT 1\n!! tidy",
            "sqlcmd|-Q|SELECT 1\n:r tidy.sql",
            "sqlcmd|-i|tidy.sql",
            "clickhouse-client|--queries-file|tidy.sql",
            "psql|-c|EXPLAIN ANALYZE CREATE TABLE x AS SELECT 1",
            "psql|-c|CREATE OR REPLACE VIEW x AS SELECT 1",
            "psql|-c|CREATE OR REPLACE FUNCTION x() RETURNS int AS 'SELECT 1' LANGUAGE sql",
            "psql|-c|SELECT a FROM b WHERE c ~ '\\s+'",
            "psql|-c|UPDATE users SET action = 'restore' WHERE id = 5",
            "psql|-c|SELECT \"count\"(a) FROM x",
            "mysql|-e|CALL tidy()\\G",
        ],
    );
    all(
        Harm::Destroys,
        &[
            "mysql|-e|use prod\nDELETE FROM users;",
            "mysql|-e|use prod\nUPDATE users SET a = 1",
            "mysql|-e|use prod\nDROP TABLE users",
            "mysql|-e|use prod\nCALL purge_all",
            "mysql|-e|use role\nDROP TABLE x",
            "mysql|-e|show tables\nDROP TABLE users",
            "sqlcmd|-Q|USE prod DROP TABLE x",
            "sqlcmd|-Q|USE prod\nGO\nTRUNCATE TABLE x\nGO",
            "sqlcmd|-Q|SELECT 1\nGO\nRESTORE DATABASE x",
            "sqlcmd|-Q|SELECT 1\nGO\nEXEC purge_all",
            "sqlcmd|-Q|SELECT 1 EXEC purge_all",
            "sqlcmd|-Q|SELECT 1 KILL 53",
            "sqlcmd|-Q|SELECT 1 SHUTDOWN",
            "sqlcmd|-Q|SELECT [it's] FROM x; DROP TABLE y; SELECT [it's] FROM x",
            "sqlcmd|-i|drop_all.sql",
            "sqlcmd|-idrop_all.sql",
            "clickhouse-client|--queries-file=drop_all.sql",
            "psql|-tAfwipe.sql",
            "cqlsh|-e|SOURCE 'drop_all.sql'",
            "mariadb|-e|/*M! DROP TABLE x */",
            "mysql|-e|/*! UPDATE x SET a = 1 */",
            "cqlsh|-e|SELECT 1 // don't\n; DROP TABLE x; // '",
        ],
    );
}

#[test]
fn what_destroys_is_told_in_any_form() {
    all(
        Harm::Destroys,
        &[
            "psql|-c|UPDATE users SET email = regexp_replace(email,'\\s+$','')",
            "psql|-c|SELECT 'a\\'; UPDATE users SET a = 1; SELECT '",
            "cqlsh|-e|SELECT [it's] FROM x; DROP TABLE y; SELECT [it's] FROM x",
            "mysql|-e|SELECT 'it\\'s'; UPDATE users SET a = 1; -- '",
            "mysql|-e|CALL purge_all()\\G",
            "mysql|-e|UPDATE users SET a = 1\\G",
            "mysql|-e|SHOW SLAVE STATUS\\G STOP SLAVE",
            "psql|-c|\\! kubectl drain n1",
            "psql|-c|\\i wipe.sql",
            "mysql|-e|system tidy",
            "mysql|-e|PREPARE s FROM 'DROP TABLE x'",
            "mysql|-e|PREPARE s FROM 'DROP TABLE x'; EXECUTE s",
            "sqlcmd|-Q|EXEC('DROP TABLE x')",
            "psql|-c|DO 'BEGIN EXECUTE ''DROP TABLE x''; END'",
            "psql|-c|SELECT dblink_exec('db','DROP TABLE x')",
            "psql|-c|CALL \"purge_all\"()",
            "psql|-c|SELECT \"purge_all\"()",
            "mysql|-e|CALL purge_all",
            "sqlcmd|-Q|EXEC purge_all",
            "snowsql|-q|BEGIN DROP TABLE x; END",
            "snowsql|-q|INSERT OVERWRITE TABLE x SELECT 1",
            "snowsql|-q|CREATE OR REPLACE TABLE x AS SELECT 1",
            "psql|-c|PAUSE",
            "psql|-c|DISABLE db",
            "mysql|-e|CHANGE MASTER TO MASTER_HOST = 'x'",
            "redis-cli|CLIENT|KILL|TYPE|normal",
            "redis-cli|--cluster|del-node|x|y",
            "redis-cli|SENTINEL|REMOVE|m",
            "redis-cli|ACL|DELUSER|u",
            "redis-cli|FUNCTION|DELETE|f",
            "docker|compose|up|-d|--scale|web=0",
            "docker|node|update|--availability|drain|n",
            "nomad|node|drain|-enable|x",
            "eksctl|drain|nodegroup|--cluster|x",
            "nodetool|assassinate|x",
            "nodetool|clearsnapshot|--all",
            "heroku|ps:scale|web=0",
            "heroku|ps:scale|web=0:standard-1x",
            "gcloud|run|services|update-traffic|x|--to-latest",
            "az|webapp|deployment|slot|swap|--slot|x",
            "ip|route|replace|default|via|10.0.0.1",
            "git|push|-uf|origin|x",
            "git|stash|clear",
            "mongosh|--eval|db.users.update({},{$set:{a:1}},{multi:true})",
            "mongosh|--eval|db.dropDatabase/**/()",
            "mongosh|--eval|db.dropDatabase?.()",
            "mongosh|--eval|(db.dropDatabase)()",
            "mongosh|--eval|[1].find(db.users.drop, db.users)",
            "mongosh|--eval|[1].find(db.users['drop'], db.users)",
            "cockroach|node|decommission|4",
            "cockroach|node|drain|4",
            "cockroach|quit",
            "cockroach|userfile|delete|x",
            "cockroach|sql|-e|DROP TABLE x",
            "ss|-tK|dst|10.0.0.1",
        ],
    );
}

#[test]
fn an_option_makes_a_change_of_a_look() {
    all(
        Harm::Changes,
        &[
            "cockroach|init",
            "cockroach|sql|-e|CALL tidy()",
            "curl|-o|/etc/x|https://a.example.com",
            "curl|-sSLo|/usr/local/bin/x|https://a.example.com",
            "curl|-o/etc/x|https://a.example.com",
            "curl|-O|https://a.example.com/x",
            "curl|--output|/etc/x|https://a.example.com",
            "curl|-sc|/etc/x|https://a.example.com",
            "mongosh|--eval|db.users.insertOne?.({})",
            "curl|--up|x|https://a.example.com",
            "curl|-XPUT|https://a.example.com",
            "curl|-XGET|-d|{}|https://a.example.com",
            "sort|-uo|f|f",
            "sort|--compress-program=/x|f",
            "date|-us|2020-01-01",
            "date|010100002030",
            "date|-u|010100002030",
            "date|-fd|-s|2020-01-01",
            "uniq|a|b",
            "dmesg|-C",
            "dmesg|-Tc",
            "ss|-tD|/etc/x",
            "awk|{print > \"x\"}",
            "awk|-dx|{print}",
            "awk|{f = \"x\"; @f(1)}",
            "find|/|-exec|chmod|600|{}|+",
            "find|/|-fprint|x",
            "helm|template|x|--output-dir|y",
            "docker|run|--rm|alpine|nslookup|x",
        ],
    );
    all(
        Harm::Destroys,
        &[
            "find|/|-exec|ls|{}|+|-exec|rm|{}|+",
            "find|/|-exec|sh|-c|rm x|;",
            "find|/|-exec|ls|{}|+|-delete",
            "iptables|-F",
            "iptables|-L|-Z",
            "iptables|-t|nat|-A|x",
            "nft|list|ruleset|;|flush|ruleset",
            "nft|flush|ruleset",
            "ufw|disable",
            "fdisk|/dev/x",
            "parted|-l|/dev/x|rm|1",
            "kill|-0|-9|1",
            "pg_restore|-d|x|y",
            "journalctl|--vacuum-time=1d",
            "journalctl|--rotate",
            "docker|run|--rm|alpine|rm|-rf|/x",
            "terraform|-chdir=x",
            "pulumi|stack|rm",
            "systemctl|-t|status|stop|x",
            "helm|-n|list|uninstall|x",
            "velero|restore|create",
        ],
    );
}

#[test]
fn a_plain_look_is_one_in_any_form() {
    all(
        Harm::Looks,
        &[
            "cockroach|node|status",
            "cockroach|node|ls",
            "cockroach|version",
            "cockroach|sql|-e|SELECT 1",
            "curl|-so|/dev/null|-w|%{http_code}|https://a.example.com",
            "curl|-HX-Foo: d|https://a.example.com",
            "curl|-XGET|https://es/_cat/restore",
            "sort|-k2,2|-rn|f",
            "date|-u|+%s",
            "date|-Iseconds",
            "date|-d|-5 minutes|+%s",
            "date|-ud|yesterday",
            "helm|ls|-A",
            "helm|-n|prod|list",
            "helm|--namespace|prod|status|x",
            "helm|version",
            "helm|show|values|x",
            "helm|template|x",
            "helm|search|repo|x",
            "helm|diff|upgrade|x|y",
            "systemctl|--failed",
            "systemctl|is-enabled|x",
            "systemctl|is-failed|x",
            "systemctl|list-timers",
            "systemctl|list-unit-files",
            "systemctl|-n|50|status|x",
            "iptables|-L|-n",
            "iptables|-t|nat|-nvL|--line-numbers",
            "nft|list|ruleset",
            "ufw|status",
            "fdisk|-l",
            "parted|-l",
            "kill|-0|1",
            "pg_restore|-l|x",
            "find|/|-exec|ls|-l|{}|+",
            "terraform|-version",
            "pulumi|stack|output",
            "mongosh|--eval|db.orders.find({status:'stopped'})",
            "mongosh|--eval|db.deletedUsers.countDocuments()",
            "mongosh|--eval|print(1 + (2))",
            "journalctl|-u|restore-job.service|--since|-1h",
            "velero|restore|get",
            "awk|/delete/{print}|F",
            "dmesg|-T",
            "lsof|-i|:80",
            "uniq|-c|f",
            "redis-cli|CONFIG|GET|maxmemory",
        ],
    );
}
