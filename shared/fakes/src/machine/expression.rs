//! The few JSONata expressions that our state machines use: paths, constants, comparisons for
//! equality, `and`, `or`. Anything else is refused when the definition is read.

use serde_json::{Map, Value};

/// What the names in an expression stand for.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The variables that were assigned.
    pub(super) variables: Map<String, Value>,
    /// `$states`.
    pub(super) states: Value,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    Constant(Value),
    Path(String, Vec<String>),
    Equal(Box<Self>, Box<Self>),
    Unequal(Box<Self>, Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
}

impl Expression {
    /// The inside of `{% … %}`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let mut words = words(text)?;
        words.reverse();
        let parsed = or(&mut words);
        match (parsed, words.is_empty()) {
            (Some(parsed), true) => Ok(parsed),
            _ => Err(format!("`{text}` is outside the subset")),
        }
    }

    /// Its value; none if a path leads nowhere.
    pub(super) fn value(&self, scope: &Scope) -> Option<Value> {
        match self {
            Self::Constant(value) => Some(value.clone()),
            Self::Path(root, path) => {
                let root =
                    if root == "states" { Some(&scope.states) } else { scope.variables.get(root) };
                path.iter().try_fold(root?, |value, name| value.get(name)).cloned()
            }
            // What leads nowhere is neither equal nor unequal to anything.
            Self::Equal(one, other) => {
                Some(Value::Bool(both(one, other, scope).is_some_and(|(one, other)| one == other)))
            }
            Self::Unequal(one, other) => {
                Some(Value::Bool(both(one, other, scope).is_some_and(|(one, other)| one != other)))
            }
            Self::And(one, other) => Some(Value::Bool(one.holds(scope) && other.holds(scope))),
            Self::Or(one, other) => Some(Value::Bool(one.holds(scope) || other.holds(scope))),
        }
    }

    /// Whether it is true.
    pub(super) fn holds(&self, scope: &Scope) -> bool {
        self.value(scope) == Some(Value::Bool(true))
    }
}

fn both(one: &Expression, other: &Expression, scope: &Scope) -> Option<(Value, Value)> {
    Some((one.value(scope)?, other.value(scope)?))
}

#[derive(Clone, Debug, PartialEq)]
enum Word {
    Name(String),
    Constant(Value),
    Sign(&'static str),
}

fn words(text: &str) -> Result<Vec<Word>, String> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (word, length) = if let Some(sign) =
            ["!=", "=", ".", "(", ")", "$"].into_iter().find(|sign| rest.starts_with(sign))
        {
            (Word::Sign(sign), sign.len())
        } else if first == '\'' || first == '"' {
            let inside = rest.get(1..).and_then(|after| after.split_once(first));
            let (inside, _) = inside.ok_or_else(|| format!("`{text}` has an open quote"))?;
            if inside.contains('\\') {
                return Err(format!("`{text}` has an escape, which is outside the subset"));
            }
            (Word::Constant(inside.into()), inside.len().saturating_add(2))
        } else {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
            let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
            let name = rest.get(..end).filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| format!("`{text}` is outside the subset"))?;
            let constant = serde_json::from_str::<Value>(name);
            (constant.map_or_else(|_| Word::Name(name.to_owned()), Word::Constant), end)
        };
        words.push(word);
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    Ok(words)
}

// The words are in reverse: the next one is the last.

fn or(words: &mut Vec<Word>) -> Option<Expression> {
    let mut left = and(words)?;
    while words.pop_if(|word| *word == Word::Name("or".to_owned())).is_some() {
        left = Expression::Or(Box::new(left), Box::new(and(words)?));
    }
    Some(left)
}

fn and(words: &mut Vec<Word>) -> Option<Expression> {
    let mut left = comparison(words)?;
    while words.pop_if(|word| *word == Word::Name("and".to_owned())).is_some() {
        left = Expression::And(Box::new(left), Box::new(comparison(words)?));
    }
    Some(left)
}

fn comparison(words: &mut Vec<Word>) -> Option<Expression> {
    let left = term(words)?;
    if words.pop_if(|word| *word == Word::Sign("=")).is_some() {
        return Some(Expression::Equal(Box::new(left), Box::new(term(words)?)));
    }
    if words.pop_if(|word| *word == Word::Sign("!=")).is_some() {
        return Some(Expression::Unequal(Box::new(left), Box::new(term(words)?)));
    }
    Some(left)
}

fn term(words: &mut Vec<Word>) -> Option<Expression> {
    match words.pop()? {
        Word::Constant(value) => Some(Expression::Constant(value)),
        Word::Sign("(") => {
            let inside = or(words)?;
            words.pop_if(|word| *word == Word::Sign(")")).map(|_| inside)
        }
        Word::Sign("$") => {
            let root = name(words)?;
            let mut path = Vec::new();
            while words.pop_if(|word| *word == Word::Sign(".")).is_some() {
                path.push(name(words)?);
            }
            Some(Expression::Path(root, path))
        }
        Word::Sign(_) | Word::Name(_) => None,
    }
}

fn name(words: &mut Vec<Word>) -> Option<String> {
    match words.pop()? {
        Word::Name(name) => Some(name),
        Word::Constant(_) | Word::Sign(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn value(text: &str) -> Option<Value> {
        let variables = json!({"next": "launch", "attempt": 2}).as_object().cloned();
        let states = json!({"input": {"tenant": "acme", "none": null}});
        let scope = Scope { variables: variables.unwrap_or_default(), states };
        Expression::parse(text).unwrap().value(&scope)
    }

    #[test]
    fn the_subset_means_what_jsonata_means() {
        for (text, expected) in [
            ("$next", json!("launch")),
            ("$states.input.tenant", json!("acme")),
            ("$next = 'launch'", json!(true)),
            ("$next != \"launch\"", json!(false)),
            ("$attempt = 2 and $next = 'stop'", json!(false)),
            ("$attempt = 3 or ($next = 'launch' and true)", json!(true)),
            ("$states.input.none = null", json!(true)),
            ("$nothing = $nothing", json!(false)),
            ("$nothing != 1", json!(false)),
        ] {
            assert_eq!(value(text), Some(expected), "{text}");
        }
        assert_eq!(value("$states.input.nothing"), None);
    }

    #[test]
    fn what_is_outside_the_subset_is_refused() {
        for text in ["", "$", "$a.", "$a b", "$f(1)", "$a > 1", "'open", "'a\\n'", "($a", "$a[0]"] {
            assert!(Expression::parse(text).is_err(), "{text}");
        }
    }
}
