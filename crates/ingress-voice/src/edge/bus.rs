//! What comes from the bus: the router's offers, commands to this instance, other instances' registrations; and the regular
//! jobs around them.

use std::{sync::Arc, time::Duration};

use chassis::Start;
use contract::subject;
use futures::StreamExt as _;

use crate::{
    app::{
        Voice,
        presence::{self, Watch},
    },
    metrics,
};

/// Between two looks for calls of dead processes.
const SWEEP: Duration = Duration::from_secs(2);

/// Follows the router.
pub async fn follow_router(voice: Arc<Voice>) -> anyhow::Result<()> {
    let facts = vec![
        subject::events_named("router", "offer_made"),
        subject::events_named("router", "offer_ended"),
        subject::events_named("router", "interaction_transferred"),
        subject::events_named("router", "interaction_diverted"),
        subject::events_named("router", "callback_due"),
        subject::events_named("directory", "directory_changed"),
    ];
    let mut tail = voice.bus.tail(facts, Start::Now);
    tail.ready().await;
    // What changed before the tail began was not heard.
    voice.entry_points.forget();
    loop {
        let received = tail.next().await;
        voice.on_router_event(Arc::unwrap_or_clone(received));
    }
}

/// Answers live commands to this instance.
pub async fn obey_commands(voice: Arc<Voice>) -> anyhow::Result<()> {
    let mut commands =
        voice.bus.nats().subscribe(subject::commands_of_instance("voice", &voice.instance)).await?;
    while let Some(command) = commands.next().await {
        let Some(reply) = command.reply else { continue };
        let voice = Arc::clone(&voice);
        tokio::spawn(async move {
            let verb = command.subject.split('.').nth(4).unwrap_or_default();
            let answer = match verb {
                "hang_up" => voice.on_hang_up_command(&command.payload).await,
                "control" => voice.on_control_command(&command.payload).await,
                _ => return,
            };
            if let Err(error) = voice.bus.nats().publish(reply, answer.into()).await {
                tracing::debug!(%error, "a command's answer was not sent");
            }
        });
    }
    anyhow::bail!("the subscription to commands ended")
}

/// Hears which agents registered with other instances.
pub async fn hear_registrations(voice: Arc<Voice>) -> anyhow::Result<()> {
    let mut words = voice.bus.nats().subscribe(subject::live_of_all("voice", "registered")).await?;
    while let Some(word) = words.next().await {
        let (Some(tenant), Ok(text)) = (word.subject.rsplit('.').next(), std::str::from_utf8(&word.payload))
        else {
            continue;
        };
        if let Some((holder, agent)) = text.split_once('\n')
            && holder != voice.holder()
        {
            voice.refresh_phones(tenant, agent).await;
        }
    }
    anyhow::bail!("the subscription to registrations ended")
}

/// Gives signs of life.
pub async fn beat(voice: Arc<Voice>) -> anyhow::Result<()> {
    loop {
        if let Err(error) = presence::beat(&voice.bus, &voice.instance, &voice.life).await {
            tracing::warn!(%error, "no sign of life could be given");
        }
        tokio::time::sleep(presence::EVERY).await;
    }
}

/// Closes calls of dead processes, and refreshes the media metrics.
pub async fn sweep(voice: Arc<Voice>) -> anyhow::Result<()> {
    let mut watch = Watch::default();
    loop {
        tokio::time::sleep(SWEEP).await;
        if let Err(error) = voice.close_orphans(&mut watch).await {
            tracing::warn!(%error, "calls of dead processes could not be looked for");
        }
        if let Err(error) = voice.report_attempts(&mut watch).await {
            tracing::warn!(%error, "attempts that nobody was told of could not be looked for");
        }
        if let Err(error) = voice.learn_cut_off().await {
            tracing::warn!(%error, "customers who were cut off could not be looked for");
        }
        if let Err(error) = voice.delete_outdated_cut_off().await {
            tracing::warn!(%error, "customers who were cut off long ago could not be forgotten");
        }
        if let Err(error) = voice.delete_outdated_recordings().await {
            tracing::warn!(%error, "recordings whose time is over could not be looked for");
        }
        let stats = voice.engine.stats();
        for (what, value) in [
            ("packets_received", stats.received),
            ("packets_sent", stats.sent),
            ("packets_invalid", stats.invalid),
            ("events_lost", stats.lost_events),
            ("busy_milliseconds", stats.busy_nanos / 1_000_000),
            ("late_rounds", stats.late_rounds),
            ("forged", stats.forged),
            ("lost_recording_seconds", stats.lost_seconds),
            ("legs", stats.legs),
        ] {
            metrics::MEDIA.with_label_values(&[what]).set(value as i64);
        }
    }
}
