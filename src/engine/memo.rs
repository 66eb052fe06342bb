//! Equal facts are judged once: most workloads of an estate are alike in what a rule asks of them.
//!
//! A verdict is a function of the facts that the conditions of its rule read, and paths of the vocabulary tell where those
//! stand. What stands there is written down and compared with what stood there before, in full and not by a hash of it; where
//! all of it is equal, the verdict is the one of then. Only failures are judged anew each time: a message may name anything
//! else.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{Spot, Verdict};
use crate::{evidence::Gap, facts::Node, rule::Rule};

/// How many different things are remembered of one place, and how many verdicts of one rule. Neighbours are alike, and
/// forgetting costs no more than judging once.
const REMEMBERED: usize = 256;

/// The verdicts of a rule about one document.
pub(super) type Verdicts = Arc<[(Spot, Verdict)]>;

/// Where the facts stand that the rules about one subject are decided by.
#[derive(Debug, Default)]
pub(super) struct Places {
    tree: Branch,
    count: usize,
}

/// What is under one name of the vocabulary.
#[derive(Debug, Default)]
struct Branch {
    /// The numbers of the places that are here: one for each different choice of what rules read of what stands here.
    places: Vec<(Part, usize)>,
    fields: BTreeMap<String, Branch>,
}

/// Which fields of the elements of a list are read, and which of those. A group of facts of which no field is named is there
/// or is not: nothing else can be asked of it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Part(BTreeMap<String, Part>);

impl Places {
    /// The places that decide a rule, by their numbers.
    pub(super) fn of(&mut self, rule: &Rule) -> Box<[usize]> {
        let mut parts: BTreeMap<&str, Part> = BTreeMap::new();
        for path in rule.decided_by().into_iter().filter_map(|path| path.strip_prefix(rule.subject.name)) {
            let (outside, inside) = path.split_once("[]").unwrap_or((path, ""));
            let names = inside.split('.').map(|name| name.trim_end_matches("[]")).filter(|name| !name.is_empty());
            let part = parts.entry(outside).or_default();
            names.fold(part, |part, name| part.0.entry(name.to_owned()).or_default());
        }
        parts.into_iter().map(|(path, part)| self.place(path, part)).collect()
    }

    fn place(&mut self, path: &str, part: Part) -> usize {
        let names = path.split('.').filter(|name| !name.is_empty());
        let branch = names.fold(&mut self.tree, |branch, name| branch.fields.entry(name.to_owned()).or_default());
        if let Some((_, place)) = branch.places.iter().find(|(known, _)| *known == part) {
            return *place;
        }
        let place = self.count;
        branch.places.push((part, place));
        self.count += 1;
        place
    }
}

/// What stood at each place before, and what the rules said of it.
#[derive(Debug)]
pub(super) struct Memory {
    /// By place.
    seen: Vec<Seen>,
    /// By rule: what stood at its places, and its verdicts; nothing where one of them was a failure.
    verdicts: Vec<HashMap<Box<[u64]>, Option<Verdicts>>>,
    /// What stands at each place of the document at hand; nothing where things there are not compared.
    now: Vec<Option<u64>>,
    next: u64,
    key: Vec<u64>,
    written: Vec<u8>,
}

impl Memory {
    /// Nothing yet, about so many rules that are decided by those places.
    pub(super) fn new(places: &Places, rules: usize) -> Self {
        Self {
            seen: (0..places.count).map(|_| Seen::default()).collect(),
            verdicts: vec![HashMap::new(); rules],
            now: vec![None; places.count],
            next: 0,
            key: Vec::new(),
            written: Vec::new(),
        }
    }

    /// Looks at a document: whatever is asked next is asked about it.
    pub(super) fn look(&mut self, places: &Places, facts: &Node) {
        self.now.fill(None);
        self.walk(&places.tree, facts, 0, true);
    }

    /// Goes to every place of a branch. Where no map leads on, that is what stands at all of them, and how far one came is
    /// part of it: known absence of the whole is not known absence of a part.
    fn walk(&mut self, branch: &Branch, node: &Node, depth: u8, leads: bool) {
        for (part, place) in &branch.places {
            if let (Some(seen), Some(now)) = (self.seen.get_mut(*place), self.now.get_mut(*place))
                && !seen.unlike
            {
                self.written.clear();
                self.written.push(depth);
                write(&mut self.written, node, part);
                *now = seen.number(&self.written, &mut self.next);
            }
        }
        for (name, branch) in &branch.fields {
            match node {
                Node::Map(map) if leads => {
                    // What is not even unread is not compared.
                    if let Some(node) = map.get(name.as_str()) {
                        self.walk(branch, node, depth.saturating_add(1), true);
                    }
                }
                _ => self.walk(branch, node, depth, false),
            }
        }
    }

    /// What a rule that is decided by those places says of the document, which is judged where that is not remembered.
    pub(super) fn verdicts(&mut self, rule: usize, places: &[usize], judge: impl FnOnce() -> Verdicts) -> Verdicts {
        self.key.clear();
        self.key.extend(places.iter().filter_map(|place| self.now.get(*place).copied().flatten()));
        let Some(known) = self.verdicts.get_mut(rule).filter(|_| self.key.len() == places.len()) else {
            return judge();
        };
        match known.get(self.key.as_slice()) {
            Some(Some(verdicts)) => Arc::clone(verdicts),
            Some(None) => judge(),
            None => {
                let verdicts = judge();
                let failed = verdicts.iter().any(|(_, verdict)| matches!(verdict, Verdict::Fail { .. }));
                if known.len() >= REMEMBERED {
                    known.clear();
                }
                known.insert(self.key.as_slice().into(), (!failed).then(|| Arc::clone(&verdicts)));
                verdicts
            }
        }
    }
}

/// Writes down what rules see of a fact, so that two are equal where what is written is.
fn write(out: &mut Vec<u8>, node: &Node, part: &Part) {
    match node {
        Node::Unknown(gap) => {
            out.push(0);
            write_gap(out, gap);
        }
        Node::Null => out.push(1),
        Node::Bool(value) => out.push(2 + u8::from(*value)),
        Node::Int(value) => {
            out.push(4);
            out.extend(value.to_le_bytes());
        }
        Node::Text(text) => {
            out.push(5);
            write_text(out, text);
        }
        Node::List(list) => {
            out.push(6);
            out.extend(list.items.len().to_le_bytes());
            for item in &list.items {
                write(out, item, part);
            }
            out.push(u8::from(list.incomplete.is_some()));
            if let Some(gap) = &list.incomplete {
                write_gap(out, gap);
            }
        }
        Node::Map(map) => {
            out.push(7);
            for (name, part) in &part.0 {
                match map.get(name.as_str()) {
                    Some(node) => write(out, node, part),
                    None => out.push(8),
                }
            }
        }
    }
}

fn write_gap(out: &mut Vec<u8>, gap: &Gap) {
    write_text(out, &gap.what);
    write_text(out, gap.why.as_str());
    out.push(u8::from(gap.detail.is_some()));
    if let Some(detail) = &gap.detail {
        write_text(out, detail);
    }
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    out.extend(text.len().to_le_bytes());
    out.extend(text.as_bytes());
}

/// The different things that stood at one place.
#[derive(Debug, Default)]
struct Seen {
    /// As they were written down: the number that each got, which no other thing gets.
    numbers: HashMap<Box<[u8]>, u64>,
    /// How often it was one of them.
    again: usize,
    /// What stands here, such as a name, is hardly ever what stood here before.
    unlike: bool,
}

impl Seen {
    fn number(&mut self, written: &[u8], next: &mut u64) -> Option<u64> {
        if let Some(number) = self.numbers.get(written) {
            self.again += 1;
            return Some(*number);
        }
        if self.numbers.len() >= REMEMBERED {
            *self = Self { unlike: self.again < self.numbers.len(), ..Self::default() };
            if self.unlike {
                return None;
            }
        }
        *next += 1;
        self.numbers.insert(written.into(), *next);
        Some(*next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::RuleSet;

    /// A rule about workloads, and what it has been asked.
    struct Asked {
        rules: RuleSet,
        places: Places,
        own: Box<[usize]>,
        memory: Memory,
    }

    impl Asked {
        fn of(conditions: &str) -> Self {
            let text = format!(
                "id: a-rule\ntitle: A rule\nseverity: low\nsince: 0.1.0\nsubject: workload\n{conditions}\
                 message: '{{workload.name}}'\ndescription: d\nwhy: w\nremediation: {{text: t}}\n"
            );
            let rules = RuleSet::parse(&[("a-rule.yaml", text)]).unwrap_or_else(|error| panic!("{error}"));
            let mut places = Places::default();
            let own = places.of(&rules.rules()[0]);
            let memory = Memory::new(&places, 1);
            Self { rules, places, own, memory }
        }

        /// Whether those facts had to be judged, with that result.
        fn judges(&mut self, facts: &serde_json::Value, verdict: Verdict) -> bool {
            assert_eq!(self.rules.rules().len(), 1);
            self.memory.look(&self.places, &Node::from_json(facts));
            let mut asked = false;
            self.memory.verdicts(0, &self.own, || {
                asked = true;
                Arc::new([(Spot::Whole, verdict)])
            });
            asked
        }

        fn passes(&mut self, facts: &serde_json::Value) -> bool {
            self.judges(facts, Verdict::Pass)
        }
    }

    fn facts(name: &str, runtime: &serde_json::Value, attached: bool) -> serde_json::Value {
        serde_json::json!({ "name": name, "runtime": runtime, "network": { "attached": attached, "zone_count": 1 } })
    }

    const CONDITIONS: &str =
        "when: workload.runtime != null\nrequire: '!workload.runtime.deprecated && workload.network.attached'\n";

    #[test]
    fn facts_that_no_condition_reads_are_not_compared() {
        let mut asked = Asked::of(CONDITIONS);
        let runtime = serde_json::json!({ "deprecated": false });
        assert!(asked.passes(&facts("a", &runtime, true)));
        assert!(!asked.passes(&facts("b", &runtime, true)), "only its message reads the name");
        assert!(asked.passes(&facts("b", &runtime, false)));
        assert!(asked.passes(&facts("b", &serde_json::json!({ "deprecated": true }), false)));
        assert!(!asked.passes(&facts("c", &runtime, true)));
    }

    #[test]
    fn a_part_that_is_absent_is_not_the_absence_of_the_whole() {
        let mut asked = Asked::of("require: '!(workload.runtime == null ? true : workload.runtime.deprecated)'\n");
        let whole = serde_json::Value::Null;
        assert!(asked.passes(&facts("a", &whole, true)));
        assert!(asked.passes(&facts("a", &serde_json::json!({ "deprecated": null }), true)));
        assert!(!asked.passes(&facts("a", &whole, true)));
        let gone = serde_json::json!({});
        assert!(
            asked.passes(&facts("a", &gone, true)) && asked.passes(&facts("a", &gone, true)),
            "no fact: no equality"
        );
    }

    #[test]
    fn of_a_group_that_is_only_asked_whether_it_is_there_only_that_is_compared() {
        let mut asked = Asked::of("require: workload.runtime != null\n");
        assert!(asked.passes(&facts("a", &serde_json::json!({ "id": "a" }), true)));
        assert!(!asked.passes(&facts("a", &serde_json::json!({ "id": "b" }), true)));
        assert!(asked.passes(&facts("a", &serde_json::json!({ "unknown": "denied" }), true)));
        assert!(asked.passes(&facts("a", &serde_json::json!({ "unknown": "timeout" }), true)), "not the same gap");
    }

    #[test]
    fn of_the_elements_of_a_list_only_what_is_read_is_compared() {
        let mut asked = Asked::of("for_each:\n  path: workload.egress.paths\nrequire: path.open\n");
        let paths = |id: &str, open: bool| serde_json::json!({ "egress": { "paths": [{ "id": id, "open": open }] } });
        assert!(asked.passes(&paths("a", true)));
        assert!(!asked.passes(&paths("b", true)), "its id is told, and decides nothing");
        assert!(asked.passes(&paths("b", false)));
        let mut more = paths("c", true);
        more["egress"]["paths"].as_array_mut().unwrap().push(serde_json::json!({ "unknown": "may go on" }));
        assert!(asked.passes(&more), "a list that may go on is not the same list");
        assert!(!asked.passes(&more));
    }

    #[test]
    fn a_failure_is_told_anew_each_time_since_its_message_names_more_than_decides_it() {
        let mut asked = Asked::of("require: workload.network.attached\n");
        let fails = || Verdict::Fail { message: "a".to_owned() };
        let absent = facts("a", &serde_json::Value::Null, false);
        assert!(asked.judges(&absent, fails()) && asked.judges(&absent, fails()));
    }

    #[test]
    fn what_is_hardly_ever_the_same_is_no_longer_compared_and_takes_no_memory() {
        let mut asked = Asked::of("require: workload.name != 'x'\n");
        for number in 0..3 * REMEMBERED {
            assert!(asked.passes(&facts(&number.to_string(), &serde_json::Value::Null, true)));
        }
        assert!(asked.memory.seen[0].unlike && asked.memory.seen[0].numbers.is_empty());
        assert!(asked.memory.verdicts[0].len() <= REMEMBERED);
    }

    #[test]
    fn neighbours_that_are_alike_are_compared_however_many_there_are() {
        let mut asked = Asked::of("require: workload.name != 'x'\n");
        let runs = (0..6 * REMEMBERED)
            .filter(|number| asked.passes(&facts(&(number / 3).to_string(), &serde_json::Value::Null, true)));
        assert_eq!(runs.count(), 2 * REMEMBERED);
        assert!(asked.memory.seen[0].numbers.len() <= REMEMBERED && asked.memory.verdicts[0].len() <= REMEMBERED);
    }
}
