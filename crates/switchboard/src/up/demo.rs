//! The demo centre, part of the program.

use std::path::Path;

use anyhow::{Context as _, bail};

use crate::{
    centre::CentreFile,
    client::Client,
    commands::apply::{self, Outcome},
};

/// The demo centre, without the played people.
pub(crate) const CENTRE: &str = include_str!("../../../../deploy/demo/centre.yaml");
const FILE: &str = "deploy/demo/centre.yaml";

/// Key of its tenant.
pub(crate) const TENANT: &str = "demo";

/// Makes the demo tenant look as its file says. A second time changes nothing.
pub(super) async fn apply(client: &Client) -> anyhow::Result<()> {
    let mistakes = match CentreFile::read(CENTRE, Path::new(".")) {
        Err(mistakes) => mistakes,
        Ok(centre) => match apply::apply(client, &centre, false).await.context("the demo centre")? {
            Outcome::Changes(changes) => {
                tracing::info!(changes = changes.len(), "demo centre applied");
                return Ok(());
            }
            Outcome::Mistakes(mistakes) => mistakes,
        },
    };
    let lines = mistakes.iter().map(|mistake| mistake.render(FILE)).collect::<Vec<_>>();
    bail!("the demo centre is refused:\n{}", lines.join("\n"))
}
