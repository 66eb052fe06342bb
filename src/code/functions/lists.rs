//! Functions of lists.

use crate::code::{
    List, ListKind, Node, Number, Value, Why,
    expression::{Fault, HEAVIEST, as_bool, as_text, missing, same, unknown_of},
};

use super::{Arguments, Outcome, unify};

pub(super) fn call(name: &str, arguments: &Arguments<'_>) -> Option<Outcome> {
    Some(match name {
        "alltrue" => truth(arguments, false),
        "anytrue" => truth(arguments, true),
        "chunklist" => chunks(arguments),
        "compact" => arguments.list(0).and_then(|list| {
            let mut kept = Vec::new();
            for item in list.iter().filter(|item| item.value != Value::Null) {
                if !as_text(item)?.is_empty() {
                    kept.push(Node { value: Value::Text(as_text(item)?), ..item.clone() });
                }
            }
            Ok(Value::list(kept, ListKind::List).into())
        }),
        "concat" => concat(arguments),
        "contains" => contains(arguments),
        "distinct" => arguments
            .list(0)
            .and_then(|list| Ok(Value::list(super::sets::without_twins(unify(list.to_vec()))?, ListKind::List).into())),
        "element" => element(arguments),
        "flatten" => arguments.node(0).and_then(|node| {
            let mut flat = Vec::new();
            flatten(arguments, arguments.as_list(node)?, &mut flat)?;
            Ok(Value::tuple(flat).into())
        }),
        "index" => arguments.list(0).and_then(|list| {
            let wanted = arguments.node(1)?;
            for (index, item) in list.iter().enumerate() {
                match same(item, wanted) {
                    Some(true) => return Ok(Value::Number(index.into()).into()),
                    Some(false) => {}
                    None => return Err(missing(if item.is_known() { wanted } else { item })),
                }
            }
            Err(arguments.fault("did not find the element"))
        }),
        "one" => arguments.node(0).and_then(|node| match &**arguments.as_list(node)? {
            [] => Ok(Node::null()),
            [only] => Ok(only.clone()),
            _ => Err(arguments.fault("requires a list of one element or none")),
        }),
        "range" => range(arguments),
        "reverse" => arguments.list(0).map(|list| {
            let kind = if list.kind() == ListKind::Set { ListKind::List } else { list.kind() };
            Value::list(list.iter().rev().cloned().collect(), kind).into()
        }),
        "slice" => slice(arguments),
        "sort" => arguments.list(0).and_then(|list| {
            // As many as there were, and nobody knows which is where.
            if list.iter().any(|item| item.unknown().is_some()) {
                let any = unknown_of(list.iter());
                return Ok(Value::list(vec![any; list.len()], ListKind::List).into());
            }
            let mut texts = list.iter().map(as_text).collect::<Result<Vec<_>, _>>()?;
            texts.sort();
            Ok(Value::list(texts.into_iter().map(|text| Value::Text(text).into()).collect(), ListKind::List).into())
        }),
        _ => return None,
    })
}

fn truth(arguments: &Arguments<'_>, decides: bool) -> Outcome {
    let mut open = None;
    for item in arguments.list(0)?.iter() {
        match as_bool(item) {
            Ok(yes) if yes == decides => return Ok(Value::Bool(decides).into()),
            Ok(_) => {}
            Err(fault @ Fault::Unknown(_)) => drop(open.get_or_insert(fault)),
            Err(_) if item.value == Value::Null && !decides => return Ok(Value::Bool(false).into()),
            Err(_) if item.value == Value::Null => {}
            Err(fault) => return Err(fault),
        }
    }
    open.map_or_else(|| Ok(Value::Bool(!decides).into()), Err)
}

fn chunks(arguments: &Arguments<'_>) -> Outcome {
    let (list, size) = (arguments.list(0)?, arguments.whole(1)?);
    let size = usize::try_from(size).map_err(|_| arguments.fault("requires a size"))?;
    let chunks: Vec<Node> = match size {
        0 => vec![Value::list(list.to_vec(), ListKind::List).into()],
        _ => list.chunks(size).map(|chunk| Value::list(chunk.to_vec(), ListKind::List).into()).collect(),
    };
    Ok(Value::list(if list.is_empty() { Vec::new() } else { chunks }, ListKind::List).into())
}

fn concat(arguments: &Arguments<'_>) -> Outcome {
    let lists = arguments.all().iter().map(|node| arguments.as_list(node)).collect::<Result<Vec<_>, _>>()?;
    if lists.is_empty() {
        return Err(arguments.fault("requires a list"));
    }
    if lists.iter().map(|list| list.len()).sum::<usize>() > HEAVIEST {
        return Err(Fault::Other(Why::Limit, "a list larger than is built".into()));
    }
    if lists.iter().any(|list| list.kind() == ListKind::Set) && lists.len() > 1 {
        return Err(arguments.fault("requires lists, and a set has no order"));
    }
    let tuple = lists.iter().any(|list| list.kind() == ListKind::Tuple);
    let items: Vec<Node> = lists.into_iter().flat_map(|list| list.iter().cloned()).collect();
    Ok(if tuple { Value::tuple(items) } else { Value::list(unify(items), ListKind::List) }.into())
}

fn contains(arguments: &Arguments<'_>) -> Outcome {
    let wanted = arguments.node(1)?;
    let Value::List(list) = &arguments.node(0)?.value else {
        return Err(arguments.list(0).err().unwrap_or_else(|| arguments.fault("requires a list")));
    };
    let mut open = None;
    // The elements of a list are of one type, and what is looked for is made of it.
    for item in list.iter() {
        match same(item, wanted) {
            Some(true) => return Ok(Value::Bool(true).into()),
            Some(false) => {}
            None => drop(open.get_or_insert_with(|| missing(if item.is_known() { wanted } else { item }))),
        }
    }
    open.map_or_else(|| Ok(Value::Bool(false).into()), Err)
}

fn element(arguments: &Arguments<'_>) -> Outcome {
    let (list, index) = (arguments.list(0)?, arguments.whole(1)?);
    let count = i128::try_from(list.len()).unwrap_or(i128::MAX);
    let at = index.checked_rem(count).and_then(|at| usize::try_from(at).ok()).filter(|_| index >= 0);
    let found = at.and_then(|at| list.get(at));
    found.cloned().ok_or_else(|| arguments.fault("requires an element, and an index that is not negative"))
}

/// Lists in lists as one list. What is not known may be a list itself.
fn flatten(arguments: &Arguments<'_>, list: &List, flat: &mut Vec<Node>) -> Result<(), Fault> {
    for item in list.iter() {
        match &item.value {
            Value::List(_) => flatten(arguments, arguments.as_list(item)?, flat)?,
            Value::Unknown(unknown) if !super::sets::is_scalar(item) => return Err(Fault::Unknown(unknown.clone())),
            _ => flat.push(item.clone()),
        }
        if flat.len() > HEAVIEST {
            return Err(Fault::Other(Why::Limit, "a list larger than is built".into()));
        }
    }
    Ok(())
}

fn range(arguments: &Arguments<'_>) -> Outcome {
    let zero = Number::from(0_usize);
    let (start, limit) = match arguments.len() {
        1 => (zero, arguments.number(0)?),
        _ => (arguments.number(0)?, arguments.number(1)?),
    };
    let down = limit < start;
    let step = match arguments.len() {
        3 => arguments.number(2)?,
        _ if down => Number::from(-1_i64),
        _ => Number::from(1_usize),
    };
    if step == zero || (step < zero) != down && start != limit {
        return Err(arguments.fault("requires a step that leads to its limit"));
    }
    let (mut at, mut items) = (start, Vec::new());
    while if down { at > limit } else { at < limit } {
        if items.len() >= 1024 {
            return Err(arguments.fault("gives more than 1024 elements"));
        }
        items.push(Value::Number(at).into());
        at = at.plus(step).ok_or_else(|| arguments.fault("requires smaller numbers"))?;
    }
    Ok(Value::list(items, ListKind::List).into())
}

fn slice(arguments: &Arguments<'_>) -> Outcome {
    let (list, start, end) = (arguments.list(0)?, arguments.whole(1)?, arguments.whole(2)?);
    let at = |index: i128| usize::try_from(index).map_err(|_| arguments.fault("requires indexes"));
    let part = list.get(at(start)?..at(end)?).ok_or_else(|| arguments.fault("requires indexes within the list"))?;
    Ok(Value::list(part.to_vec(), list.kind()).into())
}
