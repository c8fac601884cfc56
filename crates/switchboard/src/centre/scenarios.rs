//! Scenarios of flows: what a customer does, and what must come of it. Read by `switchboard flow test`.

use super::{
    document,
    fields::{Field, Ledger},
    mistake::Mistake,
};

/// One walk through a flow.
#[derive(Debug, Clone, Default)]
pub struct Scenario {
    /// Its key in the file.
    pub name: String,
    /// Key of the flow.
    pub flow: String,
    /// A chat instead of a call.
    pub chat: bool,
    /// Number of the caller.
    pub caller: String,
    /// Keys of the hours that are closed.
    pub closed: Vec<String>,
    /// Names of known customers by identity.
    pub customers: Vec<(String, String)>,
    /// What backends answer.
    pub answers: Vec<Answer>,
    /// In order.
    pub script: Vec<Act>,
}

/// What a backend answers to the next question that fits.
#[derive(Debug, Clone)]
pub struct Answer {
    /// In capitals; empty: any.
    pub method: String,
    /// What the path begins with.
    pub path: String,
    /// HTTP status; 0: no answer in time.
    pub status: u16,
    /// Value by JSON pointer.
    pub values: Vec<(String, String)>,
}

/// One line of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The customer presses keys, or types in a chat.
    Press(String),
    /// The customer says this into the telephone, which understands speech if anything is said in the scenario.
    Say(String),
    /// The customer keeps silent.
    Silence,
    /// The caller turns out to be a fax machine.
    Fax,
    /// Something with these words was said since the customer's last act.
    Expect(String),
    /// The customer waits in this queue.
    Queue(String),
    /// The flow has ended the interaction.
    Ends,
    /// A call-back that is to wait in this queue is asked for.
    Callback(String),
    /// A message for this queue is recorded.
    Voicemail(String),
    /// The call is given to this number.
    Transfer(String),
    /// That came about, or did not.
    Done(bool),
}

/// Reads a file of scenarios.
///
/// # Errors
/// Every mistake with its place.
pub fn read(text: &str) -> Result<Vec<Scenario>, Vec<Mistake>> {
    let ledger = Ledger::default();
    let root = document::parse(text, &ledger);
    let mut scenarios = Vec::new();
    if let Some(root) = &root {
        let mut top = Field::root(root, &ledger).fields();
        let entries = top.need("scenarios").map(|field| field.entries()).unwrap_or_default();
        scenarios = entries.iter().map(|(name, field)| scenario(name, field)).collect();
        top.finish();
    }
    let mistakes = ledger.into_mistakes();
    if mistakes.is_empty() { Ok(scenarios) } else { Err(mistakes) }
}

fn scenario(name: &str, field: &Field<'_>) -> Scenario {
    let pairs = |field: Field<'_>| -> Vec<(String, String)> {
        field.entries().into_iter().filter_map(|(key, value)| Some((key, value.text()?))).collect()
    };
    let mut fields = field.fields();
    let scenario = Scenario {
        name: name.to_owned(),
        flow: fields.needed_text("flow"),
        chat: fields.take("chat").and_then(|field| field.boolean()).unwrap_or_default(),
        caller: fields.text("caller"),
        closed: fields.take("closed").map(|field| field.texts()).unwrap_or_default(),
        customers: fields.take("customers").map(pairs).unwrap_or_default(),
        answers: fields
            .take("http")
            .map(|field| field.items().iter().map(answer).collect())
            .unwrap_or_default(),
        script: fields
            .need("script")
            .map(|field| field.items().iter().filter_map(act).collect())
            .unwrap_or_default(),
    };
    fields.finish();
    scenario
}

fn answer(field: &Field<'_>) -> Answer {
    let mut fields = field.fields();
    let status = fields.take("status").and_then(|field| field.integer()).unwrap_or(200);
    let answer = Answer {
        method: fields.text("method"),
        path: fields.needed_text("path"),
        status: u16::try_from(status).unwrap_or(0),
        values: fields
            .take("answer")
            .map(|field| {
                field.entries().into_iter().filter_map(|(key, value)| Some((key, value.text()?))).collect()
            })
            .unwrap_or_default(),
    };
    fields.finish();
    answer
}

/// A word of scripts, and the act it names.
type Word = (&'static str, fn(String) -> Act);

/// `press: "1"`, `type: Billing`, `say: billing`, `silence`, `fax`, `expect: Welcome`, `queue: billing`, `ends`, `callback: billing`,
/// `voicemail: billing`, `transfer: "+15550123"`, and what came of these three: `well`, `fails`.
fn act(field: &Field<'_>) -> Option<Act> {
    if !field.is_map() {
        return match field.text()?.as_str() {
            "silence" => Some(Act::Silence),
            "fax" => Some(Act::Fax),
            "ends" => Some(Act::Ends),
            "well" => Some(Act::Done(true)),
            "fails" => Some(Act::Done(false)),
            other => {
                field.wrong(format!(
                    "{other:?} is no act: silence, fax, ends, well, fails, or one of press, type, say, expect, queue, callback, \
                     voicemail, transfer"
                ));
                None
            }
        };
    }
    let mut fields = field.fields();
    let acts: [Word; 8] = [
        ("press", Act::Press),
        ("type", Act::Press),
        ("say", Act::Say),
        ("expect", Act::Expect),
        ("queue", Act::Queue),
        ("callback", Act::Callback),
        ("voicemail", Act::Voicemail),
        ("transfer", Act::Transfer),
    ];
    let mut found: Vec<Act> = acts
        .into_iter()
        .filter_map(|(name, act)| fields.take(name).and_then(|field| field.text()).map(act))
        .collect();
    if found.len() != 1 {
        field.wrong(
            "must be exactly one of press, type, say, expect, queue, callback, voicemail, transfer, silence, fax, well, fails, ends",
        );
    }
    fields.finish();
    found.pop()
}

#[cfg(test)]
mod tests {
    use super::{Act, read};

    #[test]
    fn a_script_is_read_line_by_line() {
        let scenarios = read(
            "scenarios:\n  balance:\n    flow: main\n    http:\n      - { path: /a, answer: { /b: c } }\n    script:\n      \
             - expect: Welcome\n      - press: \"1\"\n      - silence\n      - fax\n      - ends\n",
        )
        .unwrap();

        assert_eq!(
            scenarios[0].script,
            [Act::Expect("Welcome".into()), Act::Press("1".into()), Act::Silence, Act::Fax, Act::Ends]
        );
        assert_eq!((scenarios[0].answers[0].status, scenarios[0].answers[0].values.len()), (200, 1));
    }

    #[test]
    fn mistakes_have_their_place() {
        let found = read(
            "scenarios:\n  a:\n    flow: main\n    script:\n      - pres: 1\n      - { press: 1, expect: x }\n",
        );
        let lines: Vec<String> = found.unwrap_err().iter().map(|mistake| mistake.render("s.yaml")).collect();

        assert!(lines[0].starts_with("s.yaml:5:"), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("must be exactly one of")), "{lines:?}");
    }
}
