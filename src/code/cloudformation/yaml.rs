//! Reads a template from YAML, and keeps the places.
//!
//! Anchors and merge keys are followed, as the tools do that send templates to CloudFormation, and within a budget.

use std::{borrow::Cow, collections::BTreeMap, sync::Arc};

use saphyr_parser::{Event, Parser, ScalarStyle, Span, Tag};

use crate::code::Place;

use super::{
    MOST_VALUES, Refusal, scalar,
    tree::{Entry, Form, Tree},
};

/// How deep values may nest.
const DEEPEST: usize = crate::snapshot::MAX_DEPTH;

/// A list or a map that is being read.
struct Open {
    /// A list's elements; or the names and values of a map, one after the other.
    parts: Vec<Tree>,
    is_map: bool,
    anchor: usize,
    tag: Option<String>,
    start: Place,
}

struct Reader {
    file: Arc<str>,
    open: Vec<Open>,
    root: Option<Tree>,
    /// What anchors stand for, with how many values that is and how deep they nest.
    anchors: BTreeMap<usize, (Tree, usize, usize)>,
    values: usize,
}

/// Reads one document of YAML.
pub(super) fn read(file: &Arc<str>, text: &str) -> Result<Tree, Refusal> {
    let mut reader = Reader { file: file.clone(), open: Vec::new(), root: None, anchors: BTreeMap::new(), values: 0 };
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let marker = Span::empty(*error.marker());
            Refusal::new(&reader.place(marker), error.info())
        })?;
        let place = reader.place(span);
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(Refusal::new(&place, "the file holds more than one document"));
                }
            }
            Event::Scalar(text, style, anchor, tag) => reader.scalar(&text, style, anchor, tag.as_ref(), &place)?,
            Event::SequenceStart(anchor, tag) => reader.start(false, anchor, tag.as_ref(), place)?,
            Event::MappingStart(anchor, tag) => reader.start(true, anchor, tag.as_ref(), place)?,
            Event::SequenceEnd | Event::MappingEnd => reader.end(&place)?,
            Event::Alias(anchor) => reader.alias(anchor, &place)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }
    let start = Place::start_of(file);
    reader.root.ok_or_else(|| Refusal::new(&start, "the file is empty"))
}

/// The function that a tag is short for; none for a tag of YAML's own.
fn function(tag: &Tag) -> Option<String> {
    match (&*tag.handle, &*tag.suffix) {
        ("!", name @ ("Ref" | "Condition")) => Some(name.to_owned()),
        ("!", name) if !name.is_empty() => Some(format!("Fn::{name}")),
        _ => None,
    }
}

impl Reader {
    fn place(&self, span: Span) -> Place {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        Place {
            file: self.file.clone(),
            line: number(span.start.line().max(1)),
            column: number(span.start.col() + 1),
            end_line: number(span.end.line().max(1)),
            end_column: number(span.end.col() + 1),
        }
    }

    fn count(&mut self, values: usize, place: &Place) -> Result<(), Refusal> {
        self.values = self.values.saturating_add(values);
        if self.values > MOST_VALUES {
            return Err(Refusal::limit(place, format!("the template comes to more than {MOST_VALUES} values")));
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Cow<'_, Tag>>,
        place: &Place,
    ) -> Result<(), Refusal> {
        // A tag with nothing behind it says nothing.
        let is_empty = text.is_empty() && tag.is_some_and(|tag| function(tag).is_none());
        let is_text = style != ScalarStyle::Plain || tag.is_some() && !is_empty;
        let form = if is_text { Form::Text(text.into()) } else { scalar::plain(text) };
        self.count(1, place)?;
        let tree = called(tag.and_then(|tag| function(tag)), Tree::new(form, place));
        self.anchor(anchor, &tree, 1, 0);
        self.add(tree, place)
    }

    fn start(&mut self, is_map: bool, anchor: usize, tag: Option<&Cow<'_, Tag>>, start: Place) -> Result<(), Refusal> {
        if self.open.len() >= DEEPEST {
            return Err(Refusal::limit(&start, format!("values nest deeper than {DEEPEST} levels")));
        }
        self.count(1, &start)?;
        self.open.push(Open { parts: Vec::new(), is_map, anchor, tag: tag.and_then(|tag| function(tag)), start });
        Ok(())
    }

    fn end(&mut self, end: &Place) -> Result<(), Refusal> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let mut place = Place { end_line: end.end_line, end_column: end.end_column, ..open.start };
        // A block ends where its last value does, and not where the next one starts.
        if let Some(last) = open.parts.last()
            && (end.line, end.column) == (end.end_line, end.end_column)
        {
            (place.end_line, place.end_column) = (last.place.end_line, last.place.end_column);
        }
        let form = if open.is_map { Form::Map(Self::entries(open.parts)?) } else { Form::List(open.parts) };
        let tree = called(open.tag, Tree { form, place: place.clone() });
        if open.anchor > 0 {
            let (values, depth) = measure(&tree);
            self.anchor(open.anchor, &tree, values, depth);
        }
        self.add(tree, &place)
    }

    fn alias(&mut self, anchor: usize, place: &Place) -> Result<(), Refusal> {
        let Some((tree, values, depth)) = self.anchors.get(&anchor).cloned() else {
            return Err(Refusal::new(place, "an alias stands within what it stands for"));
        };
        if self.open.len() + depth > DEEPEST {
            return Err(Refusal::limit(place, format!("values nest deeper than {DEEPEST} levels")));
        }
        self.count(values, place)?;
        self.add(tree, place)
    }

    fn anchor(&mut self, anchor: usize, tree: &Tree, values: usize, depth: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, (tree.clone(), values, depth));
        }
    }

    fn add(&mut self, tree: Tree, place: &Place) -> Result<(), Refusal> {
        match self.open.last_mut() {
            Some(open) => open.parts.push(tree),
            None if self.root.is_some() => return Err(Refusal::new(place, "the file holds more than one document")),
            None => self.root = Some(tree),
        }
        Ok(())
    }

    /// Names and values, one after the other, as entries; `<<` brings those of other maps that are not there.
    fn entries(parts: Vec<Tree>) -> Result<Vec<Entry>, Refusal> {
        let mut entries: Vec<Entry> = Vec::with_capacity(parts.len() / 2);
        let mut known: std::collections::HashSet<Arc<str>> = std::collections::HashSet::new();
        let mut merged: Vec<Tree> = Vec::new();
        let mut parts = parts.into_iter();
        while let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            let at = name.place.clone();
            let Some(name) = name.scalar().or_else(|| matches!(name.form, Form::Null).then(|| "null".into())) else {
                return Err(Refusal::new(&at, "a name is no text"));
            };
            if &*name == "<<" {
                merged.extend(value.one_or_more().iter().cloned());
                continue;
            }
            if !known.insert(name.clone()) {
                return Err(Refusal::new(&at, format!("the name `{name}` stands twice in one map")));
            }
            entries.push(Entry { name, at, value });
        }
        for tree in merged {
            let Form::Map(others) = tree.form else {
                return Err(Refusal::new(&tree.place, "what is merged is no map"));
            };
            for other in others {
                if known.insert(other.name.clone()) {
                    entries.push(other);
                }
            }
        }
        Ok(entries)
    }
}

/// A value as the argument of the function that its tag is short for.
fn called(function: Option<String>, tree: Tree) -> Tree {
    match function {
        Some(name) => {
            let place = tree.place.clone();
            Tree::map([(name, tree)], &place)
        }
        None => tree,
    }
}

/// How many values a tree has, and how deep they nest.
fn measure(tree: &Tree) -> (usize, usize) {
    let below = |trees: &mut dyn Iterator<Item = &Tree>| {
        trees.map(measure).fold((1_usize, 1_usize), |(sum, deepest), (values, depth)| {
            (sum.saturating_add(values), deepest.max(depth + 1))
        })
    };
    match &tree.form {
        Form::List(items) => below(&mut items.iter()),
        Form::Map(entries) => below(&mut entries.iter().map(|entry| &entry.value)),
        _ => (1, 0),
    }
}
