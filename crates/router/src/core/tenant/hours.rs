//! Open or closed: hours with their holidays, the emergency closure, and the closure by hand.

use contract::{
    Timestamp,
    directory::v1::{Holiday, Hours, OpenInterval},
    hours::Schedule,
};
use serde::{Deserialize, Serialize};

use super::{Tenant, Turn, deadlines::Due};
use crate::core::{
    config::HoursConfig,
    effect::{Effect, Rejection},
    ids::Name,
};

/// Hours, and how they stand.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Calendar {
    pub name: Name,
    /// `None`: removed, or never configured: always open.
    pub config: Option<HoursConfig>,
    pub open: bool,
    /// When that changes.
    pub changes_at: Option<Timestamp>,
    /// From the configuration; `None` when that can't be computed with. Rebuilt after a restart.
    #[serde(skip)]
    pub schedule: Option<Schedule>,
}

/// The schedule of hours; none when they name no time zone or date that is known.
pub(crate) fn schedule(config: &HoursConfig) -> Option<Schedule> {
    let interval = |weekday, from_minute, to_minute| OpenInterval { weekday, from_minute, to_minute };
    let holidays = config.holidays.iter().map(|(date, intervals)| Holiday {
        date: date.to_string(),
        name: String::new(),
        intervals: intervals.iter().map(|(from, to)| interval(0, *from, *to)).collect(),
    });
    let hours = Hours {
        time_zone: config.time_zone.to_string(),
        intervals: config.week.iter().map(|(day, from, to)| interval(*day, *from, *to)).collect(),
        holidays: holidays.collect(),
        closed: config.closed,
        ..Hours::default()
    };
    Schedule::of(&hours, "UTC").ok()
}

/// Whether hours name a time zone or date that nobody knows; they are then always open.
pub fn is_unreadable(config: &HoursConfig) -> bool {
    schedule(config).is_none()
}

impl Tenant {
    pub(super) fn hours_configured(&mut self, turn: &mut Turn, name: &Name, config: Option<HoursConfig>) {
        let at = self.calendar_of.get(name).unwrap_or_else(|| {
            let at = self.calendars.len() as u32;
            let name = name.clone();
            self.calendar_of.insert(name.clone(), at);
            self.calendars.push(Calendar {
                name,
                config: None,
                open: true,
                changes_at: None,
                schedule: None,
            });
            at
        });
        let calendar = &mut self.calendars[at as usize];
        if calendar.config == config {
            return;
        }
        calendar.schedule = config.as_ref().and_then(schedule);
        calendar.config = config;
        self.look_at_hours(turn, at);
    }

    /// Brings hours up to date, and every queue that goes by them.
    pub(super) fn look_at_hours(&mut self, turn: &mut Turn, at: u32) {
        let calendar = &mut self.calendars[at as usize];
        let state = calendar.schedule.as_ref().map(|schedule| schedule.state(turn.now));
        calendar.open = state.is_none_or(|state| state.open);
        calendar.changes_at = state.and_then(|state| state.changes_at);
        if let Some(changes_at) = calendar.changes_at {
            self.deadlines.push(changes_at, Due::Hours(at));
        }
        let name = calendar.name.clone();
        for queue in 0..self.queues.len() as u32 {
            let config = self.queues[queue as usize].config.as_ref();
            if config.and_then(|config| config.hours.as_ref()) == Some(&name) {
                self.openness(turn, queue);
            }
        }
    }

    /// A supervisor closes a queue, or opens it again.
    pub(super) fn set_closure(
        &mut self,
        turn: &mut Turn,
        name: &Name,
        closed: bool,
    ) -> Result<(), Rejection> {
        let queue = self.queue_of.get(name).ok_or(Rejection::UnknownQueue)?;
        if self.queues[queue as usize].config.is_none() {
            return Err(Rejection::UnknownQueue);
        }
        self.queues[queue as usize].closed_by_hand = closed;
        self.openness(turn, queue);
        Ok(())
    }

    /// Whether a queue is served.
    pub(super) fn is_open(&self, queue: u32) -> bool {
        let at = &self.queues[queue as usize];
        let Some(config) = &at.config else { return !at.closed_by_hand };
        let by_hours = config
            .hours
            .as_ref()
            .and_then(|hours| self.calendar_of.get(hours))
            .is_none_or(|calendar| self.calendars[calendar as usize].open);
        by_hours && !config.closed && !at.closed_by_hand
    }

    /// Whether the queue under this name is served; one that nobody knows is.
    pub(crate) fn is_queue_open(&self, name: &Name) -> bool {
        self.queue_of.get(name).is_none_or(|queue| self.is_open(queue))
    }

    /// Says that a queue opened or closed, and what that means for who waits, if it did.
    fn openness(&mut self, turn: &mut Turn, queue: u32) {
        if self.say_openness(turn, queue) {
            self.place_all_again(turn, queue);
            self.match_queue(turn, queue);
        }
    }

    /// Says that a queue opened or closed; true if it did.
    pub(super) fn say_openness(&mut self, turn: &mut Turn, queue: u32) -> bool {
        let open = self.is_open(queue);
        let at = &mut self.queues[queue as usize];
        if at.published_open == open {
            return false;
        }
        at.published_open = open;
        turn.effects.push(Effect::QueueOpennessChanged { queue: at.name.clone(), open });
        true
    }

    /// By when an interaction is answered in time: in the time of its queue's hours, if the queue counts so.
    pub(super) fn due_at(&self, queue: u32, from: Timestamp) -> Option<Timestamp> {
        let config = self.queues[queue as usize].config.as_ref()?;
        let within = i64::from(config.service_level_ms);
        let calendar = config.hours.as_ref().filter(|_| config.business_time);
        let schedule = calendar
            .and_then(|hours| self.calendar_of.get(hours))
            .and_then(|calendar| self.calendars[calendar as usize].schedule.as_ref());
        match schedule {
            Some(schedule) => schedule.after_open(from, within),
            None => Some(from.plus_millis(within)),
        }
    }
}
