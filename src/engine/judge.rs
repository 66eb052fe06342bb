//! One rule about one subject.

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use cel::{
    Context, ExecutionError, Value,
    common::{
        traits::Indexer,
        types::{self, CelBool, CelInt, CelString, Type},
        value::{CowVal, Val},
    },
    extractors::This,
};

use super::{
    Element, Spot, UNREAD, Verdict, record,
    value::{Fact, Hole, indexed},
};
use crate::{
    evidence::{Gap, GapReason},
    facts::Node,
    rule::{
        Expression, Piece, Rule, Scalar,
        expression::{LANGUAGE, Patterns},
    },
};

static MAP: Type = types::MAP_TYPE;

/// A rule with what every evaluation of it needs.
pub(super) struct Prepared<'r> {
    pub(super) rule: &'r Rule,
    params: Option<Params>,
}

/// What an expression came to.
enum Answer {
    Is(bool),
    Gaps(BTreeSet<Gap>),
}

impl<'r> Prepared<'r> {
    /// Gets a rule ready.
    pub(super) fn new(rule: &'r Rule) -> Self {
        let params = (!rule.params.is_empty()).then(|| Params::new(rule));
        Self { rule, params }
    }

    /// The verdicts about one subject: one, or one for each element.
    pub(super) fn judge(&self, subject: &Fact<'_>) -> Vec<(Spot, Verdict)> {
        let context = (!self.is_ruled_out(subject)).then(|| self.context(subject));
        let applied = |verdict: &dyn Fn(&Context<'_, '_>) -> Verdict| match &context {
            Some(context) => verdict(context),
            None => Verdict::NotApplicable,
        };
        let Some(each) = &self.rule.for_each else {
            return vec![(Spot::Whole, applied(&|context| self.verdict(context)))];
        };
        let unread = |hole: &Hole<'_>| applied(&|context| self.unread(context, &each.name, hole));
        let mut list = subject;
        for field in &each.fields {
            list = match list {
                Fact::Missing(_) => break,
                _ => match list.field(field) {
                    Some(next) => next,
                    None => return vec![(Spot::Whole, self.fault("its list is not in the facts"))],
                },
            };
        }
        match list {
            Fact::Missing(hole) => vec![(Spot::Whole, unread(hole))],
            Fact::List(items) => {
                let mut verdicts = Vec::new();
                for (index, item) in items.known().iter().enumerate() {
                    let verdict = match item {
                        Fact::Missing(hole) => unread(hole),
                        _ => applied(&|context| self.element(context, &each.name, item)),
                    };
                    verdicts.push((Spot::Item(index), verdict));
                }
                if let Some(hole) = items.rest() {
                    verdicts.push((Spot::Rest, unread(hole)));
                }
                if verdicts.is_empty() {
                    verdicts.push((Spot::Whole, Verdict::NotApplicable));
                }
                verdicts
            }
            _ => vec![(Spot::Whole, self.fault("its list is not a list"))],
        }
    }

    /// The element that a verdict is about, where it is about one.
    pub(super) fn element_at(&self, spot: Spot, facts: &Node) -> Option<Element> {
        let index = match spot {
            Spot::Whole => return None,
            Spot::Item(index) => index,
            Spot::Rest => return Some(Element { id: UNREAD.to_owned(), index: None }),
        };
        let mut fields = self.rule.for_each.iter().flat_map(|each| &each.fields);
        let item = match fields.try_fold(facts, |node, field| node.get(field)) {
            Some(Node::List(list)) => list.items.get(index),
            _ => None,
        };
        let id = item.and_then(|item| item.get("id")?.as_text()).filter(|id| !id.is_empty());
        Some(Element { id: id.map_or_else(|| index.to_string(), str::to_owned), index: Some(index) })
    }

    /// Whether the first thing that its condition asks of the subject is known, and says no.
    fn is_ruled_out(&self, subject: &Fact<'_>) -> bool {
        let Some(opening) = self.rule.when.as_ref().and_then(Expression::opening) else { return false };
        let Some((root, fields)) = opening.path.split_first() else { return false };
        let fact = fields.iter().try_fold(subject, |fact, field| fact.field(field));
        match fact.filter(|_| root == self.rule.subject.name) {
            Some(Fact::Plain(value)) => {
                value.downcast_ref::<CelString>().is_some_and(|text| text.inner() != opening.word)
            }
            _ => false,
        }
    }

    fn context<'v>(&self, subject: &Fact<'v>) -> Context<'v, 'v> {
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.add_variable_as_val(self.rule.subject.name, subject.as_val().clone_as_boxed());
        if let Some(params) = &self.params {
            context.add_variable_as_val("params", Box::new(params.clone()));
        }
        if !self.rule.patterns.is_empty() {
            let patterns = self.rule.patterns.clone();
            // It cannot fail: the language has no `matches` of its own, which a test makes sure of.
            let _ = context.add_function("matches", move |This(text): This<Arc<String>>, pattern: Arc<String>| {
                matches(&patterns, &text, &pattern)
            });
        }
        context
    }

    fn element(&self, context: &Context<'_, '_>, name: &str, item: &Fact<'_>) -> Verdict {
        let mut inner = context.new_inner_scope();
        inner.add_variable_as_val(name, item.as_val().clone_as_boxed());
        self.verdict(&inner)
    }

    /// The verdict about an element of which nothing is known, and which may not be there at all.
    fn unread(&self, context: &Context<'_, '_>, name: &str, hole: &Hole<'_>) -> Verdict {
        let mut inner = context.new_inner_scope();
        inner.add_variable_as_val(name, hole.clone_as_boxed());
        let mut gaps = BTreeSet::from([hole.gap().clone()]);
        match self.rule.when.as_ref().map(|when| self.answer(when, &inner)) {
            Some(Answer::Is(false)) => return Verdict::NotApplicable,
            Some(Answer::Gaps(more)) => gaps.extend(more),
            _ => {}
        }
        Verdict::NotEvaluated { gaps: gaps.into_iter().collect() }
    }

    fn verdict(&self, context: &Context<'_, '_>) -> Verdict {
        match self.rule.when.as_ref().map(|when| self.answer(when, context)) {
            Some(Answer::Is(false)) => return Verdict::NotApplicable,
            Some(Answer::Gaps(gaps)) => return Verdict::NotEvaluated { gaps: gaps.into_iter().collect() },
            Some(Answer::Is(true)) | None => {}
        }
        match self.answer(&self.rule.require, context) {
            Answer::Is(true) => Verdict::Pass,
            Answer::Is(false) => Verdict::Fail { message: self.message(context) },
            Answer::Gaps(gaps) => Verdict::NotEvaluated { gaps: gaps.into_iter().collect() },
        }
    }

    fn answer(&self, expression: &Expression, context: &Context<'_, '_>) -> Answer {
        let fault = |detail: &str| Answer::Gaps(BTreeSet::from([self.fault_gap(detail)]));
        match run(expression, context, |value| value.downcast_ref::<CelBool>().map(|answer| *answer.inner())) {
            Ran::Value(Some(answer)) => Answer::Is(answer),
            Ran::Value(None) => fault("the answer is neither yes nor no"),
            Ran::Gaps(gaps) => Answer::Gaps(gaps),
            Ran::Fault(detail) => fault(&detail),
        }
    }

    fn message(&self, context: &Context<'_, '_>) -> String {
        let mut message = String::new();
        for piece in self.rule.message.pieces() {
            match piece {
                Piece::Words(words) => message.push_str(words),
                Piece::Value(expression) => match run(expression, context, Fact::show) {
                    Ran::Value(Some(shown)) => message.push_str(&shown),
                    _ => message.push_str("(unknown)"),
                },
            }
        }
        message
    }

    fn fault(&self, detail: &str) -> Verdict {
        Verdict::NotEvaluated { gaps: vec![self.fault_gap(detail)] }
    }

    fn fault_gap(&self, detail: &str) -> Gap {
        let short: String = detail.chars().take(200).collect();
        Gap::new(format!("rule `{}`", self.rule.id), GapReason::RuleError).with_detail(short)
    }
}

/// How running an expression ended.
enum Ran<T> {
    Value(T),
    Gaps(BTreeSet<Gap>),
    Fault(String),
}

/// Runs an expression, whatever it does, and looks at its value.
fn run<T>(expression: &Expression, context: &Context<'_, '_>, look: impl FnOnce(&dyn Val) -> T) -> Ran<T> {
    record::start();
    let result =
        catch_unwind(AssertUnwindSafe(|| Value::resolve_val(expression.tree(), context).map(|value| look(&*value))));
    let record = record::finish();
    if record.is_exhausted() {
        return Ran::Fault(format!("it walked over more than {} elements", record::STEPS));
    }
    match result {
        Ok(Ok(value)) => Ran::Value(value),
        Ok(Err(_)) if !record.gaps.is_empty() => Ran::Gaps(record.gaps),
        Ok(Err(error)) => Ran::Fault(error.to_string()),
        Err(_) => Ran::Fault("it failed unexpectedly".to_owned()),
    }
}

fn matches(patterns: &Patterns, text: &str, pattern: &str) -> Result<bool, ExecutionError> {
    let unknown = || ExecutionError::function_error("matches", "this pattern was not compiled with the rule");
    patterns.is_match(pattern, text).ok_or_else(unknown)
}

/// The parameters of a rule as the language sees them.
#[derive(Debug, Clone)]
struct Params(Arc<BTreeMap<String, Box<dyn Val>>>);

impl Params {
    fn new(rule: &Rule) -> Self {
        let value = |scalar: &Scalar| -> Box<dyn Val> {
            match scalar {
                Scalar::Bool(value) => Box::new(CelBool::from(*value)),
                Scalar::Int(value) => Box::new(CelInt::from(*value)),
                Scalar::Text(text) => Box::new(CelString::from(text.clone())),
            }
        };
        Self(Arc::new(rule.params.iter().map(|(name, param)| (name.clone(), value(&param.value))).collect()))
    }
}

indexed!(Params, MAP);

impl Indexer for Params {
    fn get<'b, 'v>(&'b self, name: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let name = name.downcast_ref::<CelString>().ok_or_else(|| ExecutionError::no_such_key("?"))?.inner();
        let value = self.0.get(name).ok_or_else(|| ExecutionError::no_such_key(name))?;
        Ok(CowVal::Borrowed(&**value))
    }
    fn steal<'v>(self: Box<Self>, name: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(name).map(CowVal::into_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    fn requiring(require: &str) -> Rule {
        with(&format!("require: >-\n  {require}\n"))
    }

    fn with(conditions: &str) -> Rule {
        let text = format!(
            "id: a-rule\ntitle: A rule\nseverity: low\nsince: 0.1.0\nsubject: workload\n{conditions}\
             message: no\ndescription: d\nwhy: w\nremediation: {{text: t}}\n"
        );
        let set = RuleSet::parse(&[("a-rule.yaml", text)]).unwrap_or_else(|error| panic!("{error}"));
        set.rules()[0].clone()
    }

    fn detail(verdict: &Verdict) -> &str {
        match verdict {
            Verdict::NotEvaluated { gaps } if gaps.len() == 1 && gaps[0].why == GapReason::RuleError => {
                assert_eq!(&*gaps[0].what, "rule `a-rule`");
                gaps[0].detail.as_deref().unwrap_or("")
            }
            other => panic!("{other:?} is no fault of the rule"),
        }
    }

    /// A value that does something no fact does.
    #[derive(Debug, Clone)]
    struct Odd(fn() -> Box<dyn Val>);

    indexed!(Odd, MAP);

    impl Indexer for Odd {
        fn get<'b, 'v>(&'b self, _: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
        where
            Self: 'v,
        {
            Ok(CowVal::Owned(self.0()))
        }
        fn steal<'v>(self: Box<Self>, _: &dyn Val) -> Result<Box<dyn Val + 'v>, ExecutionError>
        where
            Self: 'v,
        {
            Ok(self.0())
        }
    }

    fn verdict(require: &str, field: fn() -> Box<dyn Val>) -> Verdict {
        let rule = requiring(require);
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.add_variable_as_val("workload", Box::new(Odd(field)));
        Prepared::new(&rule).verdict(&context)
    }

    #[test]
    fn a_panic_is_a_fault_of_the_rule_and_does_not_end_the_run() {
        let verdict = verdict("workload.name == 'a'", || panic!("as this test wants it"));
        assert_eq!(detail(&verdict), "it failed unexpectedly");
    }

    #[test]
    fn an_answer_that_is_neither_yes_nor_no_is_a_fault_of_the_rule() {
        let verdict = verdict("workload.name == 'a' ? true : workload.cloud == 'aws'", || Box::new(CelInt::from(1)));
        assert_eq!(verdict.as_str(), "fail", "a comparison is always yes or no");
        let rule = requiring("workload.network.attached");
        let number = Fact::Plain(Box::new(CelInt::from(1)));
        let mut context = Context::with_env(Arc::clone(&LANGUAGE));
        context.add_variable_as_val("workload", Box::new(Odd(|| Box::new(Odd(|| Box::new(CelInt::from(1)))))));
        assert_eq!(detail(&Prepared::new(&rule).verdict(&context)), "the answer is neither yes nor no");
        assert!(number.field("name").is_none());
    }

    #[test]
    fn an_error_that_no_missing_fact_explains_is_a_fault_of_the_rule() {
        let verdict = verdict("workload.network.zone_count > 1", || Box::new(CelString::from("text")));
        assert!(!detail(&verdict).is_empty());
    }

    #[test]
    fn only_a_word_that_was_read_rules_a_rule_out() {
        let rule = with("when: workload.cloud == 'aws'\nrequire: workload.name == 'a'\n");
        let shape = super::super::shape::of("workload").unwrap();
        let unread = || Node::Unknown(Gap::new("the fact", GapReason::Denied));
        let said = |cloud, name| {
            let document = Node::map([("cloud", cloud), ("name", name)]);
            let prepared = Prepared::new(&rule);
            let subject = Fact::new(&document, shape);
            (prepared.is_ruled_out(&subject), prepared.judge(&subject).remove(0).1.as_str())
        };
        assert_eq!(said("gcp".into(), unread()), (true, "not-applicable"));
        assert_eq!(said(unread(), "a".into()), (false, "not-evaluated"));
        assert_eq!(said("aws".into(), unread()), (false, "not-evaluated"));
        assert_eq!(said("aws".into(), "b".into()), (false, "fail"));
    }

    #[test]
    fn a_pattern_is_looked_up_and_never_compiled_while_the_rule_runs() {
        let mut rule = requiring("workload.name.matches('^a+$')");
        let document = Node::map([("name", "aaa".into())]);
        let shape = super::super::shape::of("workload").unwrap();
        let judge = |rule: &Rule| Prepared::new(rule).judge(&Fact::new(&document, shape)).remove(0).1;
        assert_eq!(judge(&rule), Verdict::Pass);
        // Were anything in the way of an evaluation able to compile a pattern, this would still pass.
        rule.patterns = Patterns::default();
        assert!(!detail(&judge(&rule)).is_empty());
    }
}
