//! A population that keeps a centre alive: customers who call and chat, agents who answer, talk and wrap up.
//!
//! Everything goes through the doors that people use: SIP and RTP, the widget's WebSocket, the gateway. It is seeded: the
//! same seed brings the same people at the same moments with the same minds; what becomes of them depends on the centre. It is
//! bounded: there are [`CUSTOMERS`] customers, none does two things at once, and nothing is kept of those who left.

mod agenda;
mod agent;
mod agent_phone;
mod arrivals;
mod caller;
mod chance;
mod chatter;
mod figures;
mod lines;
mod world;

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use rand::RngExt as _;
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use arrivals::Arrivals;
pub use figures::Figures;
pub use world::CUSTOMERS;
use world::World;

use crate::phone::Phones;

/// How often it is told what happened.
const TELL_EVERY: Duration = Duration::from_secs(10);
/// How long customers, and then agents, may take to leave in order.
const LEAVE_WITHIN: Duration = Duration::from_secs(25);

/// Who lives where, and how busily.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The gateway's port: `http://127.0.0.1:8080`.
    pub http_url: String,
    /// Where calls arrive and agents' telephones register.
    pub sip: SocketAddr,
    /// Key of the tenant.
    pub tenant: String,
    /// Key and password of every agent who comes to work.
    pub agents: Vec<(String, String)>,
    /// Number that callers dial; none: nobody calls.
    pub number: Option<String>,
    /// Entry point that visitors open; none: nobody chats.
    pub entry_point: Option<String>,
    /// Keys on the telephone, and buttons in the chat, that lead to an agent.
    pub choices: Vec<char>,
    /// Dispositions of each queue.
    pub dispositions: BTreeMap<String, Vec<String>>,
    /// Same seed, same people.
    pub seed: u64,
    /// 1: what the agents handle with some idle time; 2: twice as many customers.
    pub load: f64,
    /// When it ends by itself; none: never.
    pub duration: Option<Duration>,
}

/// Lives until `stop` or the plan's duration; `tell` hears every ten seconds, and at the end, what happened so far. Customers
/// leave first, then the agents finish their work, go offline and sign out.
///
/// # Errors
/// When there is no socket for the telephones. What goes wrong later is counted, and tried again.
pub async fn live(plan: Plan, stop: CancellationToken, tell: impl Fn(&Figures)) -> std::io::Result<Figures> {
    let phones = Phones::open(plan.sip).await?;
    let world = Arc::new(World::new(plan, phones));
    let (customers_leave, agents_leave) = (stop.child_token(), CancellationToken::new());
    let mut agents = JoinSet::new();
    for (index, (key, password)) in world.plan.agents.iter().cloned().enumerate() {
        agents.spawn(agent::work(Arc::clone(&world), index, key, password, agents_leave.clone()));
    }
    let until = world.plan.duration.map(|duration| Instant::now() + duration);
    let mut customers = JoinSet::new();
    let mut arrivals = Arrivals::new(&world.plan);
    let mut next = Instant::now() + arrivals.next();
    let mut telling = tokio::time::interval_at(Instant::now() + TELL_EVERY, TELL_EVERY);
    loop {
        let end = async {
            match until {
                Some(until) => tokio::time::sleep_until(until).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.cancelled() => break,
            () = end => break,
            _ = telling.tick() => tell(&world.figures()),
            Some(_) = customers.join_next(), if !customers.is_empty() => {}
            () = tokio::time::sleep_until(next) => {
                next += arrivals.next();
                arrive(&world, &mut arrivals, &mut customers, &customers_leave);
            }
        }
    }
    customers_leave.cancel();
    let _ =
        tokio::time::timeout(LEAVE_WITHIN, async { while customers.join_next().await.is_some() {} }).await;
    agents_leave.cancel();
    let _ = tokio::time::timeout(LEAVE_WITHIN, async { while agents.join_next().await.is_some() {} }).await;
    let figures = world.figures();
    tell(&figures);
    Ok(figures)
}

/// Somebody who is not busy calls or opens a chat.
fn arrive(
    world: &Arc<World>,
    arrivals: &mut Arrivals,
    customers: &mut JoinSet<()>,
    leave: &CancellationToken,
) {
    let mut rng = arrivals.mind();
    let Some(customer) = world.somebody(&mut rng) else {
        world.counts.turned_away.add();
        return;
    };
    let world = Arc::clone(world);
    let leave = leave.clone();
    let calls = match (&world.plan.number, &world.plan.entry_point) {
        (Some(_), Some(_)) => rng.random_bool(arrivals::SHARE_OF_CALLS),
        (number, _) => number.is_some(),
    };
    if calls {
        customers.spawn(caller::call(world, customer, rng, leave));
    } else {
        customers.spawn(chatter::chat(world, customer, rng, leave));
    }
}
