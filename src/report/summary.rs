//! How many evaluations ended how.

use crate::engine::{Evaluation, Verdict};

/// The five numbers: their sum is the number of evaluations, one for each rule and subject, or each element of the list
/// that a rule goes through.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Summary {
    /// The rule is kept.
    pub pass: usize,
    /// The rule is broken.
    pub fail: usize,
    /// It could not be said.
    pub not_evaluated: usize,
    /// The rule does not apply.
    pub not_applicable: usize,
    /// The rule is broken, and somebody accepts it for a time.
    pub waived: usize,
}

impl Summary {
    /// The sum of two.
    #[must_use]
    pub(super) const fn with(self, other: &Self) -> Self {
        Self {
            pass: self.pass + other.pass,
            fail: self.fail + other.fail,
            not_evaluated: self.not_evaluated + other.not_evaluated,
            not_applicable: self.not_applicable + other.not_applicable,
            waived: self.waived + other.waived,
        }
    }

    pub(super) fn of(evaluations: &[Evaluation]) -> Self {
        let mut summary = Self::default();
        for evaluation in evaluations {
            match evaluation.verdict {
                Verdict::Pass => summary.pass += 1,
                Verdict::Fail { .. } => summary.fail += 1,
                Verdict::NotEvaluated { .. } => summary.not_evaluated += 1,
                Verdict::NotApplicable => summary.not_applicable += 1,
            }
        }
        summary
    }
}
