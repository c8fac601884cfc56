//! A gateway that runs, and ways to call it.

use std::time::Duration;

use chassis::{
    Auth, Bus, Claims, Clock, Fact, Process, Running,
    config::{Secret, Settings},
};
use contract::directory::v1::Role;
use gateway::Gateway;
use testkit::Stack;
use tonic::{
    Request, Status,
    service::interceptor::InterceptedService,
    transport::{Channel, Endpoint},
};

use crate::stand_in::StandIn;

const SECRET: &str = "a secret of thirty-two characters or more";

/// A gateway with stand-ins behind it, on a bus of its own.
pub struct House {
    pub running: Running,
    settings: Settings,
    _stack: Stack,
}

pub type Bearer = Box<dyn FnMut(Request<()>) -> Result<Request<()>, Status> + Send + Sync>;
pub type Line = InterceptedService<Channel, Bearer>;

impl House {
    pub async fn open() -> Self {
        Self::open_with(|_| ()).await
    }

    pub async fn open_with(change: impl FnOnce(&mut Settings)) -> Self {
        let stack = Stack::infra().await;
        let process = Process::new("test").with::<StandIn>().with::<Gateway>();
        let mut settings = stack.settings(&process);
        settings.set("gateway", "heartbeat", "300ms".into());
        change(&mut settings);
        let running = process.start(settings.clone()).await.unwrap();
        Self { running, settings, _stack: stack }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.http())
    }

    /// The public port, as gRPC.
    pub fn channel(&self) -> Channel {
        Endpoint::from_shared(self.url("")).unwrap().connect_lazy()
    }

    pub fn token(tenant: &str, user: &str, roles: &[Role], lasts: Duration) -> String {
        let auth = Auth::new(Secret::new(SECRET), Clock::system());
        auth.mint(Claims::person(tenant, user, user, roles, &format!("session-{user}")), lasts).0
    }

    pub fn line(&self, token: String) -> Line {
        let bearer: Bearer = Box::new(move |mut request| {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
            Ok(request)
        });
        InterceptedService::new(self.channel(), bearer)
    }

    /// The public port, as a person of the demo.
    pub fn person(&self, user: &str, role: Role) -> Line {
        self.line(Self::token("demo", user, &[role], Duration::from_mins(15)))
    }

    /// Another process on the same bus.
    pub async fn bus(&self) -> Bus {
        Bus::connect(&self.settings.nats, "other", Clock::system()).await.unwrap()
    }
}

/// Publishes facts of the demo.
pub async fn publish(bus: &Bus, interaction: &str, event: impl Into<contract::Event>) {
    bus.publish(&Fact::of(event).tenant("demo").interaction(interaction)).await.unwrap();
}
