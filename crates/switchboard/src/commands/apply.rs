//! `switchboard apply`: makes the centre look as a file describes it, or says everything that is wrong with the file.

use std::{collections::BTreeSet, fmt::Write as _, path::Path, time::Duration};

use contract::{
    directory::v1::{ApplyRequest, ChangeKind},
    ivr::v1::ApplyFlowsRequest,
    router::v1::ListQueuesRequest,
};
use serde_json::{Value, json};

use crate::{
    centre::{CentreFile, Mistake},
    cli::{Access, ApplyArgs},
    client::Client,
    commands::agents,
    error::CommandError,
    local::DataFolder,
    output::{Output, printable},
};

const IN_FORCE_WITHIN: Duration = Duration::from_secs(10);

/// One line of the diff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `added`, `changed` or `removed`.
    pub kind: String,
    /// `queues/billing`
    pub path: String,
    /// What about it.
    pub detail: String,
}

/// What became of a file.
#[derive(Debug)]
pub enum Outcome {
    /// The centre looks as described, or would after these changes.
    Changes(Vec<Change>),
    /// Nothing was touched.
    Mistakes(Vec<Mistake>),
}

/// Reads the file, and applies it unless something is wrong or `--dry-run` is given.
pub async fn run(access: &Access, args: &ApplyArgs) -> Result<Output, CommandError> {
    let file = args.file.display().to_string();
    let text = std::fs::read_to_string(&args.file)
        .map_err(|source| CommandError::File { path: file.clone(), source })?;
    let folder = args.file.parent().unwrap_or(Path::new("."));
    let outcome = match CentreFile::read(&text, folder) {
        Err(mistakes) => Outcome::Mistakes(mistakes),
        Ok(centre) => {
            let client = Client::connect(access, Some(&centre.tenant())).await?;
            let outcome = apply(&client, &centre, args.dry_run).await?;
            if matches!(outcome, Outcome::Changes(_)) && !args.dry_run {
                remember(access, &client, &centre.tenant());
            }
            outcome
        }
    };
    Ok(render(&file, &outcome, args.dry_run))
}

/// The first tenant applied beside a data folder is the one that commands there act in.
fn remember(access: &Access, client: &Client, tenant: &str) {
    let folder = DataFolder::at(&access.data);
    let local = folder.server().filter(|local| local.http_url == client.server() && local.tenant.is_none());
    if let (Some(local), Some(secret)) = (local, folder.secret()) {
        let written = folder.remember_tenant(local, &secret, tenant);
        if let Err(error) = written {
            tracing::warn!(%error, "the tenant is not remembered in the data folder");
        }
    }
}

/// Has both services check everything, and only then changes anything. Applying the same file again changes nothing,
/// so whatever is cut short is finished by doing it again.
pub async fn apply(client: &Client, file: &CentreFile, dry_run: bool) -> Result<Outcome, CommandError> {
    let checked = send(client, file, true).await?;
    match checked {
        Outcome::Changes(changes) if !dry_run && !changes.is_empty() => {
            let outcome = send(client, file, false).await?;
            until_in_force(client, file).await;
            Ok(outcome)
        }
        outcome => Ok(outcome),
    }
}

/// The router hears of agents and queues by events. Whoever applies a centre and goes on with its agents need not
/// know that, so this waits until it has heard of all, for a few seconds at most.
async fn until_in_force(client: &Client, file: &CentreFile) {
    let until = tokio::time::Instant::now() + IN_FORCE_WITHIN;
    while !known_to_router(client, file).await.unwrap_or(false) && tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn known_to_router(client: &Client, file: &CentreFile) -> Result<bool, tonic::Status> {
    let queues = client.router().list_queues(ListQueuesRequest {}).await?.into_inner().queues;
    let queues = queues.iter().map(|queue| &queue.queue).collect::<BTreeSet<_>>();
    if !file.centre.queues.iter().all(|queue| queues.contains(&queue.key)) {
        return Ok(false);
    }
    let agents = agents::all(client).await?;
    let agents = agents.iter().map(|agent| &agent.agent_id).collect::<BTreeSet<_>>();
    Ok(file.centre.agents.iter().all(|agent| agents.contains(&agent.key)))
}

/// Hundreds of people mean as many password hashes.
const APPLY_TIMEOUT: Duration = Duration::from_mins(1);

/// Queues and hours come before the flows that name them.
async fn send(client: &Client, file: &CentreFile, dry_run: bool) -> Result<Outcome, CommandError> {
    let centre = ApplyRequest {
        centre: Some(file.centre.clone()),
        dry_run,
        known_flows: file.flows.iter().map(|flow| flow.key.clone()).collect(),
        request_id: uuid::Uuid::now_v7().to_string(),
    };
    let flows = ApplyFlowsRequest {
        flows: file.flows.clone(),
        dry_run,
        known_queues: file.centre.queues.iter().map(|queue| queue.key.clone()).collect(),
        known_hours: file.centre.hours.iter().map(|hours| hours.key.clone()).collect(),
        request_id: uuid::Uuid::now_v7().to_string(),
    };
    let mut centre = tonic::Request::new(centre);
    centre.set_timeout(APPLY_TIMEOUT);
    let centre =
        client.directory().apply(centre).await.map_err(|status| client.refusal(status))?.into_inner();
    let flows =
        client.flows().apply_flows(flows).await.map_err(|status| client.refusal(status))?.into_inner();

    let violations = centre.violations.iter().map(|violation| (&violation.field, &violation.reason));
    let in_flows = flows.violations.iter().map(|violation| (&violation.field, &violation.reason));
    let mut mistakes =
        violations.chain(in_flows).map(|(field, reason)| file.mistake(field, reason)).collect::<Vec<_>>();
    if !mistakes.is_empty() {
        mistakes.sort();
        mistakes.dedup();
        return Ok(Outcome::Mistakes(mistakes));
    }
    let changes = centre.changes.iter().map(|change| Change {
        kind: match change.kind() {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed | ChangeKind::Unspecified => "changed",
        }
        .to_owned(),
        path: change.path.clone(),
        detail: change.detail.clone(),
    });
    let in_flows = flows.changes.iter().map(|change| Change {
        kind: change.kind.clone(),
        path: change.path.clone(),
        detail: change.detail.clone(),
    });
    Ok(Outcome::Changes(changes.chain(in_flows).collect()))
}

/// Words the outcome.
fn render(file: &str, outcome: &Outcome, dry_run: bool) -> Output {
    match outcome {
        Outcome::Mistakes(mistakes) => {
            let mut text = mistakes.iter().map(|mistake| mistake.render(file) + "\n").collect::<String>();
            let count = mistakes.len();
            let _ = writeln!(text, "\n{count} {}, nothing was changed", plural(count, "mistake"));
            let found = mistakes.iter().map(|mistake| json_of_mistake(file, mistake)).collect::<Vec<_>>();
            let json = json!({ "applied": false, "dry_run": dry_run, "changes": [], "mistakes": found });
            Output { json, text, success: false }
        }
        Outcome::Changes(changes) => {
            let applied = !dry_run;
            let json = json!({
                "applied": applied,
                "dry_run": dry_run,
                "changes": changes.iter().map(|change| json!({
                    "kind": change.kind, "path": change.path, "detail": change.detail,
                })).collect::<Vec<_>>(),
                "mistakes": [],
            });
            Output::new(json, text_of_changes(changes, dry_run))
        }
    }
}

fn text_of_changes(changes: &[Change], dry_run: bool) -> String {
    let count = changes.len();
    if count == 0 {
        return "the centre looks as described already\n".to_owned();
    }
    let mut text = String::new();
    for change in changes {
        let sign = match &*change.kind {
            "added" => '+',
            "removed" => '-',
            _ => '~',
        };
        let _ = write!(text, "{sign} {}", printable(&change.path));
        if !change.detail.is_empty() {
            let _ = write!(text, "  {}", printable(&change.detail));
        }
        text.push('\n');
    }
    let changes = plural(count, "change");
    let made = if dry_run { "would be made; run without --dry-run to make them" } else { "made" };
    let _ = writeln!(text, "\n{count} {changes} {made}");
    text
}

fn json_of_mistake(file: &str, mistake: &Mistake) -> Value {
    let mut json = json!(mistake);
    json["file"] = file.into();
    json
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

#[cfg(test)]
mod tests {
    use super::{Change, Outcome, render};
    use crate::centre::{Mistake, Position};

    #[test]
    fn a_diff_shows_what_comes_goes_and_changes() {
        let change = |kind: &str, path: &str, detail: &str| Change {
            kind: kind.into(),
            path: path.into(),
            detail: detail.into(),
        };
        let changes = vec![
            change("added", "queues/returns", ""),
            change("changed", "queues/billing", "offer_timeout: 20s → 15s"),
            change("removed", "users/zoe", ""),
        ];

        let output = render("centre.yaml", &Outcome::Changes(changes), true);

        assert_eq!(
            output.text,
            "+ queues/returns\n~ queues/billing  offer_timeout: 20s → 15s\n- users/zoe\n\n3 changes would be made; run \
             without --dry-run to make them\n"
        );
        assert!(output.success);
        assert_eq!(output.json["applied"], false);
    }

    #[test]
    fn mistakes_are_lines_that_editors_can_jump_to() {
        let mistake = Mistake {
            position: Position { line: 4, column: 7 },
            field: "queues[a].rings[0].expression".into(),
            reason: "skill \"billin\" is not defined".into(),
        };

        let output = render("centre.yaml", &Outcome::Mistakes(vec![mistake]), false);

        assert!(!output.success);
        assert!(output.text.starts_with(
            "centre.yaml:4:7: queues[a].rings[0].expression: skill \"billin\" is not defined\n\n1 mistake,"
        ));
        assert_eq!(output.json["mistakes"][0]["line"], 4);
        assert_eq!(output.json["mistakes"][0]["file"], "centre.yaml");
    }
}
