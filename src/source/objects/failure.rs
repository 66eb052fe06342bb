//! What stores say when they do not do what is asked, in words and with what would help.

use std::error::Error;

use object_store::client::{HttpError, HttpErrorKind};

use super::{
    super::{
        CollectError,
        place::{Place, Store},
    },
    door::{Shut, is_region},
    s3, who,
};

/// What was asked of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// An object.
    Read,
    /// What is in a folder.
    List,
    /// To take an object.
    Write,
    /// Nothing yet: who asks is found first.
    Credentials,
}

impl Asked {
    const fn verb(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::List => "list",
            Self::Write => "write",
            Self::Credentials => "use",
        }
    }

    /// The permissions that it takes.
    const fn takes(self, store: Store) -> &'static str {
        match (self, store) {
            (Self::Read | Self::Credentials, Store::S3) => {
                "reading takes `s3:GetObject`, and `s3:ListBucket` to be told of what is not there"
            }
            (Self::List, Store::S3) => {
                "a run of shards takes `s3:ListBucket` on the bucket, and `s3:GetObject` on its objects"
            }
            (Self::Write, Store::S3) => {
                "writing takes `s3:PutObject`, and `kms:GenerateDataKey` where the bucket has a key"
            }
            (Self::Read | Self::Credentials, Store::Google) => "reading takes `storage.objects.get`",
            (Self::List, Store::Google) => "a run of shards takes `storage.objects.list` and `storage.objects.get`",
            (Self::Write, Store::Google) => {
                "writing takes `storage.objects.create`, and over what is there `storage.objects.delete`"
            }
        }
    }
}

/// Whether the store says that there is nothing.
pub(super) const fn is_missing(error: &object_store::Error) -> bool {
    matches!(error, object_store::Error::NotFound { .. })
}

/// The error of a command that could not be done.
pub(super) fn failed(place: &Place, asked: Asked, error: &object_store::Error) -> CollectError {
    let (why, hint) = explain(place, asked, error);
    CollectError::Config { message: format!("cannot {} `{place}`: {why}", asked.verb()), hint }
}

/// Why, in words, and what would help.
fn explain(place: &Place, asked: Asked, error: &object_store::Error) -> (String, Option<String>) {
    if let Some(shut) = cause::<Shut>(error) {
        let hint = match shut {
            Shut::Refused(refused) => {
                refused.host.as_ref().map(|host| format!("allow it with `--allow-endpoint {host}`"))
            }
            Shut::Redirected { region: None } | Shut::NoList | Shut::Cut => None,
            Shut::Redirected { region: Some(region) } => return elsewhere(region),
        };
        return (shut.to_string(), hint);
    }
    if let Some(http) = cause::<HttpError>(error) {
        let why = match http.kind() {
            HttpErrorKind::Connect => "no connection could be made".into(),
            HttpErrorKind::Timeout => "no answer came in time".into(),
            HttpErrorKind::Request | HttpErrorKind::Interrupted => "the connection was cut".into(),
            _ => format!("the answer could not be read: {}", last(http)),
        };
        let hint = (asked == Asked::Credentials).then(|| credentials(place.store).to_owned());
        return (why, hint);
    }
    let text = error.to_string();
    let code = element(&text, "Code");
    let said = code.map_or_else(String::new, |code| format!(" (`{code}`)"));
    let refused = || (format!("the credentials are not accepted{said}"), Some(credentials(place.store).to_owned()));
    let takes = || Some(asked.takes(place.store).to_owned());
    match (error, code) {
        (_, Some("AuthorizationHeaderMalformed")) if element(&text, "Region").is_some_and(is_region) => {
            elsewhere(element(&text, "Region").unwrap_or_default())
        }
        (_, Some("NoSuchBucket")) => (format!("there is no bucket `{}`", place.bucket), None),
        (object_store::Error::NotFound { .. }, _) => ("it is not there".into(), None),
        (_, Some("ExpiredToken" | "InvalidAccessKeyId" | "SignatureDoesNotMatch" | "RequestTimeTooSkewed")) => {
            refused()
        }
        _ if status(&text) == Some("401") => refused(),
        _ if status(&text) == Some("403") => (format!("it is denied{said}"), takes()),
        _ if text.contains("Received redirect without LOCATION") => {
            (Shut::Redirected { region: None }.to_string(), None)
        }
        _ => {
            if let Some(status) = status(&text) {
                return (format!("the store answered {status}{said}"), None);
            }
            let hint = (asked == Asked::Credentials).then(|| credentials(place.store).to_owned());
            (last(error).to_string(), hint)
        }
    }
}

fn elsewhere(region: &str) -> (String, Option<String>) {
    (format!("the bucket is in the region `{region}`"), Some(format!("set `AWS_REGION={region}`")))
}

const fn credentials(store: Store) -> &'static str {
    match store {
        Store::S3 => s3::HINT,
        Store::Google => who::HINT,
    }
}

/// The first of the causes that is of this kind.
fn cause<E: Error + 'static>(error: &object_store::Error) -> Option<&E> {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The cause that has no cause.
fn last<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut error = error;
    while let Some(cause) = error.source() {
        error = cause;
    }
    error
}

/// The text of an element of the XML that stores explain themselves by, where it is a plain word.
fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (word, _) = rest.split_once('<')?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    ((1..=64).contains(&word.len()) && word.bytes().all(plain)).then_some(word)
}

/// The status that an error of the library tells.
fn status(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("status code: ")?;
    let status = rest.split(' ').next()?;
    (status.len() == 3 && status.bytes().all(|byte| byte.is_ascii_digit())).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_store_says_is_taken_by_the_word() {
        let said =
            "Server returned non-2xx status code: 503 Slow Down: <Error><Code>SlowDown</Code><Region>x y</Region>";
        assert_eq!(
            (status(said), element(said, "Code"), element(said, "Region")),
            (Some("503"), Some("SlowDown"), None)
        );
        assert_eq!((status("status code: x"), element("<Code>", "Code")), (None, None));
    }
}
