//! What a scalar means to the field that reads it. An error completes "field: …".

use contract::duration_from_millis;
use prost_types::Duration;

pub(super) fn integer(text: &str) -> Result<i32, String> {
    text.parse().map_err(|_| format!("{text:?} is not a whole number"))
}

pub(super) fn number(text: &str) -> Result<f64, String> {
    text.parse::<f64>()
        .ok()
        .filter(|number| number.is_finite())
        .ok_or_else(|| format!("{text:?} is not a number"))
}

pub(super) fn boolean(text: &str) -> Result<bool, String> {
    match text {
        "true" | "yes" | "on" => Ok(true),
        "false" | "no" | "off" => Ok(false),
        _ => Err(format!("{text:?} is not true or false")),
    }
}

const UNITS: [(&str, i64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("min", 60_000), ("h", 3_600_000)];

/// A span such as `20s`, `1500ms`, `10min` or `1h 30m`.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("{text:?} is not a duration, write it as \"20s\", \"10min\" or \"1h30m\"");
    let mut rest = text.trim();
    let mut millis = 0_i64;
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (amount, after) = rest.split_at(digits);
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at(letters);
        let amount = amount.parse::<i64>().map_err(|_| wrong())?;
        let (_, worth) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(|| {
            if unit.is_empty() && amount != 0 {
                format!("{text:?} needs a unit: ms, s, min or h")
            } else {
                wrong()
            }
        })?;
        millis = amount.checked_mul(*worth).and_then(|part| millis.checked_add(part)).ok_or_else(wrong)?;
        rest = after.trim_start();
    }
    Ok(duration_from_millis(millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_write_them() {
        assert_eq!(duration("20s"), Ok(duration_from_millis(20_000)));
        assert_eq!(duration("1h 30m"), Ok(duration_from_millis(5_400_000)));
        assert_eq!(duration("10min"), Ok(duration_from_millis(600_000)));
        assert_eq!(duration("1500ms"), Ok(duration_from_millis(1_500)));
    }

    #[test]
    fn a_duration_without_a_unit_says_so() {
        assert_eq!(duration("20"), Err("\"20\" needs a unit: ms, s, min or h".to_owned()));
        for text in ["", "s", "-5s", "20 parsecs", "99999999999999999h", "1.5s"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
