//! From a policy file as written to one that was checked.

use jiff::civil::Date;
use serde_saphyr::{Location, Spanned};

use super::{
    Pattern, Policy, Waiver,
    raw::{RawEgress, RawIntent, RawKey, RawPolicy, RawWaiver},
};
use crate::{
    graph::{Declared, Trusted},
    rule::{Page, RuleError, RuleSet},
};

/// The most bytes of a policy file.
const SIZE: usize = 1 << 20;

pub(super) fn check(file: &str, text: &str, rules: &RuleSet, today: Date) -> Result<Policy, RuleError> {
    let page = Page { file, text };
    if text.len() > SIZE {
        return Err(page.error("it is larger than 1 MiB"));
    }
    let raw: RawPolicy = serde_saphyr::from_str(text).map_err(|error| page.yaml(&error))?;
    let mut policy = Policy {
        file: file.to_owned(),
        read_on: today,
        off: Vec::new(),
        severities: std::collections::BTreeMap::new(),
        params: Vec::new(),
        intents: Vec::new(),
        waivers: Vec::new(),
    };
    for (name, setting) in raw.rules {
        let (place, setting) = (setting.referenced, setting.value);
        for id in ids(page, rules, &name, place)? {
            if setting.enabled == Some(false) {
                policy.off.push(id.clone());
            }
            policy.severities.extend(setting.severity.map(|severity| (id.clone(), severity)));
            for (param, value) in &setting.params {
                // Here, so that the place of a fault is that of this file.
                let set = rules.clone().set_param(&id, param, value.clone());
                set.map_err(|error| page.error_at(place, error.problem()).hinted(error.hint()))?;
                policy.params.push((id.clone(), param.clone(), value.clone()));
            }
        }
    }
    let mut trusted = Trusted { accounts: raw.trusted.projects, ..Trusted::default() };
    for account in raw.trusted.accounts {
        if account.value.len() != 12 || !account.value.bytes().all(|byte| byte.is_ascii_digit()) {
            let problem = format!("`{}` is not an account of AWS", account.value);
            return Err(page
                .error_at(account.referenced, problem)
                .hinted(Some("an account has twelve digits, in quotes")));
        }
        trusted.accounts.push(account.value);
    }
    for organization in raw.trusted.organizations {
        let id = organization.value.trim_start_matches("organizations/");
        if !id.starts_with("o-") && !id.bytes().all(|byte| byte.is_ascii_digit()) || id.is_empty() {
            let problem = format!("`{}` is not an organisation", organization.value);
            let hint = "AWS writes it as `o-…`, and Google Cloud as a number, in quotes";
            return Err(page.error_at(organization.referenced, problem).hinted(Some(hint)));
        }
        trusted.organizations.push(id.to_owned());
    }
    for domain in raw.trusted.domains {
        if !domain.value.contains('.') || domain.value.contains(['@', '/', '*', ' ']) {
            let problem = format!("`{}` is not a domain", domain.value);
            return Err(page.error_at(domain.referenced, problem).hinted(Some("write it as example.com")));
        }
        trusted.domains.push(domain.value.to_lowercase());
    }
    if trusted != Trusted::default() {
        let everyone = Declared { trusted: Some(trusted), ..Declared::default() };
        policy.intents.push((Pattern::new("*"), everyone));
    }
    for intent in raw.intent {
        policy.intents.push(declared(page, intent)?);
    }
    for waiver in raw.waivers {
        policy.waivers.push(accepted(page, rules, waiver, today)?);
    }
    Ok(policy)
}

/// The ids of the rules that go by a name; another tool's name may stand for several.
fn ids(page: Page<'_>, rules: &RuleSet, name: &str, place: Location) -> Result<Vec<String>, RuleError> {
    let found: Vec<String> = rules.find(name).into_iter().map(|rule| rule.id.clone()).collect();
    if found.is_empty() {
        let error = page.error_at(place, format!("there is no rule `{name}`"));
        return Err(error.hinted(rules.nearest(name).as_deref()));
    }
    Ok(found)
}

fn declared(page: Page<'_>, intent: RawIntent) -> Result<(Pattern, Declared), RuleError> {
    let pattern = said(page, intent.workload, "a workload or a pattern")?;
    let egress = intent.egress.map(|egress| match egress {
        RawEgress::Static => "static",
        RawEgress::None => "none",
        RawEgress::Restricted => "restricted",
        RawEgress::Any => "any",
    });
    let customer_key = intent.key.map(|key| key == RawKey::Customer);
    let trusted = intent.invokers.map(Trusted::of);
    Ok((Pattern::new(pattern), Declared { egress, public: intent.public, customer_key, trusted }))
}

fn accepted(page: Page<'_>, rules: &RuleSet, waiver: RawWaiver, today: Date) -> Result<Waiver, RuleError> {
    let until: Date = waiver.until.value.parse().map_err(|_| {
        let problem = format!("`{}` is not a day", waiver.until.value);
        page.error_at(waiver.until.referenced, problem).hinted(Some("write it as 2027-01-31"))
    })?;
    if Waiver::days(today, until) > Waiver::LONGEST {
        let problem = format!("until {until} is more than a year");
        let hint = "accept it for a year at most, and look at it again then";
        return Err(page.error_at(waiver.until.referenced, problem).hinted(Some(hint)));
    }
    Ok(Waiver {
        rules: ids(page, rules, &waiver.rule.value, waiver.rule.referenced)?,
        line: u32::try_from(waiver.rule.referenced.line()).unwrap_or(u32::MAX),
        named: waiver.rule.value,
        workload: Pattern::new(said(page, waiver.workload, "a workload or a pattern")?),
        reason: said(page, waiver.reason, "a reason")?,
        owner: said(page, waiver.owner, "an owner")?,
        until,
    })
}

fn said(page: Page<'_>, text: Spanned<String>, what: &str) -> Result<String, RuleError> {
    let trimmed = text.value.trim();
    if trimmed.is_empty() {
        return Err(page.error_at(text.referenced, format!("here stands no {}", what.trim_start_matches("a "))));
    }
    Ok(trimmed.to_owned())
}
