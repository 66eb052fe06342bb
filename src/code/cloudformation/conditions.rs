//! Conditions: true, false, or not known, in Kleene's logic.

use crate::code::{Node, Place, Value, Why, expression::unknown_of};

use super::{
    stack::Stack,
    tree::{Form, Tree},
};

impl Stack<'_> {
    /// What a condition of the template comes to, asked for at a place: a truth, or an unknown.
    pub(super) fn condition(&self, name: &str, place: &Place) -> Node {
        if self.assumed.borrow().as_deref() == Some(name) {
            return Value::Bool(true).into();
        }
        if let Some(known) = self.conditions.borrow().get(name) {
            return known.clone();
        }
        let Some(entry) = self.sections.conditions.get(name) else {
            return self.invalid(&format!("`{name}` is no condition of the template"), place);
        };
        let own = format!("condition {name}");
        // What is asked for while it is being found out hangs on itself.
        self.conditions.borrow_mut().insert(name.into(), Value::unknown(Why::Loop, own.as_str()).into());
        let node = self.world.meter.deeper(|| self.decide(&entry.value));
        let node = Node { place: Some(entry.whole()), ..node };
        self.conditions.borrow_mut().insert(name.into(), node.clone());
        node
    }

    /// What an expression comes to where a truth is wanted.
    pub(super) fn decide(&self, tree: &Tree) -> Node {
        let call = match tree.entries() {
            [only] => Some((&*only.name, &only.value)),
            _ => None,
        };
        match call {
            Some(("Condition", name)) if name.as_text().is_some() => {
                self.condition(name.as_text().map_or("", |name| name), &name.place)
            }
            Some(("Fn::And", all)) => self.fold(all, false),
            Some(("Fn::Or", all)) => self.fold(all, true),
            Some(("Fn::Not", one)) => match one.one_or_more() {
                [one] => match self.decide(one).value {
                    Value::Bool(yes) => Value::Bool(!yes).into(),
                    other => other.into(),
                },
                _ => Value::unknown(Why::Invalid, "`Fn::Not` of anything but one condition").into(),
            },
            Some(("Fn::Equals", pair)) => match pair.items() {
                [left, right] => self.equal(left, right),
                _ => Value::unknown(Why::Invalid, "`Fn::Equals` of anything but two values").into(),
            },
            _ => {
                if let Some(yes) = tree.truth() {
                    Value::Bool(yes).into()
                } else {
                    let node = self.value(tree);
                    match super::truth(&node) {
                        Some(yes) => Value::Bool(yes).into(),
                        None => unknown_of([&node]),
                    }
                }
            }
        }
    }

    /// All of them, or any of them: the one that decides does so whatever the others are.
    fn fold(&self, conditions: &Tree, decides: bool) -> Node {
        if !matches!(conditions.form, Form::List(_)) {
            return Value::unknown(Why::Invalid, "`Fn::And` or `Fn::Or` of no list").into();
        }
        let mut unknown = Vec::new();
        for condition in conditions.items() {
            let node = self.decide(condition);
            match node.value {
                Value::Bool(yes) if yes == decides => return Value::Bool(decides).into(),
                Value::Bool(_) => {}
                _ => unknown.push(node),
            }
        }
        if unknown.is_empty() { Value::Bool(!decides).into() } else { unknown_of(&unknown) }
    }

    fn equal(&self, left: &Tree, right: &Tree) -> Node {
        let (left, right) = (self.value(left), self.value(right));
        match (scalar(&left), scalar(&right)) {
            (Some(left), Some(right)) => Value::Bool(left == right).into(),
            _ if left.is_known() && right.is_known() => Value::Bool(left.json() == right.json()).into(),
            _ => unknown_of([&left, &right]),
        }
    }
}

/// The text that a value is compared as.
fn scalar(node: &Node) -> Option<std::sync::Arc<str>> {
    super::parameters::literal(node)
}
