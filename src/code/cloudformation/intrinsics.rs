//! Functions of the template language. None is ever dropped: what cannot be resolved is unknown, with its reason.

mod lists;
mod text;

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    code::{
        MapKind, Node, Place, Reference, Unknown, Value, Why,
        expression::{HEAVIEST, unknown_of},
    },
    evidence::GapReason,
};

use super::{
    parameters,
    stack::Stack,
    tree::{Form, Tree},
};

impl Stack<'_> {
    /// What a value comes to; what `AWS::NoValue` takes away is null.
    pub(super) fn value(&self, tree: &Tree) -> Node {
        self.optional(tree).unwrap_or_else(|| Node::null().at(&tree.place))
    }

    /// What a value comes to; none where `AWS::NoValue` takes it away.
    pub(super) fn optional(&self, tree: &Tree) -> Option<Node> {
        let mut gone = false;
        let node = self.world.meter.deeper(|| {
            self.plain(tree).unwrap_or_else(|| {
                gone = true;
                Node::null()
            })
        });
        (!gone).then(|| {
            if node.weight() > HEAVIEST {
                return Node::from(Value::unknown(Why::Limit, "a value larger than is built")).at(&tree.place);
            }
            node.at(&tree.place)
        })
    }

    fn plain(&self, tree: &Tree) -> Option<Node> {
        Some(match &tree.form {
            Form::Null => Value::unknown(Why::Invalid, "a value that is missing").into(),
            Form::Bool(yes) => Value::Bool(*yes).into(),
            Form::Number(number) => Value::Number(*number).into(),
            Form::Text(text) => text::resolved(Value::Text(text.clone()).into()),
            Form::List(items) => Value::tuple(items.iter().filter_map(|item| self.optional(item)).collect()).into(),
            Form::Map(entries) => {
                if let Some((name, argument)) = tree.call() {
                    return self.call(name, argument, &tree.place);
                }
                let included = tree.get("Fn::Transform").is_some();
                let own = entries.iter().filter(|entry| &*entry.name != "Fn::Transform");
                let values: BTreeMap<Arc<str>, Node> =
                    own.filter_map(|entry| Some((entry.name.clone(), self.optional(&entry.value)?))).collect();
                if included {
                    // What stands beside it is there; what it brings may be anything.
                    let at = Reference { address: self.address("Fn::Transform"), path: "".into() };
                    let what = format!("{} Fn::Transform", self.file);
                    self.note(
                        GapReason::Unsupported,
                        what,
                        "what it includes is not part of the template",
                        &tree.place,
                    );
                    Value::map(values, MapKind::Open { at: Arc::new(at), why: Why::Unsupported }).into()
                } else {
                    Value::object(values).into()
                }
            }
        })
    }

    /// What a function answers; none for a value that is taken away.
    fn call(&self, name: &str, argument: &Tree, place: &Place) -> Option<Node> {
        Some(match name {
            "Ref" => return self.named(argument, place),
            "Fn::If" => return self.choice(argument, place),
            "Fn::GetAtt" => self.get_attribute(argument, place),
            "Fn::Sub" => self.sub(argument),
            "Fn::Join" => self.join(argument),
            "Fn::Split" => self.split(argument),
            "Fn::Base64" => self.base64(argument),
            "Fn::ToJsonString" => self.to_json(argument),
            "Fn::Select" => self.select(argument),
            "Fn::FindInMap" => self.find_in_map(argument, place),
            "Fn::Cidr" => self.cidr(argument),
            "Fn::Length" => self.length(argument),
            "Fn::GetAZs" => self.zones(argument),
            "Fn::ImportValue" => self.import(argument),
            "Fn::And" | "Fn::Or" | "Fn::Not" | "Fn::Equals" => {
                self.decide(&Tree::map([(name, argument.clone())], place))
            }
            "Fn::Transform" => {
                let name = argument.get("Name").and_then(Tree::scalar).unwrap_or_else(|| "a macro".into());
                let what = format!("what `{name}` makes of {}", self.file);
                self.note(GapReason::Unsupported, what.as_str(), "it is not part of the template", place);
                Value::unknown(Why::Unsupported, what).into()
            }
            other => {
                let what = format!("the function `{other}`");
                self.note(
                    GapReason::Unsupported,
                    format!("{} {other}", self.file),
                    "this function is not known",
                    place,
                );
                Value::unknown(Why::Unsupported, what).into()
            }
        })
    }

    /// What is wrong with the template itself: CloudFormation would refuse it.
    pub(super) fn invalid(&self, what: &str, place: &Place) -> Node {
        self.note(GapReason::Malformed, self.file.clone(), what, place);
        Value::unknown(Why::Invalid, what).into()
    }

    /// `Ref`.
    fn named(&self, argument: &Tree, place: &Place) -> Option<Node> {
        match argument.as_text() {
            Some(name) => self.name(name, place),
            None => Some(self.invalid("`Ref` of something that is no name", place)),
        }
    }

    /// What a name stands for: a parameter, what the deployment says, or a resource; none for `AWS::NoValue`.
    fn name(&self, name: &str, place: &Place) -> Option<Node> {
        if name == "AWS::NoValue" {
            return None;
        }
        if let Some(value) = self.values.get(name) {
            return Some(parameters::used(value, place));
        }
        if let Some(entry) = self.sections.resources.get(name) {
            return Some(self.attribute(entry, "Ref", place));
        }
        Some(self.pseudo(name).unwrap_or_else(|| {
            self.invalid(&format!("`{name}` is no parameter and no resource of the template"), place)
        }))
    }

    fn get_attribute(&self, argument: &Tree, place: &Place) -> Node {
        let (name, attribute) = match &argument.form {
            Form::Text(text) => match text.split_once('.') {
                Some((name, attribute)) if !attribute.is_empty() => (name.to_owned(), Value::text(attribute).into()),
                _ => return self.invalid("`Fn::GetAtt` without an attribute", place),
            },
            Form::List(items) => match items.as_slice() {
                [name, attribute] => match name.as_text() {
                    Some(name) => (name.to_string(), self.value(attribute)),
                    None => return self.invalid("`Fn::GetAtt` of something that is no name", place),
                },
                _ => return self.invalid("`Fn::GetAtt` of anything but a name and an attribute", place),
            },
            _ => return self.invalid("`Fn::GetAtt` of anything but a name and an attribute", place),
        };
        let Some(entry) = self.sections.resources.get(&*name) else {
            return self.invalid(&format!("`{name}` is no resource of the template"), place);
        };
        if let Some(attribute) = parameters::literal(&attribute) {
            self.attribute(entry, &attribute, place)
        } else {
            let of = Reference { address: self.address(&name), path: "".into() };
            let node = unknown_of([&attribute]);
            node.unknown().map_or_else(
                || Value::unknown(Why::Invalid, "an attribute that is no text").into(),
                |unknown| Unknown::clone(unknown).mentioning(of).into(),
            )
        }
    }

    /// `Fn::If`: where nobody knows which side, the value is known only if both say the same.
    fn choice(&self, argument: &Tree, place: &Place) -> Option<Node> {
        let [condition, then, otherwise] = argument.items() else {
            return Some(self.invalid("`Fn::If` of anything but a condition and two values", place));
        };
        let decided = match condition.as_text() {
            Some(name) => self.condition(name, &condition.place),
            None => self.decide(condition),
        };
        match &decided.value {
            Value::Bool(true) => self.optional(then),
            Value::Bool(false) => self.optional(otherwise),
            _ => match (self.optional(then), self.optional(otherwise)) {
                (None, None) => None,
                (Some(then), Some(otherwise)) if then.value == otherwise.value && then.is == otherwise.is => Some(then),
                (then, otherwise) => {
                    Some(unknown_of(std::iter::once(&decided).chain(then.iter()).chain(otherwise.iter())))
                }
            },
        }
    }

    /// The export of another stack.
    fn import(&self, argument: &Tree) -> Node {
        let name = self.value(argument);
        let what = match name.text() {
            Some(name) => format!("the export `{name}` of another stack"),
            None => "an export of another stack".into(),
        };
        let mut unknown = Unknown::new(Why::DataSource, what);
        unknown.absorb(&name);
        unknown.into()
    }
}
