//! Digits, variables, backends, sub-flows, languages, the way to a person.

use std::{collections::BTreeMap, sync::Arc};

use contract::{
    interaction::v1::Channel,
    ivr::v1::{
        AgentWay, BranchStep, Case, Flow, GatherStep, HttpStep, LanguageStep, LookupStep, PlayStep,
        ReturnStep, SetStep, Step, SubflowStep, Translation, step::Verb, verb::Kind,
    },
};

use super::{Advanced, Facts, Input, Need, Outcome, Progress, advance};
use crate::core::{
    check::{Known, check},
    plan::Plan,
    sample::{ask, choice, end, known, queue, say, step},
    session::Session,
};

pub(super) fn flow(key: &str, steps: Vec<Step>) -> Flow {
    Flow { key: key.into(), start: steps[0].key.clone(), steps, ..Flow::default() }
}

fn gather(variable: &str, next: &str) -> Verb {
    Verb::Gather(GatherStep {
        text: "Your number?".into(),
        min: 4,
        max: 6,
        variable: variable.into(),
        next: next.into(),
        otherwise: "bye".into(),
        ..GatherStep::default()
    })
}

fn http(path: &str, next: &str, otherwise: &str) -> Verb {
    Verb::Http(HttpStep {
        backend: "shop".into(),
        path: path.into(),
        save: [("balance".to_owned(), "/balance".to_owned())].into(),
        next: next.into(),
        otherwise: otherwise.into(),
        ..HttpStep::default()
    })
}

/// A customer in flows whose world answers from lists.
pub(super) struct Walk {
    flows: BTreeMap<String, Arc<Plan>>,
    pub channel: Channel,
    answers: Vec<Outcome>,
    asked: Vec<Need>,
    session: Option<Session>,
}

impl Walk {
    pub fn in_flows(flows: Vec<Flow>) -> Self {
        let mut names = known();
        names.backends.insert("shop".to_owned());
        names.prompts.insert("welcome".to_owned());
        assert_eq!(check(&flows, &names), []);
        let flows = flows.into_iter().map(|flow| (flow.key.clone(), Arc::new(Plan::of(flow)))).collect();
        Self { flows, channel: Channel::Voice, answers: Vec::new(), asked: Vec::new(), session: None }
    }

    pub fn give(&mut self, input: Input) -> Advanced {
        let key = self.session.as_ref().map_or("main", |session| &session.flow).to_owned();
        let plan = Arc::clone(&self.flows[&key]);
        let origin = [("caller".to_owned(), "+15550123".to_owned())].into();
        let mut facts = Facts { origin, ..Facts::default() };
        loop {
            match advance(&plan, "demo", self.session.as_ref(), &input, self.channel, &facts).unwrap() {
                Progress::Advanced(advanced) => {
                    let bytes = advanced.session.encode();
                    self.session = Some(Session::decode(&bytes, "demo").unwrap());
                    return advanced;
                }
                Progress::Needs(need) => {
                    self.asked.push(need.clone());
                    match need {
                        Need::Flow { key, version } => {
                            facts.flows.insert((key.clone(), version), Arc::clone(&self.flows[&key]));
                        }
                        Need::Prompt { key, language } => {
                            facts.prompts.insert((key, language), "a recording".to_owned());
                        }
                        Need::Hours(hours) => {
                            facts.hours.insert(hours, true);
                        }
                        Need::Customer(_) | Need::Request(_) => facts.outcomes.push(self.answers.remove(0)),
                    }
                }
            }
        }
    }

    pub fn press(&mut self, keys: &str) -> Vec<String> {
        said(&self.give(Input::Choice(keys.into())))
    }
}

pub(super) fn said(advanced: &Advanced) -> Vec<String> {
    let word = |kind: &Kind| match kind {
        Kind::Say(say) => say.text.clone(),
        Kind::Ask(ask) => format!("ask {}", ask.text),
        Kind::Gather(gather) => format!("gather {}", gather.text),
        Kind::Queue(queue) => format!("queue {}", queue.queue),
        Kind::Form(_) => "form".to_owned(),
        Kind::Callback(callback) => format!("callback {} {}", callback.queue, callback.number),
        Kind::Voicemail(voicemail) => format!("voicemail {} {}", voicemail.queue, voicemail.text),
        Kind::Transfer(transfer) => format!("transfer {}", transfer.number),
        Kind::End(_) => "end".to_owned(),
    };
    advanced.verbs.iter().map(|verb| word(verb.kind.as_ref().unwrap())).collect()
}

fn answer(status: u16, balance: &str) -> Outcome {
    Outcome::Answer { status, values: [("balance".to_owned(), balance.to_owned())].into() }
}

#[test]
fn digits_are_kept_and_said_again() {
    let mut walk = Walk::in_flows(vec![flow(
        "main",
        vec![
            step("number", gather("account", "echo")),
            step("echo", say("You entered {account:digits}, {caller}.", "bye")),
            step("bye", end("Bye.")),
        ],
    )]);
    assert_eq!(said(&walk.give(Input::Begin)), ["gather Your number?"]);

    assert_eq!(walk.press("12"), ["gather Your number?"]);
    assert_eq!(walk.press("12345"), ["You entered 1 2 3 4 5, +15550123.", "Bye.", "end"]);
}

/// A call-back from the queue "billing"; the next word says whether it is arranged.
#[test]
fn a_secret_is_reported_to_nobody() {
    let pin = Verb::Gather(GatherStep {
        text: "Pin?".into(),
        variable: "pin".into(),
        secret: true,
        next: "bye".into(),
        otherwise: "bye".into(),
        ..GatherStep::default()
    });
    let mut walk = Walk::in_flows(vec![flow("main", vec![step("pin", pin), step("bye", end("Bye."))])]);
    walk.give(Input::Begin);

    let entered = walk.give(Input::Choice("4711".into()));

    assert_eq!(entered.steps[0].input, "****");
    assert!(!entered.steps.iter().any(|step| step.input.contains("4711")));
}

#[test]
fn a_backends_answer_decides_where_it_goes() {
    let rich = Verb::Branch(BranchStep {
        cases: vec![Case { when: "balance > 100".into(), next: "rich".into() }],
        otherwise: "poor".into(),
    });
    let flows = vec![flow(
        "main",
        vec![
            step("ask-shop", http("/accounts/{caller}", "rich-or-poor", "trouble")),
            step("rich-or-poor", rich),
            step("rich", end("You have {balance}.")),
            step("poor", end("You have little.")),
            step("trouble", end("Status {http_status}.")),
        ],
    )];
    for (outcome, words) in [
        (answer(200, "120"), "You have 120."),
        (answer(200, "99"), "You have little."),
        (answer(503, ""), "Status 503."),
        (answer(0, ""), "Status 0."),
    ] {
        let mut walk = Walk::in_flows(flows.clone());
        walk.answers.push(outcome);

        assert_eq!(said(&walk.give(Input::Begin)), [words, "end"]);
        let Need::Request(request) = &walk.asked[0] else { panic!("{:?}", walk.asked) };
        assert_eq!((request.path.as_str(), request.method.as_str()), ("/accounts/%2B15550123", "GET"));
    }
}

#[test]
fn a_known_customer_is_greeted_by_name() {
    let lookup =
        Verb::Lookup(LookupStep { by: String::new(), known: "hello".into(), unknown: "stranger".into() });
    let flows = vec![flow(
        "main",
        vec![
            step("who", lookup),
            step("hello", end("Hello {customer_name}.")),
            step("stranger", end("Hello.")),
        ],
    )];
    for (outcome, words) in [(Some(("id".to_owned(), "Eve".to_owned())), "Hello Eve."), (None, "Hello.")] {
        let mut walk = Walk::in_flows(flows.clone());
        walk.answers.push(Outcome::Customer(outcome));

        assert_eq!(said(&walk.give(Input::Begin))[0], words);
        assert_eq!(walk.asked, [Need::Customer("+15550123".into())]);
    }
}

#[test]
fn another_flow_runs_inside_and_comes_back() {
    let outer = flow(
        "main",
        vec![
            step("identify", Verb::Subflow(SubflowStep { flow: "who".into(), next: "hello".into() })),
            step("hello", say("Account {account}.", "desk")),
            step("desk", queue("sales")),
        ],
    );
    let inner = flow(
        "who",
        vec![
            step("number", gather("account", "back")),
            step("back", Verb::Back(ReturnStep {})),
            step("bye", end("Bye.")),
        ],
    );
    let mut walk = Walk::in_flows(vec![outer, inner]);
    assert_eq!(said(&walk.give(Input::Begin)), ["gather Your number?"]);
    assert_eq!(walk.session.as_ref().unwrap().flow, "who");

    let mut agent = Walk { session: walk.session.clone(), ..Walk::in_flows(vec![]) };
    agent.flows = walk.flows.clone();
    assert_eq!(agent.press("0"), ["One moment.", "queue sales"], "the flow around knows where agents are");
    assert_eq!(walk.press("4711"), ["Account 4711.", "One moment.", "queue sales"]);
}

#[test]
fn what_is_said_after_the_choice_of_a_language_is_said_in_it() {
    let mut german = flow(
        "main",
        vec![
            step(
                "which",
                ask(vec![choice("1", "English", "hello"), choice("2", "Deutsch", "german")], "bye"),
            ),
            step("german", Verb::Language(LanguageStep { language: "de".into(), next: "hello".into() })),
            step("hello", say("Hello {caller}.", "bye")),
            step("bye", end("Bye.")),
        ],
    );
    german.translations = vec![Translation {
        language: "de".into(),
        texts: [
            ("1 sales, 2 billing", "1 Verkauf"),
            ("Pardon?", "Wie bitte?"),
            ("English", "Englisch"),
            ("Deutsch", "Deutsch"),
            ("Hello {caller}.", "Hallo {caller}."),
            ("Bye.", "Tschüs."),
        ]
        .map(|(text, translated)| (text.to_owned(), translated.to_owned()))
        .into(),
    }];
    let mut walk = Walk::in_flows(vec![german]);
    walk.give(Input::Begin);

    let advanced = walk.give(Input::Choice("2".into()));

    assert_eq!(said(&advanced), ["Hallo +15550123.", "Tschüs.", "end"]);
    let Some(Kind::Say(hello)) = &advanced.verbs[0].kind else { panic!("{advanced:?}") };
    assert_eq!(hello.language, "de");
}

#[test]
fn a_recording_is_played_on_the_phone_and_written_in_a_chat() {
    let play = Verb::Play(PlayStep {
        prompt: "welcome".into(),
        text: "Welcome.".into(),
        next: "bye".into(),
        no_barge_in: true,
    });
    let flows = vec![flow("main", vec![step("hello", play), step("bye", end("Bye."))])];
    let first = |channel: Channel| {
        let mut walk = Walk { channel, ..Walk::in_flows(flows.clone()) };
        match walk.give(Input::Begin).verbs.remove(0).kind {
            Some(Kind::Say(say)) => say,
            other => panic!("{other:?}"),
        }
    };

    assert_eq!(
        (first(Channel::Voice).audio.as_str(), first(Channel::Voice).no_barge_in),
        ("a recording", true)
    );
    assert_eq!((first(Channel::Chat).audio.as_str(), first(Channel::Chat).text.as_str()), ("", "Welcome."));
}

#[test]
fn agent_always_works_unless_the_flow_says_otherwise() {
    let menu = |agent: Option<AgentWay>| {
        let steps = vec![
            step("menu", ask(vec![choice("1", "Sales", "sales")], "bye")),
            step("sales", queue("sales")),
            step("anyone", queue("billing")),
            step("bye", end("Bye.")),
        ];
        Flow { agent, ..flow("main", steps) }
    };
    let to_anyone = AgentWay {
        step: "anyone".into(),
        key: "9".into(),
        words: vec!["Operator".into()],
        ..AgentWay::default()
    };
    for (agent, channel, wish, queue) in [
        (Some(to_anyone.clone()), Channel::Voice, "9", "queue billing"),
        (Some(to_anyone.clone()), Channel::Chat, "operator", "queue billing"),
        (Some(to_anyone), Channel::Chat, " AGENT ", "queue billing"),
    ] {
        let mut walk = Walk { channel, ..Walk::in_flows(vec![menu(agent)]) };
        walk.give(Input::Begin);

        assert_eq!(walk.press(wish)[1], queue, "{wish}");
    }
    let mut off = menu(Some(AgentWay { off: true, ..AgentWay::default() }));
    off.steps.retain(|step| step.key != "anyone");
    let mut walk = Walk::in_flows(vec![off]);
    walk.give(Input::Begin);
    assert_eq!(walk.press("0"), ["Pardon?", "ask 1 sales, 2 billing"]);
}

#[test]
fn mistakes_of_the_new_verbs_have_their_place() {
    let mut wrong = flow(
        "main",
        vec![
            step("number", gather("Account", "shop")),
            step("shop", http("accounts", "say", "say")),
            step("say", say("{balance} {nothing}", "set")),
            step(
                "set",
                Verb::Set(SetStep { values: [("x".into(), "{y}".into())].into(), next: "if".into() }),
            ),
            step(
                "if",
                Verb::Branch(BranchStep {
                    cases: vec![Case { when: "x >".into(), next: "bye".into() }],
                    otherwise: "sub".into(),
                }),
            ),
            step("sub", Verb::Subflow(SubflowStep { flow: "main".into(), next: "bye".into() })),
            step("bye", end("")),
        ],
    );
    wrong.translations =
        vec![Translation { language: "de".into(), texts: [("Hi".to_owned(), "Hallo".to_owned())].into() }];

    let found = check(&[wrong], &Known::default());

    let found: Vec<_> = found.iter().map(|v| format!("{} {}", v.field, v.reason)).collect();
    for expected in [
        "flows[main].steps[number].variable can't be the name of a variable: a-z, then a-z, 0-9 and _, at most 32 characters",
        "flows[main].steps[shop].backend names the backend \"shop\", which is not described",
        "flows[main].steps[shop].path must begin with one \"/\" and go upwards nowhere",
        "flows[main].steps[say].text names the variable \"nothing\", which nothing sets",
        "flows[main].steps[set].values[x] names the variable \"y\", which nothing sets",
        "flows[main].steps[if].cases[0].when lacks a value after its sign",
        "flows[main].translations[de] lacks \"Your number?\"",
        "flows[main].translations[de].texts[Hi] translates what the flow does not say",
    ] {
        assert!(found.contains(&expected.to_owned()), "{expected}\nis not among {found:#?}");
    }
}

#[test]
fn flows_that_run_each_other_for_ever_are_refused() {
    let sub = |flow: &str| Verb::Subflow(SubflowStep { flow: flow.into(), next: "bye".into() });
    let one = flow("one", vec![step("a", sub("two")), step("bye", end(""))]);
    let two = flow("two", vec![step("b", sub("one")), step("bye", end(""))]);

    let found = check(&[one, two], &known());

    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].reason.contains("inside itself"), "{found:?}");
}

#[test]
fn a_loop_through_another_flow_needs_an_answer_too() {
    let outer = |inner: &str| {
        let sub = Verb::Subflow(SubflowStep { flow: inner.into(), next: "menu".into() });
        let menu = ask(vec![choice("1", "Sales", "sales")], "again");
        flow("main", vec![step("again", sub), step("menu", menu), step("sales", queue("sales"))])
    };
    let silent = flow("inner", vec![step("x", say("Hm.", "back")), step("back", Verb::Back(ReturnStep {}))]);
    let asking = flow(
        "inner",
        vec![
            step("x", ask(vec![choice("1", "Go on", "back")], "bye")),
            step("back", Verb::Back(ReturnStep {})),
            step("bye", end("")),
        ],
    );

    let refused = check(&[outer("inner"), silent], &known());

    assert_eq!(refused[0].reason, "leads a silent customer round in a loop for ever", "{refused:?}");
    assert_eq!(check(&[outer("inner"), asking], &known()), []);
}
