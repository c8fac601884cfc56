//! `switchboard demo`: played customers and agents fill a running centre, through the doors that people use.

use std::{
    io::{self, Write as _},
    net::{SocketAddr, ToSocketAddrs as _},
    path::Path,
    time::Duration,
};

use actors::living::{self, Figures, Plan};
use contract::interaction::v1::Channel;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::{
    centre::CentreFile,
    cli::{Access, DemoArgs},
    client::{self, Client},
    commands::apply::{self, Outcome},
    error::CommandError,
    local::DataFolder,
    up::demo::{CENTRE, TENANT},
};

/// The played people: agents, queues, a number, a chat.
const LIVING: &str = include_str!("../../../../deploy/demo/living.yaml");
const SIP_PORT: u16 = 5060;
/// Keys on the telephone and buttons in the chat of [`LIVING`].
const CHOICES: [char; 3] = ['1', '2', '0'];

/// Applies the played people, then lets them live until a signal, or as long as asked.
pub async fn run(access: &Access, args: &DemoArgs, json: bool) -> Result<(), CommandError> {
    let stop = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate()).map_err(anyhow::Error::from)?;
    let stopping = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        say("· the played people finish and leave, at most a minute");
        stopping.cancel();
    });
    if !args.no_apply {
        let client = Client::connect(access, Some(TENANT)).await?;
        apply(&client).await?;
    }
    let plan = plan(access, args)?;
    say(&format!(
        "· {} agents at work, customers call {} and chat at {}; seed {}, load {}",
        plan.agents.len(),
        plan.number.as_deref().unwrap_or("nobody"),
        plan.entry_point.as_deref().unwrap_or("nothing"),
        plan.seed,
        plan.load,
    ));
    let tell = |figures: &Figures| say(&if json { figures.json().to_string() } else { figures.to_string() });
    living::live(plan, stop, tell).await.map_err(anyhow::Error::from)?;
    say("· everybody has left");
    Ok(())
}

async fn apply(client: &Client) -> Result<(), CommandError> {
    let together = CentreFile::read_together(CENTRE, Some(LIVING), Path::new("."));
    let mistakes = match together {
        Err(mistakes) => mistakes,
        Ok(centre) => match apply::apply(client, &centre, false).await? {
            Outcome::Changes(changes) => {
                say(&format!("· the played people are part of the centre, {} changes", changes.len()));
                return Ok(());
            }
            Outcome::Mistakes(mistakes) => mistakes,
        },
    };
    let lines = mistakes.iter().map(|mistake| mistake.render("deploy/demo/living.yaml"));
    Err(CommandError::Refused(lines.collect::<Vec<_>>().join("\n")))
}

fn plan(access: &Access, args: &DemoArgs) -> Result<Plan, CommandError> {
    let http_url = client::server(access);
    let living = CentreFile::read(LIVING, Path::new(".")).map_err(|mistakes| {
        let lines = mistakes.iter().map(|mistake| mistake.render("deploy/demo/living.yaml"));
        CommandError::Refused(lines.collect::<Vec<_>>().join("\n"))
    })?;
    let centre = living.centre;
    let entry = |channel| centre.entry_points.iter().find(move |entry| entry.channel() == channel);
    Ok(Plan {
        sip: sip(access, args, &http_url)?,
        tenant: TENANT.to_owned(),
        agents: centre.users.iter().map(|user| (user.key.clone(), user.password.clone())).collect(),
        number: entry(Channel::Voice).and_then(|entry| entry.addresses.first().cloned()),
        entry_point: entry(Channel::Chat).map(|entry| entry.key.clone()),
        choices: CHOICES.to_vec(),
        dispositions: centre
            .queues
            .iter()
            .map(|queue| (queue.key.clone(), queue.dispositions.clone()))
            .collect(),
        seed: args.seed,
        load: args.load,
        duration: args.duration.map(Duration::from_millis),
        http_url,
    })
}

/// Where calls arrive: as said, else beside the data folder, else the usual port of the server.
fn sip(access: &Access, args: &DemoArgs, http_url: &str) -> Result<SocketAddr, CommandError> {
    let local = DataFolder::at(&access.data).server().filter(|local| local.http_url == http_url);
    let text = match (&args.sip, local) {
        (Some(sip), _) => sip.clone(),
        (None, Some(local)) => format!("127.0.0.1:{}", local.sip_port),
        (None, None) => {
            let host = http_url.split("://").nth(1).unwrap_or(http_url);
            let host = host.split('/').next().unwrap_or(host);
            let host = host.rsplit_once(':').map_or(host, |(host, _)| host);
            format!("{host}:{SIP_PORT}")
        }
    };
    let found = text.to_socket_addrs().ok().and_then(|mut found| found.next());
    found.ok_or_else(|| CommandError::Refused(format!("--sip {text:?} is no address such as 127.0.0.1:5060")))
}

fn say(line: &str) {
    let mut out = io::stdout();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, path::Path};

    use super::{CENTRE, CHOICES, LIVING};
    use crate::centre::CentreFile;

    #[test]
    fn the_played_people_are_added_to_the_demo_and_take_nothing_from_it() {
        let demo = CentreFile::read(CENTRE, Path::new(".")).unwrap();
        let living = CentreFile::read(LIVING, Path::new(".")).unwrap();

        let both = CentreFile::read_together(CENTRE, Some(LIVING), Path::new(".")).unwrap();

        assert_eq!(both.centre.tenant, demo.centre.tenant);
        assert_eq!(both.centre.agents.len(), demo.centre.agents.len() + living.centre.agents.len());
        assert_eq!(both.centre.queues.len(), demo.centre.queues.len() + living.centre.queues.len());
        assert_eq!(both.flows.len(), demo.flows.len() + living.flows.len());
        let queues: BTreeSet<_> = living.centre.queues.iter().map(|queue| &queue.key).collect();
        for profile in &demo.centre.routing_profiles {
            assert!(!profile.queues.iter().any(|entry| queues.contains(&entry.queue)), "{profile:?}");
        }
    }

    #[test]
    fn every_key_that_is_pressed_leads_somewhere() {
        let living = CentreFile::read(LIVING, Path::new(".")).unwrap();

        let shown = format!("{:?}", living.flows);

        for choice in CHOICES {
            assert!(shown.contains(&format!("digit: \"{choice}\"")), "{choice}");
        }
    }
}
