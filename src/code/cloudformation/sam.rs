//! SAM: resources that stand for others.

use super::stack::Stack;

/// The name that templates ask for SAM by.
pub(super) const TRANSFORM: &str = "AWS::Serverless-2016-10-31";

/// Replaces the resources of SAM by those that they stand for.
pub(super) fn transform(_stack: &mut Stack<'_>) {}
