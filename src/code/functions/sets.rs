//! Functions of sets.

use crate::code::{
    ListKind, Node, Value, Why,
    expression::{Fault, HEAVIEST, missing, same},
};

use super::{Arguments, Outcome, unify};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    Some(match name {
        "setunion" => sets(arguments).and_then(|sets| set(sets.into_iter().flatten().collect())),
        "setintersection" => sets(arguments).and_then(|sets| {
            let (first, rest) = sets.split_first().ok_or_else(|| arguments.fault("requires a set"))?;
            set(first.iter().filter(|item| rest.iter().all(|set| has(set, item))).cloned().collect())
        }),
        "setsubtract" => sets(arguments).and_then(|sets| match &*sets {
            [from, what] => set(from.iter().filter(|item| !has(what, item)).cloned().collect()),
            _ => Err(arguments.fault("requires two sets")),
        }),
        "setsymmetricdifference" => sets(arguments).and_then(|sets| {
            let odd = |item: &&Node| sets.iter().filter(|set| has(set, item)).count() % 2 == 1;
            set(sets.iter().flatten().filter(odd).cloned().collect())
        }),
        "setproduct" => product(arguments),
        _ => return None,
    })
}

fn has(set: &[Node], item: &Node) -> bool {
    set.iter().any(|other| same(other, item) == Some(true))
}

/// The arguments as sets of one type, all of them known.
fn sets(arguments: &Arguments<'_>) -> Result<Vec<Vec<Node>>, Fault> {
    if arguments.len() == 0 {
        return Err(arguments.fault("requires a set"));
    }
    let mut lengths = Vec::new();
    let mut all = Vec::new();
    for (index, node) in arguments.all().iter().enumerate() {
        let list = arguments.as_list(node)?;
        arguments.known(index)?;
        lengths.push(list.len());
        all.extend(list.iter().cloned());
    }
    let mut all = unify(all).into_iter();
    Ok(lengths.into_iter().map(|length| all.by_ref().take(length).collect()).collect())
}

/// A set of these elements: sorted, and none twice. Those that are not known are in it too, and may be equal to others:
/// how many there are is not known then.
pub(super) fn set(items: Vec<Node>) -> Outcome {
    let (known, hidden): (Vec<_>, Vec<_>) = unify(items).into_iter().partition(Node::is_known);
    if hidden.iter().any(|item| item.unknown().is_some() && !is_scalar(item)) {
        return Err(missing(hidden.first().unwrap_or(&Node::null())));
    }
    let mut items = without_twins(known)?;
    items.sort_by(|left, right| match (&left.value, &right.value) {
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => std::cmp::Ordering::Equal,
    });
    items.extend(hidden);
    Ok(Value::list(items, ListKind::Set).into())
}

/// Whether what is not known is at least known to be neither list nor map: an id and an ARN are texts everywhere.
pub(super) fn is_scalar(node: &Node) -> bool {
    let text = |name: &str| {
        matches!(name, "id" | "arn" | "self_link" | "email") || name.ends_with("_id") || name.ends_with("_arn")
    };
    let last = node.is.as_ref().and_then(|is| is.path.rsplit('.').next());
    let shaped = node.unknown().is_some_and(|unknown| unknown.shape.is_some());
    shaped || last.is_some_and(text)
}

/// The elements without those that came before. What is not known may be equal to anything.
pub(super) fn without_twins(items: Vec<Node>) -> Result<Vec<Node>, Fault> {
    if let Some(hidden) = items.iter().find(|item| !item.is_known()) {
        return if items.len() == 1 { Ok(items) } else { Err(missing(hidden)) };
    }
    let mut texts = std::collections::BTreeSet::new();
    let mut kept: Vec<Node> = Vec::new();
    for item in items {
        let is_new = match item.text() {
            Some(text) => texts.insert(text.clone()),
            None if kept.len() > 5_000 => return Err(Fault::Other(Why::Limit, "a set larger than is built".into())),
            None => !has(&kept, &item),
        };
        if is_new {
            kept.push(item);
        }
    }
    Ok(kept)
}

fn product(arguments: &Arguments<'_>) -> Outcome {
    if arguments.len() < 2 {
        return Err(arguments.fault("requires two sets"));
    }
    let lists = arguments.all().iter().map(|node| arguments.as_list(node)).collect::<Result<Vec<_>, _>>()?;
    let size = lists.iter().try_fold(1_usize, |size, list| size.checked_mul(list.len()));
    if size.is_none_or(|size| size.saturating_mul(lists.len()) > HEAVIEST) {
        return Err(Fault::Other(Why::Limit, "a product larger than is built".into()));
    }
    let all_sets = lists.iter().all(|list| list.kind() == ListKind::Set);
    let unified: Vec<Vec<Node>> = lists.iter().map(|list| unify(list.to_vec())).collect();
    let mut rows: Vec<Vec<Node>> = vec![Vec::new()];
    for list in &unified {
        rows = rows
            .iter()
            .flat_map(|row| list.iter().map(|item| row.iter().cloned().chain([item.clone()]).collect()))
            .collect();
    }
    let rows = rows.into_iter().map(|row| Value::tuple(row).into()).collect();
    Ok(Value::list(rows, if all_sets { ListKind::Set } else { ListKind::List }).into())
}
