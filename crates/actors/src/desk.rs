//! An agent's desk: signed in at the gateway's port, doing what the desktop does.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::Context as _;
use contract::{
    chat::v1::{
        EndConversationRequest, SendMessageRequest, SetTypingRequest, chat_service_client::ChatServiceClient,
    },
    directory::v1::{
        RefreshSessionRequest, Session, SignInRequest, SignOutRequest,
        session_service_client::SessionServiceClient,
    },
    gateway::v1::{WatchRequest, WatchResponse, desktop_service_client::DesktopServiceClient},
    router::v1::{
        AcceptOfferRequest, AgentStatus, CompleteWrapUpRequest, SetAgentStatusRequest,
        router_service_client::RouterServiceClient,
    },
};
use tonic::{
    Request, Streaming,
    transport::{Channel, Endpoint},
};

/// How long a call may take; a stream may take for ever.
const WITHIN: Duration = Duration::from_secs(20);

/// A signed-in agent.
#[derive(Debug)]
pub struct Desk {
    /// Key of the agent.
    pub key: String,
    channel: Channel,
    session: Mutex<Session>,
}

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

impl Desk {
    /// Signs in at the gateway's port.
    pub async fn sign_in(http_url: &str, tenant: &str, login: &str, password: &str) -> anyhow::Result<Self> {
        let channel = Endpoint::from_shared(http_url.to_owned())?.connect_timeout(WITHIN).connect_lazy();
        let request = SignInRequest {
            tenant_id: tenant.to_owned(),
            login: login.to_owned(),
            password: password.to_owned(),
        };
        let mut sessions = SessionServiceClient::new(channel.clone());
        let answer = tokio::time::timeout(WITHIN, sessions.sign_in(request)).await??.into_inner();
        let session = Mutex::new(answer.session.context("a session")?);
        Ok(Self { key: login.to_owned(), channel, session })
    }

    /// Renews the session: an access token is good for some minutes only.
    pub async fn refresh(&self) -> anyhow::Result<()> {
        let refresh_token = self.session().refresh_token.clone();
        let request = RefreshSessionRequest { refresh_token };
        let mut sessions = SessionServiceClient::new(self.channel.clone());
        let answer = tokio::time::timeout(WITHIN, sessions.refresh_session(request)).await??.into_inner();
        *self.session() = answer.session.context("a session")?;
        Ok(())
    }

    fn session(&self) -> std::sync::MutexGuard<'_, Session> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn request<T>(&self, message: T) -> anyhow::Result<Request<T>> {
        let mut request = Request::new(message);
        let bearer = format!("Bearer {}", self.session().access_token);
        request.metadata_mut().insert("authorization", bearer.parse()?);
        Ok(request)
    }

    fn timed<T>(&self, message: T) -> anyhow::Result<Request<T>> {
        let mut request = self.request(message)?;
        request.set_timeout(WITHIN);
        Ok(request)
    }

    fn router(&self) -> RouterServiceClient<Channel> {
        RouterServiceClient::new(self.channel.clone())
    }

    fn chat(&self) -> ChatServiceClient<Channel> {
        ChatServiceClient::new(self.channel.clone())
    }

    /// The agent's work: a snapshot, then every change, until the stream breaks or the access token expires.
    pub async fn watch(&self) -> anyhow::Result<Streaming<WatchResponse>> {
        let request = self.request(WatchRequest {})?;
        let mut desktop = DesktopServiceClient::new(self.channel.clone());
        Ok(tokio::time::timeout(WITHIN, desktop.watch(request)).await??.into_inner())
    }

    /// Declares a status; `aux_code` says why away.
    pub async fn set_status(&self, status: AgentStatus, aux_code: &str) -> anyhow::Result<()> {
        let request = SetAgentStatusRequest {
            agent_id: self.key.clone(),
            status: status.into(),
            aux_code: aux_code.to_owned(),
            request_id: id(),
        };
        self.router().set_agent_status(self.timed(request)?).await?;
        Ok(())
    }

    /// Takes an offer.
    pub async fn accept(&self, offer_id: &str) -> anyhow::Result<()> {
        let request = AcceptOfferRequest {
            offer_id: offer_id.to_owned(),
            agent_id: self.key.clone(),
            request_id: id(),
        };
        self.router().accept_offer(self.timed(request)?).await?;
        Ok(())
    }

    /// Shows the visitor of a chat that somebody writes.
    pub async fn type_in(&self, interaction_id: &str, typing: bool) -> anyhow::Result<()> {
        let request = SetTypingRequest { interaction_id: interaction_id.to_owned(), typing };
        self.chat().set_typing(self.timed(request)?).await?;
        Ok(())
    }

    /// Says something in a chat.
    pub async fn say(&self, interaction_id: &str, text: &str) -> anyhow::Result<()> {
        let request = SendMessageRequest {
            interaction_id: interaction_id.to_owned(),
            client_message_id: id(),
            text: text.to_owned(),
            attachment_ids: Vec::new(),
        };
        self.chat().send_message(self.timed(request)?).await?;
        Ok(())
    }

    /// Ends a chat.
    pub async fn end_chat(&self, interaction_id: &str) -> anyhow::Result<()> {
        let request = EndConversationRequest { interaction_id: interaction_id.to_owned(), request_id: id() };
        self.chat().end_conversation(self.timed(request)?).await?;
        Ok(())
    }

    /// Finishes the paperwork of an interaction.
    pub async fn wrap_up(&self, interaction_id: &str, disposition: &str, note: &str) -> anyhow::Result<()> {
        let request = CompleteWrapUpRequest {
            interaction_id: interaction_id.to_owned(),
            agent_id: self.key.clone(),
            disposition: disposition.to_owned(),
            note: note.to_owned(),
            request_id: id(),
        };
        self.router().complete_wrap_up(self.timed(request)?).await?;
        Ok(())
    }

    /// Signs out.
    pub async fn sign_out(&self) -> anyhow::Result<()> {
        let request = SignOutRequest { refresh_token: self.session().refresh_token.clone() };
        let mut sessions = SessionServiceClient::new(self.channel.clone());
        tokio::time::timeout(WITHIN, sessions.sign_out(self.request(request)?)).await??;
        Ok(())
    }
}
