//! A customer in a chat: presses a button, waits as long as they can, asks, answers, says thanks.

use std::sync::Arc;

use anyhow::Context as _;
use rand::{RngExt as _, rngs::StdRng};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{
    chance::{about, between, one_of},
    lines,
    world::{Customer, World},
};
use crate::Visitor;

/// How a chat ended.
enum Outcome {
    Served,
    Abandoned,
    Stopped,
}

/// One customer's chat.
pub(super) async fn chat(world: Arc<World>, customer: Customer, mut rng: StdRng, leave: CancellationToken) {
    world.counts.chats.add();
    world.chats(true);
    match talk(&world, &customer, &mut rng, &leave).await {
        Ok(Outcome::Abandoned) => world.counts.chats_abandoned.add(),
        Ok(Outcome::Served | Outcome::Stopped) => {}
        Err(error) => {
            tracing::debug!(error = format!("{error:#}"), "a chat failed");
            world.counts.chats_failed.add();
        }
    }
    world.chats(false);
    world.leaves(&customer);
}

async fn talk(
    world: &World,
    customer: &Customer,
    rng: &mut StdRng,
    leave: &CancellationToken,
) -> anyhow::Result<Outcome> {
    let plan = &world.plan;
    let entry_point = plan.entry_point.as_deref().context("no entry point for chats")?;
    let mut visitor =
        Visitor::arrive_at(&plan.http_url, entry_point, &customer.name, &customer.email).await?;
    tokio::time::sleep(between(rng, 0.5, 3.0)).await;
    visitor.choose(&plan.choices[rng.random_range(0..plan.choices.len())].to_string()).await?;
    let gives_up_at = Instant::now() + about(rng, 90.0, 12.0, 300.0);
    let mut left = rng.random_range(2..6_usize);
    let (mut served, mut asked, mut answered) = (false, false, 0);
    let mut speaks_at: Option<Instant> = None;
    loop {
        let wakes_at = speaks_at.unwrap_or_else(|| {
            if served { Instant::now() + std::time::Duration::from_mins(3) } else { gives_up_at }
        });
        let heard = tokio::select! {
            () = leave.cancelled() => {
                visitor.end().await?;
                return Ok(if served { Outcome::Served } else { Outcome::Stopped });
            }
            heard = visitor.hear_anything() => Some(heard),
            () = tokio::time::sleep_until(wakes_at) => None,
        };
        match heard {
            Some(Err(_)) => visitor.come_back().await?,
            Some(Ok(_)) => {}
            None if !served => {
                visitor.end().await?;
                return Ok(Outcome::Abandoned);
            }
            None if speaks_at.take().is_some() => {
                let text = if !asked {
                    one_of(rng, lines::QUESTIONS)
                } else if left > 0 {
                    one_of(rng, lines::ANSWERS)
                } else {
                    one_of(rng, lines::THANKS)
                };
                asked = true;
                visitor.say(text).await?;
                world.counts.messages.add();
                if left == 0 {
                    tokio::time::sleep(between(rng, 1.0, 4.0)).await;
                    visitor.end().await?;
                    return Ok(Outcome::Served);
                }
                left -= 1;
            }
            // The agent says nothing any more.
            None => {
                visitor.end().await?;
                return Ok(Outcome::Served);
            }
        }
        match visitor.standing["state"].as_str() {
            Some("ended") => return Ok(if served { Outcome::Served } else { Outcome::Abandoned }),
            Some("with_agent") if !served => {
                served = true;
                world.counts.chats_answered.add();
                speaks_at = Some(Instant::now() + between(rng, 1.0, 5.0));
            }
            _ => {}
        }
        let said = visitor.messages.iter().filter(|message| message["author"] == "agent").count();
        if said > answered {
            answered = said;
            let last = visitor.messages.last().and_then(|message| message["sequence"].as_i64()).unwrap_or(0);
            visitor.send(&serde_json::json!({ "type": "seen", "sequence": last })).await?;
            speaks_at = speaks_at.or_else(|| Some(Instant::now() + between(rng, 2.0, 9.0)));
        }
    }
}
