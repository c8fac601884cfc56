//! `flows:`, the same for phone and chat. A step is one verb by its name.

use std::collections::BTreeMap;

use contract::ivr::v1::{
    AgentWay, Announcement, AskStep, BranchStep, CallbackOffer, CallbackStep, Case, Choice, EndStep, Flow,
    FormStep, GatherStep, HoursStep, HttpStep, LanguageStep, LookupStep, PlayStep, QueueStep, ReturnStep,
    SayStep, SetStep, Step, SubflowStep, SurveyStep, TransferStep, Translation, VoicemailStep, step::Verb,
};

use super::{
    fields::{Field, Fields},
    queues,
};

/// What a step can do.
pub(super) const VERBS: [&str; 19] = [
    "say",
    "ask",
    "hours",
    "queue",
    "form",
    "end",
    "play",
    "gather",
    "language",
    "lookup",
    "http",
    "set",
    "branch",
    "subflow",
    "return",
    "callback",
    "voicemail",
    "transfer",
    "survey",
];

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
    let agent = fields.take("agent").map(|field| agent(&field));
    let fax = fields.text("fax");
    // What YAML may take for a truth value.
    let fax = if matches!(fax.as_str(), "no" | "false") { "off".to_owned() } else { fax };
    let translations = fields.take("translations").map(|field| field.entries()).unwrap_or_default();
    let translations = translations
        .into_iter()
        .map(|(language, field)| Translation { language, texts: texts(&field) })
        .collect();
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
        translations,
        agent,
        fax,
    }
}

/// `agent: off`, `agent: to-anyone` or `agent: { step: to-anyone, key: "9", words: [operator] }`.
fn agent(field: &Field<'_>) -> AgentWay {
    if !field.is_map() {
        let step = field.text().unwrap_or_default();
        let off = matches!(step.as_str(), "off" | "no" | "false");
        return AgentWay { off, step: if off { String::new() } else { step }, ..AgentWay::default() };
    }
    let mut fields = field.fields();
    let way = AgentWay {
        off: false,
        step: fields.text("step"),
        key: fields.text("key"),
        words: fields.take("words").map(|field| field.texts()).unwrap_or_default(),
    };
    fields.finish();
    way
}

/// A map of texts.
fn texts(field: &Field<'_>) -> BTreeMap<String, String> {
    field.entries().into_iter().filter_map(|(name, value)| Some((name, value.text()?))).collect()
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
        fields.take("play").map(|field| Verb::Play(play(&field))),
        fields.take("gather").map(|field| Verb::Gather(gather(&field))),
        fields.take("language").map(|field| Verb::Language(language(&field))),
        fields.take("lookup").map(|field| Verb::Lookup(lookup(&field))),
        fields.take("http").map(|field| Verb::Http(http(&field))),
        fields.take("set").map(|field| Verb::Set(set(&field))),
        fields.take("branch").map(|field| Verb::Branch(branch(&field))),
        fields.take("subflow").map(|field| Verb::Subflow(subflow(&field))),
        take_return(&mut fields),
        fields.take("callback").map(|field| Verb::Callback(callback(&field))),
        fields.take("voicemail").map(|field| Verb::Voicemail(voicemail(&field))),
        fields.take("transfer").map(|field| Verb::Transfer(transfer(&field))),
        fields.take("survey").map(|field| Verb::Survey(survey(&field))),
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
        prompt: fields.text("prompt"),
        no_barge_in: barge_in(&mut fields),
        written: fields.text("written"),
        spoken: fields.text("spoken"),
    };
    fields.finish();
    step
}

fn choice(digit: String, field: &Field<'_>) -> Choice {
    let mut fields = field.fields();
    let choice = Choice {
        digit,
        label: fields.needed_text("label"),
        next: fields.needed_text("next"),
        say: fields.take("say").map(|field| field.texts()).unwrap_or_default(),
    };
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
        announcement: fields.take("announcement").map(|field| announcement(&field)),
        callback: fields.take("callback").map(|field| callback_offer(&field)),
        after: fields.text("after"),
    };
    fields.finish();
    step
}

/// `callback: "5"` or with `number` and `text`.
fn callback_offer(field: &Field<'_>) -> CallbackOffer {
    if !field.is_map() {
        return CallbackOffer { key: field.text().unwrap_or_default(), ..CallbackOffer::default() };
    }
    let mut fields = field.fields();
    let offer = CallbackOffer {
        key: fields.needed_text("key"),
        number: fields.text("number"),
        text: fields.text("text"),
    };
    fields.finish();
    offer
}

fn callback(field: &Field<'_>) -> CallbackStep {
    let mut fields = field.fields();
    let step = CallbackStep {
        queue: fields.needed_text("queue"),
        number: fields.text("number"),
        priority: fields.take("priority").and_then(|field| field.integer()).unwrap_or_default(),
        attributes: fields.take("attributes").map(|field| texts(&field)).unwrap_or_default(),
        next: fields.needed_text("next"),
        otherwise: fields.needed_text("otherwise"),
    };
    fields.finish();
    step
}

fn voicemail(field: &Field<'_>) -> VoicemailStep {
    let mut fields = field.fields();
    let step = VoicemailStep {
        text: fields.needed_text("text"),
        prompt: fields.text("prompt"),
        queue: fields.needed_text("queue"),
        longest: fields.take("longest").and_then(|field| field.duration()),
        silence: fields.take("silence").and_then(|field| field.duration()),
        callback: fields.take("callback").and_then(|field| field.boolean()).unwrap_or_default(),
        next: fields.needed_text("next"),
        otherwise: fields.text("otherwise"),
    };
    fields.finish();
    step
}

fn transfer(field: &Field<'_>) -> TransferStep {
    let mut fields = field.fields();
    let step = TransferStep {
        number: fields.needed_text("number"),
        text: fields.text("text"),
        otherwise: fields.needed_text("otherwise"),
    };
    fields.finish();
    step
}

fn survey(field: &Field<'_>) -> SurveyStep {
    let mut fields = field.fields();
    let step = SurveyStep {
        text: fields.needed_text("text"),
        prompt: fields.text("prompt"),
        timeout: fields.take("timeout").and_then(|field| field.duration()),
        attempts: fields.take("attempts").and_then(|field| field.integer()).unwrap_or_default(),
        retry_text: fields.text("retry_text"),
        next: fields.needed_text("next"),
    };
    fields.finish();
    step
}

/// `announcement: You are number {position}.` or with `first` and `every`.
fn announcement(field: &Field<'_>) -> Announcement {
    if !field.is_map() {
        return Announcement { text: field.text().unwrap_or_default(), ..Announcement::default() };
    }
    let mut fields = field.fields();
    let said = Announcement {
        text: fields.needed_text("text"),
        first: fields.take("first").and_then(|field| field.duration()),
        every: fields.take("every").and_then(|field| field.duration()),
    };
    fields.finish();
    said
}

/// `barge_in: false` keeps the keys until the prompt has been heard.
fn barge_in(fields: &mut Fields<'_>) -> bool {
    fields.take("barge_in").and_then(|field| field.boolean()) == Some(false)
}

fn play(field: &Field<'_>) -> PlayStep {
    let mut fields = field.fields();
    let step = PlayStep {
        prompt: fields.text("prompt"),
        text: fields.needed_text("text"),
        next: fields.needed_text("next"),
        no_barge_in: barge_in(&mut fields),
    };
    fields.finish();
    step
}

fn gather(field: &Field<'_>) -> GatherStep {
    let mut fields = field.fields();
    let count = |fields: &mut Fields<'_>, name| {
        fields.take(name).and_then(|field| field.integer()).unwrap_or_default()
    };
    let step = GatherStep {
        text: fields.needed_text("text"),
        prompt: fields.text("prompt"),
        no_barge_in: barge_in(&mut fields),
        min: count(&mut fields, "min"),
        max: count(&mut fields, "max"),
        terminator: fields.text("terminator"),
        timeout: fields.take("timeout").and_then(|field| field.duration()),
        between: fields.take("between").and_then(|field| field.duration()),
        attempts: count(&mut fields, "attempts"),
        retry_text: fields.text("retry_text"),
        variable: fields.needed_text("variable"),
        secret: fields.take("secret").and_then(|field| field.boolean()).unwrap_or_default(),
        next: fields.needed_text("next"),
        otherwise: fields.text("otherwise"),
    };
    fields.finish();
    step
}

fn language(field: &Field<'_>) -> LanguageStep {
    let mut fields = field.fields();
    let step = LanguageStep { language: fields.text("language"), next: fields.needed_text("next") };
    fields.finish();
    step
}

fn lookup(field: &Field<'_>) -> LookupStep {
    let mut fields = field.fields();
    let step = LookupStep {
        by: fields.text("by"),
        known: fields.needed_text("known"),
        unknown: fields.needed_text("unknown"),
    };
    fields.finish();
    step
}

fn http(field: &Field<'_>) -> HttpStep {
    let mut fields = field.fields();
    let step = HttpStep {
        backend: fields.needed_text("backend"),
        path: fields.needed_text("path"),
        method: fields.text("method"),
        body: fields.take("body").map(|field| texts(&field)).unwrap_or_default(),
        save: fields.take("save").map(|field| texts(&field)).unwrap_or_default(),
        timeout: fields.take("timeout").and_then(|field| field.duration()),
        next: fields.needed_text("next"),
        otherwise: fields.needed_text("otherwise"),
    };
    fields.finish();
    step
}

fn set(field: &Field<'_>) -> SetStep {
    let mut fields = field.fields();
    let step = SetStep {
        values: fields.need("values").map(|field| texts(&field)).unwrap_or_default(),
        next: fields.needed_text("next"),
    };
    fields.finish();
    step
}

fn branch(field: &Field<'_>) -> BranchStep {
    let mut fields = field.fields();
    let case = |field: &Field<'_>| {
        let mut fields = field.fields();
        let case = Case { when: fields.needed_text("when"), next: fields.needed_text("next") };
        fields.finish();
        case
    };
    let step = BranchStep {
        cases: fields.need("cases").map(|field| field.items().iter().map(case).collect()).unwrap_or_default(),
        otherwise: fields.needed_text("otherwise"),
    };
    fields.finish();
    step
}

fn subflow(field: &Field<'_>) -> SubflowStep {
    let mut fields = field.fields();
    let step = SubflowStep { flow: fields.needed_text("flow"), next: fields.needed_text("next") };
    fields.finish();
    step
}

/// `return:` has nothing to say.
fn take_return(fields: &mut Fields<'_>) -> Option<Verb> {
    let named = fields.keys().any(|name| name == "return");
    if let Some(field) = fields.take("return") {
        field.wrong("takes nothing; write `return:`");
    }
    named.then_some(Verb::Back(ReturnStep {}))
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
