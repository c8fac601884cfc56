//! `switchboard flow test`: runs a flow with scripted inputs and prints the transcript. The exit code tells whether
//! everything expected came.

use std::{collections::BTreeSet, fmt::Write as _, path::Path};

use contract::ivr::v1::{Flow, step::Verb};
use ivr::core::check::{Known, check};
use serde_json::{Value, json};

use crate::{
    centre::{
        CentreFile, Mistake,
        scenarios::{self, Act, Scenario},
    },
    cli::FlowTestArgs,
    error::CommandError,
    output::{Output, printable},
    rehearsal::{self, Transcript},
};

/// The inputs that mean silence.
const SILENCE: &str = "~";

/// Reads file and scenarios, checks the flows, and runs them.
pub fn run(args: &FlowTestArgs) -> Result<Output, CommandError> {
    let text = read(&args.file)?;
    let folder = args.file.parent().unwrap_or(Path::new("."));
    let name = args.file.display().to_string();
    let file = match CentreFile::read(&text, folder) {
        Ok(file) => file,
        Err(mistakes) => return Ok(refused(&name, &mistakes)),
    };
    let violations = check(&file.flows, &known(&file));
    if !violations.is_empty() {
        let mistakes: Vec<Mistake> =
            violations.iter().map(|violation| file.mistake(&violation.field, &violation.reason)).collect();
        return Ok(refused(&name, &mistakes));
    }
    let is_file = Path::new(&args.flow).extension().is_some_and(|ending| ending == "yaml" || ending == "yml");
    let scenarios = if is_file {
        match scenarios::read(&read(Path::new(&args.flow))?) {
            Ok(scenarios) => scenarios,
            Err(mistakes) => return Ok(refused(&args.flow, &mistakes)),
        }
    } else {
        vec![typed(args)]
    };
    let played: Vec<(Scenario, Transcript)> = scenarios
        .into_iter()
        .map(|scenario| {
            let transcript = rehearsal::run(&file.flows, &scenario);
            (scenario, transcript)
        })
        .collect();
    Ok(render(&played))
}

fn read(path: &Path) -> Result<String, CommandError> {
    std::fs::read_to_string(path)
        .map_err(|source| CommandError::File { path: path.display().to_string(), source })
}

/// The scenario of a command line.
fn typed(args: &FlowTestArgs) -> Scenario {
    let is_spoken =
        |input: &str| !args.chat && input.chars().all(|c| c.is_alphabetic() || c == ' ' || c == '\'');
    let act = |input: &String| match input.as_str() {
        SILENCE => Act::Silence,
        words if is_spoken(words) => Act::Say(words.to_owned()),
        keys => Act::Press(keys.to_owned()),
    };
    Scenario {
        name: args.flow.clone(),
        flow: args.flow.clone(),
        chat: args.chat,
        caller: args.caller.clone(),
        closed: args.closed.clone(),
        script: args.input.iter().map(act).collect(),
        ..Scenario::default()
    }
}

/// What only a running centre knows, backends and recordings, is taken as the flows name it.
fn known(file: &CentreFile) -> Known {
    let verbs =
        || file.flows.iter().flat_map(|flow: &Flow| &flow.steps).filter_map(|step| step.verb.as_ref());
    let prompts = verbs().map(|verb| match verb {
        Verb::Play(play) => play.prompt.clone(),
        Verb::Ask(ask) => ask.prompt.clone(),
        Verb::Gather(gather) => gather.prompt.clone(),
        Verb::Voicemail(voicemail) => voicemail.prompt.clone(),
        Verb::Survey(survey) => survey.prompt.clone(),
        _ => String::new(),
    });
    let backends = verbs().filter_map(|verb| match verb {
        Verb::Http(http) => Some(http.backend.clone()),
        _ => None,
    });
    Known {
        queues: file.centre.queues.iter().map(|queue| queue.key.clone()).collect(),
        hours: file.centre.hours.iter().map(|hours| hours.key.clone()).collect(),
        backends: backends.collect::<BTreeSet<_>>(),
        prompts: prompts.collect::<BTreeSet<_>>(),
        ..Known::default()
    }
}

fn refused(file: &str, mistakes: &[Mistake]) -> Output {
    let text = mistakes.iter().map(|mistake| mistake.render(file) + "\n").collect();
    let found: Vec<Value> = mistakes
        .iter()
        .map(|mistake| {
            let mut json = json!(mistake);
            json["file"] = file.into();
            json
        })
        .collect();
    Output { json: json!({ "passed": false, "mistakes": found, "scenarios": [] }), text, success: false }
}

fn render(played: &[(Scenario, Transcript)]) -> Output {
    let mut text = String::new();
    let mut found = Vec::new();
    for (scenario, transcript) in played {
        let passed = transcript.failures.is_empty();
        let _ = writeln!(text, "{} {}", if passed { "ok    " } else { "FAILED" }, printable(&scenario.name));
        for line in &transcript.lines {
            let _ = writeln!(text, "  {:<9} {}", line.kind, printable(&line.text));
        }
        for failure in &transcript.failures {
            let _ = writeln!(text, "  !         {}", printable(failure));
        }
        found.push(json!({
            "name": scenario.name,
            "flow": scenario.flow,
            "passed": passed,
            "failures": transcript.failures,
            "transcript": transcript.lines.iter().map(|line| json!({ "kind": line.kind, "text": line.text }))
                .collect::<Vec<_>>(),
        }));
    }
    let success = played.iter().all(|(_, transcript)| transcript.failures.is_empty());
    Output { json: json!({ "passed": success, "mistakes": [], "scenarios": found }), text, success }
}
