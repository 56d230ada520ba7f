//! SQL: only plain reading that calls nothing but known functions looks.

use super::{Found, Harm, listed, text};

/// Functions that compute or tell, in the databases that are known here; what else is called may do
/// anything.
const FUNCTIONS: &str = "\
    count sum avg min max coalesce nullif greatest least now date date_trunc date_part \
    extract age to_char to_timestamp to_date clock_timestamp lower upper length char_length \
    trim ltrim rtrim btrim substring substr left right concat concat_ws replace split_part \
    position round floor ceil ceiling abs mod power sqrt random row_number rank dense_rank \
    lag lead first_value last_value ntile percentile_cont percentile_disc stddev variance \
    string_agg array_agg json_agg jsonb_agg json_build_object jsonb_build_object row_to_json \
    to_json to_jsonb group_concat array_length cardinality unnest generate_series md5 if \
    ifnull cast convert unix_timestamp from_unixtime timestampdiff datediff date_format \
    version current_database current_setting current_user bool_and bool_or every format \
    pg_size_pretty pg_database_size pg_relation_size pg_total_relation_size pg_table_size \
    pg_indexes_size pg_is_in_recovery";

/// More of them, which tell of the server itself.
const TELLING: &str = "\
    pg_current_wal_lsn pg_last_wal_receive_lsn pg_last_wal_replay_lsn \
    pg_last_xact_replay_timestamp pg_wal_lsn_diff pg_blocking_pids pg_postmaster_start_time \
    pg_backend_pid pg_get_indexdef pg_get_viewdef pg_get_constraintdef pg_stat_get_activity \
    inet_server_addr txid_current_if_assigned obj_description";

/// Words of the language that may stand before a parenthesis.
const KEYWORDS: &str = "\
    select from where and or not in exists any all some over values as materialized on using \
    by having union except intersect when then else case join lateral filter group distinct \
    limit offset between like ilike is interval numeric decimal varchar char timestamp time \
    array copy";

/// Words that a statement which only reads does not have.
const WRITES: [&str; 14] = [
    "insert", "update", "delete", "merge", "into", "truncate", "drop", "alter", "create", "grant",
    "revoke", "call", "copy", "share",
];

/// What runs what it is handed, in quotes or by a name.
const RUNS: [&str; 6] = ["call", "do", "exec", "execute", "prepare", "source"];

/// A piece of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    /// A text or a name in quotes.
    Quoted(String),
    Sign(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own == word)
    }
}

/// What begins a comment that `MySQL` and `MariaDB` run.
const RUN: [&str; 3] = ["/*!", "/*M!", "/*m!"];

/// Judges the statements of a text.
pub(super) fn judged(text: &str) -> Found {
    // These end a statement, too.
    let text = &format!("{text}\n").replace("\\G", ";").replace("\\g\n", ";\n");
    // In some dialects a backslash keeps a quote from ending.
    if RUN.iter().any(|sign| text.contains(sign)) || text.contains('\\') {
        return backslash(text);
    }
    // What one dialect quotes or comments out, another runs: it is judged by its words, too.
    let nested = text.split("/*").skip(1).any(|inner| !inner.contains("*/"));
    let no_comment = text.split("--").skip(1).any(|line| !line.starts_with(char::is_whitespace));
    let odd = nested || no_comment || text.contains(['#', '`', '$', '[']) || text.contains("//");
    let words = if odd { text::of_text(text) } else { Found::looks() };
    statements(text).worse(words)
}

/// Judges a text of T-SQL, which parts its statements by nothing at all, and its batches by a line:
/// by its words, too.
pub(super) fn batches(text: &str) -> Found {
    const RUNS: [&str; 8] =
        ["exec", "execute", "dbcc", "backup", "deny", "reconfigure", "disable", "bulk"];
    let end = |line| if str::trim(line).eq_ignore_ascii_case("go") { ";" } else { line };
    let text = &text.lines().map(end).collect::<Vec<_>>().join("\n");
    let found = judged(text).worse(text::of_text(text));
    let runs = tokens(text).iter().any(|token| RUNS.iter().any(|word| token.is(word)));
    // Commands of the client: `!!` runs a shell, `:r` a file.
    let commands = text.contains("!!") || text.lines().any(|line| line.trim().starts_with(':'));
    if runs || commands { found.worse(text::unknown("", &[text], "exec")) } else { found }
}

/// Judges them as they stand.
fn statements(text: &str) -> Found {
    let tokens = tokens(text);
    let statements = || tokens.split(|token| *token == Token::Sign(';')).map(after_use);
    let found = statements().map(statement).fold(Found::looks(), Found::worse);
    // What stands in quotes is no word, but where it is run, as the body of a block is.
    let runs = statements().filter_map(<[Token]>::first);
    let runs = runs.into_iter().any(|first| RUNS.iter().any(|word| first.is(word)));
    if found.harm == Harm::Looks || !(runs || text.contains('$')) {
        return found;
    }
    let named = text::destroying(text).map(|word| Found::destroys(&word));
    named.into_iter().fold(found, Found::worse)
}

/// What `USE name` is followed by: no sign parts the two.
fn after_use(tokens: &[Token]) -> &[Token] {
    const KINDS: [&str; 4] = ["schema", "database", "warehouse", "role"];
    match tokens {
        [first, kind, _] if first.is("use") && KINDS.iter().any(|word| kind.is(word)) => &[],
        [first, _, rest @ ..] if first.is("use") => rest,
        _ => tokens,
    }
}

/// Judges a text that has a command of `psql`, or whose quotes may end elsewhere than they seem.
fn backslash(text: &str) -> Found {
    const LOOKS: [&str; 8] =
        ["\\d", "\\l", "\\z", "\\conninfo", "\\x", "\\timing", "\\pset", "\\q"];
    let line = text.trim();
    let alone =
        !line.contains('\n') && line.matches('\\').count() == 1 && !line.contains(['|', '`']);
    let told = line.split_whitespace().next().unwrap_or_default();
    let known =
        LOOKS.iter().any(|look| told == *look || (*look == "\\d" && told.starts_with("\\d")));
    if alone && known && !RUN.iter().any(|sign| text.contains(sign)) {
        return Found::looks();
    }
    if text.contains("\\!") {
        return Found::destroys("\\!");
    }
    // What a file calls itself, as with `-f`.
    let told = if told.starts_with("\\i") { line } else { told };
    let named = text::destroying(told).map_or_else(Found::looks, |word| Found::destroys(&word));
    // A backslash may keep a quote from ending, or may not.
    let run = RUN.iter().fold(text.to_owned(), |text, sign| text.replace(sign, " "));
    let kept =
        ["\\\\", "\\'", "\\\""].iter().fold(run.clone(), |text, sign| text.replace(sign, ""));
    let words = Found::changes("\\").worse(text::of_text(text)).worse(named);
    words.worse(statements(&run)).worse(statements(&kept))
}

/// Takes a text apart; comments are none of it.
fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut rest = text;
    let inner = |one: char| one.is_alphanumeric() || one == '_';
    while let Some(one) = rest.chars().next() {
        let after = |at: usize| rest.get(at..).unwrap_or_default();
        let past = |end: &str, from: usize| {
            let at = after(from).find(end).map(|at| at.saturating_add(from));
            after(at.map_or(rest.len(), |at| at.saturating_add(end.len())))
        };
        // MySQL has no comment where no blank follows.
        let blank = |text: &str| !text.starts_with(|one: char| !one.is_whitespace());
        if rest.strip_prefix("--").is_some_and(blank) {
            rest = past("\n", 2);
        } else if rest.starts_with("/*") {
            rest = past("*/", 2);
        } else if one == '\'' || one == '"' || one == '`' {
            let end = one.to_string();
            let content = after(1).split(one).next().unwrap_or_default();
            found.push(Token::Quoted(content.to_owned()));
            rest = past(&end, 1);
        } else if let Some(tag) = dollars(rest) {
            found.push(Token::Quoted(String::new()));
            rest = past(tag, tag.len());
        } else if inner(one) {
            let end = rest.find(|one| !inner(one)).unwrap_or(rest.len());
            found.push(Token::Word(rest.get(..end).unwrap_or_default().to_ascii_lowercase()));
            rest = after(end);
        } else {
            if !one.is_whitespace() {
                found.push(Token::Sign(one));
            }
            rest = after(one.len_utf8());
        }
    }
    found
}

/// The beginning of a text between dollars: `$$`, `$body$`.
fn dollars(text: &str) -> Option<&str> {
    let tag = text.strip_prefix('$')?;
    let end = tag.find('$')?;
    let plain = tag.get(..end)?.chars().all(|one| one.is_alphanumeric() || one == '_');
    plain.then(|| text.get(..end.saturating_add(2))).flatten()
}

fn statement(tokens: &[Token]) -> Found {
    let word = |at: usize| match tokens.get(at) {
        Some(Token::Word(word)) => word.as_str(),
        Some(Token::Sign('(')) => "(",
        Some(Token::Quoted(_) | Token::Sign(_)) => "?",
        None => "",
    };
    let found = match (word(0), word(1)) {
        // Of pgbouncer, of replication, and the shell of `mysql`.
        ("pause" | "suspend" | "disable" | "system", _) | ("change", "master" | "replication") => {
            Found::destroys(word(0))
        }
        ("select" | "with" | "values" | "table" | "(", _) => reads(tokens),
        ("explain", _) => return explains(tokens),
        ("copy", _) => copies(tokens),
        ("begin" | "commit" | "rollback" | "end" | "abort", _) | ("start", "transaction") => {
            const PLAIN: [&str; 10] = [
                "begin",
                "commit",
                "rollback",
                "end",
                "abort",
                "start",
                "transaction",
                "work",
                "read",
                "only",
            ];
            let plain = (0..tokens.len()).all(|at| PLAIN.contains(&word(at)));
            if plain { Found::looks() } else { Found::changes(word(0)) }
        }
        ("" | "show" | "describe" | "desc", _)
        | ("set", "statement_timeout" | "lock_timeout" | "max_execution_time") => Found::looks(),
        (first, _) => Found::changes(first),
    };
    found.worse(calls(tokens)).worse(takes_all(tokens))
}

/// A statement that reads, if it has no word of those that write.
fn reads(tokens: &[Token]) -> Found {
    let write = WRITES.iter().find(|word| tokens.iter().any(|token| token.is(word)));
    write.map_or_else(Found::looks, |word| Found::changes(word))
}

/// `EXPLAIN` plans; with `ANALYZE` it does what it explains.
fn explains(tokens: &[Token]) -> Found {
    if !tokens.iter().any(|token| token.is("analyze") || token.is("analyse")) {
        return Found::looks();
    }
    let verbs = [
        "create", "refresh", "execute", "select", "with", "values", "table", "insert", "update",
        "delete", "merge",
    ];
    let at = tokens.iter().position(|token| verbs.iter().any(|verb| token.is(verb)));
    at.and_then(|at| tokens.get(at..)).map_or_else(|| Found::changes("explain analyze"), statement)
}

/// `COPY … TO STDOUT` reads what it copies.
fn copies(tokens: &[Token]) -> Found {
    let out =
        tokens.windows(2).any(|two| matches!(two, [to, out] if to.is("to") && out.is("stdout")));
    let within: Vec<Token> = tokens.iter().skip(1).cloned().collect();
    if out { reads(&within) } else { Found::changes("copy") }
}

/// What is called: a function of the language, one that nobody knows, or one that says that it
/// destroys.
fn calls(tokens: &[Token]) -> Found {
    let mut found = Found::looks();
    for (at, two) in tokens.windows(2).enumerate() {
        let [name, Token::Sign('(')] = two else { continue };
        let before = |back: usize| at.checked_sub(back).and_then(|at| tokens.get(at));
        let is = |back: usize, word: &str| before(back).is_some_and(|token| token.is(word));
        let called = match name {
            Token::Word(word) => word.as_str(),
            Token::Quoted(name) => name.as_str(),
            // What a shell puts there nobody knows.
            Token::Sign('$') => "$()",
            Token::Sign(_) => continue,
        };
        // A table's name with its columns, or that of a `WITH`.
        let table =
            is(1, "into") || is(1, "copy") || is(1, "table") || is(1, "with") || is(1, "recursive");
        // Of another schema than the server's own, a name says nothing.
        let foreign = before(1) == Some(&Token::Sign('.')) && !is(2, "pg_catalog");
        let plain = listed(FUNCTIONS, called) || listed(TELLING, called);
        let known = listed(KEYWORDS, called) || (plain && !foreign);
        if table || (known && name.is(called)) {
            continue;
        }
        let named = text::destroying(called).map(|word| Found::destroys(&word));
        found = found.worse(named.unwrap_or_else(|| Found::changes(&format!("{called}()"))));
    }
    if found.harm == Harm::Looks {
        return found;
    }
    // What it is handed it may run.
    let texts = tokens.iter().filter_map(|token| match token {
        Token::Quoted(text) => Some(text::of_text(text)),
        Token::Word(_) | Token::Sign(_) => None,
    });
    texts.fold(found, Found::worse)
}

/// What drops or empties: by its verb, or for want of a condition.
fn takes_all(tokens: &[Token]) -> Found {
    const DESTROYS: [&str; 17] = [
        "overwrite",
        "drop",
        "truncate",
        "alter",
        "revoke",
        "delete",
        "purge",
        "reset",
        "stop",
        "kill",
        "shutdown",
        "restore",
        "vacuum",
        "reindex",
        "terminate",
        "flush",
        "detach",
    ];
    let reads = tokens.first().is_some_and(|token| token.is("select") || token.is("with"));
    for (at, token) in tokens.iter().enumerate() {
        let Token::Word(word) = token else { continue };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        // `FOR UPDATE` locks; `DO UPDATE` is of one row; `ON DELETE` is of a key.
        let part = ["for", "do", "on", "key"];
        let part = before.is_some_and(|before| part.iter().any(|word| before.is(word)));
        if word == "update" && !part && !has_condition(tokens.get(at..).unwrap_or_default()) {
            return Found::destroys("update without where");
        }
        let next = tokens.get(at.saturating_add(1));
        let kinds = ["table", "transient", "database", "schema"];
        let replaced = next.is_some_and(|next| kinds.iter().any(|word| next.is(word)));
        if word == "replace" && replaced {
            return Found::destroys("create or replace");
        }
        // In what reads, only what is no name of something read.
        let verb = !reads || ["delete", "truncate", "drop"].contains(&word.as_str());
        if verb && !part && DESTROYS.contains(&word.as_str()) {
            return Found::destroys(word);
        }
    }
    Found::looks()
}

/// Whether a statement, from its verb on, says which rows: a `WHERE` of its own that names
/// something.
fn has_condition(tokens: &[Token]) -> bool {
    const NOTHING: [&str; 6] = ["true", "and", "or", "not", "is", "null"];
    let mut depth = 0_usize;
    let mut within = tokens.iter().enumerate();
    let at = within.find_map(|(at, token)| {
        match token {
            Token::Sign('(') => depth = depth.saturating_add(1),
            Token::Sign(')') if depth == 0 => return Some(None),
            Token::Sign(')') => depth = depth.saturating_sub(1),
            _ if depth == 0 && token.is("where") => return Some(Some(at)),
            Token::Sign(_) | Token::Quoted(_) | Token::Word(_) => {}
        }
        None
    });
    let Some(Some(at)) = at else { return false };
    tokens.iter().skip(at.saturating_add(1)).any(|token| {
        matches!(token, Token::Word(word) if !NOTHING.contains(&word.as_str())
            && !word.starts_with(|one: char| one.is_ascii_digit()))
    })
}
