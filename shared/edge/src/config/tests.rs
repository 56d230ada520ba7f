use super::*;
use expect_test::{expect, expect_file};
use std::collections::{BTreeMap, BTreeSet};

fn read(settings: &[(&str, &str)]) -> Result<Config, Vec<Problem>> {
    let settings: BTreeMap<_, _> = settings.iter().copied().collect();
    Config::read(&|name| settings.get(name).map(|text| (*text).to_owned()))
}

fn problems(settings: &[(&str, &str)]) -> String {
    let problems = read(settings).unwrap_err();
    let lines = problems.iter().map(|one| format!("{} {}", one.field, one.problem));
    lines.chain([String::new()]).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_table_is_enough_outside_a_function() {
    let config = read(&[("WATCHFIRE_TABLE", " watchfire ")]).unwrap();
    assert_eq!(config.table.as_str(), "watchfire");
    assert_eq!((config.stage.as_str(), config.log), ("dev", LevelFilter::INFO));
    assert_eq!((config.task_cpu, config.task_memory), (256, 512));
    assert_eq!(config.approval_ttl.millis(), watchfire_domain::DAY);
    assert_eq!(config.claims.on_call, "wf_on_call");
    assert!(config.prewarm && !config.assign_public_ip && config.cors_origins.is_empty());
    let fault = need(config.ecs_cluster.as_ref(), &variables::ECS_CLUSTER).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the configuration has problems: `WATCHFIRE_ECS_CLUSTER` is missing"
    );
}

#[test]
fn a_function_lacks_nothing_that_it_needs() {
    expect![[r#"
        WATCHFIRE_TABLE is missing: it is the DynamoDB table
        WATCHFIRE_PROBE_QUEUE_URL is missing: it is the queue of looks at environments
        WATCHFIRE_ECS_CLUSTER is missing: it is where tasks run
        WATCHFIRE_SUBNETS is missing: it is the subnets of the tasks
        WATCHFIRE_TOKEN_SECRET is missing: it is the keys under which task tokens are stored
    "#]]
    .assert_eq(&problems(&[("_HANDLER", "launch")]));
    for function in FUNCTIONS {
        let told: BTreeSet<_> =
            read(&[("_HANDLER", function)]).unwrap_err().into_iter().map(|one| one.field).collect();
        let needed = VARIABLES.iter().filter(|variable| {
            variable.otherwise == Otherwise::Required && variable.functions.contains(function)
        });
        assert_eq!(told, needed.map(|variable| variable.name.to_owned()).collect(), "{function}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    expect![[r#"
        WATCHFIRE_TABLE must be a table's name: 3 to 255 of `A-Z a-z 0-9 . _ -`
        WATCHFIRE_STAGE must be 1 to 128 of `A-Z a-z 0-9 . _ - : /`
        WATCHFIRE_LOG must be one of off, error, warn, info, debug, trace, not `loud`
        WATCHFIRE_PREWARM must be `1` or `0`, not `yes`
        WATCHFIRE_TRUST must be `pinned` or `native`, not `all`
        WATCHFIRE_ASSIGN_PUBLIC_IP must be `ENABLED` or `DISABLED`, not `true`
        WATCHFIRE_FAMILY_PREFIX must be 2 to 31 of `a-z 0-9 -`, a letter first
        WATCHFIRE_TASK_CPU must be one of 256, 512, 1024, 2048, 4096, 8192, 16384, not `300`
        WATCHFIRE_TASK_MEMORY must be a number from 512 to 122880, not `1`
        WATCHFIRE_TASK_ARCH must be `ARM64` or `X86_64`, not `riscv`
        WATCHFIRE_APPROVAL_TTL_SECONDS must be a number from 60 to 604800, not `59`
        WATCHFIRE_CLAIM_ROLE must be 1 to 128 of `A-Z a-z 0-9 . _ - : /`
        AWS_ENDPOINT_URL must be an address that starts with `https://`
        SMITHY_CLIENT_SDK_CUSTOM_PARTITION must be the path of a file that can be read
        WATCHFIRE_LIFECYCLE_ARN must be an ARN
        WATCHFIRE_ECS_CLUSTER must be a cluster's name or ARN
        WATCHFIRE_SUBNETS `` must be an id such as `subnet-0abc`
        WATCHFIRE_IMAGE must be text without spaces or control characters
        WATCHFIRE_EVIDENCE_BUCKET must be a bucket's name: 3 to 63 of `a-z 0-9 . -`
        WATCHFIRE_LINK_SECRET must be a secret's name or ARN
        WATCHFIRE_PUBLIC_URL must not end with a slash
        WATCHFIRE_MAIL_FROM must be a mail address
        WATCHFIRE_ISSUER must be `https://`, or of this machine
        WATCHFIRE_IAM_PRINCIPALS is not such a list: trailing characters at line 1 column 3
        WATCHFIRE_CORS_ORIGINS `*` must be an address that starts with `https://`
    "#]]
    .assert_eq(&problems(&[
        ("WATCHFIRE_TABLE", "a b"),
        ("WATCHFIRE_STAGE", "dev test"),
        ("WATCHFIRE_LOG", "loud"),
        ("WATCHFIRE_PREWARM", "yes"),
        ("WATCHFIRE_TRUST", "all"),
        ("AWS_ENDPOINT_URL", "localhost:4566"),
        ("SMITHY_CLIENT_SDK_CUSTOM_PARTITION", "/"),
        ("WATCHFIRE_LIFECYCLE_ARN", "lifecycle"),
        ("WATCHFIRE_ECS_CLUSTER", "a cluster"),
        ("WATCHFIRE_SUBNETS", "subnet-1, ,subnet-2"),
        ("WATCHFIRE_ASSIGN_PUBLIC_IP", "true"),
        ("WATCHFIRE_IMAGE", "an image"),
        ("WATCHFIRE_FAMILY_PREFIX", "Rosa"),
        ("WATCHFIRE_TASK_CPU", "300"),
        ("WATCHFIRE_TASK_MEMORY", "1"),
        ("WATCHFIRE_TASK_ARCH", "riscv"),
        ("WATCHFIRE_EVIDENCE_BUCKET", "Evidence"),
        ("WATCHFIRE_LINK_SECRET", "{\"k1\":\"text\"}"),
        ("WATCHFIRE_PUBLIC_URL", "https://desk.example/"),
        ("WATCHFIRE_APPROVAL_TTL_SECONDS", "59"),
        ("WATCHFIRE_MAIL_FROM", "desk"),
        ("WATCHFIRE_ISSUER", "http://login.example"),
        ("WATCHFIRE_CLAIM_ROLE", "my role"),
        ("WATCHFIRE_IAM_PRINCIPALS", "[]x"),
        ("WATCHFIRE_CORS_ORIGINS", "https://desk.example/app,*"),
    ]));
}

#[test]
fn tasks_have_sizes_that_fargate_knows() {
    let size = |cpu, memory| {
        let settings = [
            ("WATCHFIRE_TABLE", "watchfire"),
            ("WATCHFIRE_TASK_CPU", cpu),
            ("WATCHFIRE_TASK_MEMORY", memory),
        ];
        read(&settings).is_ok()
    };
    for (cpu, memory) in [("256", "2048"), ("512", "3072"), ("4096", "30720"), ("8192", "20480")] {
        assert!(size(cpu, memory), "{cpu}/{memory}");
    }
    for (cpu, memory) in [("256", "1536"), ("256", "4096"), ("512", "512"), ("8192", "17408")] {
        assert!(!size(cpu, memory), "{cpu}/{memory}");
    }
}

#[test]
fn steps_reach_nothing_that_is_not_listed() {
    let config = read(&[("WATCHFIRE_TABLE", "watchfire")]).unwrap();
    assert!(config.step_hosts.is_empty() && config.step_profiles.is_empty());
    assert!(config.step_documents.is_empty());
    assert_eq!(config.step_secrets.as_str(), "watchfire/steps/");
    let config = read(&[
        ("WATCHFIRE_TABLE", "watchfire"),
        ("WATCHFIRE_STEP_HOSTS", "api.example.com, status.example.com:8443"),
        ("WATCHFIRE_STEP_PROFILES", "operator=wf-operator:7,observer = wf-observer"),
        ("WATCHFIRE_STEP_DOCUMENTS", "AWS-RestartEC2Instance"),
        ("WATCHFIRE_STEP_SECRETS", "prod/steps/"),
    ])
    .unwrap();
    let hosts: Vec<_> = config.step_hosts.iter().map(StepHost::as_str).collect();
    assert_eq!(hosts, ["api.example.com", "status.example.com:8443"]);
    let profiles = config.step_profiles.iter();
    let profiles: Vec<_> = profiles.map(|one| (&*one.name, &*one.definition)).collect();
    assert_eq!(profiles, [("operator", "wf-operator:7"), ("observer", "wf-observer")]);
    assert_eq!(config.step_documents[0].as_str(), "AWS-RestartEC2Instance");
    assert_eq!(config.step_secrets.as_str(), "prod/steps/");
}

#[test]
fn what_steps_may_reach_is_checked_before_anything_runs() {
    expect![[r#"
        WATCHFIRE_STEP_SECRETS must be the beginning of a secret's name, up to a slash
        WATCHFIRE_STEP_HOSTS `*.example.com` must be a host's name in lower case, such as `api.example.com`
        WATCHFIRE_STEP_PROFILES has the profile `operator` twice
        WATCHFIRE_STEP_DOCUMENTS `arn:aws:ssm:r:1:document/x` must be a document's name: 3 to 128 of `A-Z a-z 0-9 . _ -`
    "#]].assert_eq(&problems(&[
        ("WATCHFIRE_TABLE", "watchfire"),
        ("WATCHFIRE_STEP_HOSTS", "api.example.com,*.example.com"),
        ("WATCHFIRE_STEP_PROFILES", "operator=one,operator=two"),
        ("WATCHFIRE_STEP_DOCUMENTS", "AWS-RestartEC2Instance,arn:aws:ssm:r:1:document/x"),
        ("WATCHFIRE_STEP_SECRETS", "steps"),
    ]));
    for host in [
        "127.0.0.1",
        "[::1]",
        "localhost",
        "API.example.com",
        "a.b:0443",
        "a.b:0",
        "a.b:",
        "https://a.b",
        "-a.b",
        "a..b",
        "a.b.",
        "user@a.b",
        "a.0x7f",
    ] {
        assert!(host.parse::<StepHost>().is_err(), "{host}");
    }
    // As the template names a definition that it ships.
    let arn =
        "arn:aws-cn:ecs:cn-north-1:111122223333:task-definition/watchfire-step-observer-dev:3";
    let shipped: StepProfile = format!("observer={arn}").parse().unwrap();
    assert_eq!((&*shipped.name, &*shipped.definition), ("observer", arn));
    for profile in ["operator", "=x", "operator=", "Operator=x", "-a=x", "a=x y", "a=x=y"] {
        assert!(profile.parse::<StepProfile>().is_err(), "{profile}");
    }
}

#[test]
fn principals_are_checked_before_anybody_calls() {
    let given = |text| problems(&[("WATCHFIRE_TABLE", "tab"), ("WATCHFIRE_IAM_PRINCIPALS", text)]);
    let arn = "arn:aws:iam::111122223333:role/ci";
    let text = [
        given(r#"[{"arn_prefix":"*","tenants":["a"],"role":"viewer"}]"#),
        given(r#"[{"arn_prefix":"arn:aws:sts::111122223333:","tenants":["a"],"role":"viewer"}]"#),
        given(&format!(r#"[{{"arn_prefix":"{arn}","tenants":[],"role":"viewer"}}]"#)),
        given(&format!(r#"[{{"arn_prefix":"{arn}","tenants":["a#b"],"role":"viewer"}}]"#)),
        given(&format!(r#"[{{"arn_prefix":"{arn}","tenants":["a"],"role":""}}]"#)),
        given(&format!(
            r#"[{{"arn_prefix":"{arn}","tenants":["a"],"role":"viewer","stage":"*"}}]"#
        )),
        given(&format!(r#"[{{"arn_prefix":"{arn}","tenants":["a"],"role":"viewer","x":1}}]"#)),
    ]
    .concat();
    expect![[r#"
        WATCHFIRE_IAM_PRINCIPALS `*` must be a whole ARN, or one up to a slash
        WATCHFIRE_IAM_PRINCIPALS `arn:aws:sts::111122223333:` must be a whole ARN, or one up to a slash
        WATCHFIRE_IAM_PRINCIPALS `arn:aws:iam::111122223333:role/ci` needs at least one tenant
        WATCHFIRE_IAM_PRINCIPALS `a#b` is not a tenant
        WATCHFIRE_IAM_PRINCIPALS `arn:aws:iam::111122223333:role/ci` needs a role, and a clearance of 0 to 100
        WATCHFIRE_IAM_PRINCIPALS `arn:aws:iam::111122223333:role/ci` is good for a stage that is no name
        WATCHFIRE_IAM_PRINCIPALS is not such a list: unknown field `x`, expected one of `arn_prefix`, `tenants`, `role`, `clearance`, `stage` at line 1 column 86
    "#]].assert_eq(&text);
}

#[test]
fn an_issuer_without_tls_is_on_this_machine() {
    let issuer =
        |text| read(&[("WATCHFIRE_TABLE", "watchfire"), ("WATCHFIRE_ISSUER", text)]).is_ok();
    for text in ["https://login.example/", "http://127.0.0.1:9000", "http://idp.localhost/x"] {
        assert!(issuer(text), "{text}");
    }
    for text in ["http://127.0.0.1.example", "http://localhost@evil.example", "ftp://localhost"] {
        assert!(!issuer(text), "{text}");
    }
}

#[test]
fn a_sign_in_is_whole_or_none() {
    let table = ("WATCHFIRE_TABLE", "watchfire");
    let (client, login) = (("WATCHFIRE_SIGN_IN_CLIENT", "page"), "https://login.example/authorize");
    assert_eq!(read(&[table]).unwrap().sign_in, None);
    let found = read(&[
        table,
        client,
        ("WATCHFIRE_SIGN_IN_AUTHORIZE", "https://login.example/authorize?audience=watchfire"),
        ("WATCHFIRE_SIGN_IN_TOKEN", "https://login.example:8443/token?p=x"),
    ]);
    let found = found.unwrap().sign_in.unwrap();
    assert_eq!((found.scope.as_str(), found.sends), ("openid email", Sends::Access));
    assert_eq!(found.source(), "https://login.example:8443/token");
    let all = |token, scope, sends| {
        problems(&[
            table,
            client,
            ("WATCHFIRE_SIGN_IN_AUTHORIZE", login),
            ("WATCHFIRE_SIGN_IN_TOKEN", token),
            ("WATCHFIRE_SIGN_IN_SCOPE", scope),
            ("WATCHFIRE_SIGN_IN_SENDS", sends),
        ])
    };
    let text = [
        problems(&[table, client]),
        all("http://login.example/token", "a\"b", "both"),
        all("https://login.example/;script-src", "", ""),
        all("https://login.example/,https:", "", "id_token"),
        all("https://*/token", "", ""),
    ]
    .concat();
    expect![[r#"
        WATCHFIRE_SIGN_IN_AUTHORIZE is missing: `WATCHFIRE_SIGN_IN_CLIENT` is set
        WATCHFIRE_SIGN_IN_TOKEN is missing: `WATCHFIRE_SIGN_IN_CLIENT` is set
        WATCHFIRE_SIGN_IN_TOKEN must be `https://`, or of this machine
        WATCHFIRE_SIGN_IN_SCOPE must be names with spaces between
        WATCHFIRE_SIGN_IN_SENDS must be `access_token` or `id_token`, not `both`
        WATCHFIRE_SIGN_IN_TOKEN must be without `#`, `;`, `,`, `*` and quotes
        WATCHFIRE_SIGN_IN_TOKEN must be without `#`, `;`, `,`, `*` and quotes
        WATCHFIRE_SIGN_IN_TOKEN must be without `#`, `;`, `,`, `*` and quotes
    "#]]
    .assert_eq(&text);
}

#[test]
fn the_page_is_the_tables() {
    expect_file!["../../../../docs/CONFIG.md"].assert_eq(&markdown());
}

#[test]
fn variables_have_one_row_each() {
    let names: BTreeSet<_> = VARIABLES.iter().map(|variable| variable.name).collect();
    assert_eq!(names.len(), VARIABLES.len());
    for variable in VARIABLES {
        assert!(variable.functions.iter().all(|one| FUNCTIONS.contains(one)), "{}", variable.name);
        assert!(!variable.meaning.ends_with('.') && !variable.meaning.contains('|'));
    }
}
