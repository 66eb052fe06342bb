//! Whether the condition of a binding holds: as far as the time of the reading and the resource's own name tell.

use std::collections::HashMap;

use cel::{Context, Program, Value};
use jiff::Timestamp;

use crate::evidence::{Gap, GapReason, Known};

/// The longest expression that is evaluated, in bytes; the clouds allow few more, and the parser recurses.
const LONGEST: usize = 1024;

/// What a condition may ask about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The time of the reading.
    pub(super) at: Timestamp,
    /// The resource's name, as conditions see it.
    pub(super) name: &'a str,
    /// The service, such as `run.googleapis.com`.
    pub(super) service: &'a str,
    /// The type, such as `run.googleapis.com/Service`.
    pub(super) kind: &'a str,
}

/// Whether a condition holds. Whatever asks about something else is not known.
pub(super) fn holds(expression: &str, asked: Asked<'_>) -> Known<bool> {
    let shown: String = expression.chars().take(120).collect();
    let unknown = || Known::Unknown(Gap::new(format!("whether the condition `{shown}` holds"), GapReason::Unsupported));
    if expression.trim().is_empty() {
        return Known::Known(true);
    }
    // The hour of the day is not the same tomorrow: only comparisons of the time itself are answered.
    if expression.len() > LONGEST || expression.contains("request.time.") {
        return unknown();
    }
    match evaluate(expression, asked) {
        Some(answer) => Known::Known(answer),
        None => unknown(),
    }
}

fn evaluate(expression: &str, asked: Asked<'_>) -> Option<bool> {
    let now = Program::compile(&format!("timestamp('{}')", asked.at)).ok()?.execute(&Context::default()).ok()?;
    let program = Program::compile(expression).ok()?;
    let mut context = Context::default();
    let text = |text: &str| Value::from(text.to_owned());
    let resource =
        HashMap::from([("name", text(asked.name)), ("service", text(asked.service)), ("type", text(asked.kind))]);
    context.add_variable_from_value("request", HashMap::from([("time", now)]));
    context.add_variable_from_value("resource", resource);
    match program.execute(&context).ok()? {
        Value::Bool(answer) => Some(answer),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(expression: &str) -> Known<bool> {
        let at = "2026-11-22T00:00:00Z".parse().expect("a time");
        let name = "projects/p/locations/us-central1/services/orders";
        holds(expression, Asked { at, name, service: "run.googleapis.com", kind: "run.googleapis.com/Service" })
    }

    #[test]
    fn time_and_the_resource_itself_are_known() {
        assert_eq!(asked("request.time < timestamp(\"2026-01-01T00:00:00Z\")"), Known::Known(false));
        assert_eq!(asked("request.time < timestamp('2030-01-01T00:00:00Z')"), Known::Known(true));
        assert_eq!(asked("resource.name.endsWith('/services/orders')"), Known::Known(true));
        assert_eq!(asked("resource.service == 'run.googleapis.com' && resource.name == 'x'"), Known::Known(false));
        assert_eq!(asked(""), Known::Known(true));
    }

    #[test]
    fn what_asks_about_something_else_is_not_known() {
        for expression in [
            "request.auth.claims.sub == 'x'",
            "'x' in request.auth.access_levels",
            "resource.matchTag('1/env', 'prod')",
            "request.time.getHours('Europe/Berlin') < 18",
            "1 +",
            "1",
        ] {
            assert!(matches!(asked(expression), Known::Unknown(_)), "{expression}");
        }
        assert!(matches!(asked(&"(".repeat(2000)), Known::Unknown(_)));
        assert!(matches!(asked(&"!".repeat(1000)), Known::Unknown(_)));
    }

    #[test]
    fn an_answer_that_the_unknown_cannot_change_is_an_answer() {
        let expired = "request.auth.claims.sub == 'x' && request.time < timestamp('2020-01-01T00:00:00Z')";
        assert_eq!(asked(expired), Known::Known(false));
    }
}
