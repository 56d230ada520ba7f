//! Every variable that a function reads, in one table: the page `docs/CONFIG.md`, the template's
//! contract test and the reading itself all go by it.

/// The handlers of the one binary, as `_HANDLER` names them.
pub const FUNCTIONS: &[&str] = &[
    "alarm",
    "api",
    "approve",
    "approval-page",
    "create",
    "hook",
    "launch",
    "step",
    "stop",
    "checkpoint",
    "close",
    "observe",
    "publish",
    "sweep",
];

/// Whether a function can do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Otherwise {
    /// It cannot: the function does not start.
    Required,
    /// It takes this.
    Default(&'static str),
    /// What the variable is for is then switched off.
    Off,
}

/// A variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What its value is: a unit, or a form.
    pub unit: &'static str,
    /// What holds if it is absent or empty.
    pub otherwise: Otherwise,
    /// Who reads it.
    pub functions: &'static [&'static str],
    /// What it is for.
    pub meaning: &'static str,
}

macro_rules! variables {
    ($($(#[$doc:meta])* $const:ident = $name:literal, $unit:literal, $otherwise:expr, $functions:expr, $meaning:literal;)+) => {
        $(
            #[doc = concat!("`", $name, "`: ", $meaning)]
            pub const $const: Variable = Variable {
                name: $name,
                unit: $unit,
                otherwise: $otherwise,
                functions: $functions,
                meaning: $meaning,
            };
        )+

        /// All of them, in the order of the page.
        pub const VARIABLES: &[Variable] = &[$($const,)+];
    };
}

use Otherwise::{Default, Off, Required};

const PHASES: &[&str] = &["create", "launch", "stop", "close", "observe", "step"];
const CREATE: &[&str] = &["create"];
const NETWORK: &[&str] = &["create", "launch", "step"];
const STARTERS: &[&str] = &["alarm", "api", "sweep"];
const WEB: &[&str] = &["alarm", "api", "step", "sweep"];
const PROBERS: &[&str] = &["api", "approve", "launch", "stop", "observe", "sweep"];
const TOKENS: &[&str] = &["approve", "launch", "stop", "observe"];
const LINKS: &[&str] = &["approve", "approval-page"];
const MAILERS: &[&str] = &["alarm", "api", "approve", "sweep"];
const API: &[&str] = &["api"];
const SEALER: &[&str] = &["checkpoint"];
const STEPS: &[&str] = &["step"];
const RUNNERS: &[&str] = &["api", "approve", "step", "sweep"];

variables! {
    TABLE = "WATCHFIRE_TABLE", "name", Required, FUNCTIONS, "the DynamoDB table";
    STAGE = "WATCHFIRE_STAGE", "name", Default("dev"), FUNCTIONS, "which deployment this is; policies know it as `stage`";
    LOG = "WATCHFIRE_LOG", "off, error, warn, info, debug or trace", Default("info"), FUNCTIONS, "the least weight that is logged";
    PREWARM = "WATCHFIRE_PREWARM", "0 or 1", Default("1"), FUNCTIONS, "whether the table's connection is opened before the first event";
    TRUST = "WATCHFIRE_TRUST", "pinned or native", Default("pinned"), FUNCTIONS, "which roots AWS is trusted by: Amazon's, built in, or those of the system";
    ENDPOINT = "AWS_ENDPOINT_URL", "address", Off, FUNCTIONS, "where AWS is, if it is the local stack";
    PARTITION = "SMITHY_CLIENT_SDK_CUSTOM_PARTITION", "path of a file", Off, FUNCTIONS, "how AWS is named in this partition, which lies beside the program; without it, each client of AWS reads how it is named in all of them";
    LIFECYCLE_ARN = "WATCHFIRE_LIFECYCLE_ARN", "ARN", Required, STARTERS, "the lifecycle state machine";
    RUNBOOK_ARN = "WATCHFIRE_RUNBOOK_ARN", "ARN", Required, RUNNERS, "the runbook state machine";
    PROBE_QUEUE_URL = "WATCHFIRE_PROBE_QUEUE_URL", "address", Required, PROBERS, "the queue of looks at environments";
    ECS_CLUSTER = "WATCHFIRE_ECS_CLUSTER", "name or ARN", Required, PHASES, "where tasks run";
    SUBNETS = "WATCHFIRE_SUBNETS", "comma-separated ids", Required, NETWORK, "the subnets of the tasks";
    SECURITY_GROUPS = "WATCHFIRE_SECURITY_GROUPS", "comma-separated ids", Off, NETWORK, "the security groups of the tasks; without any, the network's default group";
    ASSIGN_PUBLIC_IP = "WATCHFIRE_ASSIGN_PUBLIC_IP", "ENABLED or DISABLED", Default("DISABLED"), NETWORK, "whether tasks get a public address";
    IMAGE = "WATCHFIRE_IMAGE", "image", Required, CREATE, "the container's image";
    CONTAINER = "WATCHFIRE_CONTAINER", "name", Default("rosa-boundary"), CREATE, "the container's name within its task";
    TASK_ROLE_ARN = "WATCHFIRE_TASK_ROLE_ARN", "ARN", Required, CREATE, "the role that the container acts under";
    EXECUTION_ROLE_ARN = "WATCHFIRE_EXECUTION_ROLE_ARN", "ARN", Required, CREATE, "the role that ECS starts it with";
    FILE_SYSTEM = "WATCHFIRE_FILE_SYSTEM", "id", Required, &["create", "observe"], "the EFS file system of the home directories";
    TASK_LOG_GROUP = "WATCHFIRE_TASK_LOG_GROUP", "name", Required, CREATE, "where the container logs";
    FAMILY_PREFIX = "WATCHFIRE_FAMILY_PREFIX", "name", Default("rosa-boundary"), &["alarm", "api", "create", "observe"], "how the names of task families begin";
    TASK_CPU = "WATCHFIRE_TASK_CPU", "1/1024 vCPU", Default("256"), CREATE, "the processor share of a task";
    TASK_MEMORY = "WATCHFIRE_TASK_MEMORY", "MiB", Default("512"), CREATE, "the memory of a task; Fargate takes it only in certain pairs with the processor share";
    TASK_ARCH = "WATCHFIRE_TASK_ARCH", "ARM64 or X86_64", Default("ARM64"), CREATE, "the processor that the image is built for";
    EVIDENCE_BUCKET = "WATCHFIRE_EVIDENCE_BUCKET", "name", Required, &["api", "create", "stop", "close", "observe", "step"], "where containers leave their evidence";
    TOKEN_SECRET = "WATCHFIRE_TOKEN_SECRET", "secret id", Required, TOKENS, "the keys under which task tokens are stored";
    LINK_SECRET = "WATCHFIRE_LINK_SECRET", "secret id", Required, &["api", "approve", "approval-page"], "the keys that sign approval links";
    INTEGRATION_SECRET = "WATCHFIRE_INTEGRATION_SECRET", "secret id", Required, &["api", "hook"], "the keys that the secrets of integrations follow from";
    ALARM_QUEUE_URL = "WATCHFIRE_ALARM_QUEUE_URL", "address", Required, &["hook"], "the queue of alarms, where webhooks are handed over";
    ALARM_LINE_URL = "WATCHFIRE_ALARM_LINE_URL", "address", Required, &["alarm"], "the FIFO queue in which alarms of one key wait for each other";
    CURSOR_SECRET = "WATCHFIRE_CURSOR_SECRET", "secret id", Required, API, "the keys that authenticate page cursors";
    CHECKPOINT_BUCKET = "WATCHFIRE_CHECKPOINT_BUCKET", "name", Required, &["api", "checkpoint"], "where signed checkpoints, evidence bundles and the evidence of approvals lie";
    CHECKPOINT_SECRET = "WATCHFIRE_CHECKPOINT_SECRET", "secret id", Required, SEALER, "the keys that sign the log; only `checkpoint` may read them";
    LOG_ORIGIN = "WATCHFIRE_LOG_ORIGIN", "name", Required, SEALER, "the log's name, as its checkpoints and its key have it; never change it";
    SEAL_QUEUE_URL = "WATCHFIRE_SEAL_QUEUE_URL", "address", Required, &["api", "publish", "step"], "the queue of incidents that shall be sealed and exported now";
    EVENT_BUS = "WATCHFIRE_EVENT_BUS", "name or ARN", Required, &["publish"], "where domain events are published";
    PUBLIC_URL = "WATCHFIRE_PUBLIC_URL", "address without a slash at its end", Required, LINKS, "where people open approval links";
    APPROVAL_TTL = "WATCHFIRE_APPROVAL_TTL_SECONDS", "seconds, 60 to 604800", Default("86400"), &["approve"], "how long an approval waits for its answer";
    EVIDENCE_URL = "WATCHFIRE_EVIDENCE_URL_SECONDS", "seconds, 60 to 3600", Default("900"), API, "how long an address of an approval's evidence can be used, unless the role's credentials end before";
    MAIL_FROM = "WATCHFIRE_MAIL_FROM", "mail address", Off, MAILERS, "the sender of mails; without one, mails fail and are recorded as failed";
    WEBHOOK_SECRET = "WATCHFIRE_WEBHOOK_SECRET", "secret id", Off, STARTERS, "the keys that sign webhooks; without them, webhooks fail and are recorded as failed";
    CA = "WATCHFIRE_CA", "PEM, or the path of a file", Off, WEB, "a further root for everything that is not AWS: the issuer, webhooks, and what runbooks call";
    ISSUER = "WATCHFIRE_ISSUER", "address", Required, API, "who issues tokens, equal to the letter to their `iss`";
    AUDIENCE = "WATCHFIRE_AUDIENCE", "text", Required, API, "whom tokens are for, equal to the letter to their `aud`";
    CLAIM_TENANTS = "WATCHFIRE_CLAIM_TENANTS", "claim", Default("wf_tenants"), API, "the claim with the caller's tenants: a list, or names with spaces or commas between";
    CLAIM_ROLE = "WATCHFIRE_CLAIM_ROLE", "claim", Default("wf_role"), API, "the claim with the caller's role";
    CLAIM_CLEARANCE = "WATCHFIRE_CLAIM_CLEARANCE", "claim", Default("wf_clearance"), API, "the claim with the caller's clearance, 0 to 100; absent is 0";
    CLAIM_ON_CALL = "WATCHFIRE_CLAIM_ON_CALL", "claim", Default("wf_on_call"), API, "the claim that says whether the caller is on call; absent is no";
    CLAIM_STAGE = "WATCHFIRE_CLAIM_STAGE", "claim", Default("wf_stage"), API, "the claim with the one deployment, as its `WATCHFIRE_STAGE` says, that the token is good for; absent is every one";
    IAM_PRINCIPALS = "WATCHFIRE_IAM_PRINCIPALS", "JSON", Off, API, "who may call with `SigV4`: a list of `{\"arn_prefix\", \"tenants\", \"role\"}`, `\"clearance\"` if it is not 0, and `\"stage\"` if it is good for one deployment alone";
    CORS_ORIGINS = "WATCHFIRE_CORS_ORIGINS", "comma-separated origins", Off, API, "the pages of other origins that may call the API";
    SIGN_IN_CLIENT = "WATCHFIRE_SIGN_IN_CLIENT", "client id", Off, LINKS, "the public client as which the page of an approval signs its approver in; without one, the page says how to do it elsewhere";
    SIGN_IN_AUTHORIZE = "WATCHFIRE_SIGN_IN_AUTHORIZE", "address", Off, LINKS, "the issuer's authorization endpoint; what stands in its query is kept";
    SIGN_IN_TOKEN = "WATCHFIRE_SIGN_IN_TOKEN", "address", Off, LINKS, "the issuer's token endpoint, the one address outside that the page may call";
    SIGN_IN_SCOPE = "WATCHFIRE_SIGN_IN_SCOPE", "names with spaces between", Default("openid email"), LINKS, "the scopes that are asked for";
    SIGN_IN_SENDS = "WATCHFIRE_SIGN_IN_SENDS", "access_token or id_token", Default("access_token"), LINKS, "the token that goes to the API: the one whose `aud` is the audience";
    STEP_HOSTS = "WATCHFIRE_STEP_HOSTS", "comma-separated `host` or `host:port`", Off, STEPS, "the hosts that runbooks may call; without any, every call is refused";
    STEP_PROFILES = "WATCHFIRE_STEP_PROFILES", "comma-separated `profile=task-definition`", Off, STEPS, "what the commands of runbooks run as; without any, every command is refused";
    STEP_DOCUMENTS = "WATCHFIRE_STEP_DOCUMENTS", "comma-separated names", Off, STEPS, "the SSM Automation documents that runbooks may run; without any, every one is refused";
    STEP_SECRETS = "WATCHFIRE_STEP_SECRETS", "beginning of a name, with a slash at its end", Default("watchfire/steps/"), STEPS, "how the names of the secrets begin that runbooks may put into headers; the tenant, a slash and the secret's own name follow";
}
