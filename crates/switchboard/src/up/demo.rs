//! The demo centre, part of the program.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use actors::phone::Network;
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

/// What the sample telephone network is called, what it shows to the called, and which numbers it takes.
const NETWORK: &str = "sample-network";
const CALLER_ID: &str = "+15550100";
const NUMBERS: &str = "+1555";

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

/// Starts the sample telephone network and has the centre call out over it, unless the configuration names trunks.
pub(super) async fn open_network(settings: &mut Settings) -> anyhow::Result<()> {
    if settings::has_trunks(settings) {
        return Ok(());
    }
    let sip_port = settings::voice(settings)?.sip_port;
    let network = Network::open(SocketAddr::from((Ipv4Addr::LOCALHOST, sip_port)), 0).await;
    let network = network.context("the sample telephone network")?;
    settings::add_trunk(settings, NETWORK, &network.address().to_string(), CALLER_ID, NUMBERS);
    tokio::spawn(network.serve());
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
