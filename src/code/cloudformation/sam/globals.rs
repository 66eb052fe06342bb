//! `Globals`, and the APIs that events imply.

use super::{Entry, Form, HTTP, Pen, REST, Sam, Source, Tree, kind};

impl Sam<'_, '_> {
    /// APIs of events that name none.
    pub(super) fn add_implicit_apis(&mut self) {
        for (event, property, id, api, stage) in [
            ("Api", "RestApiId", REST, "AWS::Serverless::Api", "Prod"),
            ("HttpApi", "ApiId", HTTP, "AWS::Serverless::HttpApi", ""),
        ] {
            let mut conditions = Vec::new();
            let mut first = None;
            for source in self.sources.values() {
                let events = source.value.at(&["Properties", "Events"]).map(Tree::entries).unwrap_or_default();
                let implied = events.iter().find(|entry| {
                    entry.value.get("Type").is_some_and(|own| own.is_text(event))
                        && entry.value.at(&["Properties", property]).is_none()
                });
                if let Some(entry) = implied {
                    first.get_or_insert_with(|| entry.whole());
                    conditions.push(source.value.get("Condition").and_then(Tree::as_text).cloned());
                }
            }
            let Some(place) = first else { continue };
            let pen = Pen(&place);
            let stage = (!stage.is_empty()).then(|| ("StageName", pen.text(stage)));
            let mut value = pen.map([("Type", pen.text(api)), ("Properties", pen.map(stage))]);
            // It is there while any of those is that it is for.
            if let Some(mut all) = conditions.into_iter().collect::<Option<Vec<_>>>() {
                all.sort();
                all.dedup();
                let condition = if let [only] = all.as_slice() {
                    only.to_string()
                } else {
                    let any = all.iter().map(|name| pen.map([("Condition", pen.text(&**name))]));
                    let name = format!("{id}Condition");
                    let any = pen.map([("Fn::Or", pen.list(any))]);
                    let entry = Entry { name: name.as_str().into(), at: place.clone(), value: any };
                    self.conditions.insert(entry.name.clone(), entry);
                    name
                };
                value.set("Condition", pen.text(condition));
            }
            self.sources.insert(id.into(), Entry { name: id.into(), at: place.clone(), value });
        }
    }

    /// Adds to each resource what is global to its kind.
    pub(super) fn merge_globals(&mut self) {
        let Some(globals) = self.stack.sections.whole.get("Globals") else { return };
        for entry in self.sources.values_mut() {
            let Some(global) = kind(&entry.value).and_then(|kind| globals.get(kind)) else { continue };
            let mut global = global.clone();
            match entry.value.get("IgnoreGlobals") {
                Some(all) if all.is_text("*") => continue,
                Some(ignored) => {
                    ignored.items().iter().filter_map(Tree::as_text).for_each(|name| drop(global.take(name)));
                }
                None => {}
            }
            let own = Source::of(entry).properties;
            entry.value.set("Properties", merged(&global, &own));
        }
        for entry in globals.entries() {
            let known = [
                "Function",
                "Api",
                "HttpApi",
                "SimpleTable",
                "StateMachine",
                "LayerVersion",
                "CapacityProvider",
                "WebSocketApi",
            ];
            if !known.contains(&&*entry.name) {
                self.unfollowed("Globals", &entry.name, &entry.at);
            }
        }
    }
}

/// What is global, under what is written: maps are merged, lists are joined, and all else is what is written.
fn merged(global: &Tree, own: &Tree) -> Tree {
    match (&global.form, &own.form) {
        (Form::List(left), Form::List(right)) => Tree::list(left.iter().chain(right).cloned().collect(), &own.place),
        (Form::Map(left), Form::Map(_)) if global.call().is_none() && own.call().is_none() => {
            let mut merged_tree = own.clone();
            for entry in left {
                let value = own.get(&entry.name).map_or_else(|| entry.value.clone(), |own| merged(&entry.value, own));
                merged_tree.set(&entry.name, value);
            }
            merged_tree
        }
        _ => own.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::Place;

    #[test]
    fn what_is_global_gives_way_to_what_is_written() {
        let file = "t.yaml".into();
        let read = |text: &str| super::super::super::yaml::read(&file, text).expect("YAML");
        let global = read("{a: 1, l: [x], m: {p: 1, q: 2}, r: !Ref X, s: {t: 1}}");
        let own = read("{a: 2, l: [y], m: {q: 3}, r: {k: 1}, s: text}");
        let expected = read("{a: 2, l: [x, y], m: {p: 1, q: 3}, r: {k: 1}, s: text}");
        assert_eq!(merged(&global, &own), expected);
        assert_eq!(Place::start_of(&file).line, 1);
    }
}
