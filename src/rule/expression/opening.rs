//! How a condition begins: what most of them ask first is a word, such as the cloud, and often the answer is no.

use cel::{
    IdedExpr,
    common::ast::{Expr, LiteralValue, operators},
};

/// The comparison that is made before anything else: of a fact with a word. Where it does not hold, the condition does not,
/// whatever follows; and to look at the fact is a hundredth of the work of running the language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Opening {
    /// The names that lead to the fact, the subject first.
    pub(crate) path: Vec<String>,
    /// What it is compared with.
    pub(crate) word: String,
}

impl Opening {
    /// The opening of a condition, where it has one: only `&&` is decided by what stands before it alone.
    pub(super) fn of(tree: &IdedExpr) -> Option<Self> {
        let mut first = tree;
        loop {
            let Expr::Call(call) = &first.expr else { return None };
            match (call.func_name.as_str(), call.args.as_slice()) {
                (operators::LOGICAL_AND, [before, ..]) => first = before,
                (operators::EQUALS, [fact, word]) => {
                    let Expr::Literal(LiteralValue::String(word)) = &word.expr else { return None };
                    return Some(Self { path: path(fact)?, word: word.inner().to_owned() });
                }
                _ => return None,
            }
        }
    }
}

fn path(fact: &IdedExpr) -> Option<Vec<String>> {
    match &fact.expr {
        Expr::Ident(name) => Some(vec![name.clone()]),
        Expr::Select(select) if !select.test => {
            let mut path = path(&select.operand)?;
            path.push(select.field.clone());
            Some(path)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::LANGUAGE, *};

    #[test]
    fn only_what_is_asked_first_and_decides_alone_opens_a_condition() {
        let of = |source: &str| {
            let program = LANGUAGE.compile(source).expect("an expression");
            Opening::of(program.expression()).map(|it| format!("{} {}", it.path.join("."), it.word))
        };
        let cloud = Some("workload.cloud aws".to_owned());
        assert_eq!(of("workload.cloud == 'aws'"), cloud);
        assert_eq!(of("workload.cloud == 'aws' && a && b && c"), cloud);
        assert_eq!(of("(workload.cloud == 'aws' && a) && (b || c)"), cloud);
        for none in [
            "a && workload.cloud == 'aws'",
            "workload.cloud == 'aws' || a",
            "!(workload.cloud == 'aws')",
            "a.b == 1",
            "a",
        ] {
            assert_eq!(of(none), None, "{none}");
        }
    }
}
