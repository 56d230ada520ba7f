//! What the shape alone does not tell.

use super::problem::{Problem, Wrong};
use crate::bind;
use crate::spec::places::{Place, actions};
use crate::spec::{Input, Spec, Type};
use crate::template::{self, Variable};

pub(super) fn check(spec: &Spec) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (at, input) in spec.inputs.iter().enumerate() {
        let path = format!("inputs[{at}]");
        if spec.inputs.iter().take(at).any(|other| other.name == input.name) {
            let twice = Wrong::Other("is the name of another input".to_owned());
            problems.push(Problem::new(format!("{path}.name"), twice));
        }
        problems.extend(input_problems(input, &path));
    }
    for within in spec.walk() {
        for (path, action) in actions(within.step, &within.path) {
            for placed in action.templates(&path) {
                if let Err(bad) = template::parts(placed.text) {
                    problems.push(Problem::new(placed.path, bad.into()));
                    continue;
                }
                let for_people = matches!(placed.place, Place::Words | Place::Json);
                let free = template::facts(placed.text).into_iter().find(|fact| fact.is_free());
                if let Some(fact) = free.filter(|_| !for_people) {
                    let fact = Variable::Incident(fact);
                    let wrong = format!("has `{fact}`, which is for words and `json` only");
                    problems.push(Problem::new(placed.path, Wrong::Other(wrong)));
                }
            }
            for (path, text) in action.constants(&path) {
                if template::is_template(text) {
                    problems.push(Problem::new(path, Wrong::NoTemplateHere));
                }
            }
        }
    }
    problems
}

fn input_problems(input: &Input, path: &str) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut say = |field: &str, wrong: bool, problem: String| {
        if wrong {
            problems.push(Problem::new(format!("{path}.{field}"), Wrong::Other(problem)));
        }
    };
    let only = |kind: Type| format!("is for the type `{}`", kind.name());
    say("pattern", input.pattern.is_some() && input.kind != Type::String, only(Type::String));
    say("choices", !input.choices.is_empty() && input.kind != Type::Enum, only(Type::Enum));
    let none = "must have at least one for the type `enum`".to_owned();
    say("choices", input.choices.is_empty() && input.kind == Type::Enum, none);
    if let Some(pattern) = &input.pattern {
        say("pattern", bind::whole(pattern).is_none(), "is no regular expression".to_owned());
    }
    let mut bounds = [None, None];
    for ((field, bound), read) in
        [("min", &input.min), ("max", &input.max)].into_iter().zip(&mut bounds)
    {
        let Some(bound) = bound else { continue };
        *read = bind::bound(input.kind, bound);
        let kind = match input.kind {
            Type::Duration => "must be a length of time, as `5m`",
            Type::String | Type::Integer => "must be a whole number",
            Type::Boolean | Type::Enum => "is not for this type",
        };
        say(field, read.is_none(), kind.to_owned());
    }
    let [min, max] = bounds;
    let crossed = min.zip(max).is_some_and(|(min, max)| min > max);
    say("max", crossed, "is less than `min`".to_owned());
    problems
}
