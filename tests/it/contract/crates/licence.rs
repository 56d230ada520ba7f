//! SPDX expressions, as far as manifests use them: names, WITH, AND, OR, parentheses, and the old slash for OR.

/// Whether the expression can be met with the allowed names alone.
pub(super) fn met(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut rest = words.as_slice();
    let met = either(&mut rest, allowed);
    met && rest.is_empty()
}

fn either(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = both(rest, allowed);
    while take(rest, "OR") {
        let other = both(rest, allowed);
        met |= other;
    }
    met
}

fn both(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut met = one(rest, allowed);
    while take(rest, "AND") {
        let other = one(rest, allowed);
        met &= other;
    }
    met
}

fn one(rest: &mut &[&str], allowed: &dyn Fn(&str) -> bool) -> bool {
    if take(rest, "(") {
        let met = either(rest, allowed);
        return take(rest, ")") && met;
    }
    let Some((name, after)) = rest.split_first() else { return false };
    *rest = after;
    if take(rest, "WITH") {
        let Some((exception, after)) = rest.split_first() else { return false };
        *rest = after;
        return allowed(&format!("{name} WITH {exception}"));
    }
    allowed(name)
}

fn take(rest: &mut &[&str], word: &str) -> bool {
    match rest.split_first() {
        Some((first, after)) if *first == word => {
            *rest = after;
            true
        }
        _ => false,
    }
}

#[test]
fn expressions_are_met_as_spdx_says() {
    let allowed = |name: &str| ["MIT", "ISC"].contains(&name);
    for (expression, holds) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("GPL-3.0 OR MIT", true),
        ("GPL-3.0/MIT", true),
        ("MIT AND GPL-3.0", false),
        ("MIT AND ISC", true),
        ("(GPL-3.0 OR MIT) AND ISC", true),
        ("GPL-3.0 OR MIT AND ISC", true),
        ("MIT WITH whatever", false),
        ("GPL-3.0 WITH an-exception OR GPL-3.0 OR MIT", true),
        ("(MIT", false),
        ("", false),
    ] {
        assert_eq!(met(expression, &allowed), holds, "{expression}");
    }
}
