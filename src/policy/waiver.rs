//! Findings that somebody accepts, until a day and for a reason.

use jiff::civil::Date;

use super::Pattern;

/// The acceptance of findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// The rules, by id: several where another tool's id stands for several.
    pub rules: Vec<String>,
    /// The rule as the file names it.
    pub named: String,
    /// What it is for.
    pub workload: Pattern,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// The last day on which it counts.
    pub until: Date,
    /// Where it stands in the file, counted from 1.
    pub line: u32,
}

/// How a waiver stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It counts.
    InForce,
    /// It counts, and not for long.
    EndsSoon,
    /// Its last day is over.
    Expired,
}

impl Waiver {
    /// The most days for which something can be accepted.
    pub const LONGEST: i32 = 366;
    /// So many days before its end it is said to end.
    const SOON: i32 = 30;

    /// How it stands on a day.
    pub fn standing(&self, today: Date) -> Standing {
        Self::standing_of(self.days_left(today))
    }

    /// How a waiver stands that counts for so many days more.
    pub fn standing_of(days_left: i32) -> Standing {
        match days_left {
            left if left < 0 => Standing::Expired,
            left if left <= Self::SOON => Standing::EndsSoon,
            _ => Standing::InForce,
        }
    }

    /// The days until its last one; negative once that is over.
    pub fn days_left(&self, today: Date) -> i32 {
        Self::days(today, self.until)
    }

    /// The days from one day to another.
    pub fn days(from: Date, to: Date) -> i32 {
        from.until(to).map_or(i32::MAX, |span| span.get_days())
    }
}
