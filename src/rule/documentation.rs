//! Pages that are generated, so that they cannot fall behind: the facts, the schema of a rule file, the list of rules.

mod facts;
mod schema;

use std::fmt::Write;

pub use facts::facts_markdown;
pub use schema::schema_json;

use super::{RuleSet, Severity};

/// What the families are about, in the order to read them in.
const FAMILIES: [(&str, &str); 6] = [
    ("egress", "where a workload's traffic leaves"),
    ("ingress", "how a request can come in"),
    ("invoke", "who may call"),
    ("identity", "what a workload runs as"),
    ("encryption", "which keys guard it"),
    ("policy", "what people decided, and for how long"),
];

/// `rules/README.md`: every rule in a table, by family, the worst first.
pub fn rules_markdown(rules: &RuleSet) -> String {
    let mut page = String::from(
        "<!-- Generated: refresh with `UPDATE=1 cargo test --test rules`. -->\n\n# Rules\n\n\
         Each rule is one file of data beside its test cases. `egress-audit rules ID` shows one with its reasons and its\n\
         remedies, `egress-audit rules test DIR` runs your own, and [facts.md](facts.md) lists what they can read.\n",
    );
    for (family, about) in FAMILIES {
        let mut members: Vec<_> = rules.rules().iter().filter(|rule| rule.family.as_deref() == Some(family)).collect();
        if members.is_empty() {
            continue;
        }
        members.sort_by_key(|rule| (std::cmp::Reverse(rule.severity), &rule.id));
        let _ = write!(
            page,
            "\n## {family}: {about}\n\n| rule | severity | about | a failure means |\n|---|---|---|---|\n"
        );
        for rule in members {
            let (id, severity, subject, title) = (&rule.id, rule.severity, rule.subject.name, &rule.title);
            let _ = writeln!(page, "| [`{id}`]({}) | {severity} | {subject} | {title} |", rule.file);
        }
    }
    let count = |severity| rules.rules().iter().filter(|rule| rule.severity == severity).count();
    let counts: Vec<String> =
        Severity::ALL.iter().rev().map(|severity| format!("{} {severity}", count(*severity))).collect();
    let _ = write!(page, "\n{} rules: {}.\n", rules.rules().len(), counts.join(", "));
    page
}
