//! Types of resources that a renaming turns into records: which attribute goes to which field, what the provider takes
//! where the code says nothing, and under which id. The tables are JSON files beside the clouds.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use super::item::{Field, Item, field};
use crate::{
    code::{self, Mode, Node, Unknown, Value},
    evidence::{Gap, GapReason, Origin},
    snapshot::unknown::{escaped, first_gap, marker},
};

/// How a type becomes a record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Type {
    /// The kind of record, by its name; none where Rust makes the record, or where there is none.
    #[serde(default)]
    pub(super) kind: Option<String>,
    /// What it is a part of, where several resources make a record.
    #[serde(default)]
    pub(super) part: Option<String>,
    /// The form of its id, with the names of parts in braces: `//x/projects/{project}/things/{name}`.
    pub(super) id: String,
    /// What the body is made of, by where it goes: `serviceConfig.ingressSettings`.
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Source>,
    /// The attribute that it is named by, where that is not `name`.
    #[serde(default)]
    pub(super) name: Option<String>,
    /// What its attributes will be, in the form of its id; an empty form: nobody knows.
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, String>,
    /// Parts that are written inside it, and are resources of their own elsewhere.
    #[serde(default)]
    pub(super) more: Vec<Inner>,
}

/// What is written inside a resource, once for each element of an attribute.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Inner {
    /// What each element is a part of, where it is one.
    #[serde(default)]
    pub(super) part: Option<String>,
    /// The attribute.
    pub(super) of: String,
    /// What the body is made of that stands in the resource.
    #[serde(default)]
    pub(super) fields: BTreeMap<String, Source>,
    /// What it is made of that stands in the element; the element itself is where no way leads.
    #[serde(default)]
    pub(super) each: BTreeMap<String, Source>,
    /// The kinds of record whose lists are incomplete where there is an element.
    #[serde(default)]
    pub(super) hides: Vec<String>,
}

/// Where a field comes from.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Source {
    /// An attribute, as it is.
    Rename(String),
    /// A value that is always there.
    Constant {
        /// The value.
        value: Json,
    },
    /// An attribute that means more.
    Attribute(Attribute),
}

/// An attribute that means more than its value.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "marks in a table, which are independent of each other")]
pub(super) struct Attribute {
    /// The way to it, through blocks.
    pub(super) from: String,
    /// What the provider takes where the code says nothing.
    pub(super) default: Option<Json>,
    /// Whether what a plan does not know is as if it were not set: the provider fills it in.
    pub(super) computed: bool,
    /// The types of resources that it leads to: it becomes the id of the one that is meant.
    pub(super) refs: Vec<String>,
    /// Whether only the last part of that id is written.
    pub(super) short: bool,
    /// Whether all values of a map are texts, whichever way the code writes them.
    pub(super) texts: bool,
    /// Whether what is not known is written as a placeholder, where it is an attribute of something: that it is there is
    /// what counts.
    pub(super) word: bool,
    /// Whether it is a list, even where nobody knows of what.
    pub(super) list: bool,
    /// Whether values of a map that name other resources are left out: a name is nobody's secret.
    pub(super) names: bool,
    /// Whether it is an ARN, or begins with one. A plan keeps what it refers to and not what it adds: then it is whatever
    /// begins with the ARN of that.
    pub(super) arn: bool,
    /// Fields of each of several blocks; the result is a list.
    pub(super) each: Option<BTreeMap<String, Source>>,
    /// Whether it is a name in which what is not known is a placeholder.
    pub(super) pattern: bool,
    /// Whether what is made of one resource alone stands for that.
    pub(super) mention: bool,
    /// What its values are, where code may write them in several ways.
    pub(super) form: Option<Form>,
    /// The attributes that stand for it, and lead out of the code.
    pub(super) unless: Vec<String>,
}

/// What a value is, whichever way it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// Yes or no.
    Flag,
    /// A whole number.
    Number,
    /// The text of a tree.
    Json,
}

/// A body, and where its parts come from.
#[derive(Debug, Default)]
pub(super) struct Made {
    pub(super) body: Map<String, Json>,
    pub(super) origins: BTreeMap<String, Origin>,
    /// What it leads to and the code does not manage: the types that it may be of, and its name.
    pub(super) outside: Vec<(Vec<String>, String)>,
}

/// The id of the resource that another one means.
pub(super) type IdOf = fn(Item<'_>) -> String;

/// Makes the body of a resource.
pub(super) fn body(item: Item<'_>, fields: &BTreeMap<String, Source>, id: IdOf) -> Made {
    let mut made = Made::default();
    fill(item, &item.resource.body, fields, id, "", &mut made);
    made
}

/// Makes what stands below a node of a resource.
pub(super) fn below(item: Item<'_>, node: &Node, fields: &BTreeMap<String, Source>, id: IdOf) -> Made {
    let mut made = Made::default();
    fill(item, node, fields, id, "", &mut made);
    made
}

/// A value in the form that it should have.
fn formed(item: Item<'_>, node: &Node, form: Form) -> Json {
    match (form, &node.value) {
        (Form::Flag, _) => code::truth(node).map_or_else(|| item.json(node), Json::Bool),
        (Form::Number, Value::Text(text)) => text.trim().parse::<i64>().map_or_else(|_| item.json(node), Json::from),
        (Form::Json, Value::Map(_) | Value::List(_)) => {
            let tree = item.json(node);
            first_gap(&tree).map_or_else(|| tree.to_string().into(), |gap| marker(&gap))
        }
        (Form::Number | Form::Json, _) => item.json(node),
    }
}

fn fill(item: Item<'_>, node: &Node, fields: &BTreeMap<String, Source>, id: IdOf, at: &str, made: &mut Made) {
    for (to, source) in fields {
        let pointer = format!("{at}/{}", to.replace('.', "/"));
        let value = match source {
            Source::Constant { value } => Some(value.clone()),
            Source::Rename(from) => match field(node, from) {
                Field::Absent => None,
                Field::Hidden(unknown) => Some(hole(unknown)),
                Field::Given(node) => {
                    note(node, &pointer, made);
                    Some(item.json(node))
                }
            },
            Source::Attribute(attribute) => value(item, node, attribute, id, &pointer, made),
        };
        if let Some(value) = value {
            put(&mut made.body, to, value);
        }
    }
}

fn hole(unknown: &Unknown) -> Json {
    marker(&unknown.gap())
}

fn note(node: &Node, pointer: &str, made: &mut Made) {
    made.origins.extend(node.place.as_ref().map(|place| (pointer.to_owned(), place.origin())));
}

fn value(item: Item<'_>, node: &Node, attribute: &Attribute, id: IdOf, pointer: &str, made: &mut Made) -> Option<Json> {
    if let Some(other) = attribute.unless.iter().find(|path| !matches!(field(node, path), Field::Absent)) {
        return Some(marker(&Gap::new(format!("{}.{other}", item.resource.address), GapReason::NotRead)));
    }
    let found = match field(node, &attribute.from) {
        Field::Given(node) if attribute.computed && item.is_left_out(node) => Field::Absent,
        found => found,
    };
    let given = match found {
        Field::Absent => return attribute.default.clone(),
        Field::Hidden(unknown) => return Some(hole(unknown)),
        Field::Given(given) => given,
    };
    note(given, pointer, made);
    if attribute.pattern {
        return Some(Json::String(item.pattern_of(given)));
    }
    if let Some(form) = attribute.form {
        return Some(formed(item, given, form));
    }
    if let Some(each) = &attribute.each {
        if matches!(&given.value, Value::List(list) if list.is_empty()) && attribute.default.is_some() {
            return attribute.default.clone();
        }
        let one = |(index, block): (usize, &Node)| {
            if let Some(unknown) = block.unknown() {
                return hole(unknown);
            }
            let mut inner = Made::default();
            fill(item, block, each, id, &format!("{pointer}/{index}"), &mut inner);
            made.origins.append(&mut inner.origins);
            made.outside.append(&mut inner.outside);
            Json::Object(inner.body)
        };
        return Some(match given.unknown() {
            Some(unknown) => hole(unknown),
            None => Json::Array(super::item::blocks(given).into_iter().enumerate().map(one).collect()),
        });
    }
    if attribute.texts
        && let Value::Map(map) = &given.value
    {
        let text = |node: &Node| match &node.value {
            Value::Bool(_) | Value::Number(_) => item.text_of(node).map_or_else(|gap| marker(&gap), Json::String),
            _ => item.json(node),
        };
        for (key, node) in map.iter() {
            note(node, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), made);
        }
        let kept = map.iter().filter(|(_, node)| !(attribute.names && is_name(node)));
        let entries = kept.map(|(key, node)| (escaped(key).into_owned(), text(node)));
        return Some(Json::Object(entries.collect()));
    }
    let kinds: Vec<&str> = attribute.refs.iter().map(String::as_str).collect();
    if attribute.list || (!kinds.is_empty() && matches!(given.value, Value::List(_))) {
        return Some(match item.targets(given, &kinds) {
            Ok(all) => Json::Array(
                all.into_iter()
                    .map(|found| match found {
                        Ok(target) => named(target, attribute, id, made),
                        Err(node) => item.comes_with(node).map_or_else(
                            || {
                                made.outside.push((attribute.refs.clone(), item.pattern_of(node)));
                                item.json(node)
                            },
                            Json::String,
                        ),
                    })
                    .collect(),
            ),
            Err(gap) => marker(&gap),
        });
    }
    if !kinds.is_empty()
        && let Some(own) = item.comes_with(given)
    {
        return Some(Json::String(own));
    }
    if let Some(target) = item.target(given, &kinds) {
        return Some(named(target, attribute, id, made));
    }
    if attribute.mention
        && let Some(target) = item.only_target(given, &kinds)
    {
        return Some(named(target, attribute, id, made));
    }
    if !kinds.is_empty() && !item.leads_to_others(given, &kinds) {
        made.outside.push((attribute.refs.clone(), item.pattern_of(given)));
    }
    if attribute.word && (given.is.is_some() || given.unknown().is_some_and(|unknown| unknown.only_mention().is_some()))
    {
        return Some(Json::String(item.pattern_of(given)));
    }
    if attribute.arn
        && let Some(begins) = item.begins_with(given)
    {
        return Some(Json::String(format!("{begins}*")));
    }
    if attribute.refs.is_empty() {
        return Some(item.json(given));
    }
    let kinds: Vec<&str> = attribute.refs.iter().map(String::as_str).collect();
    if let Some(same) = item.same_of_all(given, &kinds, id) {
        return Some(Json::String(same));
    }
    Some(match item.text_of(given) {
        Ok(text) if attribute.short => Json::String(super::super::names::last(&text).to_owned()),
        Ok(text) => Json::String(text),
        Err(gap) => marker(&gap),
    })
}

/// Whether a value that is not known is what a resource is called by.
fn is_name(node: &Node) -> bool {
    let Some(unknown) = node.unknown() else { return false };
    let path = node.is.as_deref().or_else(|| unknown.only_mention()).map(|mention| &*mention.path);
    let names =
        ["id", "arn", "name", "bucket", "url", "function_name", "table_name", "queue_url", "endpoint", "region"];
    !node.is_sensitive() && path.is_some_and(|path| names.contains(&path))
}

fn named(target: Item<'_>, attribute: &Attribute, id: IdOf, made: &mut Made) -> Json {
    let id = id(target);
    if target.resource.mode == Mode::Data {
        made.outside.push((attribute.refs.clone(), id.clone()));
        // What a data source finds by a name that nobody knows may be anything.
        if id.contains(&target.own_word()) {
            return marker(&Gap::new(target.resource.address.clone(), GapReason::UnknownValue));
        }
    }
    Json::String(if attribute.short { super::super::names::last(&id).to_owned() } else { id })
}

/// Puts a value at a path of objects.
pub(super) fn put(body: &mut Map<String, Json>, path: &str, value: Json) {
    match path.split_once('.') {
        None => drop(body.insert(path.to_owned(), value)),
        Some((first, rest)) => {
            let inner = body.entry(first.to_owned()).or_insert_with(|| Json::Object(Map::new()));
            if let Json::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}
