//! `hours:`, a week as people write it: `mon-fri 09:00-17:00`.

use contract::directory::v1::{Holiday, Hours, OpenInterval};

use super::fields::Field;

const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Minutes of a day.
const MIDNIGHT: i32 = 24 * 60;

pub(super) fn hours(key: String, field: &Field<'_>) -> Hours {
    let mut fields = field.fields();
    let name = fields.text("name");
    let hours = Hours {
        name: if name.is_empty() { key.clone() } else { name },
        key,
        time_zone: fields.text("time_zone"),
        intervals: fields.take("week").map(|field| lines(&field, week_line)).unwrap_or_default(),
        holidays: fields
            .take("holidays")
            .map(|field| field.entries())
            .unwrap_or_default()
            .into_iter()
            .map(|(date, field)| holiday(date, &field))
            .collect(),
        closed: fields.take("closed").and_then(|field| field.boolean()).unwrap_or_default(),
        closed_by_hand: false,
    };
    fields.finish();
    hours
}

fn lines(field: &Field<'_>, read: fn(&str) -> Result<Vec<OpenInterval>, String>) -> Vec<OpenInterval> {
    field.items().iter().filter_map(|line| line.parsed("opening hours", read)).flatten().collect()
}

/// `"2026-12-25": Christmas` closes the day; `{ name, open: ["10:00-12:00"] }` opens it differently.
fn holiday(date: String, field: &Field<'_>) -> Holiday {
    if !field.is_map() {
        let name = if field.is_nothing() { None } else { field.text() };
        return Holiday { date, name: name.unwrap_or_default(), intervals: Vec::new() };
    }
    let mut fields = field.fields();
    let name = fields.text("name");
    let intervals = fields.take("open").map(|field| lines(&field, day_line)).unwrap_or_default();
    fields.finish();
    Holiday { date, name, intervals }
}

/// `mon-fri 09:00-12:00, 13:00-17:00` · `sat,sun 10:00-14:00` · `mon-sun` (all day).
fn week_line(line: &str) -> Result<Vec<OpenInterval>, String> {
    let (days, times) = line.trim().split_once(char::is_whitespace).unwrap_or((line.trim(), "00:00-24:00"));
    let days = weekdays(days)?;
    let times = day_line(times)?;
    Ok(days
        .into_iter()
        .flat_map(|weekday| times.iter().map(move |interval| OpenInterval { weekday, ..*interval }))
        .collect())
}

fn weekdays(text: &str) -> Result<Vec<i32>, String> {
    let mut found = Vec::new();
    for part in text.split(',').map(str::trim) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to) = (weekday(from)?, weekday(to)?);
        let to = if to < from { to + 7 } else { to };
        found.extend((from..=to).map(|day| (day - 1) % 7 + 1));
    }
    Ok(found)
}

fn weekday(text: &str) -> Result<i32, String> {
    let place = DAYS.iter().position(|day| text.trim().eq_ignore_ascii_case(day));
    place
        .map(|place| place as i32 + 1)
        .ok_or_else(|| format!("{text:?} is not a day, write mon, tue, wed, thu, fri, sat or sun"))
}

/// `09:00-12:00, 13:00-17:00`
fn day_line(line: &str) -> Result<Vec<OpenInterval>, String> {
    line.split(',').map(|part| interval(part.trim())).collect()
}

fn interval(text: &str) -> Result<OpenInterval, String> {
    let wrong = || format!("{text:?} is not a time of day, write it as \"mon-fri 09:00-17:00\"");
    let (from, to) = text.split_once('-').ok_or_else(wrong)?;
    let (from_minute, to_minute) = (minute(from).ok_or_else(wrong)?, minute(to).ok_or_else(wrong)?);
    if from_minute >= to_minute {
        return Err(format!("{text:?} ends before it begins; hours past midnight are two lines"));
    }
    Ok(OpenInterval { weekday: 0, from_minute, to_minute })
}

fn minute(text: &str) -> Option<i32> {
    let (hour, minute) = text.trim().split_once(':')?;
    let (hour, minute) = (hour.parse::<i32>().ok()?, minute.parse::<i32>().ok()?);
    let total = hour * 60 + minute;
    ((0..60).contains(&minute) && (0..=24).contains(&hour) && total <= MIDNIGHT).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_week_is_an_interval_a_day() {
        let intervals = week_line("mon-fri 09:00-12:00, 13:00-17:30").unwrap();

        assert_eq!(intervals.len(), 10);
        assert_eq!(intervals[1], OpenInterval { weekday: 1, from_minute: 780, to_minute: 1050 });
        assert_eq!(intervals[9].weekday, 5);
    }

    #[test]
    fn a_week_may_begin_anywhere_and_a_day_may_be_whole() {
        let weekdays =
            week_line("fri-mon").unwrap().iter().map(|interval| interval.weekday).collect::<Vec<_>>();

        assert_eq!(weekdays, [5, 6, 7, 1]);
        assert_eq!(week_line("sun").unwrap()[0].to_minute, MIDNIGHT);
    }

    #[test]
    fn nonsense_is_refused_with_a_reason() {
        for (line, reason) in [
            ("mo-fr 09:00-17:00", "not a day"),
            ("mon 9-17", "not a time of day"),
            ("mon 22:00-06:00", "ends before it begins"),
            ("mon 09:00-25:00", "not a time of day"),
            ("", "not a day"),
        ] {
            let error = week_line(line).unwrap_err();
            assert!(error.contains(reason), "{line}: {error}");
        }
    }
}
