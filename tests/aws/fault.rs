//! The ways in which a call fails; `32` and its like are their numbers among the 32 kinds that the project is held to.

use std::{io::Write as _, sync::LazyLock, time::Duration};

use egress_audit::evidence::GapReason;
use flate2::{Compression, write::GzEncoder};

use crate::{
    clock, estate,
    stub::{Reply, Request},
    whose::nameless,
};

/// A way in which a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 1 and 2: who asks is not known any more.
    Expired,
    /// 3.
    Denied,
    /// 4: by the organisation.
    DeniedAbove,
    /// 6 and 7, of a list: there is no such thing.
    NotThere,
    /// 9.
    Throttled,
    /// 10.
    ServerError,
    /// 11.
    BadGateway,
    /// 12.
    Unavailable,
    /// 16.
    Hangup,
    /// 17.
    Short,
    /// 18.
    Silence,
    /// 19.
    Trickle,
    /// 20.
    Cut,
    /// 21.
    EmptyBody,
    /// 22.
    NoContent,
    /// 23: an object without anything in it.
    EmptyObject,
    /// 23: an answer's frame without the answer.
    Bare,
    /// 24.
    ForeignJson,
    /// 25.
    Html,
    /// 26.
    SameToken,
    /// 27.
    TokenCycle,
    /// 28: a page, and another one, without end.
    FreshTokens,
    /// The second page of a list is denied.
    DeniedLaterPage,
    /// 29.
    Huge,
    /// 29: small as it comes, and huge as it is.
    Bomb,
    /// 31: to another host.
    Redirect,
    /// 32: what another account would be told.
    OtherAccount,
    /// 32: what this one would be told in another region.
    OtherRegion,
    /// 30: things without what names them.
    Nameless,
}

/// Those that are over at once, and the reasons that they leave.
pub(crate) const FAULTS: [(Fault, GapReason); 26] = [
    (Fault::Expired, GapReason::Unauthenticated),
    (Fault::Denied, GapReason::Denied),
    (Fault::DeniedAbove, GapReason::Denied),
    (Fault::NotThere, GapReason::Malformed),
    (Fault::Throttled, GapReason::Throttled),
    (Fault::ServerError, GapReason::ServerError),
    (Fault::BadGateway, GapReason::ServerError),
    (Fault::Unavailable, GapReason::ServerError),
    (Fault::Hangup, GapReason::Network),
    (Fault::Short, GapReason::Truncated),
    (Fault::Cut, GapReason::Malformed),
    (Fault::EmptyBody, GapReason::Malformed),
    (Fault::NoContent, GapReason::Malformed),
    (Fault::EmptyObject, GapReason::Malformed),
    (Fault::Bare, GapReason::Malformed),
    (Fault::ForeignJson, GapReason::Malformed),
    (Fault::Html, GapReason::Malformed),
    (Fault::SameToken, GapReason::TokenLoop),
    (Fault::TokenCycle, GapReason::TokenLoop),
    (Fault::DeniedLaterPage, GapReason::Denied),
    (Fault::Huge, GapReason::Limit),
    (Fault::Bomb, GapReason::Malformed),
    (Fault::Redirect, GapReason::Malformed),
    (Fault::OtherAccount, GapReason::WrongIdentity),
    (Fault::OtherRegion, GapReason::WrongIdentity),
    (Fault::Nameless, GapReason::Malformed),
];

/// Those that take as long as the program waits.
pub(crate) const SLOW: [(Fault, GapReason); 2] =
    [(Fault::Silence, GapReason::Timeout), (Fault::Trickle, GapReason::Timeout)];

/// More than any answer may be.
const HUGE: usize = 65 << 20;

static BOMB: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&vec![b' '; HUGE]).expect("memory");
    encoder.finish().expect("memory")
});

impl Fault {
    /// Whether only lists that are paged can fail like this.
    pub(crate) fn is_of_pages(self) -> bool {
        matches!(self, Self::SameToken | Self::TokenCycle | Self::FreshTokens | Self::DeniedLaterPage | Self::NotThere)
    }

    /// Whether it is about whose the things are that an answer holds, and what they are called: `whose` says of which calls.
    pub(crate) fn is_of_names(self) -> bool {
        matches!(self, Self::OtherAccount | Self::OtherRegion | Self::Nameless)
    }

    /// What comes instead of this answer.
    pub(crate) fn instead_of(self, request: &Request, answer: impl Fn(&Request) -> Reply) -> Reply {
        let healthy = || match answer(request) {
            Reply::Text { status: 200, body, .. } => body,
            // Where a healthy answer is an error, there is something to fault all the same.
            _ => r#"{"Policy": "{\"Statement\":[]}"}"#.to_owned(),
        };
        // A policy says whose it is by what it is about.
        let resource = r#"{\"Statement\":[{\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"lambda:*\",\"Resource\":\"arn:aws:lambda:us-west-2:123456789012:x:y\"}]}"#;
        let other = |is: &str, becomes: &str| {
            Reply::ok(healthy().replace(r#"{\"Statement\":[]}"#, resource).replace(is, becomes))
        };
        let denied = |said| match request {
            request if request.is_xml() => Reply::error(request, 403, "UnauthorizedOperation", said),
            request if request.is_lambda() => Reply::error(request, 403, "AccessDeniedException", said),
            _ => Reply::error(request, 400, "AccessDeniedException", said),
        };
        match self {
            Self::Denied => denied("no"),
            Self::DeniedAbove => denied("with an explicit deny in a service control policy"),
            Self::Expired => Reply::error(request, 403, "ExpiredTokenException", "old"),
            Self::NotThere => Reply::text(404, "<html>not here</html>"),
            Self::Throttled if request.is_xml() => Reply::error(request, 503, "RequestLimitExceeded", "slow"),
            Self::Throttled => Reply::error(request, 429, "TooManyRequestsException", "slow"),
            Self::ServerError => Reply::error(request, 500, "InternalError", "oops"),
            Self::BadGateway => Reply::text(502, "<html>bad</html>"),
            Self::Unavailable => Reply::text(503, "<html>busy</html>"),
            Self::EmptyObject => Reply::ok("{}"),
            Self::Bare if request.is_xml() => Reply::ok(estate::document(request, "")),
            Self::Bare => Reply::ok(r#"{"ResponseMetadata": {}}"#),
            Self::EmptyBody => Reply::ok(""),
            Self::NoContent => Reply::text(204, ""),
            Self::Html => Reply::ok("<html><body>Sign in</body></html>"),
            Self::ForeignJson => Reply::ok(r#"{"login": "octocat", "Functions": null}"#),
            Self::Cut => {
                let body = healthy();
                Reply::ok(body.get(..body.len() * 2 / 3).expect("the estate is ASCII"))
            }
            Self::Short => Reply::Short(healthy()),
            Self::Hangup => Reply::Hangup,
            Self::Silence => Reply::Silence,
            // However short the answer is, it takes longer than anybody waits.
            Self::Trickle => {
                let body = format!("{}{}", healthy(), " ".repeat(600));
                Reply::Trickle(body, clock::of_the_program(Duration::from_secs(1)))
            }
            Self::SameToken => Reply::ok(with_token(request, &healthy(), "again")),
            Self::TokenCycle => {
                let next = if request.token() == Some("a") { "b" } else { "a" };
                Reply::ok(with_token(request, &healthy(), next))
            }
            Self::FreshTokens => {
                let page: u32 = request.token().and_then(|token| token.parse().ok()).unwrap_or_default();
                Reply::ok(with_token(request, &healthy(), &(page + 1).to_string()))
            }
            Self::DeniedLaterPage if request.token().is_some() => denied("no"),
            Self::DeniedLaterPage => Reply::ok(with_token(request, &healthy(), "more")),
            Self::Huge => Reply::ok(" ".repeat(HUGE)),
            Self::Bomb => Reply::Encoded("gzip", BOMB.clone()),
            Self::OtherAccount => other("123456789012", "999999999999"),
            Self::OtherRegion => other("us-west-2", "eu-west-1"),
            Self::Nameless => Reply::ok(nameless(&request.operation, &healthy())),
            Self::Redirect => Reply::text(307, "").with("Location", "https://elsewhere.example/"),
        }
    }
}

/// A healthy page that says that there is another.
pub(crate) fn with_token(request: &Request, body: &str, token: &str) -> String {
    let before = |end: String, inside: String| body.replace(&end, &format!("{inside}{end}"));
    let truncated = |name: &str| {
        let more = format!("<IsTruncated>true</IsTruncated><{name}>{token}</{name}>");
        body.replace("<IsTruncated>false</IsTruncated>", &more)
    };
    let key = match request.service.as_str() {
        "lambda" if request.path.contains("web-functions") || request.path.contains("microvms") => "nextToken",
        "ec2" => return before(format!("</{}Response>", request.operation), format!("<nextToken>{token}</nextToken>")),
        "elasticloadbalancing" => {
            return before(format!("</{}Result>", request.operation), format!("<NextMarker>{token}</NextMarker>"));
        }
        "iam" => return truncated("Marker"),
        "cloudfront" => return truncated("NextMarker"),
        "apigateway" if request.is_v2() => "nextToken",
        "apigateway" => "position",
        "organizations" => "NextToken",
        _ => "NextMarker",
    };
    let mut page: serde_json::Value = serde_json::from_str(body).expect("JSON");
    page[key] = token.into();
    page.to_string()
}

/// A page of a list with nothing on it, of the form of this one.
pub(crate) fn without_items(body: &str) -> String {
    if let Ok(serde_json::Value::Object(mut page)) = serde_json::from_str(body) {
        for list in page.values_mut().filter(|value| value.is_array()) {
            *list = serde_json::json!([]);
        }
        return serde_json::Value::Object(page).to_string();
    }
    let names = ["UserDetailList", "GroupDetailList", "RoleDetailList", "Policies"];
    if names.iter().any(|name| body.contains(&format!("<{name}>"))) {
        return names.iter().fold(body.to_owned(), |body, name| emptied(&body, name));
    }
    let name = ["item", "member"].into_iter().find(|name| body.contains(&format!("<{name}>")));
    name.map_or_else(|| body.to_owned(), |name| between(body, name, ""))
}

/// The same with nothing in an element that nothing of its name stands behind.
fn emptied(body: &str, name: &str) -> String {
    between(body, name, &format!("<{name}></{name}>"))
}

/// This in the place of all from the first of these elements to the last.
fn between(body: &str, name: &str, instead: &str) -> String {
    let parts = body.split_once(&format!("<{name}>")).zip(body.rsplit_once(&format!("</{name}>")));
    parts.map_or_else(|| body.to_owned(), |((before, _), (_, after))| format!("{before}{instead}{after}"))
}
