//! Titles and dedup keys with variables of the alarm: `{alarm.name}`, `{alarm.tag.service}`.

use crate::alarm::Alarm;

/// A text with variables.
#[derive(Debug, Clone, Copy)]
pub struct Template;

impl Template {
    /// Checks every variable's name, without an alarm at hand.
    pub fn check(text: &str) -> Result<(), String> {
        for variable in variables(text) {
            let name = variable.strip_prefix("alarm.").unwrap_or("");
            let plain = ["name", "description", "reason", "account", "region"].contains(&name);
            let keyed = ["tag.", "dimension."]
                .iter()
                .any(|kind| name.strip_prefix(kind).is_some_and(|key| !key.is_empty()));
            if !plain && !keyed {
                return Err(variable.to_owned());
            }
        }
        Ok(())
    }
}

fn variables(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).map(|rest| rest.split_once('}').map_or(rest, |(name, _)| name))
}

/// Fills in the variables. One that this alarm lacks becomes `unknown`: an alarm at 3 a.m. opens
/// its incident all the same. The result is cut to 200 characters.
pub fn render(text: &str, alarm: &Alarm) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        let value = name.strip_prefix("alarm.").and_then(|name| alarm.variable(name));
        out.push_str(value.unwrap_or("unknown"));
        rest = tail;
    }
    out.push_str(rest);
    out.chars().filter(|c| !c.is_control()).take(200).collect()
}
