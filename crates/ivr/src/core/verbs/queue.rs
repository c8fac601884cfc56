//! Hands the customer over to a queue: the last word of a flow, unless a caller is to go on when the agent has hung up.

use std::collections::BTreeMap;

use contract::{
    expression::Expression,
    ivr::v1::{Announcement, CallbackOffer, Queue, QueueStep, verb},
    millis_of_duration,
};

use super::{Exit, Found, Halt, Input, Known, Need, Next, Run, StepVerb, When, callback, names_in};

/// Most rings of a step.
const MAX_RINGS: usize = 10;
/// Most attributes of a step.
const MAX_ATTRIBUTES: usize = 20;

impl StepVerb for QueueStep {
    fn enter(&self, run: &mut Run<'_>) -> Result<Next, Need> {
        run.took("", "entered");
        run.say(&self.text);
        let goes_on = !self.after.is_empty() && run.is_spoken();
        run.act(verb::Kind::Queue(Queue {
            queue: self.queue.clone(),
            priority: self.priority,
            rings: self.rings.clone(),
            attributes: self
                .attributes
                .iter()
                .map(|(name, value)| (name.clone(), run.value(value)))
                .collect(),
            announcement: self.announcement.as_ref().map(|announcement| Announcement {
                text: run.announcement(&announcement.text),
                ..announcement.clone()
            }),
            language: run.language.clone(),
            callback: self.callback.as_ref().map(|offer| CallbackOffer {
                key: offer.key.clone(),
                number: run.value(callback::number(&offer.number)),
                text: run.text(&offer.text),
            }),
            after: goes_on,
        }));
        Ok(if goes_on { Next::Wait } else { Next::Done })
    }

    fn answered(&self, input: &Input, run: &mut Run<'_>) -> Result<Next, Halt> {
        match input {
            Input::Done(_) if !self.after.is_empty() => Ok(Next::Go(self.after.clone())),
            _ => Err(run.unexpected(input).into()),
        }
    }

    fn exits(&self) -> Vec<Exit<'_>> {
        let after = Some(&self.after).filter(|after| !after.is_empty());
        after.map(|after| Exit::new("after", after, When::Answer)).into_iter().collect()
    }

    fn texts(&self) -> Vec<(String, &str)> {
        let announcement = self.announcement.iter();
        let announcement = announcement.map(|said| ("announcement.text".to_owned(), &*said.text));
        let offer = self.callback.iter().map(|offer| ("callback.text".to_owned(), &*offer.text));
        [("text".to_owned(), &*self.text)].into_iter().chain(announcement).chain(offer).collect()
    }

    fn uses(&self) -> Vec<(String, Vec<String>)> {
        let attributes =
            self.attributes.iter().map(|(name, value)| (format!("attributes[{name}]"), names_in(value)));
        let number =
            self.callback.iter().map(|offer| ("callback.number".to_owned(), names_in(&offer.number)));
        attributes.chain(number).collect()
    }

    fn check(&self, at: &str, known: &Known, found: &mut Found) {
        found.text(format!("{at}.text"), &self.text, false);
        if let Some(said) = &self.announcement {
            found.text(format!("{at}.announcement.text"), &said.text, true);
            found.span(format!("{at}.announcement.first"), said.first.as_ref(), 5_000, 3_600_000);
            found.span(format!("{at}.announcement.every"), said.every.as_ref(), 10_000, 3_600_000);
        }
        found.reference(format!("{at}.queue"), "queue", &self.queue, &known.queues);
        if let Some(offer) = &self.callback {
            if !matches!(offer.key.as_bytes(), [b'0'..=b'9' | b'*' | b'#']) {
                found.add(format!("{at}.callback.key"), "must be one key: 0 to 9, * or #");
            }
            found.filled(format!("{at}.callback.number"), &offer.number);
            found.text(format!("{at}.callback.text"), &offer.text, false);
        }
        check_place(at, self.priority, &self.attributes, found);
        if self.rings.len() > MAX_RINGS {
            found.add(format!("{at}.rings"), format!("has more than {MAX_RINGS} entries"));
        }
        for (place, ring) in self.rings.iter().take(MAX_RINGS).enumerate() {
            let at = format!("{at}.rings[{place}]");
            if let Err(error) = ring.expression.parse::<Expression>() {
                found.add(format!("{at}.expression"), error.to_string());
            }
            let lasts = ring.lasts.as_ref().map_or(0, millis_of_duration);
            if lasts == 0 && place + 1 < self.rings.len() {
                found.add(format!("{at}.lasts"), "is missing: a ring without an end hides those after it");
            } else if lasts != 0 {
                found.span(format!("{at}.lasts"), ring.lasts.as_ref(), 1_000, 24 * 3_600_000);
            }
        }
    }
}

/// What a place in a queue takes along: priority and attributes.
pub fn check_place(at: &str, priority: i32, attributes: &BTreeMap<String, String>, found: &mut Found) {
    if !(-1_000..=1_000).contains(&priority) {
        found.add(format!("{at}.priority"), "must be -1000 to 1000");
    }
    if attributes.len() > MAX_ATTRIBUTES {
        found.add(format!("{at}.attributes"), format!("has more than {MAX_ATTRIBUTES} entries"));
    }
    for (name, value) in attributes {
        let fits = |text: &str, most| text.chars().count() <= most && !text.chars().any(char::is_control);
        if name.is_empty() || !fits(name, 63) || !fits(value, 500) {
            found.add(
                format!("{at}.attributes[{}]", name.chars().take(63).collect::<String>()),
                "must have a name of 1 to 63 characters and a value of at most 500, all printable",
            );
        }
    }
}
