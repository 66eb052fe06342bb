//! The subset of CEL that rules may use, and its types.
//!
//! CEL itself takes a wrong type for "not equal" and a missing field for an error of that one evaluation. Here both are
//! errors of the rule, found when it is loaded: a typo must not become a verdict.

use std::collections::BTreeSet;

use cel::{
    IdedExpr, Program,
    common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, SelectExpr, operators},
};

use super::{
    Fault, Patterns,
    scope::{Bound, Kind, Meaning, Proof, Scope},
    suggest::did_you_mean,
};
use crate::facts::vocabulary::{Type, field};

/// What the expression means, and the paths of the vocabulary that it reads.
pub(super) fn check(
    tree: &IdedExpr,
    program: &Program,
    scope: &Scope<'_>,
    patterns: &mut Patterns,
) -> Result<(Meaning, BTreeSet<String>), Fault> {
    let mut checker = Checker { program, patterns, reads: BTreeSet::new(), used: BTreeSet::new() };
    let meaning = checker.any(tree, scope)?;
    Ok((meaning, checker.reads))
}

struct Checker<'a> {
    program: &'a Program,
    patterns: &'a mut Patterns,
    reads: BTreeSet<String>,
    /// The names that were read.
    used: BTreeSet<String>,
}

impl Checker<'_> {
    fn fault(&self, node: &IdedExpr, problem: impl Into<String>) -> Fault {
        let fault = Fault::new(problem);
        match self.offset(first(node)) {
            Some(offset) => fault.at(offset),
            None => fault,
        }
    }

    /// Where a node stands in the source, in characters: the parser counts bytes.
    fn offset(&self, id: u64) -> Option<usize> {
        let info = self.program.source_info();
        let (start, _) = info.offset_for(id)?;
        info.source.get(..start as usize).map(|before| before.chars().count())
    }

    fn any(&mut self, node: &IdedExpr, scope: &Scope<'_>) -> Result<Meaning, Fault> {
        match &node.expr {
            Expr::Literal(literal) => self.literal(node, literal),
            Expr::Ident(_) | Expr::Select(_) => {
                let meaning = self.fact(node, scope)?;
                if let Some((_, path)) = &meaning.fact {
                    self.reads.insert(path.clone());
                }
                Ok(meaning)
            }
            Expr::Call(call) => self.call(node, call, scope),
            Expr::Comprehension(walk) => self.walk(node, walk, scope),
            Expr::List(_) => Err(self.fault(node, "a list in brackets can only stand after `in`")),
            Expr::Map(_) | Expr::Struct(_) => Err(self.fault(node, "maps and messages are not part of the language")),
            Expr::Unspecified => Err(self.fault(node, "a part of the expression is missing")),
        }
    }

    fn literal(&self, node: &IdedExpr, literal: &LiteralValue) -> Result<Meaning, Fault> {
        match literal {
            LiteralValue::Boolean(_) => Ok(Meaning::new(Kind::Bool)),
            LiteralValue::Int(_) => Ok(Meaning::new(Kind::Int)),
            LiteralValue::Null => Ok(Meaning::new(Kind::Null)),
            LiteralValue::String(text) => {
                Ok(Meaning { literal: Some(text.inner().to_owned()), ..Meaning::new(Kind::Text) })
            }
            LiteralValue::Double(_) | LiteralValue::UInt(_) => {
                Err(self.fault(node, "facts are whole numbers: write it without a point and without `u`"))
            }
            LiteralValue::Bytes(_) => Err(self.fault(node, "bytes are not part of the language")),
        }
    }

    /// A name, or a fact that fields lead to.
    fn fact(&mut self, node: &IdedExpr, scope: &Scope<'_>) -> Result<Meaning, Fault> {
        match &node.expr {
            Expr::Ident(name) => {
                let Some((bound, path)) = scope.find(name) else {
                    let known = scope.names.iter().map(|(name, ..)| name.as_str());
                    let hint = did_you_mean(name, known);
                    return Err(self.fault(node, format!("nothing is called `{name}` here")).with_hint(hint));
                };
                self.used.insert(name.clone());
                let kind = match bound {
                    Bound::Object(fields) => Kind::Object(fields),
                    Bound::Params(_) => Kind::Params,
                };
                Ok(Meaning { fact: Some((name.clone(), path.to_owned())), ..Meaning::new(kind) })
            }
            Expr::Select(select) => self.select(node, select, scope),
            Expr::Call(call) if [operators::INDEX, operators::OPT_INDEX].contains(&call.func_name.as_str()) => {
                Err(self.refused(node, &call.func_name))
            }
            _ => Err(self.fault(node, "a field can only be read from a name or from another field")),
        }
    }

    fn select(&mut self, node: &IdedExpr, select: &SelectExpr, scope: &Scope<'_>) -> Result<Meaning, Fault> {
        if select.test {
            let fault = self.fault(node, "`has` is false for a fact that could not be read, which would hide the gap");
            return Err(fault.with_hint(Some("known absence is `null`: compare with it".to_owned())));
        }
        let owner = self.fact(&select.operand, scope)?;
        let Some((written, path)) = &owner.fact else { return Err(self.fault(node, "this is not a fact")) };
        self.present(&select.operand, &owner, scope, "it has no fields then")?;
        let unknown = |checker: &Self, known: Vec<&str>| {
            let hint = did_you_mean(&select.field, known);
            let fault = checker.fault(node, format!("`{written}` has no field `{}`", select.field)).with_hint(hint);
            match checker.offset(node.id) {
                Some(dot) => fault.at(dot + 1),
                None => fault,
            }
        };
        let (kind, nullable) = match owner.kind {
            Kind::Object(fields) => match field(fields, &select.field) {
                Some(field) => Kind::of(field.kind),
                None => return Err(unknown(self, fields.iter().map(|field| field.name).collect())),
            },
            Kind::Params => {
                let Some((Bound::Params(params), _)) = scope.find("params") else {
                    return Err(unknown(self, Vec::new()));
                };
                match params.get(&select.field) {
                    Some(param) => (Kind::of_scalar(&param.value), false),
                    None => return Err(unknown(self, params.keys().map(String::as_str).collect())),
                }
            }
            other => {
                return Err(self.fault(node, format!("`{written}` is {}, which has no fields", other.words())));
            }
        };
        let fact = Some((format!("{written}.{}", select.field), format!("{path}.{}", select.field)));
        Ok(Meaning { kind, nullable, fact, literal: None, proof: Proof::default() })
    }

    /// Refuses a fact that may be null where null would end the evaluation.
    fn present(&self, node: &IdedExpr, meaning: &Meaning, scope: &Scope<'_>, why: &str) -> Result<(), Fault> {
        let Some((written, _)) = meaning.fact.as_ref().filter(|_| meaning.nullable) else { return Ok(()) };
        if scope.present.contains(written) {
            return Ok(());
        }
        let hint = format!("write `{written} != null && …` before it, here or in `when`");
        Err(self.fault(node, format!("`{written}` may be null, and {why}")).with_hint(Some(hint)))
    }

    fn call(&mut self, node: &IdedExpr, call: &CallExpr, scope: &Scope<'_>) -> Result<Meaning, Fault> {
        match (call.func_name.as_str(), call.target.as_deref(), call.args.as_slice()) {
            (operators::LOGICAL_AND, None, [a, b]) => {
                let a = self.condition(a, scope)?;
                let b = self.condition(b, &scope.knowing(&a.when_true))?;
                Ok(Meaning::new(Kind::Bool).proving(a.and(&b)))
            }
            (operators::LOGICAL_OR, None, [a, b]) => {
                let a = self.condition(a, scope)?;
                let b = self.condition(b, &scope.knowing(&a.when_false))?;
                Ok(Meaning::new(Kind::Bool).proving(a.or(&b)))
            }
            (operators::LOGICAL_NOT, None, [a]) => {
                let proof = self.condition(a, scope)?.not();
                Ok(Meaning::new(Kind::Bool).proving(proof))
            }
            (operators::CONDITIONAL, None, [a, b, c]) => {
                let proof = self.condition(a, scope)?;
                let yes = self.any(b, &scope.knowing(&proof.when_true))?;
                let no = self.any(c, &scope.knowing(&proof.when_false))?;
                if yes.may_be_null() || no.may_be_null() {
                    return Err(self.fault(node, "`? :` cannot choose a fact that may be null"));
                }
                match (yes.kind, no.kind) {
                    (Kind::Bool, Kind::Bool) | (Kind::Int, Kind::Int) => Ok(Meaning::new(yes.kind)),
                    (a, b) if a.is_text() && b.is_text() => Ok(Meaning::new(Kind::Text)),
                    (a, b) => {
                        Err(self.fault(node, format!("`? :` cannot choose between {} and {}", a.words(), b.words())))
                    }
                }
            }
            (operators::EQUALS, None, [a, b]) => self.equality(node, a, b, scope),
            (operators::NOT_EQUALS, None, [a, b]) => {
                let meaning = self.equality(node, a, b, scope)?;
                let proof = meaning.proof.clone().not();
                Ok(meaning.proving(proof))
            }
            (
                operators::LESS | operators::LESS_EQUALS | operators::GREATER | operators::GREATER_EQUALS,
                None,
                [a, b],
            ) => {
                for side in [a, b] {
                    let meaning = self.any(side, scope)?;
                    if meaning.kind != Kind::Int {
                        return Err(self.fault(
                            side,
                            format!("only whole numbers have an order, and this is {}", meaning.kind.words()),
                        ));
                    }
                    self.present(side, &meaning, scope, "it has no order then")?;
                }
                Ok(Meaning::new(Kind::Bool))
            }
            (operators::IN, None, [a, b]) => self.membership(a, b, scope),
            ("size", Some(list), []) | ("size", None, [list]) => {
                let meaning = self.any(list, scope)?;
                if !matches!(meaning.kind, Kind::List(_)) && !meaning.kind.is_text() {
                    return Err(self
                        .fault(list, format!("`size` counts a list or a text, and this is {}", meaning.kind.words())));
                }
                self.present(list, &meaning, scope, "it has no size then")?;
                Ok(Meaning::new(Kind::Int))
            }
            (name @ ("startsWith" | "endsWith" | "contains" | "matches"), Some(text), [part]) => {
                for side in [text, part] {
                    let meaning = self.any(side, scope)?;
                    if !meaning.kind.is_text() {
                        return Err(
                            self.fault(side, format!("`{name}` works on text, and this is {}", meaning.kind.words()))
                        );
                    }
                    self.present(side, &meaning, scope, "it is no text then")?;
                }
                if name == "matches" {
                    self.pattern(part)?;
                }
                Ok(Meaning::new(Kind::Bool))
            }
            (name, ..) => Err(self.refused(node, name)),
        }
    }

    fn refused(&self, node: &IdedExpr, name: &str) -> Fault {
        let problem = match name {
            operators::ADD
            | operators::SUBSTRACT
            | operators::MULTIPLY
            | operators::DIVIDE
            | operators::MODULO
            | operators::NEGATE => "arithmetic is not part of the language".to_owned(),
            operators::INDEX | operators::OPT_INDEX => {
                "elements have no number: use `exists`, `all` or `for_each`".to_owned()
            }
            operators::OPT_SELECT => "optional fields would hide a fact that could not be read".to_owned(),
            "size" | "startsWith" | "endsWith" | "contains" | "matches" => format!("`{name}` is not called like this"),
            "exists" | "all" => format!("`{name}` takes a name and a condition: `list.{name}(i, …)`"),
            _ => format!("there is no function `{name}`"),
        };
        let known = ["size", "startsWith", "endsWith", "contains", "matches", "exists", "all"];
        let hint = if problem.starts_with("there is no") { did_you_mean(name, known) } else { None };
        self.fault(node, problem).with_hint(hint)
    }

    fn condition(&mut self, node: &IdedExpr, scope: &Scope<'_>) -> Result<Proof, Fault> {
        let meaning = self.any(node, scope)?;
        if meaning.kind != Kind::Bool {
            return Err(self.fault(node, format!("a condition is yes or no, and this is {}", meaning.kind.words())));
        }
        self.present(node, &meaning, scope, "it is neither yes nor no then")?;
        Ok(meaning.proof)
    }

    fn equality(&mut self, node: &IdedExpr, a: &IdedExpr, b: &IdedExpr, scope: &Scope<'_>) -> Result<Meaning, Fault> {
        let (left, right) = (self.any(a, scope)?, self.any(b, scope)?);
        self.same(node, &left, &right)?;
        let mut proof = Proof::default();
        for (this, other) in [(&left, &right), (&right, &left)] {
            let Some((written, _)) = this.fact.as_ref().filter(|_| this.nullable) else { continue };
            if other.kind == Kind::Null {
                proof.when_false.insert(written.clone());
            } else if !other.nullable {
                proof.when_true.insert(written.clone());
            }
        }
        Ok(Meaning::new(Kind::Bool).proving(proof))
    }

    /// Refuses two sides that can never be equal.
    fn same(&self, node: &IdedExpr, left: &Meaning, right: &Meaning) -> Result<(), Fault> {
        let name = |meaning: &Meaning| meaning.fact.as_ref().map_or("this", |(written, _)| written.as_str()).to_owned();
        for (this, other) in [(left, right), (right, left)] {
            match (this.kind, other.kind) {
                (_, Kind::Null) if this.kind == Kind::Null => {
                    return Err(self.fault(node, "null is compared with null"));
                }
                (_, Kind::Null) if !this.nullable => {
                    return Err(self.fault(node, format!("`{}` is never null", name(this))));
                }
                (Kind::Enum(words), _) => {
                    if let Some(word) = other.literal.as_ref().filter(|word| !words.contains(&word.as_str())) {
                        return Err(self.not_a_word(node, &name(this), words, word));
                    }
                }
                (Kind::List(_) | Kind::Object(_) | Kind::Params, kind) if kind != Kind::Null => {
                    return Err(self.fault(
                        node,
                        format!("`{}` is {}: it can only be compared with null", name(this), this.kind.words()),
                    ));
                }
                _ => {}
            }
        }
        let alike = match (left.kind, right.kind) {
            (Kind::Null, _) | (_, Kind::Null) => true,
            (Kind::Enum(a), Kind::Enum(b)) => a.iter().any(|word| b.contains(word)),
            (a, b) => a == b || (a.is_text() && b.is_text()),
        };
        if alike {
            return Ok(());
        }
        let (a, b) = (left.kind.words(), right.kind.words());
        Err(self.fault(node, format!("{a} is compared with {b}, which is never equal")))
    }

    fn not_a_word(&self, node: &IdedExpr, name: &str, words: &'static [&'static str], word: &str) -> Fault {
        let listed: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
        let hint = did_you_mean(word, words.iter().copied()).filter(|hint| hint.starts_with("did"));
        self.fault(node, format!("`{name}` is never `{word}`: it is one of {}", listed.join(", "))).with_hint(hint)
    }

    fn membership(&mut self, a: &IdedExpr, b: &IdedExpr, scope: &Scope<'_>) -> Result<Meaning, Fault> {
        let Expr::List(list) = &b.expr else {
            let fault = self.fault(b, "`in` takes a list of literals in brackets");
            return Err(fault.with_hint(Some("for a list of facts, use `exists`".to_owned())));
        };
        let left = self.any(a, scope)?;
        for element in &list.elements {
            let Expr::Literal(literal) = &element.expr else {
                return Err(self.fault(element, "a list in brackets holds literals only"));
            };
            let right = self.literal(element, literal)?;
            self.same(element, &left, &right)?;
        }
        let mut proof = Proof::default();
        let nulls = list.elements.iter().any(|e| matches!(&e.expr, Expr::Literal(LiteralValue::Null)));
        if let Some((written, _)) = left.fact.filter(|_| left.nullable && !nulls) {
            proof.when_true.insert(written);
        }
        Ok(Meaning::new(Kind::Bool).proving(proof))
    }

    fn pattern(&mut self, node: &IdedExpr) -> Result<(), Fault> {
        let Expr::Literal(LiteralValue::String(source)) = &node.expr else {
            return Err(self.fault(node, "the pattern of `matches` must be a literal"));
        };
        self.patterns.add(source.inner()).map_err(|problem| self.fault(node, problem))
    }

    fn walk(&mut self, node: &IdedExpr, walk: &ComprehensionExpr, scope: &Scope<'_>) -> Result<Meaning, Fault> {
        let condition = match &walk.loop_step.expr {
            Expr::Call(step) if walk.iter_var2.is_none() => match (step.func_name.as_str(), step.args.as_slice()) {
                (operators::LOGICAL_AND | operators::LOGICAL_OR, [so_far, condition]) if matches!(&so_far.expr, Expr::Ident(name) if *name == walk.accu_var) => {
                    Some(condition)
                }
                _ => None,
            },
            _ => None,
        };
        let Some(condition) = condition else {
            let fault = self
                .fault(node, "of the walks over a list, only `exists` and `all` hold where the list may be incomplete");
            return Err(
                fault.with_hint(Some("`map`, `filter` and `exists_one` are not part of the language".to_owned()))
            );
        };
        let range = &walk.iter_range;
        if !matches!(range.expr, Expr::Ident(_) | Expr::Select(_)) {
            return Err(self.fault(range, "`exists` and `all` walk over a list of facts"));
        }
        let list = self.any(range, scope)?;
        let Kind::List(element) = list.kind else {
            return Err(
                self.fault(range, format!("`exists` and `all` walk over a list, and this is {}", list.kind.words()))
            );
        };
        self.present(range, &list, scope, "there is nothing to walk over then")?;
        let Type::Object(fields) = element else {
            let fault = self.fault(range, "`exists` and `all` walk over a list of named facts, not of plain values");
            return Err(fault.with_hint(Some("a plain value cannot say that it was not read".to_owned())));
        };
        let name = &walk.iter_var;
        if scope.has(name) {
            return Err(self.fault(node, format!("the name `{name}` is taken")));
        }
        let path = list.fact.map(|(_, path)| path).unwrap_or_default();
        let outside = std::mem::take(&mut self.used);
        self.condition(condition, &scope.with(name, fields, &format!("{path}[]")))?;
        let inside = std::mem::replace(&mut self.used, outside);
        if !inside.contains(name) {
            return Err(self.fault(condition, format!("this condition says nothing about `{name}`")));
        }
        self.used.extend(inside);
        Ok(Meaning::new(Kind::Bool))
    }
}

/// The node where an expression starts in its source: the operand of a field, the left side of an operator.
fn first(node: &IdedExpr) -> u64 {
    match &node.expr {
        Expr::Select(select) if !select.test => first(&select.operand),
        Expr::Call(CallExpr { target: Some(target), .. }) => first(target),
        Expr::Comprehension(walk) => first(&walk.iter_range),
        Expr::Call(call) if call.func_name.starts_with('_') || call.func_name == operators::IN => {
            call.args.first().map_or(node.id, first)
        }
        _ => node.id,
    }
}
