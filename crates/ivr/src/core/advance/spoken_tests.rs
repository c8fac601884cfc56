//! Answers that are spoken, and the question whether they were heard aright.

use contract::{
    interaction::v1::Channel,
    ivr::v1::{AskStep, LanguageStep, Translation, step::Verb, verb::Kind},
};

use super::{Advanced, Facts, Input, Progress, advance};
use crate::core::{
    check::check,
    plan::Plan,
    sample::{choice, flow, known, step},
    session::Session,
};

fn menu() -> Verb {
    let mut sales = choice("1", "Sales", "sales");
    sales.say = vec!["sales".into(), "buy something".into()];
    let mut billing = choice("2", "Billing", "billing");
    billing.say = vec!["billing".into()];
    Verb::Ask(AskStep {
        text: "For sales press 1.".into(),
        spoken: "Sales or billing?".into(),
        choices: vec![sales, billing, choice("9", "Again", "menu")],
        attempts: 3,
        retry_text: "Pardon?".into(),
        otherwise: "bye".into(),
        ..AskStep::default()
    })
}

struct Caller {
    plan: Plan,
    facts: Facts,
    channel: Channel,
    session: Option<Session>,
}

impl Caller {
    fn of(verb: Verb) -> Self {
        let mut flow = flow();
        let place = flow.steps.iter().position(|step| step.key == "menu").unwrap();
        flow.steps[place] = step("menu", verb);
        assert_eq!(check(&[flow.clone()], &known()), []);
        let facts = Facts { hours: [("office".to_owned(), true)].into(), listens: true, ..Facts::default() };
        Self { plan: Plan::of(flow), facts, channel: Channel::Voice, session: None }
    }

    fn give(&mut self, input: Input) -> Advanced {
        let session = self.session.as_ref();
        match advance(&self.plan, "demo", session, &input, self.channel, &self.facts).unwrap() {
            Progress::Advanced(advanced) => {
                // What is to be confirmed travels with the interaction.
                let bytes = advanced.session.encode();
                self.session = Some(Session::decode(&bytes, "demo").unwrap());
                advanced
            }
            Progress::Needs(need) => panic!("needs {need:?}"),
        }
    }

    fn say(&mut self, phrase: &str) -> Advanced {
        self.give(Input::Spoken(phrase.into()))
    }
}

fn asked(advanced: &Advanced) -> (String, Vec<String>) {
    match &advanced.verbs.last().unwrap().kind {
        Some(Kind::Ask(ask)) => (ask.text.clone(), ask.phrases.clone()),
        other => panic!("{other:?}"),
    }
}

fn queue(advanced: &Advanced) -> &str {
    match &advanced.verbs.last().unwrap().kind {
        Some(Kind::Queue(queue)) => &queue.queue,
        other => panic!("{other:?}"),
    }
}

fn outcomes(advanced: &Advanced) -> Vec<&str> {
    advanced.steps.iter().map(|step| step.outcome.as_str()).collect()
}

#[test]
fn a_choice_that_is_said_counts_once_it_is_confirmed() {
    for yes in [Input::Spoken("yes".into()), Input::Choice("1".into())] {
        let mut caller = Caller::of(menu());
        let (question, phrases) = asked(&caller.give(Input::Begin));
        assert_eq!(question, "Sales or billing?");
        assert_eq!(phrases, ["sales", "buy something", "billing", "agent"]);

        let heard = caller.say("billing");
        assert_eq!(asked(&heard).0, "Did you say billing? Say yes or press 1. Otherwise say no or press 2.");
        assert_eq!(outcomes(&heard), ["heard"]);

        let through = caller.give(yes);
        assert_eq!(queue(&through), "billing");
        assert_eq!(outcomes(&through), ["choice", "entered"]);
    }
}

#[test]
fn what_was_misheard_or_not_understood_is_a_miss_and_the_last_leads_on() {
    let mut caller = Caller::of(menu());
    caller.give(Input::Begin);

    let unclear = caller.say("");
    caller.say("sales");
    let misheard = caller.say("no");
    caller.say("billing");
    let over = caller.give(Input::TimedOut);

    assert_eq!(outcomes(&unclear), ["unclear"]);
    assert_eq!(outcomes(&misheard), ["misheard"]);
    assert_eq!(asked(&misheard).0, "Sales or billing?");
    assert_eq!(outcomes(&over), ["timeout", "entered"]);
    assert_eq!(over.verbs.len(), 2, "Goodbye, and the end");
}

#[test]
fn keys_answer_the_menu_also_while_something_is_to_be_confirmed() {
    let mut caller = Caller::of(menu());
    caller.give(Input::Begin);
    assert_eq!(queue(&caller.give(Input::Choice("2".into()))), "billing");

    let mut caller = Caller::of(menu());
    caller.give(Input::Begin);
    caller.say("billing");
    let again = caller.give(Input::Choice("9".into()));
    assert_eq!(asked(&again).0, "Sales or billing?");
}

#[test]
fn the_word_agent_leads_to_a_person_from_the_menu_and_from_the_question_about_it() {
    let mut caller = Caller::of(menu());
    caller.give(Input::Begin);
    assert_eq!(asked(&caller.say("agent")).0.split('?').next(), Some("Did you say agent"));
    let through = caller.say("yes");
    assert_eq!((queue(&through), outcomes(&through)), ("sales", vec!["agent", "entered"]));

    let mut caller = Caller::of(menu());
    caller.give(Input::Begin);
    caller.say("billing");
    assert_eq!(queue(&caller.say("agent")), "sales");

    let mut caller = Caller::of(menu());
    caller.give(Input::Begin);
    caller.say("billing");
    assert_eq!(queue(&caller.give(Input::Choice("0".into()))), "sales");
}

#[test]
fn nothing_is_listened_for_where_nobody_listens_nor_in_another_language() {
    let question = |caller: &mut Caller| asked(&caller.give(Input::Begin));
    let mut deaf = Caller::of(menu());
    deaf.facts.listens = false;
    assert_eq!(question(&mut deaf), ("For sales press 1.".to_owned(), Vec::new()));

    let mut chat = Caller::of(menu());
    chat.channel = Channel::Chat;
    assert_eq!(question(&mut chat), ("For sales press 1.".to_owned(), Vec::new()));

    let mut german = Caller::of(menu());
    let mut flow = flow();
    flow.start = "german".into();
    let language = LanguageStep { language: "de".into(), next: "menu".into() };
    flow.steps.push(step("german", Verb::Language(language)));
    flow.translations = vec![Translation { language: "de".into(), ..Translation::default() }];
    flow.steps[2] = step("menu", menu());
    german.plan = Plan::of(flow);
    assert_eq!(question(&mut german), ("For sales press 1.".to_owned(), Vec::new()));
}

#[test]
fn words_to_say_are_plain_and_mean_one_thing() {
    let mut verb = menu();
    let Verb::Ask(ask) = &mut verb else { unreachable!() };
    ask.choices[1].say = vec!["sales".into(), "Billing".into(), String::new()];
    ask.choices[2].say = vec!["again".into(); 6];
    let mut flow = flow();
    flow.steps[2] = step("menu", verb);

    let found: Vec<String> = check(&[flow.clone()], &known())
        .into_iter()
        .map(|found| format!("{}: {}", found.field, found.reason))
        .collect();

    let at = "flows[main].steps[menu].choices";
    assert_eq!(found[0], format!("{at}[2].say[0]: means another choice already"));
    assert_eq!(found[1], format!("{at}[2].say[1]: must be one to five words of lower-case letters"));
    assert_eq!(found[2], format!("{at}[2].say[2]: must be one to five words of lower-case letters"));
    assert_eq!(found[3], format!("{at}[9].say: has 6 entries, may have 5"));

    let Verb::Ask(mut ask) = menu() else { unreachable!() };
    ask.choices.iter_mut().for_each(|choice| choice.say.clear());
    flow.steps[2] = step("menu", Verb::Ask(ask));
    let found = check(&[flow], &known());
    assert_eq!(found[0].reason, "is never said: no choice has words to say");
}
