//! One chat ingress with its neighbours, on infrastructure of its own.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use chassis::{
    Auth, Bus, Claims, Clock, Fact, Process, Received, Running, Start,
    config::{Secret, Settings},
};
use contract::{
    Event, chat::v1::chat_service_client::ChatServiceClient, directory::v1::Role, interaction::v1::Channel,
    router::v1::InteractionAssigned, subject,
};
use ingress_chat::IngressChat;
use serde_json::json;
use testkit::Stack;
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::interceptor::InterceptedService,
    transport::{Channel as Transport, Endpoint},
};

use crate::{neighbours::Neighbours, visitor::Visitor};

const SECRET: &str = "a secret of thirty-two characters or more";

pub struct World {
    pub stack: Stack,
    pub running: Option<Running>,
    pub settings: Settings,
    pub bus: Bus,
}

pub type Agent = ChatServiceClient<InterceptedService<Transport, Bearer>>;

#[derive(Clone)]
pub struct Bearer(MetadataValue<Ascii>);

impl tonic::service::Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        request.metadata_mut().insert("authorization", self.0.clone());
        Ok(request)
    }
}

fn process() -> Process {
    Process::new("test").with::<IngressChat>().with::<Neighbours>()
}

impl World {
    pub async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// With other settings than the defaults.
    pub async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let stack = Stack::infra().await;
        let mut settings = stack.settings(&process());
        change(&mut settings);
        let running = process().start(settings.clone()).await.unwrap();
        let bus = Bus::connect(&settings.nats, "test", Clock::system()).await.unwrap();
        Self { stack, running: Some(running), settings, bus }
    }

    /// Another instance on the same infrastructure.
    pub async fn another(&self, name: &str) -> Running {
        let mut settings = self.settings.clone();
        name.clone_into(&mut settings.instance);
        process().start(settings).await.unwrap()
    }

    pub fn http(&self) -> SocketAddr {
        self.running.as_ref().unwrap().http()
    }

    pub async fn visitor(&self) -> Visitor {
        Visitor::arrive(self.http(), json!({"entry_point": "web-chat"})).await
    }

    /// A visitor past the menu, waiting for billing.
    pub async fn waiting_visitor(&self) -> Visitor {
        let mut visitor = self.visitor().await;
        visitor.read("What is it about?").await;
        visitor.send(json!({"type": "choose", "client_message_id": "menu", "value": "2"})).await;
        visitor.stand("queued").await;
        visitor
    }

    /// A visitor with whom Ann talks.
    pub async fn visitor_with_ann(&self) -> Visitor {
        let mut visitor = self.waiting_visitor().await;
        self.assign(&visitor.interaction_id, "ann", "Ann").await;
        visitor.stand("with_agent").await;
        visitor
    }

    /// What the router says when an agent has accepted.
    pub async fn assign(&self, interaction_id: &str, agent: &str, name: &str) {
        let assigned = InteractionAssigned {
            agent_id: agent.into(),
            agent_name: name.into(),
            offer_id: format!("offer-{interaction_id}-{agent}"),
            queue: "billing".into(),
            channel: Channel::Chat.into(),
            ..Default::default()
        };
        let fact = Fact::of(assigned).tenant("demo").interaction(interaction_id);
        self.bus.publish(&fact.id(format!("assign-{interaction_id}-{agent}"))).await.unwrap();
    }

    /// What the router says of a chat.
    pub async fn say(&self, interaction_id: &str, event: impl Into<Event>) {
        let fact = Fact::of(event).tenant("demo").interaction(interaction_id);
        self.bus.publish(&fact).await.unwrap();
    }

    pub fn agent(&self, user: &str) -> Agent {
        self.caller("demo", user, Role::Agent)
    }

    pub fn caller(&self, tenant: &str, user: &str, role: Role) -> Agent {
        let auth = Auth::new(Secret::new(SECRET), Clock::system());
        let claims = Claims::person(tenant, user, user, &[role], "session");
        let (token, _) = auth.mint(claims, Duration::from_mins(10));
        let grpc = self.running.as_ref().unwrap().grpc();
        let channel = Endpoint::from_shared(format!("http://{grpc}")).unwrap().connect_lazy();
        let bearer = Bearer(format!("Bearer {token}").parse().unwrap());
        ChatServiceClient::new(InterceptedService::new(channel, bearer)).max_decoding_message_size(16 << 20)
    }

    /// A visitor's token that is over.
    pub fn expired_token(visitor_id: &str) -> String {
        let auth = Auth::new(Secret::new(SECRET), Clock::system());
        let claims = Claims {
            audience: "visitor".into(),
            roles: Vec::new(),
            session: String::new(),
            ..Claims::service("demo", visitor_id)
        };
        auth.mint(claims, Duration::ZERO).0
    }

    /// The facts of a conversation up to the first that `last` wants.
    pub async fn facts(&self, interaction_id: &str, last: impl Fn(&Event) -> bool) -> Vec<Received> {
        let mut tail = self.bus.tail(vec![subject::events_of_tenant("demo")], Start::Beginning);
        let mut facts = Vec::new();
        loop {
            let next = tokio::time::timeout(Duration::from_secs(10), tail.next()).await;
            let received = next.unwrap_or_else(|_| panic!("the fact did not come; facts: {facts:#?}"));
            if received.envelope.interaction_id == interaction_id {
                let done = last(&received.envelope.event);
                facts.push(Arc::unwrap_or_clone(received));
                if done {
                    return facts;
                }
            }
        }
    }
}
