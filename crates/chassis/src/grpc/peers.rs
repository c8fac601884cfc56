//! Calls to other services: with a deadline, a service token for the tenant, a request id and the trace.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, Endpoint},
};

use crate::{
    auth::{Auth, Claims},
    clock::{Clock, Ids},
    config::ConfigError,
    telemetry,
};

/// A connection to another service, on behalf of one tenant.
pub type Peer = InterceptedService<Channel, Introduction>;

/// Longest a call may take that brings its own time-out: applying a centre of hundreds of people hashes as many passwords.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a service token is good for; each call has a fresh one.
const TOKEN_TTL: Duration = Duration::from_mins(1);

/// Where the other services are.
#[derive(Clone)]
pub struct Peers {
    service: Arc<str>,
    urls: Arc<BTreeMap<String, String>>,
    channels: Arc<Mutex<BTreeMap<(String, Duration), Channel>>>,
    deadline: Duration,
    auth: Auth,
    clock: Clock,
}

impl Peers {
    /// `urls` by service name; `default` serves those that are not named.
    pub fn new(
        urls: BTreeMap<String, String>,
        deadline: Duration,
        auth: Auth,
        clock: Clock,
    ) -> Result<Self, ConfigError> {
        for (service, url) in &urls {
            Endpoint::from_shared(url.clone()).map_err(|error| ConfigError::Key {
                key: format!("peers.{service}"),
                reason: error.to_string(),
            })?;
        }
        Ok(Self {
            service: "chassis".into(),
            urls: Arc::new(urls),
            channels: Arc::default(),
            deadline,
            auth,
            clock,
        })
    }

    /// The same peers, called by `service`.
    #[must_use]
    pub fn for_service(&self, service: &str) -> Self {
        Self { service: service.into(), ..self.clone() }
    }

    /// A connection to `service` that acts inside `tenant`. Cheap: connections are shared and made when first used.
    pub fn of(&self, service: &str, tenant: &str) -> Peer {
        InterceptedService::new(
            self.channel(service),
            Introduction {
                auth: self.auth.clone(),
                claims: Claims::service(tenant, &self.service),
                clock: self.clock.clone(),
            },
        )
    }

    /// The bare connection to `service`, for requests that carry their own credentials.
    pub fn channel(&self, service: &str) -> Channel {
        self.channel_within(service, self.deadline)
    }

    /// The bare connection for requests that bring their own `grpc-timeout`, of a minute at most.
    pub fn patient_channel(&self, service: &str) -> Channel {
        self.channel_within(service, PATIENCE)
    }

    /// How long a call may take that says nothing about it.
    pub fn deadline(&self) -> Duration {
        self.deadline
    }

    fn channel_within(&self, service: &str, deadline: Duration) -> Channel {
        let name = service.replace('-', "_");
        let url = self
            .urls
            .get(&name)
            .or_else(|| self.urls.get("default"))
            .map_or("http://127.0.0.1:8081", String::as_str);
        let mut channels = self.channels.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (url.to_owned(), deadline);
        if let Some(channel) = channels.get(&key) {
            return channel.clone();
        }
        let channel = Endpoint::from_shared(url.to_owned())
            .unwrap_or_else(|_| Endpoint::from_static("http://127.0.0.1:8081"))
            .timeout(deadline)
            .connect_timeout(Duration::from_secs(2))
            .tcp_nodelay(true)
            .http2_keep_alive_interval(Duration::from_secs(10))
            .keep_alive_while_idle(true)
            .connect_lazy();
        channels.insert(key, channel.clone());
        channel
    }

    /// Names of the services that have a URL of their own.
    pub fn named(&self) -> Vec<String> {
        self.urls.keys().filter(|name| *name != "default").cloned().collect()
    }
}

/// Says who calls: added to every request of a [`Peer`].
#[derive(Clone)]
pub struct Introduction {
    auth: Auth,
    claims: Claims,
    clock: Clock,
}

impl Interceptor for Introduction {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        let (token, _) = self.auth.mint(self.claims.clone(), TOKEN_TTL);
        let bearer: MetadataValue<Ascii> =
            format!("Bearer {token}").parse().map_err(|_| Status::internal("no token could be made"))?;
        request.metadata_mut().insert("authorization", bearer);
        if let Ok(id) = Ids.new_id(self.clock.now()).parse() {
            request.metadata_mut().insert("x-request-id", id);
        }
        telemetry::inject(request.metadata_mut());
        Ok(request)
    }
}
