//! The router under everything that goes wrong, in virtual time, from one seed.
//!
//! A world of customers and agents talks to two replicas over a log that delays, duplicates and redelivers. Replicas
//! restart from snapshots, pause, lose acknowledgements, and both believe to lead at times. After every entry the
//! invariants are checked; at the end the log must hold exactly what one undisturbed fold over it says, everything that
//! was ever queued must be closed, and nobody may hold anything.

mod centre;
mod history;
mod log;
mod replica;
mod rng;
mod world;

use crate::core::{Entry, Router};
use history::History;
use log::{Body, Log};
use replica::Replica;
use rng::Rng;
use world::{Happening, World};

/// What one run did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Entries of the log, inputs and outputs.
    pub entries: usize,
    /// Offers made.
    pub offers: usize,
    /// Interactions closed.
    pub closed: usize,
    /// Restarts from a snapshot.
    pub restarts: usize,
    /// Writes of a leader that the log refused.
    pub refused: usize,
}

/// Two replicas are enough for every quarrel.
const REPLICAS: usize = 2;

/// Plays `seed` to its end.
///
/// # Errors
/// What went wrong, for people: an invariant with its name, or a difference between log and fold.
pub fn run(seed: u64) -> Result<Report, String> {
    let mut rng = Rng::new(seed);
    let mut world = World::new(&mut rng);
    let mut log = Log::default();
    let mut history = History::default();
    let mut replicas: Vec<Replica> = (0..REPLICAS).map(Replica::new).collect();
    let mut report = Report::default();
    while let Some((at, happening)) = world.next() {
        match happening {
            Happening::Deliver(message, input) => {
                log.append(at, message, Body::Input(input));
            }
            Happening::Step(index) => {
                replicas[index].step(&mut log, &mut world, &mut rng, at, &mut report)?;
                world.schedule_step(index, at, &mut rng);
            }
            Happening::Lease => {
                let leader = rng.below(REPLICAS as u64) as usize;
                for (index, replica) in replicas.iter_mut().enumerate() {
                    // The one who lost it may take a while to notice.
                    if index == leader || rng.chance(60) {
                        replica.leads = index == leader;
                    }
                }
                world.schedule_lease(at, &mut rng);
            }
        }
        for entry in history.unread(&log) {
            history.observe(entry)?;
            world.react(entry, &mut rng);
        }
        let quiet = World::is_over(at)
            && replicas.iter_mut().all(|replica| replica.has_read(&log) && replica.is_quiet())
            && history.everything_is_closed();
        if quiet {
            break;
        }
        if at.as_millis() > world::END_OF_TIME {
            return Err(format!("{} interactions are never closed {:?}", history.open(), history.dbg()));
        }
    }
    let fold = undisturbed(&log)?;
    history.must_equal(&fold)?;
    report.entries = log.entries().len();
    report.offers = history.offers();
    report.closed = history.closed();
    Ok(report)
}

/// What one fold over the inputs of the log says, and its end: nobody holds anything.
fn undisturbed(log: &Log) -> Result<Vec<crate::core::Effect>, String> {
    let mut router = Router::new(world::PARTITION);
    let mut effects = Vec::new();
    for entry in log.entries() {
        if let Body::Input(input) = &entry.body {
            let entry = Entry {
                sequence: entry.sequence,
                at: entry.at,
                message: entry.message,
                tenant: world::TENANT.into(),
                input: input.clone(),
            };
            effects.extend(router.handle(entry).into_iter().filter(replica::is_published));
        }
    }
    if router.open_interactions() > 0 {
        return Err("the fold holds interactions that the history has closed".into());
    }
    Ok(effects)
}

#[cfg(test)]
mod tests;
