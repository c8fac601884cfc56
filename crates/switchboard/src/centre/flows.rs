//! `flows:`, the same for phone and chat. A step is one verb by its name.

use contract::ivr::v1::{
    AskStep, Choice, EndStep, Flow, FormStep, HoursStep, QueueStep, SayStep, Step, step::Verb,
};

use super::{
    fields::{Field, Fields},
    queues,
};

/// What a step can do.
pub(super) const VERBS: [&str; 6] = ["say", "ask", "hours", "queue", "form", "end"];

pub(super) fn flows(top: &mut Fields<'_>) -> Vec<Flow> {
    let entries = top.take("flows").map(|field| field.entries()).unwrap_or_default();
    entries.into_iter().map(|(key, field)| flow(key, &field)).collect()
}

/// The first step is where a flow starts, unless `start` says otherwise.
fn flow(key: String, field: &Field<'_>) -> Flow {
    let mut fields = field.fields();
    let name = fields.text("name");
    let start = fields.text("start");
    let entries = fields.need("steps").map(|field| field.entries()).unwrap_or_default();
    let steps = entries.iter().map(|(key, field)| step(key, field)).collect::<Vec<_>>();
    fields.finish();
    Flow {
        name: if name.is_empty() { key.clone() } else { name },
        key,
        version: 0,
        start: if start.is_empty() {
            steps.first().map(|step| step.key.clone()).unwrap_or_default()
        } else {
            start
        },
        steps,
    }
}

fn step(key: &str, field: &Field<'_>) -> Step {
    let mut fields = field.fields();
    let named = fields.keys().filter(|name| VERBS.contains(name)).count();
    let verb = [
        fields.take("say").map(|field| Verb::Say(say(&field))),
        fields.take("ask").map(|field| Verb::Ask(ask(&field))),
        fields.take("hours").map(|field| Verb::Hours(hours(&field))),
        fields.take("queue").map(|field| Verb::Queue(queue(&field))),
        fields.take("form").map(|field| Verb::Form(form(&field))),
        take_end(&mut fields),
    ]
    .into_iter()
    .flatten()
    .next();
    if named != 1 {
        fields.whole().wrong(format!("must have exactly one of {}", VERBS.join(", ")));
    }
    fields.finish();
    Step { key: key.to_owned(), verb }
}

fn say(field: &Field<'_>) -> SayStep {
    let mut fields = field.fields();
    let step = SayStep { text: fields.needed_text("text"), next: fields.needed_text("next") };
    fields.finish();
    step
}

fn ask(field: &Field<'_>) -> AskStep {
    let mut fields = field.fields();
    let step = AskStep {
        text: fields.needed_text("text"),
        choices: fields
            .need("choices")
            .map(|field| field.entries())
            .unwrap_or_default()
            .into_iter()
            .map(|(digit, field)| choice(digit, &field))
            .collect(),
        timeout: fields.take("timeout").and_then(|field| field.duration()),
        attempts: fields.take("attempts").and_then(|field| field.integer()).unwrap_or_default(),
        retry_text: fields.text("retry_text"),
        otherwise: fields.text("otherwise"),
    };
    fields.finish();
    step
}

fn choice(digit: String, field: &Field<'_>) -> Choice {
    let mut fields = field.fields();
    let choice = Choice { digit, label: fields.needed_text("label"), next: fields.needed_text("next") };
    fields.finish();
    choice
}

fn hours(field: &Field<'_>) -> HoursStep {
    let mut fields = field.fields();
    let step = HoursStep {
        hours: fields.needed_text("hours"),
        open: fields.needed_text("open"),
        closed: fields.needed_text("closed"),
    };
    fields.finish();
    step
}

/// `queue: billing` or `queue: { queue: billing, priority: 2, … }`.
fn queue(field: &Field<'_>) -> QueueStep {
    if !field.is_map() {
        return QueueStep { queue: field.text().unwrap_or_default(), ..QueueStep::default() };
    }
    let mut fields = field.fields();
    let step = QueueStep {
        queue: fields.needed_text("queue"),
        priority: fields.take("priority").and_then(|field| field.integer()).unwrap_or_default(),
        rings: fields.take("rings").map(|field| queues::rings(&field)).unwrap_or_default(),
        attributes: fields
            .take("attributes")
            .map(|field| field.entries())
            .unwrap_or_default()
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.text()?)))
            .collect(),
        text: fields.text("text"),
    };
    fields.finish();
    step
}

fn form(field: &Field<'_>) -> FormStep {
    let mut fields = field.fields();
    let step = FormStep { text: fields.needed_text("text"), next: fields.text("next") };
    fields.finish();
    step
}

/// `end:` alone, `end: Goodbye.` or `end: { text: Goodbye. }`.
fn take_end(fields: &mut Fields<'_>) -> Option<Verb> {
    let named = fields.keys().any(|name| name == "end");
    let Some(field) = fields.take("end") else {
        return named.then(|| Verb::End(EndStep::default()));
    };
    if !field.is_map() {
        return Some(Verb::End(EndStep { text: field.text().unwrap_or_default() }));
    }
    let mut inner = field.fields();
    let text = inner.text("text");
    inner.finish();
    Some(Verb::End(EndStep { text }))
}
