//! Turns the SDK's types into the JSON that `aws … --output json` prints, field by field.
//!
//! What the SDK did not get is left out, never filled in; words of a closed list that are newer than the SDK stay as they are.

mod balancer;
mod distribution;
mod function;
mod gateway;
mod http_api;
mod identity;
mod key;
mod layer;
mod network;
mod organization;
mod rest_api;
mod running;
mod traffic;
mod transit;

use std::collections::HashMap;

use aws_smithy_types::{DateTime, date_time::Format};
use serde_json::{Map, Value};

/// What the SDK puts where a required word of a closed list was missing.
const MISSING: &str = "no value was set";

/// A value of the SDK as JSON.
pub(super) trait Body {
    /// The value; none where there is nothing to say.
    fn json(&self) -> Option<Value>;

    /// The value as a field of an object. The SDK fills a required field that was missing with an empty text.
    fn field(&self) -> Option<Value> {
        self.json()
    }
}

impl Body for String {
    fn json(&self) -> Option<Value> {
        Some(Value::String(self.clone()))
    }

    fn field(&self) -> Option<Value> {
        if self.is_empty() { None } else { self.json() }
    }
}

impl Body for bool {
    fn json(&self) -> Option<Value> {
        Some(Value::Bool(*self))
    }
}

impl Body for i32 {
    fn json(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Body for i64 {
    fn json(&self) -> Option<Value> {
        Some((*self).into())
    }
}

impl Body for f64 {
    fn json(&self) -> Option<Value> {
        serde_json::Number::from_f64(*self).map(Value::Number)
    }
}

impl Body for DateTime {
    fn json(&self) -> Option<Value> {
        self.fmt(Format::DateTime).ok().map(Value::String)
    }
}

impl<T: Body> Body for Option<T> {
    fn json(&self) -> Option<Value> {
        self.as_ref().and_then(Body::json)
    }
}

impl<T: Body> Body for Vec<T> {
    fn json(&self) -> Option<Value> {
        Some(Value::Array(self.iter().filter_map(Body::json).collect()))
    }
}

impl<T: Body> Body for HashMap<String, T> {
    fn json(&self) -> Option<Value> {
        let pairs = self.iter().filter_map(|(key, value)| Some((key.clone(), value.json()?)));
        Some(Value::Object(pairs.collect::<Map<_, _>>()))
    }
}

/// A word of a closed list, unless the SDK made it up.
fn word(text: &str) -> Option<Value> {
    (text != MISSING).then(|| Value::String(text.into()))
}

/// Types whose bodies are objects: the fields that are kept, and the keys that the command line prints for them.
macro_rules! bodies {
    ($($type:ty { $($field:ident => $key:literal),+ $(,)? })+) => {$(
        impl $crate::source::aws::body::Body for $type {
            fn json(&self) -> Option<serde_json::Value> {
                let mut object = serde_json::Map::new();
                $(
                    if let Some(value) = $crate::source::aws::body::Body::field(&self.$field) {
                        object.insert($key.into(), value);
                    }
                )+
                Some(serde_json::Value::Object(object))
            }
        }
    )+};
}

/// Types that are words of a closed list.
macro_rules! words {
    ($($type:ty),+ $(,)?) => {$(
        impl $crate::source::aws::body::Body for $type {
            fn json(&self) -> Option<serde_json::Value> {
                $crate::source::aws::body::word(self.as_str())
            }
        }
    )+};
}

use {bodies, words};

#[cfg(test)]
mod tests {
    use aws_sdk_ec2::types::{NatGateway, NatGatewayState, Tag};
    use aws_sdk_lambda::types::{FunctionUrlAuthType, FunctionUrlConfig};
    use serde_json::json;

    use super::*;

    #[test]
    fn absent_fields_stay_out_and_only_the_tag_name_is_kept() {
        let tag = |key: &str| Tag::builder().key(key).value("v").build();
        let nat = NatGateway::builder()
            .nat_gateway_id("nat-1")
            .state(NatGatewayState::from("melting"))
            .create_time(DateTime::from_secs(0))
            .tags(tag("Name"))
            .tags(tag("secret"))
            .build();
        assert_eq!(
            nat.json(),
            Some(json!({
                "NatGatewayId": "nat-1",
                "State": "melting",
                "CreateTime": "1970-01-01T00:00:00Z",
                "Tags": [{"Key": "Name", "Value": "v"}],
            }))
        );
    }

    #[test]
    fn what_the_sdk_fills_in_is_not_kept() {
        let url = FunctionUrlConfig::builder()
            .function_url("")
            .function_arn("arn")
            .creation_time("")
            .last_modified_time("")
            .auth_type(FunctionUrlAuthType::from(MISSING))
            .build()
            .expect("all required fields are set");
        assert_eq!(url.json(), Some(json!({"FunctionArn": "arn"})));
    }
}
