//! Looks at answers before the SDK makes something of them.
//!
//! The SDK takes a cut-off XML document for a whole one and a missing list for an empty one: both would turn what was
//! not read into "there is none".

use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{AfterDeserializationInterceptorContextRef, BeforeDeserializationInterceptorContextMut},
            dyn_dispatch_hint,
        },
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use http_body_util::Limited;
use serde::de::IgnoredAny;
use std::collections::BTreeMap;
use xmlparser::{ElementEnd, Token, Tokenizer};

/// No answer of the calls we make comes near this; one that does is not read on.
const MAX_BYTES: usize = 64 << 20;

/// An answer that is not of the form the API promises.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadForm(pub(super) &'static str);

/// Caps what is read of an answer, and passes a plain `Retry-After` on to the SDK, which knows AWS's own header only.
#[derive(Debug)]
pub(super) struct Arrival;

#[dyn_dispatch_hint]
impl Intercept for Arrival {
    fn name(&self) -> &'static str {
        "Arrival"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response_mut();
        let seconds = response.headers().get("retry-after").and_then(|value| value.trim().parse::<u64>().ok());
        if let (Some(seconds), None) = (seconds, response.headers().get("x-amz-retry-after")) {
            response.headers_mut().insert("x-amz-retry-after", seconds.saturating_mul(1000).to_string());
        }
        let body = response.take_body();
        *response.body_mut() = SdkBody::from_body_1_x(Limited::new(body, MAX_BYTES));
        Ok(())
    }
}

/// Requires a successful answer to be one whole XML document.
#[derive(Debug)]
pub(super) struct WholeXml;

#[dyn_dispatch_hint]
impl Intercept for WholeXml {
    fn name(&self) -> &'static str {
        "WholeXml"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        match context.response().body().bytes() {
            Some(body) if context.response().status().is_success() && !is_whole_xml(body) => {
                Err(BadForm("the answer is not a whole XML document").into())
            }
            _ => Ok(()),
        }
    }
}

fn is_whole_xml(body: &[u8]) -> bool {
    holds(body, &[])
}

/// Elements by name, each with the names of what must stand directly in it.
type Children = &'static [(&'static str, &'static [&'static str])];

/// Requires the elements of a successful XML answer to hold others, where the SDK would make them up. The first of the
/// names must be there.
#[derive(Debug)]
pub(super) struct Elements(pub(super) Children);

#[dyn_dispatch_hint]
impl Intercept for Elements {
    fn name(&self) -> &'static str {
        "Elements"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        match response.body().bytes() {
            Some(body) if response.status().is_success() && !holds(body, self.0) => {
                Err(BadForm("the answer lacks what the API promises").into())
            }
            _ => Ok(()),
        }
    }
}

/// Whether this is one whole XML document whose elements hold what they must.
fn holds(body: &[u8], required: Children) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    let mut open: Vec<(&str, Vec<&str>)> = Vec::new();
    let mut elements = 0_usize;
    let mut named = required.is_empty();
    for token in Tokenizer::from(text) {
        match token {
            Err(_) => return false,
            Ok(Token::ElementStart { local, .. }) => {
                elements += 1;
                if let Some((_, children)) = open.last_mut() {
                    children.push(local.as_str());
                }
                named |= required.first().is_some_and(|(name, _)| *name == local.as_str());
                open.push((local.as_str(), Vec::new()));
            }
            Ok(Token::ElementEnd { end: ElementEnd::Open, .. }) => {}
            Ok(Token::ElementEnd { end, .. }) => {
                let Some((name, children)) = open.pop() else { return false };
                if matches!(end, ElementEnd::Close(_, local) if local.as_str() != name) {
                    return false;
                }
                let must = required.iter().filter(|(of, _)| *of == name).flat_map(|(_, must)| must.iter());
                if must.into_iter().any(|child| !children.contains(child)) {
                    return false;
                }
            }
            Ok(_) => {}
        }
    }
    elements > 0 && named && open.is_empty()
}

/// Requires a successful JSON answer to hold these keys, where the SDK would fill them in.
#[derive(Debug)]
pub(super) struct Holds(pub(super) &'static [&'static str]);

#[dyn_dispatch_hint]
impl Intercept for Holds {
    fn name(&self) -> &'static str {
        "Holds"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let Some(body) = response.body().bytes().filter(|_| response.status().is_success()) else { return Ok(()) };
        let keys: BTreeMap<String, Option<IgnoredAny>> =
            serde_json::from_slice(body).map_err(|_| BadForm("the answer is not a JSON object"))?;
        if self.0.iter().all(|key| matches!(keys.get(*key), Some(Some(_)))) {
            Ok(())
        } else {
            Err(BadForm("the answer lacks what the API promises").into())
        }
    }
}

/// Requires a successful answer to a list of REST APIs to hold the list, or nothing whatever: API Gateway writes `{}` where
/// there is nothing to list (aws-sdk-js issue 1416).
#[derive(Debug)]
pub(super) struct ItemsOrNothing;

#[dyn_dispatch_hint]
impl Intercept for ItemsOrNothing {
    fn name(&self) -> &'static str {
        "ItemsOrNothing"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let Some(body) = response.body().bytes().filter(|_| response.status().is_success()) else { return Ok(()) };
        let keys: BTreeMap<String, Option<IgnoredAny>> =
            serde_json::from_slice(body).map_err(|_| BadForm("the answer is not a JSON object"))?;
        if keys.is_empty() || matches!(keys.get("item"), Some(Some(_))) {
            Ok(())
        } else {
            Err(BadForm("the answer lacks the list that the API promises").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_document_that_ends_is_whole() {
        for whole in ["<a/>", "<?xml version=\"1.0\"?>\n<a x='1'><b>t</b><c/></a>\n"] {
            assert!(is_whole_xml(whole.as_bytes()), "{whole}");
        }
        for not in ["", "<a>", "<a><b></a>", "<a><b>t</b>", "<a><b", "{}", "<html><br></html>"] {
            assert!(!is_whole_xml(not.as_bytes()), "{not}");
        }
    }

    #[test]
    fn an_element_holds_what_the_sdk_would_make_up() {
        let required: Children = &[("List", &["Count"]), ("Item", &["Id", "Enabled"])];
        for (text, fine) in [
            ("<List><Count>0</Count></List>", true),
            ("<List><Count>1</Count><Items><Item><Id>a</Id><Enabled>true</Enabled></Item></Items></List>", true),
            ("<List/>", false),
            ("<Other/>", false),
            ("<List><Items><Count>1</Count></Items></List>", false),
            ("<List><Count>1</Count><Items><Item><Id>a</Id></Item></Items></List>", false),
        ] {
            assert_eq!(holds(text.as_bytes(), required), fine, "{text}");
        }
    }
}
