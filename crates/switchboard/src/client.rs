//! The way to a centre: finds it, proves who acts, and words what it answers.

use std::time::Duration;

use contract::{
    analytics::v1::analytics_service_client::AnalyticsServiceClient,
    crm::v1::crm_service_client::CrmServiceClient,
    directory::v1::{
        SignInRequest, directory_service_client::DirectoryServiceClient,
        session_service_client::SessionServiceClient,
    },
    ivr::v1::{flow_service_client::FlowServiceClient, prompt_service_client::PromptServiceClient},
    operations::v1::operations_service_client::OperationsServiceClient,
    router::v1::{history_service_client::HistoryServiceClient, router_service_client::RouterServiceClient},
    voice::v1::voice_service_client::VoiceServiceClient,
};
use tonic::{
    Request, Status,
    metadata::{Ascii, MetadataValue},
    service::{Interceptor, interceptor::InterceptedService},
    transport::{Channel, ClientTlsConfig, Endpoint},
};

use crate::{
    cli::Access,
    error::CommandError,
    local::{DataFolder, Server, administrator_token},
};

const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const CALL_TIMEOUT: Duration = Duration::from_mins(2);
/// How long a token lives that is signed for one command.
const TOKEN_LIFE: Duration = Duration::from_mins(5);

/// A channel that says who acts.
pub type Authorised = InterceptedService<Channel, Bearer>;

/// Adds `authorization: Bearer …`.
#[derive(Debug, Clone)]
pub struct Bearer(Option<MetadataValue<Ascii>>);

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

/// A centre, and who acts there.
#[derive(Debug, Clone)]
pub struct Client {
    server: String,
    channel: Channel,
    bearer: Bearer,
}

impl Client {
    /// Finds the centre and signs in. `tenant` is what a file or flag names, if any.
    pub async fn connect(access: &Access, tenant: Option<&str>) -> Result<Self, CommandError> {
        let mut client = Self::anonymous(access).await?;
        client.bearer = Bearer(match client.credential(access, tenant).await? {
            Some(token) => Some(format!("Bearer {token}").parse().map_err(|_| CommandError::BadToken)?),
            None => None,
        });
        Ok(client)
    }

    /// A centre at `server`, acting with `token`.
    pub async fn with_token(server: &str, token: &str) -> Result<Self, CommandError> {
        let bearer = format!("Bearer {token}").parse().map_err(|_| CommandError::BadToken)?;
        Ok(Self { server: server.to_owned(), channel: channel(server).await?, bearer: Bearer(Some(bearer)) })
    }

    /// Finds the centre, for what everyone may ask.
    pub async fn anonymous(access: &Access) -> Result<Self, CommandError> {
        let server = server(access);
        Ok(Self { channel: channel(&server).await?, server, bearer: Bearer(None) })
    }

    /// Where this client speaks to.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Words a refusal.
    pub fn refusal(&self, status: Status) -> CommandError {
        CommandError::from_status(status, &self.server)
    }

    async fn credential(
        &self,
        access: &Access,
        tenant: Option<&str>,
    ) -> Result<Option<String>, CommandError> {
        let tenant = tenant.or(access.tenant.as_deref());
        if let Some(token) = &access.token {
            return Ok(Some(token.clone()));
        }
        if let Some(login) = &access.login {
            let (user, password) = login.split_once(':').ok_or(CommandError::BadLogin)?;
            return self.sign_in(user, password, tenant).await.map(Some);
        }
        let folder = DataFolder::at(&access.data);
        let ours = |local: &Server| local.http_url == self.server || local.grpc_url == self.server;
        let Some(local) = folder.server().filter(ours) else { return Ok(None) };
        Ok(match tenant {
            Some(tenant) if local.tenant.as_deref() != Some(tenant) => {
                folder.secret().map(|secret| administrator_token(&secret, tenant, TOKEN_LIFE))
            }
            _ => folder.admin_token(),
        })
    }

    async fn sign_in(
        &self,
        user: &str,
        password: &str,
        tenant: Option<&str>,
    ) -> Result<String, CommandError> {
        let request = SignInRequest {
            tenant_id: tenant.unwrap_or_default().to_owned(),
            login: user.to_owned(),
            password: password.to_owned(),
        };
        let answer = SessionServiceClient::new(self.channel.clone()).sign_in(request).await;
        let session = answer.map_err(|status| CommandError::SignIn {
            user: user.to_owned(),
            server: self.server.clone(),
            reason: status.message().to_owned(),
        })?;
        Ok(session.into_inner().session.unwrap_or_default().access_token)
    }

    fn authorised(&self) -> Authorised {
        InterceptedService::new(self.channel.clone(), self.bearer.clone())
    }

    /// `switchboard.directory.v1.DirectoryService`
    pub fn directory(&self) -> DirectoryServiceClient<Authorised> {
        DirectoryServiceClient::new(self.authorised())
    }

    /// `switchboard.ivr.v1.FlowService`
    pub fn flows(&self) -> FlowServiceClient<Authorised> {
        FlowServiceClient::new(self.authorised())
    }

    /// `switchboard.ivr.v1.PromptService`
    pub fn prompts(&self) -> PromptServiceClient<Authorised> {
        PromptServiceClient::new(self.authorised())
    }

    /// `switchboard.router.v1.RouterService`
    pub fn router(&self) -> RouterServiceClient<Authorised> {
        RouterServiceClient::new(self.authorised())
    }

    /// `switchboard.router.v1.HistoryService`
    pub fn history(&self) -> HistoryServiceClient<Authorised> {
        HistoryServiceClient::new(self.authorised())
    }

    /// `switchboard.crm.v1.CrmService`
    pub fn crm(&self) -> CrmServiceClient<Authorised> {
        CrmServiceClient::new(self.authorised())
    }

    /// `switchboard.analytics.v1.AnalyticsService`
    pub fn analytics(&self) -> AnalyticsServiceClient<Authorised> {
        AnalyticsServiceClient::new(self.authorised())
    }

    /// `switchboard.voice.v1.VoiceService`
    pub fn voice(&self) -> VoiceServiceClient<Authorised> {
        VoiceServiceClient::new(self.authorised())
    }

    /// `switchboard.operations.v1.OperationsService`
    pub fn operations(&self) -> OperationsServiceClient<Authorised> {
        OperationsServiceClient::new(self.authorised())
    }
}

async fn channel(server: &str) -> Result<Channel, CommandError> {
    let bad = || CommandError::BadServer { server: server.to_owned() };
    let mut endpoint = Endpoint::from_shared(server.to_owned())
        .map_err(|_| bad())?
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(CALL_TIMEOUT);
    if server.starts_with("https://") {
        endpoint = endpoint.tls_config(ClientTlsConfig::new().with_enabled_roots()).map_err(|_| bad())?;
    } else if !server.starts_with("http://") {
        return Err(bad());
    }
    endpoint.connect().await.map_err(|_| CommandError::Unreachable { server: server.to_owned() })
}

/// The URL asked for, else that of the local data folder, else the usual one.
pub fn server(access: &Access) -> String {
    let given = access.server.clone().map(|url| url.trim_end_matches('/').to_owned());
    given
        .or_else(|| DataFolder::at(&access.data).server().map(|local| local.http_url))
        .unwrap_or_else(|| DEFAULT_SERVER.to_owned())
}
