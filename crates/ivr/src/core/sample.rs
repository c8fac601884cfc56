//! A small valid flow for tests: hello → open? → menu → a queue, or a form when closed.

use contract::ivr::v1::{
    AskStep, Choice, EndStep, Flow, FormStep, HoursStep, QueueStep, SayStep, Step, step::Verb,
};

use super::check::Known;

/// A step.
pub fn step(key: &str, verb: Verb) -> Step {
    Step { key: key.into(), verb: Some(verb) }
}

/// A way out of a menu.
pub fn choice(digit: &str, label: &str, next: &str) -> Choice {
    Choice { digit: digit.into(), label: label.into(), next: next.into(), say: Vec::new() }
}

/// Says and goes on.
pub fn say(text: &str, next: &str) -> Verb {
    Verb::Say(SayStep { text: text.into(), next: next.into() })
}

/// Asks twice.
pub fn ask(choices: Vec<Choice>, otherwise: &str) -> Verb {
    Verb::Ask(AskStep {
        text: "1 sales, 2 billing".into(),
        choices,
        timeout: None,
        attempts: 2,
        retry_text: "Pardon?".into(),
        otherwise: otherwise.into(),
        ..AskStep::default()
    })
}

/// Hands over.
pub fn queue(queue: &str) -> Verb {
    Verb::Queue(QueueStep { queue: queue.into(), text: "One moment.".into(), ..QueueStep::default() })
}

/// Ends.
pub fn end(text: &str) -> Verb {
    Verb::End(EndStep { text: text.into() })
}

/// The flow.
pub fn flow() -> Flow {
    Flow {
        key: "main".into(),
        name: "Main".into(),
        version: 3,
        start: "hello".into(),
        steps: vec![
            step("hello", say("Welcome.", "open")),
            step(
                "open",
                Verb::Hours(HoursStep {
                    hours: "office".into(),
                    open: "menu".into(),
                    closed: "later".into(),
                }),
            ),
            step(
                "menu",
                ask(
                    vec![
                        choice("1", "Sales", "sales"),
                        choice("2", "Billing", "billing"),
                        choice("9", "Again", "menu"),
                    ],
                    "bye",
                ),
            ),
            step("sales", queue("sales")),
            step("billing", queue("billing")),
            step("later", Verb::Form(FormStep { text: "Leave a message.".into(), next: "thanks".into() })),
            step("thanks", end("Thank you.")),
            step("bye", end("Goodbye.")),
        ],
        ..Flow::default()
    }
}

/// What the flow may name.
pub fn known() -> Known {
    Known {
        queues: ["sales".to_owned(), "billing".to_owned()].into(),
        hours: ["office".to_owned()].into(),
        ..Known::default()
    }
}
