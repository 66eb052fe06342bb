//! The rules that come with the tool, as `build.rs` found them.

include!(concat!(env!("OUT_DIR"), "/rules.rs"));
