//! Functions that take lists and maps apart, or make them.

use ipnet::IpNet;

use crate::code::{Node, Place, Unknown, Value, Why, expression::unknown_of};

use super::{Stack, Tree, parameters::literal};

/// What zones are of where nobody can tell which region it is.
const OF_SOME_REGION: &str = "the availability zones of a region";

/// Whether a value is the region of the stack itself.
fn is_own(region: &Node) -> bool {
    region.unknown().is_some_and(|unknown| &*unknown.what == "AWS::Region")
}

/// How many ranges `Fn::Cidr` may make.
const MOST_RANGES: usize = 256;

impl Stack<'_> {
    pub(super) fn select(&self, argument: &Tree) -> Node {
        let [index, list] = argument.items() else {
            return self.invalid("`Fn::Select` of anything but an index and a list", &argument.place);
        };
        let zones = list.call().is_some_and(|(name, _)| name == "Fn::GetAZs");
        let (index, list) = (self.value(index), self.value(list));
        if let (true, Some(index)) = (zones, literal(&index)) {
            return self.zone(&list, &index);
        }
        let Value::List(items) = &list.value else { return unknown_of([&list, &index]) };
        let Some(wanted) = literal(&index) else { return unknown_of([&index]) };
        match wanted.parse::<usize>().ok().and_then(|wanted| items.get(wanted)) {
            Some(item) => item.clone(),
            None => self.invalid(&format!("`Fn::Select` of element `{wanted}` of {}", items.len()), &argument.place),
        }
    }

    pub(super) fn find_in_map(&self, argument: &Tree, place: &Place) -> Node {
        let (names, default) = match argument.items() {
            [a, b, c] => ([a, b, c], None),
            [a, b, c, options] => ([a, b, c], options.get("DefaultValue")),
            _ => return self.invalid("`Fn::FindInMap` of anything but a map and two names", place),
        };
        let names = names.map(|name| self.value(name));
        let [Some(map), Some(top), Some(second)] = [0, 1, 2].map(|at| names.get(at).and_then(literal)) else {
            return unknown_of(&names);
        };
        let found = self.sections.mappings.get(&*map).and_then(|entry| entry.value.at(&[&top, &second]));
        match (found, default) {
            (Some(found), _) => self.value(found),
            (None, Some(default)) => self.value(default),
            (None, None) => self.invalid(&format!("the mapping `{map}` has no `{top}` with a `{second}`"), place),
        }
    }

    pub(super) fn length(&self, argument: &Tree) -> Node {
        let list = self.value(argument);
        match &list.value {
            Value::List(items) => Value::Number(items.len().into()).into(),
            _ => unknown_of([&list]),
        }
    }

    /// One of the zones of a region: whoever asks for the same one gets the same.
    fn zone(&self, zones: &Node, index: &str) -> Node {
        let Some(unknown) = zones.unknown() else { return zones.clone() };
        let what = format!("zone {index} of {}", unknown.what);
        // A region that a function makes has no name to tell it by.
        let named = unknown.what.as_ref() != OF_SOME_REGION;
        if let Some(known) = self.world.zones.borrow().get(&what).filter(|_| named) {
            return known.clone();
        }
        let zone = Node::from(Unknown { what: what.as_str().into(), ..Unknown::clone(unknown) });
        self.world.zones.borrow_mut().insert(what, zone.clone());
        zone
    }

    /// `Fn::GetAZs`: which zones there are, an account sees in a region.
    pub(super) fn zones(&self, argument: &Tree) -> Node {
        let region = self.value(argument);
        let region = match region.text() {
            Some(region) if region.is_empty() => self.pseudo("AWS::Region").unwrap_or_else(Node::null),
            _ => region,
        };
        let mut unknown = match region.text() {
            Some(region) => Unknown::new(Why::DataSource, format!("the availability zones of {region}")),
            None if is_own(&region) => Unknown::new(Why::DataSource, "the availability zones of the region"),
            None => Unknown::new(Why::DataSource, OF_SOME_REGION),
        };
        unknown.absorb(&region);
        unknown.into()
    }

    /// `Fn::Cidr`: ranges of a size, one after the other, from the start of a range.
    pub(super) fn cidr(&self, argument: &Tree) -> Node {
        let given: Vec<Node> = argument.items().iter().map(|item| self.value(item)).collect();
        let (block, count, bits) = match given.as_slice() {
            [block, count] => (block, count, None),
            [block, count, bits] => (block, count, Some(bits)),
            _ => return self.invalid("`Fn::Cidr` of anything but a range, a count and bits", &argument.place),
        };
        let number = |node: &Node| literal(node).and_then(|text| text.parse::<usize>().ok());
        if given.iter().any(|node| !node.is_known()) {
            return unknown_of(&given);
        }
        let range = block.text().and_then(|text| text.parse::<IpNet>().ok());
        let (Some(range), Some(count)) = (range, number(count)) else {
            return self.invalid("`Fn::Cidr` of something that is no range or no count", &argument.place);
        };
        let width = range.max_prefix_len();
        let bits = bits.map_or(Some(8), number).and_then(|bits| u8::try_from(bits).ok());
        let length = bits.and_then(|bits| width.checked_sub(bits)).filter(|length| *length >= range.prefix_len());
        let Some(length) = length.filter(|_| (1..=MOST_RANGES).contains(&count)) else {
            return self.invalid("`Fn::Cidr` of more than the range holds", &argument.place);
        };
        let ranges: Vec<Node> = range
            .trunc()
            .subnets(length)
            .map(|subnets| subnets.take(count).map(|subnet| Value::text(subnet.to_string()).into()).collect())
            .unwrap_or_default();
        if ranges.len() < count {
            return self.invalid("`Fn::Cidr` of more than the range holds", &argument.place);
        }
        Value::tuple(ranges).into()
    }
}
