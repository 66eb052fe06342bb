//! Equal facts are judged once: most workloads of an estate are alike in what a rule asks of them.
//!
//! A verdict is a function of the facts that the conditions of its rule read, and paths of the vocabulary tell where those
//! stand. What stands there is compared with what stood there before, in full and not by a hash of it; where all of it is
//! equal, the verdict is the one of then. Only failures are judged anew each time: a message may name anything else.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use super::{Element, Verdict};
use crate::{facts::Node, rule::Rule};

/// How many different things are remembered of one place, and how many verdicts of one rule. Neighbours are alike, and
/// forgetting costs no more than judging once.
const REMEMBERED: usize = 256;

/// The verdicts of a rule about one document: one, or one for each element.
pub(super) type Verdicts = Arc<[(Option<Element>, Verdict)]>;

/// Where the facts stand that the rules about one subject are decided by.
#[derive(Debug, Default)]
pub(super) struct Places {
    tree: Branch,
    count: usize,
}

/// What is under one name of the vocabulary.
#[derive(Debug, Default)]
struct Branch {
    /// The number of this place, where a rule reads what stands there.
    place: Option<usize>,
    fields: BTreeMap<String, Branch>,
}

impl Places {
    /// The places that decide a rule, by their numbers.
    pub(super) fn of(&mut self, rule: &Rule) -> Box<[usize]> {
        let facts = rule.decided_by().into_iter().filter_map(|path| path.strip_prefix(rule.subject.name));
        facts.map(|path| self.place(path)).collect()
    }

    /// The place that a path within the subject leads to: the list, where it leads into one.
    fn place(&mut self, path: &str) -> usize {
        let outside = path.split("[]").next().unwrap_or(path);
        let names = outside.split('.').filter(|name| !name.is_empty());
        let branch = names.fold(&mut self.tree, |branch, name| branch.fields.entry(name.to_owned()).or_default());
        let next = self.count;
        let place = *branch.place.get_or_insert(next);
        self.count += usize::from(place == next);
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
    key: Vec<u64>,
    next: u64,
}

impl Memory {
    /// Nothing yet, about so many rules that are decided by those places.
    pub(super) fn new(places: &Places, rules: usize) -> Self {
        Self {
            seen: (0..places.count).map(|_| Seen::default()).collect(),
            verdicts: vec![HashMap::new(); rules],
            now: vec![None; places.count],
            key: Vec::new(),
            next: 0,
        }
    }

    /// Looks at a document: whatever is asked next is asked about it.
    pub(super) fn look(&mut self, places: &Places, facts: &Node) {
        self.now.fill(None);
        self.walk(&places.tree, facts, 0, true);
    }

    /// Goes to every place of a branch. Where no map leads on, that is what stands at all of them, and how far one came is
    /// part of it: known absence of the whole is not known absence of a part.
    fn walk(&mut self, branch: &Branch, node: &Node, depth: usize, leads: bool) {
        if let Some(place) = branch.place
            && let (Some(seen), Some(now)) = (self.seen.get_mut(place), self.now.get_mut(place))
        {
            *now = seen.number(node, depth, &mut self.next);
        }
        for (name, branch) in &branch.fields {
            match node {
                Node::Map(map) if leads => {
                    // What is not even unread is not compared.
                    if let Some(node) = map.get(name.as_str()) {
                        self.walk(branch, node, depth + 1, true);
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

/// The different things that stood at one place.
#[derive(Debug, Default)]
struct Seen {
    /// By how many names led to it: the number that it got, which no other thing gets.
    numbers: Vec<HashMap<Node, u64>>,
    len: usize,
    /// How often it was one of them.
    again: usize,
    /// What stands here, such as a name, is hardly ever what stood here before.
    unlike: bool,
}

impl Seen {
    fn number(&mut self, node: &Node, depth: usize, next: &mut u64) -> Option<u64> {
        if self.unlike {
            return None;
        }
        if let Some(number) = self.numbers.get(depth).and_then(|known| known.get(node)) {
            self.again += 1;
            return Some(*number);
        }
        if self.len >= REMEMBERED {
            *self = Self { unlike: self.again < self.len, ..Self::default() };
            if self.unlike {
                return None;
            }
        }
        if self.numbers.len() <= depth {
            self.numbers.resize_with(depth + 1, HashMap::new);
        }
        *next += 1;
        self.numbers.get_mut(depth)?.insert(node.clone(), *next);
        self.len += 1;
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
                Arc::new([(None, verdict)])
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
        assert!(asked.memory.seen[0].len <= REMEMBERED && asked.memory.verdicts[0].len() <= REMEMBERED);
    }
}
