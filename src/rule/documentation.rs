//! Pages that are generated, so that they cannot fall behind: the facts, the schema of a rule file, the list of rules.

mod facts;
mod schema;

use std::fmt::Write;

pub use facts::facts_markdown;
pub use schema::schema_json;

use super::{Rule, RuleSet, Severity};
use crate::knowledge::{control_order, controls_as_of, frameworks};

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
    controls(&mut page, rules);
    page
}

/// Which rules speak to which control, by framework.
fn controls(page: &mut String, rules: &RuleSet) {
    let _ = write!(
        page,
        "\n## controls: what a failure is evidence against\n\n\
         As the frameworks stood on {}. A rule sees a part of a control: one that fails is evidence that the control is not\n\
         kept, and one that passes is no proof that it is. `src/knowledge/controls.yaml` says of each control why.\n",
        controls_as_of()
    );
    for (key, framework) in frameworks() {
        let _ = write!(
            page,
            "\n### [{}]({}) (`{key}`)\n\n| control | | rules |\n|---|---|---|\n",
            framework.name, framework.url
        );
        let mut controls: Vec<_> = framework.controls.iter().collect();
        controls.sort_by_key(|(id, _)| control_order(id));
        for (id, control) in controls {
            let speaks = |rule: &&Rule| rule.compliance.get(key).is_some_and(|ids| ids.contains(id));
            let speaking = rules.rules().iter().filter(speaks);
            let links: Vec<_> = speaking.map(|rule| format!("[`{}`]({})", rule.id, rule.file)).collect();
            let _ = writeln!(page, "| {id} | {} | {} |", control.says().replace('*', "\\*"), links.join(", "));
        }
    }
}
