//! HTML: the report as one file to send, to archive and to print. It fetches nothing, and runs nothing but its own script,
//! which only hides what a filter leaves out: without it, everything is there.

mod card;
mod finding;
mod overview;
mod prose;

use std::{collections::BTreeSet, fmt};

use askama::{Template, filters::Escaper};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

use super::escape;
use crate::{report::Report, snapshot::Tool};

use card::Card;
use overview::Overview;
use prose::RuleNote;

const STYLE: &str = include_str!("html/style.css");
const SCRIPT: &str = include_str!("html/script.js");

/// Makes whatever a template shows harmless; templates find it by `askama.toml`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shown;

impl Escaper for Shown {
    fn write_escaped_str<W: fmt::Write>(&self, mut out: W, text: &str) -> fmt::Result {
        out.write_str(&escape::html(text))
    }
}

/// The whole page.
#[derive(Template)]
#[template(path = "html/report.html")]
struct Page {
    tool: Tool,
    title: String,
    taken_at: String,
    policy: String,
    style: &'static str,
    script: &'static str,
    overview: Overview,
    cards: Vec<Card>,
    rules: Vec<RuleNote>,
    choices: Choices,
}

/// What there is to choose from.
struct Choices {
    rules: BTreeSet<String>,
    families: BTreeSet<String>,
    clouds: BTreeSet<String>,
    verdicts: BTreeSet<String>,
}

impl Choices {
    fn of(cards: &[Card]) -> Self {
        let findings = || cards.iter().flat_map(Card::all);
        let some = |texts: BTreeSet<String>| texts.into_iter().filter(|text| !text.is_empty()).collect();
        Self {
            rules: some(findings().map(|it| it.rule.clone()).collect()),
            families: some(findings().map(|it| it.family.clone()).collect()),
            clouds: some(cards.iter().map(|card| card.cloud.clone()).collect()),
            verdicts: some(cards.iter().map(|card| card.verdict.clone()).collect()),
        }
    }
}

/// The report as a page.
pub(super) fn html(report: &Report<'_>) -> Result<String, askama::Error> {
    let cards = card::cards(report);
    let policy = report.policy.map_or_else(String::new, |policy| match policy.off.as_slice() {
        [] => policy.file.clone(),
        off => format!("{} (off: {})", policy.file, off.join(", ")),
    });
    let page = Page {
        tool: Tool::this(),
        title: report.sources.join(" "),
        taken_at: report.taken_at.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        policy,
        style: STYLE,
        script: SCRIPT,
        overview: Overview::of(report),
        choices: Choices::of(&cards),
        rules: prose::notes(report),
        cards,
    };
    page.render()
}

/// The name by which a page's policy lets its own style or script pass: its hash.
fn hash(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(text.as_bytes())))
}
