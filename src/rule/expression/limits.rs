//! What an expression may cost. The parser recurses and the evaluator has no limits, so both are held back here.

use cel::{
    IdedExpr,
    common::ast::{EntryExpr, Expr},
};

use super::Fault;

/// The most bytes of source.
const SOURCE: usize = 4096;
/// The most brackets inside one another.
const BRACKETS: usize = 32;
/// The most nodes of a parsed expression.
const NODES: usize = 512;
/// The deepest a parsed expression may be.
const DEPTH: usize = 32;
/// Enough for the parser to recurse over the longest source without brackets.
const STACK: usize = 64 << 20;

/// What can be said without parsing. Text in quotes does not count.
pub(super) fn before_parsing(source: &str) -> Result<(), Fault> {
    if source.len() > SOURCE {
        return Err(Fault::new(format!("this is longer than {SOURCE} bytes")));
    }
    let (mut open, mut quote, mut escaped) = (0_usize, None, false);
    for (at, c) in source.chars().enumerate() {
        match (quote, c) {
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(mark), _) if c == mark => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[' | '{') => open += 1,
            (None, ')' | ']' | '}') => open = open.saturating_sub(1),
            (None, '`') => return Err(Fault::new("names in backticks are not supported").at(at)),
            (None, '/') => return Err(Fault::new("arithmetic and comments are not part of the language").at(at)),
            _ => {}
        }
        if open > BRACKETS {
            return Err(Fault::new(format!("more than {BRACKETS} brackets are inside one another here")).at(at));
        }
    }
    Ok(())
}

/// What the parsed expression shows. Looks no deeper than the limit, so that depth cannot hurt here.
pub(super) fn after_parsing(tree: &IdedExpr) -> Result<(), Fault> {
    let mut nodes = 0_usize;
    let mut todo = vec![(tree, 1_usize)];
    while let Some((node, depth)) = todo.pop() {
        nodes += 1;
        if depth > DEPTH {
            return Err(Fault::new(format!("this is nested more than {DEPTH} levels deep")));
        }
        if nodes > NODES {
            return Err(Fault::new(format!("this has more than {NODES} parts")));
        }
        todo.extend(children(&node.expr).into_iter().map(|child| (child, depth + 1)));
    }
    Ok(())
}

fn children(expr: &Expr) -> Vec<&IdedExpr> {
    match expr {
        Expr::Call(call) => call.target.as_deref().into_iter().chain(&call.args).collect(),
        Expr::Comprehension(walk) => {
            vec![&walk.iter_range, &walk.accu_init, &walk.loop_cond, &walk.loop_step, &walk.result]
        }
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Select(select) => vec![&select.operand],
        Expr::Map(map) => map.entries.iter().flat_map(|entry| entries(&entry.expr)).collect(),
        Expr::Struct(object) => object.entries.iter().flat_map(|entry| entries(&entry.expr)).collect(),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Vec::new(),
    }
}

fn entries(entry: &EntryExpr) -> Vec<&IdedExpr> {
    match entry {
        EntryExpr::StructField(field) => vec![&field.value],
        EntryExpr::MapEntry(entry) => vec![&entry.key, &entry.value],
    }
}

/// Runs something with room to recurse: a caller's own thread may have little.
pub(in crate::rule) fn roomy<T: Send>(work: impl FnOnce() -> T + Send) -> std::io::Result<std::thread::Result<T>> {
    std::thread::scope(|scope| {
        std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work).map(std::thread::ScopedJoinHandle::join)
    })
}
