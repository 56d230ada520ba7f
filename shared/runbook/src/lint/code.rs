//! The codes: stable names, each with its weight and its cure.

use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It may stay, if somebody means it.
    Warning,
    /// It must not be published.
    Error,
}

impl Severity {
    /// The wire name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Makes the codes of one table: variant, name, severity, what it is, how to mend it.
macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $what:literal, $mend:literal;)*) => {
        /// What sort of fault a finding is. Names never change their meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $what] $variant,)*
        }

        impl Code {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The stable name.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How bad it is.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What it is.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)* }
            }

            /// How to mend it.
            pub const fn mend(self) -> &'static str {
                match self { $(Self::$variant => $mend,)* }
            }
        }
    };
}

codes! {
    RiskMissing "risk_missing" Error
        "Nobody has said how much harm it may do.",
        "write `risk: low`, `medium` or `high`";
    DestructiveBelowHigh "destructive_below_high" Error
        "It destroys, stops, restores or fails over, and needs no approval.",
        "write `risk: high`, or leave out what destroys";
    ChangeBelowMedium "change_below_medium" Error
        "It changes something, and is said to be as harmless as looking.",
        "write `risk: medium`";
    RiskBelowSteps "risk_below_steps" Error
        "The risk of the whole is less than that of a part.",
        "raise it to that of the worst part";
    Unguarded "unguarded" Error
        "A step of high risk does not say what its approval is for.",
        "write `guard: {operation: …, only_if: […]}`";
    GuardIdle "guard_idle" Error
        "A step says what its approval is for, and is not of the risk that asks for one.",
        "write `risk: high`, or take the guard out";
    RollbackMissing "rollback_missing" Error
        "It changes something, and nobody has said how that is taken back.",
        "write `rollback: {note: …}`, or `irreversible:` with the reason";
    EvidenceMissing "evidence_missing" Error
        "It changes something, and nothing is kept as proof.",
        "write `evidence: {shows: …}`";
    TimeoutMissing "timeout_missing" Error
        "It may run for ever.",
        "write `timeout:` with its unit, as `5m`";
    DowntimeMissing "downtime_missing" Warning
        "It stops something that serves, and does not say what users notice.",
        "write `downtime:`, if only that there is none";
    DuplicateId "duplicate_id" Error
        "Two steps have one id, or two alternatives one name.",
        "give each its own";
    Unreachable "unreachable" Error
        "No run gets there.",
        "take it out, or mend the step before it";
    UnknownChoice "unknown_choice" Error
        "Its condition names a choice or an alternative that does not come before it.",
        "name an earlier `choose` step and one of its alternatives";
    ChoiceOfOne "choice_of_one" Error
        "There is nothing to choose.",
        "give at least two alternatives, or take the choice out";
    TransitionRefused "transition_refused" Error
        "The incident cannot go there from where it then is.",
        "follow new, acknowledged, mitigating, monitoring, resolved, closed";
    RationaleMissing "rationale_missing" Error
        "The incident takes this transition only with a rationale.",
        "write `rationale:`";
    InputUnknown "input_unknown" Error
        "It needs an input that the runbook does not ask for.",
        "add the input, or mend its name";
    InputUnused "input_unused" Warning
        "It asks for an input that no step needs.",
        "take it out";
    InputDefault "input_default" Error
        "The default is not what the input itself would take.",
        "mend the default, or the bounds";
    SizeDefault "size_default" Error
        "It sets how many there are to a number that nobody looked up.",
        "take the default out of the input, and look first how many there are";
    InputLoose "input_loose" Warning
        "Any text at all may be put into what is sent to a machine.",
        "give the input a `pattern`, or make it an `enum`";
    ProgramFromInput "program_from_input" Error
        "What is run, or with which interpreter, is an input's to say.",
        "write the program out";
    ShellString "shell_string" Error
        "A text is handed to a shell, or to something that reads it like one, with an input within it.",
        "write the program and each argument as an element of its own";
    NotAnArgv "not_an_argv" Error
        "The program has blanks or signs of a shell: it is a command line, not an argv.",
        "write the program and each argument as an element of its own";
    ExpectsShell "expects_shell" Error
        "No shell sees this: pipes, redirections, `$(…)` and `$NAME` stay as they are.",
        "use an option of the program, an input or `{{time.…}}`";
    NeverEnds "never_ends" Error
        "It follows, watches or waits for a terminal, and so never ends.",
        "ask once: `--since`, `--tail`, `-b`, without `-f`, `-it` or `--follow`";
    Secret "secret" Error
        "It looks like a secret, which everybody who reads the runbook would have.",
        "put it into the deployment's secrets, and name it there";
    SecretPrinted "secret_printed" Error
        "It prints a secret, and what a step prints is kept, for years and for all who read evidence.",
        "let the program that needs the secret fetch it itself; look at what is told of it, as with `describe-secret`";
    HiddenCharacter "hidden_character" Error
        "A text has a character that its reader does not see, or that changes how others are seen.",
        "write it without";
    HostNotAllowed "host_not_allowed" Error
        "It calls a host that the runbook does not list.",
        "add the host to `hosts`, for the reviewer to see";
    HostUnused "host_unused" Warning
        "The runbook may call a host that no step calls.",
        "take it out of `hosts`";
    AddressRefused "address_refused" Error
        "The address is one that no step may call.",
        "call a public host by its name, over https";
    HeaderRefused "header_refused" Error
        "The header cannot be set by a step.",
        "take it out";
    Units "units" Error
        "The lengths of time do not fit each other, or the unit is another one's.",
        "look at the unit: seconds, minutes, milliseconds";
    ReviewMissing "review_missing" Warning
        "Nobody will be asked to read it again.",
        "write `review_days:`, such as 180";
    VerifiesNothing "verifies_nothing" Error
        "It says that it proves something, and checks nothing.",
        "add `check` or `http` steps";
    ResolvedEarly "resolved_early" Error
        "It resolves its incident before it has looked at all that proves the recovery.",
        "put the transition behind the last look";
    ContinueRefused "continue_refused" Error
        "The run would go on without a step that it must not go on without.",
        "take `on_failure` out: only a step of low risk that looks may say so";
    UnseenChange "unseen_change" Error
        "It changes something behind a look that the run may have gone on without, and no person comes between.",
        "put a `choose` between them, or a `manual` that is no `tick`; or let the look stop the run";
    Verbatim "verbatim" Error
        "A text that is compared as it stands has a variable in it.",
        "compare what is the same in every run, or let the program compare";
    Unlinked "unlinked" Warning
        "No alarm leads to it, and it names no symptom.",
        "write `for:`, `tags:` or `symptoms:`";
}

impl Code {
    /// The code of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
