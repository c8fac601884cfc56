//! The demo centre, part of the program.

use std::path::Path;

use anyhow::{Context as _, bail};
use chassis::config::Settings;

use crate::{
    centre::CentreFile,
    client::Client,
    commands::apply::{self, Outcome},
    shop::Shop,
};

use super::settings;

/// The demo centre, without the played people.
pub(crate) const CENTRE: &str = include_str!("../../../../deploy/demo/centre.yaml");
const FILE: &str = "deploy/demo/centre.yaml";

/// Key of its tenant.
pub(crate) const TENANT: &str = "demo";

/// What its flows call the sample backend.
const SHOP: &str = "shop";

/// Starts the sample backend behind the demo's self-service, and lets flows ask it.
pub(super) async fn open_shop(settings: &mut Settings) -> anyhow::Result<()> {
    let token = uuid::Uuid::new_v4().to_string();
    let shop = Shop::open(0, &token).await?;
    settings::add_backend(settings, SHOP, &format!("http://{}", shop.address()?), &token);
    tokio::spawn(async move {
        if let Err(error) = shop.serve().await {
            tracing::error!(error = format!("{error:#}"), "the sample backend has stopped");
        }
    });
    Ok(())
}

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
