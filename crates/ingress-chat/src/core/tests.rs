//! A conversation from its first word to its last, and its invariants under any order of events.

use contract::{
    Event, Timestamp,
    interaction::v1::{EndReason, Option as Choice, Party},
};
use ingress::{Ask, Queue, Turn, Verb};
use proptest::prelude::*;

use super::{
    Actor, Awaiting, Conversation, Diversion, FlowInput, Input, Limits, Outcome, Phase, Refusal, Said, Start,
    Step,
};

const LIMITS: Limits = Limits {
    vanished_waiting: 120_000,
    vanished_with_agent: 600_000,
    inactive: 900_000,
    choice: 600_000,
    online: 60_000,
};
const T0: Timestamp = Timestamp::from_millis(1_800_000_000_000);

struct Bench {
    conversation: Conversation,
    now: Timestamp,
    ids: u32,
    facts: Vec<Event>,
    sequences: Vec<i64>,
}

impl Bench {
    fn start() -> Self {
        let start = Start {
            tenant: "demo".into(),
            interaction_id: "i1".into(),
            entry_point: "web-chat".into(),
            flow: "main".into(),
            visitor_id: "0190-abcd".into(),
            name: String::new(),
            email: String::new(),
        };
        let (conversation, outcome) =
            Conversation::start(start, &LIMITS, &mut Step { now: T0, new_id: &mut || "s".into() });
        assert!(outcome.ask_flow);
        let facts = outcome.facts.into_iter().map(|fact| fact.event).collect();
        Self { conversation, now: T0, ids: 0, facts, sequences: Vec::new() }
    }

    /// Past the menu, waiting for billing.
    fn queued() -> Self {
        let mut bench = Self::start();
        bench.flow(vec![Verb::Queue(Queue { queue: "billing".into(), ..Queue::default() })]);
        bench
    }

    fn with_agent() -> Self {
        let mut bench = Self::queued();
        bench.ok(Input::Assigned { agent_id: "ann".into(), agent_name: "Ann".into(), offer_id: "o1".into() });
        bench
    }

    fn handle(&mut self, input: Input) -> Result<Outcome, Refusal> {
        let ids = &mut self.ids;
        let mut new_id = || {
            *ids += 1;
            format!("m{ids}")
        };
        let outcome =
            self.conversation.handle(&input, &LIMITS, &mut Step { now: self.now, new_id: &mut new_id })?;
        self.facts.extend(outcome.facts.iter().map(|fact| fact.event.clone()));
        self.sequences.extend(outcome.messages.iter().map(|message| message.sequence));
        Ok(outcome)
    }

    fn ok(&mut self, input: Input) -> Outcome {
        self.handle(input).unwrap()
    }

    fn flow(&mut self, verbs: Vec<Verb>) -> Outcome {
        let turn = self.conversation.script.turn;
        self.ok(Input::FlowAnswered { turn, answer: Turn { verbs, session: vec![1], steps: Vec::new() } })
    }

    fn later(&mut self, millis: i64) -> Outcome {
        self.now = self.now.plus_millis(millis);
        self.ok(Input::Tick)
    }

    fn ended(&self) -> Option<(EndReason, Party)> {
        self.facts.iter().find_map(|event| match event {
            Event::InteractionEnded(ended) => Some((ended.reason(), ended.ended_by())),
            _ => None,
        })
    }
}

fn menu() -> Vec<Verb> {
    let options = vec![
        Choice { value: "1".into(), label: "Sales".into() },
        Choice { value: "2".into(), label: "Billing".into() },
    ];
    vec![
        Verb::Say("Hello".into()),
        Verb::Ask(Ask { text: "What is it about?".into(), options, timeout_millis: 0, ..Ask::default() }),
    ]
}

fn says(id: &str, text: &str) -> Input {
    Input::CustomerSays {
        said: Said { client_message_id: id.into(), text: text.into(), attachments: Vec::new() },
    }
}

fn ann() -> Actor {
    Actor { user_id: "ann".into(), name: "Ann Lee".into(), may_act_for_others: false }
}

#[test]
fn a_button_of_the_menu_is_said_and_told_to_the_flow() {
    let mut bench = Bench::start();
    bench.flow(menu());

    let outcome = bench.ok(Input::CustomerChooses { client_message_id: "c1".into(), value: "2".into() });

    assert_eq!(outcome.messages[0].text, "Billing");
    assert_eq!(bench.conversation.script.pending, [FlowInput::Choice("2".into())]);
    assert!(outcome.ask_flow);
    assert_eq!(bench.sequences, [1, 2, 3]);
}

#[test]
fn a_button_that_is_not_there_is_refused() {
    let mut bench = Bench::start();
    bench.flow(menu());

    let choose = |value: &str| Input::CustomerChooses { client_message_id: "c".into(), value: value.into() };

    assert_eq!(bench.handle(choose("9")), Err(Refusal::UnknownChoice));
    bench.ok(choose("1"));
    assert_eq!(bench.handle(choose("1")), Err(Refusal::NothingAsked));
}

#[test]
fn an_answer_of_the_flow_counts_once() {
    let mut bench = Bench::start();
    bench.flow(menu());

    let late = bench.ok(Input::FlowAnswered { turn: 0, answer: Turn { verbs: menu(), ..Turn::default() } });

    assert!(late.messages.is_empty());
    assert_eq!(bench.conversation.last_sequence, 2);
}

#[test]
fn what_is_typed_while_the_flow_thinks_is_told_afterwards() {
    let mut bench = Bench::start();
    bench.ok(says("c1", "billing please"));

    let outcome = bench.flow(menu());

    assert!(outcome.ask_flow);
    assert_eq!(bench.conversation.script.pending, [FlowInput::Text("billing please".into())]);
}

#[test]
fn silence_at_a_question_is_told_to_the_flow() {
    let mut bench = Bench::start();
    bench.flow(menu());
    bench.conversation.online_until = T0.plus_millis(10_000_000);

    let outcome = bench.later(LIMITS.choice);

    assert!(outcome.ask_flow);
    assert_eq!(bench.conversation.script.pending, [FlowInput::TimedOut]);
}

#[test]
fn a_flow_that_does_not_answer_is_asked_again_and_given_up_in_the_end() {
    let mut bench = Bench::start();
    bench.conversation.online_until = T0.plus_millis(100_000_000);
    let mut asked = 1;

    while bench.ended().is_none() {
        bench.now = bench.conversation.due_at.unwrap();
        asked += u32::from(bench.ok(Input::Tick).ask_flow);
        assert!(asked < 100);
    }

    assert_eq!(asked, 24);
    assert_eq!(bench.ended(), Some((EndReason::Failed, Party::System)));
    assert!(bench.now - T0 > 300_000);
}

#[test]
fn an_agent_joins_and_both_can_write() {
    let mut bench = Bench::with_agent();
    bench.ok(says("c1", "hello"));
    let outcome = bench.ok(Input::AgentSays {
        agent: ann(),
        said: Said { client_message_id: "a1".into(), text: "hi".into(), attachments: Vec::new() },
    });

    assert_eq!(outcome.messages[0].author_name, "Ann");
    assert_eq!(bench.sequences, [1, 2, 3]);
    assert!(bench.facts.iter().any(|event| matches!(event, Event::InteractionConnected(_))));
}

#[test]
fn the_same_assignment_twice_is_one() {
    let mut bench = Bench::with_agent();

    let again =
        bench.ok(Input::Assigned { agent_id: "ann".into(), agent_name: "Ann".into(), offer_id: "o1".into() });

    assert_eq!(again, Outcome::default());
}

#[test]
fn only_the_agent_who_has_it_or_a_supervisor_may_write() {
    let mut bench = Bench::with_agent();
    let said = Said { text: "hi".into(), ..Said::default() };
    let bob = Actor { user_id: "bob".into(), ..Actor::default() };
    let sue = Actor { user_id: "sue".into(), name: "Sue".into(), may_act_for_others: true };

    assert_eq!(
        bench.handle(Input::AgentSays { agent: bob.clone(), said: said.clone() }),
        Err(Refusal::NotYours)
    );
    assert_eq!(bench.handle(Input::AgentEnds { agent: bob }), Err(Refusal::NotYours));
    assert!(bench.handle(Input::AgentSays { agent: sue, said }).is_ok());
}

#[test]
fn how_it_ends_depends_on_where_it_stood() {
    for (mut bench, reason) in [
        (Bench::start(), EndReason::LeftInFlow),
        (Bench::queued(), EndReason::Abandoned),
        (Bench::with_agent(), EndReason::CustomerLeft),
    ] {
        bench.ok(Input::CustomerLeaves);
        assert_eq!(bench.ended(), Some((reason, Party::Customer)));
    }
    let mut bench = Bench::with_agent();
    bench.ok(Input::AgentEnds { agent: ann() });
    assert_eq!(bench.ended(), Some((EndReason::AgentEnded, Party::Agent)));
}

#[test]
fn a_visitor_who_vanishes_can_come_back_for_a_while() {
    let mut bench = Bench::queued();
    bench.ok(Input::CustomerGone);
    bench.later(LIMITS.vanished_waiting - 1);
    assert_eq!(bench.ended(), None);

    bench.ok(Input::CustomerHere { name: String::new(), email: String::new() });
    bench.later(LIMITS.vanished_waiting);
    assert_eq!(bench.ended(), None);

    bench.later(LIMITS.online);
    assert_eq!(bench.ended(), Some((EndReason::Abandoned, Party::Customer)));
}

#[test]
fn a_chat_in_which_nobody_writes_is_closed() {
    let mut bench = Bench::with_agent();
    bench.conversation.online_until = T0.plus_millis(100_000_000);
    bench.later(LIMITS.inactive - 1);
    bench.ok(says("c1", "still here"));
    bench.later(LIMITS.inactive - 1);
    assert_eq!(bench.ended(), None);

    bench.later(1);

    assert_eq!(bench.ended(), Some((EndReason::Inactive, Party::System)));
}

#[test]
fn an_offline_message_is_recorded_with_its_sender() {
    let mut bench = Bench::start();
    bench.flow(vec![Verb::Form("We are closed".into())]);
    let form = |text: &str| Input::CustomerFillsForm {
        client_message_id: "f1".into(),
        name: "Dan".into(),
        email: "dan@example.com".into(),
        text: text.into(),
    };
    assert_eq!(bench.handle(form("")), Err(Refusal::Empty));

    let outcome = bench.ok(form("Call me"));
    bench.flow(vec![Verb::Say("Thanks".into()), Verb::End]);

    assert_eq!(outcome.messages[0].text, "Name: Dan\nE-mail: dan@example.com\nCall me");
    assert_eq!(bench.conversation.customer_label(), "Dan");
    assert_eq!(bench.ended(), Some((EndReason::FlowEnded, Party::Flow)));
}

#[test]
fn a_queue_that_nobody_serves_says_farewell_or_takes_a_message() {
    let mut away = Bench::queued();
    let outcome = away.ok(Input::Diverted { to: Diversion::Farewell(String::new()) });
    assert_eq!(outcome.messages[0].author(), Party::System);
    assert_eq!(away.ended(), Some((EndReason::Diverted, Party::System)));

    let mut german = Bench::queued();
    let outcome = german.ok(Input::Diverted { to: Diversion::Farewell("Wir sind morgen wieder da.".into()) });
    assert_eq!(outcome.messages[0].text, "Wir sind morgen wieder da.");

    let mut written = Bench::queued();
    written.ok(Input::Diverted { to: Diversion::Form });
    assert_eq!(written.conversation.script.awaiting, Awaiting::Form);
    let outcome = written.ok(Input::CustomerFillsForm {
        client_message_id: "f1".into(),
        name: "Dan".into(),
        email: "dan@example.com".into(),
        text: "Call me".into(),
    });
    assert!(!outcome.ask_flow, "the flow is over");
    assert_eq!(written.ended(), Some((EndReason::Voicemail, Party::Customer)));

    for leaves in [true, false] {
        let mut silent = Bench::queued();
        silent.ok(Input::Diverted { to: Diversion::Form });
        if leaves {
            silent.ok(Input::CustomerLeaves);
        } else {
            silent.conversation.online_until = T0.plus_millis(100_000_000);
            silent.later(LIMITS.inactive);
        }
        assert_eq!(silent.ended().map(|(reason, _)| reason), Some(EndReason::Diverted));
    }
}

#[test]
fn a_word_of_the_customer_calls_the_agent_back_who_has_parked_the_chat() {
    let mut bench = Bench::with_agent();
    assert!(!bench.ok(says("c1", "one moment")).unpark);
    bench.ok(Input::Parked { parked: true });

    let outcome = bench.ok(says("c2", "here it is"));
    bench.ok(Input::Parked { parked: false });

    assert!(outcome.unpark);
    assert!(!bench.ok(says("c3", "and more")).unpark);
}

#[test]
fn a_chat_that_is_moved_waits_for_whoever_gets_it() {
    let mut bench = Bench::with_agent();

    bench.ok(Input::Moved { queue: "sales".into() });

    assert_eq!(bench.conversation.phase, Phase::Queued { queue: "sales".into() });
    bench.ok(Input::Assigned { agent_id: "bob".into(), agent_name: "Bob".into(), offer_id: "o2".into() });
    assert!(matches!(&bench.conversation.phase, Phase::WithAgent { agent_id, .. } if agent_id == "bob"));

    let mut waiting = Bench::queued();
    waiting.ok(Input::Diverted { to: Diversion::Queue("sales".into()) });
    assert_eq!(waiting.conversation.phase, Phase::Queued { queue: "sales".into() });
}

#[test]
fn marks_only_grow_and_never_pass_the_last_message() {
    let mut bench = Bench::with_agent();

    bench.ok(Input::CustomerMarks { delivered: 0, seen: 99 });
    let again = bench.ok(Input::CustomerMarks { delivered: 0, seen: 0 });

    assert_eq!(bench.conversation.marks.customer_seen, 1);
    assert!(again.signals.is_empty());
}

#[test]
fn an_ended_conversation_refuses_everything_that_is_said() {
    let mut bench = Bench::with_agent();
    bench.ok(Input::CustomerLeaves);

    assert_eq!(bench.handle(says("c9", "hello?")), Err(Refusal::Ended));
    assert_eq!(bench.handle(Input::AgentSays { agent: ann(), said: Said::default() }), Err(Refusal::Ended));
    assert_eq!(bench.conversation.due_at, None);
}

fn any_input() -> impl Strategy<Value = Input> {
    let turn = 0..4_i32;
    prop_oneof![
        "[a-c]{0,2}".prop_map(|text| says("c", &text)),
        "[129]".prop_map(|value| Input::CustomerChooses { client_message_id: "k".into(), value }),
        Just(Input::CustomerFillsForm {
            client_message_id: "f".into(),
            name: "D".into(),
            email: String::new(),
            text: "t".into()
        }),
        (-1..9_i64, -1..9_i64).prop_map(|(delivered, seen)| Input::CustomerMarks { delivered, seen }),
        Just(Input::CustomerHere { name: "Dan".into(), email: String::new() }),
        Just(Input::CustomerGone),
        Just(Input::CustomerLeaves),
        Just(Input::AgentSays { agent: ann(), said: Said { text: "hi".into(), ..Said::default() } }),
        Just(Input::AgentMarks { agent: ann(), seen: 3 }),
        Just(Input::AgentEnds { agent: ann() }),
        "[12]".prop_map(|offer_id| Input::Assigned {
            agent_id: "ann".into(),
            agent_name: "Ann".into(),
            offer_id
        }),
        "[qf]".prop_map(|kind| Input::Diverted {
            to: if kind == "q" { Diversion::Queue("q".into()) } else { Diversion::Form },
        }),
        Just(Input::Moved { queue: "sales".into() }),
        (turn.clone(), 0..4_u8).prop_map(|(turn, kind)| {
            let verbs = match kind {
                0 => menu(),
                1 => vec![Verb::Form("closed".into())],
                2 => vec![Verb::Queue(Queue::default())],
                _ => vec![Verb::End],
            };
            Input::FlowAnswered { turn, answer: Turn { verbs, ..Turn::default() } }
        }),
        (turn, any::<bool>()).prop_map(|(turn, passing)| Input::FlowFailed { turn, passing }),
        Just(Input::Tick),
    ]
}

proptest! {
    #[test]
    fn invariants_hold_in_any_order(inputs in prop::collection::vec((any_input(), 0..400_000_i64), 0..60)) {
        let mut bench = Bench::start();
        for (input, wait) in inputs {
            bench.now = bench.now.plus_millis(wait);
            let before = bench.conversation.clone();
            let outcome = bench.handle(input);

            if outcome.is_err() {
                prop_assert_eq!(&before, &bench.conversation, "a refusal changed something");
            }
            let now = &bench.conversation;
            if before.is_ended() {
                prop_assert_eq!(&before.phase, &now.phase, "C2");
                prop_assert_eq!(before.last_sequence, now.last_sequence, "C2");
            }
            prop_assert_eq!(now.is_ended(), now.due_at.is_none(), "C5");
            prop_assert!(now.marks.customer_seen <= now.last_sequence);
            prop_assert!(now.phase == Phase::Flow || now.script.awaiting == Awaiting::Nothing);
        }
        let gapless = bench.sequences.iter().enumerate().all(|(index, sequence)| *sequence == index as i64 + 1);
        prop_assert!(gapless, "C1 {:?}", bench.sequences);
        let ends = bench.facts.iter().filter(|event| matches!(event, Event::InteractionEnded(_))).count();
        prop_assert_eq!(ends, usize::from(bench.conversation.is_ended()), "C3");
        let last_is_end = matches!(bench.facts.last(), Some(Event::InteractionEnded(_)));
        prop_assert_eq!(last_is_end, bench.conversation.is_ended(), "C3");
    }
}
