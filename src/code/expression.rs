//! What an expression comes to. An unknown operand makes a result unknown only where it could change it.

mod loops;
mod operators;
mod steps;
mod templates;

use std::{cell::Cell, collections::BTreeMap, sync::Arc};

use super::{
    ListKind, Map, MapKind, Node, Number, Unknown, Value, Why, functions,
    syntax::{Expr, ExprKind, Key, Step},
};

pub(super) use loops::elements;
pub(super) use operators::{as_bool, as_number, as_text, same};
pub(super) use steps::attribute;
pub(super) use templates::{joined, json_of, text_of};

/// How many expressions may stand in one another, through whatever names they go.
const DEEPEST: u32 = 800;
/// How many expressions one evaluation may take, besides one for each byte of code.
const MOST_STEPS: u64 = if cfg!(test) { 1_000_000 } else { 4_000_000 };
/// The heaviest value that is built, in nodes or in 64 bytes of text.
pub(super) const HEAVIEST: usize = 50_000;

/// What a name stands for.
pub(super) trait Names {
    /// The value of a name that no loop binds, with as many of the steps behind it as it takes: `var` takes one.
    fn resolve(&self, name: &str, steps: &[Step], meter: &Meter) -> (Node, usize);

    /// The text of a file that the code names, from the folder that the code runs in.
    fn file(&self, path: &str) -> Result<Arc<str>, Fault>;

    /// Whether there is such a file.
    fn has_file(&self, path: &str) -> Result<bool, Fault>;

    /// The names of files below a folder.
    fn files(&self, folder: &str) -> Result<Vec<String>, Fault>;
}

/// A name that a loop, a template or a block binds.
pub(super) struct Frame<'a> {
    pub(super) name: &'a str,
    pub(super) value: Node,
    pub(super) up: Option<&'a Frame<'a>>,
}

/// Where an expression is evaluated.
#[derive(Clone, Copy)]
pub(super) struct Scope<'a> {
    pub(super) names: &'a dyn Names,
    pub(super) frame: Option<&'a Frame<'a>>,
    pub(super) meter: &'a Meter,
}

/// Counts what an evaluation takes, so that it ends.
pub(super) struct Meter {
    depth: Cell<u32>,
    steps: Cell<u64>,
    most: u64,
}

impl Default for Meter {
    fn default() -> Self {
        Self::of(0)
    }
}

impl Meter {
    /// Of so many bytes of code: who writes more may take more.
    pub(super) fn of(bytes: usize) -> Self {
        Self { depth: Cell::new(0), steps: Cell::new(0), most: MOST_STEPS.saturating_add(bytes as u64) }
    }

    /// Runs something one level deeper, where that is allowed.
    pub(super) fn deeper(&self, run: impl FnOnce() -> Node) -> Node {
        let (depth, steps) = (self.depth.get(), self.steps.get());
        if depth >= DEEPEST || steps >= self.most {
            let what =
                if depth >= DEEPEST { "expressions nested too deep" } else { "more expressions than are evaluated" };
            return Value::unknown(Why::Limit, what).into();
        }
        self.depth.set(depth + 1);
        self.steps.set(steps + 1);
        let node = run();
        self.depth.set(depth);
        node
    }

    /// Whether the evaluation ended because it took too long.
    pub(super) fn is_exhausted(&self) -> bool {
        self.steps.get() >= self.most
    }
}

/// Why something has no value.
#[derive(Debug, Clone)]
pub(super) enum Fault {
    /// The code is in error.
    Invalid(String),
    /// Something that it needs is not known.
    Unknown(Arc<Unknown>),
    /// A reason of our own.
    Other(Why, String),
}

impl Fault {
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid(message.into())
    }

    /// The value that stands for the fault.
    pub(super) fn node(self) -> Node {
        match self {
            Self::Invalid(message) => Value::unknown(Why::Invalid, message).into(),
            Self::Unknown(unknown) => Value::Unknown(unknown).into(),
            Self::Other(why, what) => Value::unknown(why, what).into(),
        }
    }
}

/// The fault of needing a value that is not known.
pub(super) fn missing(node: &Node) -> Fault {
    node.first_unknown().map_or_else(|| Fault::invalid("a value of another type was expected"), Fault::Unknown)
}

/// A value that is not known because those that it is made of are not: the first cause, and all that they hang on.
pub(super) fn unknown_of<'a>(nodes: impl IntoIterator<Item = &'a Node>) -> Node {
    let mut first: Option<Unknown> = None;
    let mut sensitive = false;
    for node in nodes {
        sensitive |= node.is_sensitive();
        let cause = first.get_or_insert_with(|| match node.first_unknown() {
            Some(unknown) => Unknown::new(unknown.why, unknown.what.clone()),
            None => Unknown::new(Why::Instances, ""),
        });
        if cause.what.is_empty()
            && let Some(unknown) = node.first_unknown()
        {
            (cause.why, cause.what) = (unknown.why, unknown.what.clone());
        }
        cause.absorb(node);
    }
    let unknown = first.unwrap_or_else(|| Unknown::new(Why::Unsupported, "a value of nothing"));
    Node { sensitive, ..unknown.into() }
}

/// Refuses a value that has grown beyond all measure.
fn weighed(node: Node) -> Node {
    if node.weight() > HEAVIEST {
        return Value::unknown(Why::Limit, "a value larger than is built").into();
    }
    node
}

/// The value of an expression.
pub(super) fn evaluate(expr: &Expr, scope: Scope<'_>) -> Node {
    let node = scope.meter.deeper(|| weighed(kind(expr, scope)));
    node.at(&expr.place)
}

fn kind(expr: &Expr, scope: Scope<'_>) -> Node {
    match &expr.kind {
        ExprKind::Literal(value) => value.clone().into(),
        ExprKind::Template(pieces) => templates::template(pieces, scope),
        ExprKind::Tuple(items) => Value::tuple(items.iter().map(|item| evaluate(item, scope)).collect()).into(),
        ExprKind::Object(entries) => object(entries, scope),
        ExprKind::Name(_) => steps::traverse(expr, &[], scope),
        ExprKind::Steps(base, steps) => steps::traverse(base, steps, scope),
        ExprKind::Call { name, arguments, spread } => call(name, arguments, *spread, scope),
        ExprKind::Not(inner) => {
            let node = evaluate(inner, scope);
            operators::given(&node, as_bool(&node).map(|yes| Value::Bool(!yes)))
        }
        ExprKind::Minus(inner) => {
            let node = evaluate(inner, scope);
            let negated = as_number(&node).and_then(|number| number.negated().ok_or_else(operators::too_large));
            operators::given(&node, negated.map(Value::Number))
        }
        ExprKind::Binary(operator, sides) => {
            let (left, right) = (evaluate(&sides.0, scope), evaluate(&sides.1, scope));
            operators::binary(*operator, &left, &right)
        }
        ExprKind::Conditional(parts) => conditional(&parts.0, &parts.1, &parts.2, scope),
        ExprKind::For(each) => loops::collect(each, scope),
    }
}

fn object(entries: &[(Key, Expr)], scope: Scope<'_>) -> Node {
    let mut map = BTreeMap::new();
    let mut hidden = Vec::new();
    for (key, value) in entries {
        let name = match key {
            Key::Name(name) => Ok(name.clone()),
            Key::Computed(expr) => {
                let node = evaluate(expr, scope);
                as_text(&node).map_err(|fault| (node, fault))
            }
        };
        let value = evaluate(value, scope);
        match name {
            Ok(name) => drop(map.insert(name, value)),
            Err((_, fault @ Fault::Invalid(_))) => return fault.node(),
            Err((node, _)) => hidden.extend([node, value]),
        }
    }
    if hidden.is_empty() { Value::object(map).into() } else { unknown_of(hidden.iter().chain(map.values())) }
}

fn conditional(condition: &Expr, then: &Expr, otherwise: &Expr, scope: Scope<'_>) -> Node {
    let condition = evaluate(condition, scope);
    let node = match as_bool(&condition) {
        Ok(true) => operators::unified(evaluate(then, scope), otherwise, scope),
        Ok(false) => operators::unified(evaluate(otherwise, scope), then, scope),
        Err(fault @ Fault::Invalid(_)) => fault.node(),
        Err(_) => {
            let (then, otherwise) = (evaluate(then, scope), evaluate(otherwise, scope));
            let equal = same(&then, &otherwise) == Some(true) && then.value.kind() == otherwise.value.kind();
            if equal { then } else { unknown_of([&condition, &then, &otherwise]) }
        }
    };
    Node { sensitive: node.sensitive || condition.sensitive, ..node }
}

fn call(name: &str, arguments: &[Expr], spread: bool, scope: Scope<'_>) -> Node {
    match name {
        "try" => return functions::attempt(arguments, scope),
        "can" => return functions::can(arguments, scope),
        _ => {}
    }
    let mut nodes: Vec<Node> = arguments.iter().map(|argument| evaluate(argument, scope)).collect();
    if spread && let Some(last) = nodes.pop() {
        match &last.value {
            Value::List(list) if list.kind() != ListKind::Set || last.is_known() => nodes.extend(list.iter().cloned()),
            Value::Unknown(_) | Value::List(_) => return unknown_of(nodes.iter().chain([&last])),
            _ => return Fault::invalid("only a list can be spread over arguments").node(),
        }
    }
    functions::call(name, &nodes, scope)
}
