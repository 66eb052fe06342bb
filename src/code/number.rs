//! Numbers as Terraform counts: in decimal, exactly, so that a tenth and two tenths are three tenths.

use std::{cmp::Ordering, fmt, str::FromStr};

/// A decimal number of up to 38 digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Number {
    digits: i128,
    scale: u32,
}

/// How many decimal places a number may have and be exact; a quotient that does not end has one more.
const PLACES: u32 = 27;

impl Number {
    fn new(mut digits: i128, mut scale: u32) -> Option<Self> {
        while scale > 0 && digits % 10 == 0 && scale <= PLACES {
            digits /= 10;
            scale -= 1;
        }
        (scale <= PLACES + 1).then_some(Self { digits, scale })
    }

    /// Whether it is what the arithmetic gives, and not the beginning of a number that does not end.
    pub fn is_exact(self) -> bool {
        self.scale <= PLACES
    }

    fn align(self, other: Self) -> Option<(i128, i128, u32)> {
        let scale = self.scale.max(other.scale);
        let raise = |number: Self| number.digits.checked_mul(10_i128.checked_pow(scale - number.scale)?);
        Some((raise(self)?, raise(other)?, scale))
    }

    /// The sum, where it can be held.
    pub fn plus(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.align(other)?;
        Self::new(left.checked_add(right)?, scale)
    }

    /// The number with its sign turned.
    pub fn negated(self) -> Option<Self> {
        Some(Self { digits: self.digits.checked_neg()?, scale: self.scale })
    }

    /// The product, where it can be held.
    pub fn times(self, other: Self) -> Option<Self> {
        Self::new(self.digits.checked_mul(other.digits)?, self.scale + other.scale)
    }

    /// The quotient, where it can be held; none for a division by zero.
    pub fn over(self, other: Self) -> Option<Self> {
        let (mut left, right, _) = self.align(other)?;
        let mut digits = left.checked_div(right)?;
        left %= right;
        let mut scale = 0;
        while left != 0 && scale <= PLACES {
            left = left.checked_mul(10)?;
            digits = digits.checked_mul(10)?.checked_add(left / right)?;
            left %= right;
            scale += 1;
        }
        Self::new(digits, scale)
    }

    /// What is left of a division, with the sign of the dividend.
    pub fn modulo(self, other: Self) -> Option<Self> {
        let (left, right, scale) = self.align(other)?;
        Self::new(left.checked_rem(right)?, scale)
    }

    /// The greatest whole number that is not greater.
    pub fn floor(self) -> Option<Self> {
        Some(Self { digits: self.digits.div_euclid(10_i128.checked_pow(self.scale)?), scale: 0 })
    }

    /// The least whole number that is not less.
    pub fn ceil(self) -> Option<Self> {
        self.negated()?.floor()?.negated()
    }

    /// The number as a whole one, where it is one.
    pub fn whole(self) -> Option<i128> {
        (self.scale == 0).then_some(self.digits)
    }

    /// The number as an index or a count.
    pub fn index(self) -> Option<usize> {
        self.whole().and_then(|whole| usize::try_from(whole).ok())
    }

    /// The number as JSON writes it.
    pub fn json(self) -> Option<serde_json::Number> {
        match self.whole() {
            Some(whole) => i64::try_from(whole)
                .map(Into::into)
                .ok()
                .or_else(|| u64::try_from(whole).map(Into::into).ok())
                .or_else(|| self.to_string().parse().ok().and_then(serde_json::Number::from_f64)),
            None => self.to_string().parse().ok().and_then(serde_json::Number::from_f64),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        if let Some((left, right, _)) = self.align(*other) {
            return left.cmp(&right);
        }
        // Too far apart to be written with the same number of places: the whole parts differ.
        let whole = |number: &Self| number.floor().map_or(0, |floor| floor.digits);
        whole(self).cmp(&whole(other)).then(self.digits.cmp(&other.digits)).then(self.scale.cmp(&other.scale))
    }
}

impl From<usize> for Number {
    fn from(count: usize) -> Self {
        Self { digits: i128::try_from(count).unwrap_or(i128::MAX), scale: 0 }
    }
}

impl From<i64> for Number {
    fn from(whole: i64) -> Self {
        Self { digits: whole.into(), scale: 0 }
    }
}

impl From<i128> for Number {
    fn from(digits: i128) -> Self {
        Self { digits, scale: 0 }
    }
}

/// The text is no number, or one that cannot be held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotANumber;

impl FromStr for Number {
    type Err = NotANumber;

    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| NotANumber)?),
            None => (text, 0),
        };
        let (whole, places) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let unsigned = whole.strip_prefix('-').unwrap_or(whole);
        let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if unsigned.is_empty() || !digits(unsigned) || !digits(places) || mantissa.ends_with('.') {
            return Err(NotANumber);
        }
        let places = places.trim_end_matches('0');
        let digits: i128 = format!("{whole}{places}").parse().map_err(|_| NotANumber)?;
        let scale = i32::try_from(places.len()).map_err(|_| NotANumber)?.checked_sub(exponent).ok_or(NotANumber)?;
        let number = if let Ok(scale) = u32::try_from(scale) {
            Self::new(digits, scale)
        } else {
            10_i128.checked_pow(scale.unsigned_abs()).and_then(|raise| digits.checked_mul(raise)).map(Into::into)
        };
        number.filter(|number| number.is_exact()).ok_or(NotANumber)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.scale == 0 {
            return write!(f, "{}", self.digits);
        }
        let sign = if self.digits < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", self.digits.unsigned_abs(), width = self.scale as usize + 1);
        let (whole, places) = digits.split_at_checked(digits.len() - self.scale as usize).unwrap_or(("0", &digits));
        write!(f, "{sign}{whole}.{places}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().expect("a number")
    }

    #[test]
    fn tenths_are_exact_and_quotients_that_do_not_end_say_so() {
        assert_eq!(number("0.1").plus(number("0.2")), Some(number("0.3")));
        assert_eq!(number("10").over(number("4")).expect("held").to_string(), "2.5");
        let third = number("10").over(number("3")).expect("held");
        assert!(!third.is_exact());
        assert_eq!(third.floor(), Some(number("3")));
        assert_eq!(third.ceil(), Some(number("4")));
        assert_eq!(number("1").over(number("0")), None);
    }

    #[test]
    fn numbers_are_read_and_written_alike() {
        for text in ["0", "-1", "0.05", "-12.5", "170141183460469231731687303715884105727"] {
            assert_eq!(number(text).to_string(), text);
        }
        assert_eq!(number("1e3").to_string(), "1000");
        assert_eq!(number("1.50").to_string(), "1.5");
        for text in ["", "-", "a", "1.", ".5", "1e999999999", "0x1", "+1", "1_0"] {
            assert!(text.parse::<Number>().is_err(), "{text}");
        }
        assert!(number("-1.5") < number("-1.25"));
    }
}
