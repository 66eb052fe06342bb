//! A workload's paths as a picture: its workload, what it is attached to, routes, NATs, addresses and the internet, in
//! columns from left to right, each path in a lane of its own; where traffic stops, a broken line and the reason.

mod dot;
mod layout;
mod mermaid;
mod svg;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    str::FromStr,
};

use super::{escape::line, words};
use crate::{
    evidence::Known,
    graph::{
        Workload,
        egress::{End, ExitAddress, ExitKind, Hop, Passage, Path},
    },
};

pub(super) use {mermaid::mermaid, svg::drawn};

/// A format of pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// An image that stands by itself, light and dark.
    Svg,
    /// What GitHub and GitLab draw in Markdown.
    Mermaid,
    /// What Graphviz draws.
    Dot,
}

impl PictureFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Svg, Self::Mermaid, Self::Dot];

    /// As users name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Mermaid => "mermaid",
            Self::Dot => "dot",
        }
    }
}

impl fmt::Display for PictureFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for PictureFormat {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|format| format.as_str() == text);
        found.ok_or_else(|| format!("`{text}` is not a picture: svg, mermaid, dot"))
    }
}

/// How a thing in a picture stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mood {
    /// Traffic passes it.
    Plain,
    /// Traffic ends there, and should not.
    Broken,
    /// Nobody can say.
    Unknown,
}

/// A box.
#[derive(Debug)]
struct Node {
    /// The first line: what it is.
    kind: String,
    /// The second line: its name, where it has one.
    name: String,
    /// Why traffic ends there, where it does.
    note: String,
    column: usize,
    lane: usize,
    mood: Mood,
}

/// A line between two boxes.
#[derive(Debug)]
struct Edge {
    from: usize,
    to: usize,
    /// What decides that traffic goes there.
    label: String,
    mood: Mood,
    /// Whether it leads back to where the traffic came from.
    back: bool,
}

impl Edge {
    /// What stands before its label, so that its mood is not said by colour alone.
    const fn mark(&self) -> &'static str {
        match self.mood {
            Mood::Plain => "",
            Mood::Broken => "✗ ",
            Mood::Unknown => "? ",
        }
    }
}

/// Boxes and lines.
#[derive(Debug, Default)]
pub(super) struct Picture {
    title: String,
    nodes: Vec<Node>,
    edges: Vec<Edge>,
}

/// The picture of a workload's paths.
pub fn picture(workload: &Workload, format: PictureFormat) -> String {
    let picture = Picture::of(workload);
    match format {
        PictureFormat::Svg => svg::svg(&picture),
        PictureFormat::Mermaid => mermaid(&picture),
        PictureFormat::Dot => dot::dot(&picture),
    }
}

impl Picture {
    pub(super) fn of(workload: &Workload) -> Self {
        let title = format!("{}: {}", workload.name, words::egress(workload));
        let mut drawing = Drawing {
            picture: Self { title: line(&title).into_owned(), ..Self::default() },
            known: BTreeMap::new(),
            lanes: 0,
            lane: None,
        };
        let start = drawing.node(words::kind(workload), &workload.name, "", Mood::Plain, None);
        for path in workload.egress.paths.iter() {
            drawing.path(start, path);
        }
        drawing.finish()
    }

    /// How many columns there are.
    fn columns(&self) -> usize {
        self.nodes.iter().map(|node| node.column + 1).max().unwrap_or(0)
    }
}

struct Drawing {
    picture: Picture,
    /// Boxes by what they are and their names: what two paths pass is drawn once.
    known: BTreeMap<(String, String), usize>,
    /// How many lanes there are.
    lanes: usize,
    /// The lane of what is drawn now; none where nothing of it was new yet.
    lane: Option<usize>,
}

/// The last column's box, that all ends which reach it share.
const INTERNET: &str = "internet";

impl Drawing {
    /// The box of a thing, to the right of another one.
    fn node(&mut self, kind: &str, id: &str, note: &str, mood: Mood, after: Option<usize>) -> usize {
        let column = after.and_then(|it| self.picture.nodes.get(it)).map_or(0, |it| it.column + 1);
        // Two things stop traffic for different reasons, and are two boxes.
        let key = (kind.to_owned(), format!("{id}\n{note}"));
        if let Some(&known) = self.known.get(&key) {
            return known;
        }
        let lane = self.lane.unwrap_or(self.lanes);
        if self.lane.is_none() && after.is_some() {
            self.lane = Some(lane);
            self.lanes += 1;
        }
        let (name, note) = (line(words::short(id)).into_owned(), line(note).into_owned());
        self.picture.nodes.push(Node { kind: kind.to_owned(), name, note, column, lane, mood });
        let index = self.picture.nodes.len() - 1;
        self.known.insert(key, index);
        index
    }

    /// The internet, at the far right.
    fn internet(&mut self, after: usize) -> usize {
        self.node(INTERNET, "", "", Mood::Plain, Some(after))
    }

    fn leads(&self, from: usize, to: usize, depth: usize) -> bool {
        let next = |edge: &&Edge| edge.from == from && !edge.back;
        from == to
            || (depth > 0 && self.picture.edges.iter().filter(next).any(|edge| self.leads(edge.to, to, depth - 1)))
    }

    fn edge(&mut self, from: usize, to: usize, label: &str, mood: Mood) {
        let label = line(label).into_owned();
        let same = |edge: &&Edge| (edge.from, edge.to, &edge.label, edge.mood) == (from, to, &label, mood);
        if from != to && !self.picture.edges.iter().any(|edge| same(&edge)) {
            let back = self.leads(to, from, 64);
            self.picture.edges.push(Edge { from, to, label, mood, back });
        }
    }

    fn path(&mut self, start: usize, path: &Path) {
        self.lane = None;
        let mut at = start;
        let mut label = String::new();
        for hop in shown(path) {
            let node = self.node(words::hop(hop.kind), &hop.id, "", Mood::Plain, Some(at));
            self.edge(at, node, &label, Mood::Plain);
            (at, label) = (node, decision(hop));
        }
        match (&path.end, &path.passage) {
            (End::Nowhere { stop, because }, _)
            | (End::Internet(_) | End::Inside { .. }, Known::Known(Passage::Closed(stop, because))) => {
                let end = self.node("stopped", stop.as_str(), because, Mood::Broken, Some(at));
                self.edge(at, end, "", Mood::Broken);
            }
            (End::Unknown(gap), _) => {
                let end = self.node("not known", "", &gap.to_string(), Mood::Unknown, Some(at));
                self.edge(at, end, "", Mood::Unknown);
            }
            (End::Elsewhere { through, gap }, _) => {
                let end = self.node("another network", through, &gap.to_string(), Mood::Unknown, Some(at));
                self.edge(at, end, "", Mood::Unknown);
            }
            (End::Inside { place }, _) => {
                let end = self.node("inside", place, "", Mood::Plain, Some(at));
                self.edge(at, end, &label, Mood::Plain);
            }
            (End::Internet(exit), passage) => {
                let (mood, note) = match passage {
                    Known::Known(Passage::Degraded(_, because)) => (Mood::Broken, because.clone()),
                    Known::Known(Passage::Limited(because)) => (Mood::Plain, because.clone()),
                    Known::Known(Passage::Open | Passage::Closed(..)) => (Mood::Plain, String::new()),
                    Known::Unknown(gap) => (Mood::Unknown, gap.to_string()),
                };
                let seen: Vec<(&str, &str)> = match exit.kind {
                    ExitKind::Platform => vec![("shared pool", "any of its addresses")],
                    _ => exit.addresses.iter().map(|it| (address(it), it.ip.as_str())).collect(),
                };
                if seen.is_empty() {
                    let end = self.internet(at);
                    self.edge(at, end, &note, mood);
                }
                for (nth, (kind, ip)) in seen.into_iter().enumerate() {
                    if nth > 0 {
                        self.lane = None;
                    }
                    let address = self.node(kind, ip, "", Mood::Plain, Some(at));
                    self.edge(at, address, &label, Mood::Plain);
                    let end = self.internet(address);
                    self.edge(address, end, &note, mood);
                }
            }
        }
    }

    /// The internet stands at the far right, and so does what was to lead there.
    fn finish(mut self) -> Picture {
        // A box that was moved moves those behind it; as many rounds as there are boxes settle that.
        for _ in 0..self.picture.nodes.len() {
            for Edge { from, to, .. } in self.picture.edges.iter().filter(|edge| !edge.back) {
                let column = self.picture.nodes.get(*from).map_or(0, |node| node.column + 1);
                if let Some(node) = self.picture.nodes.get_mut(*to) {
                    node.column = node.column.max(column);
                }
            }
        }
        let last = self.picture.columns().saturating_sub(1);
        for node in &mut self.picture.nodes {
            if node.kind == INTERNET {
                node.column = last;
            }
        }
        // A box that was moved to where another one stands goes into a lane of its own.
        let mut taken = BTreeSet::new();
        for node in &mut self.picture.nodes {
            while !taken.insert((node.lane, node.column)) {
                node.lane = self.lanes;
                self.lanes += 1;
            }
        }
        self.picture
    }
}

/// What people call an address that others see.
fn address(of: &ExitAddress) -> &'static str {
    match (of.draining, &of.reserved) {
        (true, _) => "draining address",
        (false, Known::Known(true)) => "reserved address",
        (false, Known::Known(false)) => "lent address",
        (false, Known::Unknown(_)) => "address",
    }
}

/// The hops that are drawn: where traffic gets out, those behind the one that gives it its address are left to the trace.
fn shown(path: &Path) -> &[Hop] {
    let arrives = path.is_degraded() || path.reaches_internet() == Known::Known(true);
    let exit = path.exit().filter(|_| arrives).and_then(|exit| exit.id.as_deref());
    let last = path.hops.iter().rposition(|hop| Some(hop.id.as_str()) == exit);
    last.and_then(|last| path.hops.get(..=last)).unwrap_or(&path.hops)
}

fn decision(hop: &Hop) -> String {
    if hop.decision.is_empty() { hop.because.clone() } else { hop.decision.clone() }
}
