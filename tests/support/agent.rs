//! An agent at a desk: signed in at the gateway's port, doing what the desktop does.

use std::time::Duration;

use anyhow::Context as _;
use contract::{
    chat::v1::{
        EndConversationRequest, ListMessagesRequest, SendMessageRequest,
        chat_service_client::ChatServiceClient,
    },
    directory::v1::{SignInRequest, session_service_client::SessionServiceClient},
    interaction::v1::Message,
    router::v1::{
        AcceptOfferRequest, AgentStatus, AgentView, CompleteWrapUpRequest, GetAgentRequest,
        SetAgentStatusRequest, Work, WorkState, router_service_client::RouterServiceClient,
    },
};
use tonic::{
    Request,
    transport::{Channel, Endpoint},
};

use super::eventually;

const WITHIN: Duration = Duration::from_secs(20);

/// A signed-in agent.
#[derive(Debug, Clone)]
pub struct Agent {
    /// Key of the agent.
    pub key: String,
    channel: Channel,
    bearer: String,
}

fn id() -> String {
    uuid::Uuid::now_v7().to_string()
}

impl Agent {
    /// Signs in with the password of the demo.
    pub async fn sign_in(http_url: &str, key: &str) -> anyhow::Result<Self> {
        let channel = Endpoint::from_shared(http_url.to_owned())?.timeout(WITHIN).connect_lazy();
        let request = SignInRequest {
            tenant_id: "demo".to_owned(),
            login: key.to_owned(),
            password: "demo".to_owned(),
        };
        let answer = SessionServiceClient::new(channel.clone()).sign_in(request).await?.into_inner();
        let session = answer.session.context("a session")?;
        Ok(Self { key: key.to_owned(), channel, bearer: format!("Bearer {}", session.access_token) })
    }

    fn request<T>(&self, message: T) -> anyhow::Result<Request<T>> {
        let mut request = Request::new(message);
        request.metadata_mut().insert("authorization", self.bearer.parse()?);
        Ok(request)
    }

    fn router(&self) -> RouterServiceClient<Channel> {
        RouterServiceClient::new(self.channel.clone())
    }

    fn chat(&self) -> ChatServiceClient<Channel> {
        ChatServiceClient::new(self.channel.clone())
    }

    /// Takes work from now on.
    pub async fn available(&self) -> anyhow::Result<()> {
        let request = SetAgentStatusRequest {
            agent_id: self.key.clone(),
            status: AgentStatus::Available.into(),
            aux_code: String::new(),
            request_id: id(),
        };
        self.router().set_agent_status(self.request(request)?).await?;
        Ok(())
    }

    /// How the router sees this agent.
    pub async fn view(&self) -> anyhow::Result<AgentView> {
        let request = GetAgentRequest { agent_id: self.key.clone() };
        let answer = self.router().get_agent(self.request(request)?).await?;
        answer.into_inner().agent.context("an agent")
    }

    /// Waits until work is in a state.
    pub async fn work(&self, state: WorkState) -> Work {
        let what = format!("{} has work that is {}", self.key, state.as_str_name());
        eventually(&what, WITHIN, async || {
            let view = self.view().await.ok()?;
            view.work.into_iter().find(|work| work.state() == state)
        })
        .await
    }

    /// Waits for an offer and accepts it.
    pub async fn accept(&self) -> anyhow::Result<Work> {
        let work = self.work(WorkState::Offered).await;
        self.accept_offer(&work.offer_id).await?;
        Ok(work)
    }

    /// Accepts an offer by its id.
    pub async fn accept_offer(&self, offer: &str) -> anyhow::Result<()> {
        let request =
            AcceptOfferRequest { offer_id: offer.to_owned(), agent_id: self.key.clone(), request_id: id() };
        self.router().accept_offer(self.request(request)?).await?;
        Ok(())
    }

    /// Says something in a chat.
    pub async fn say(&self, interaction: &str, text: &str) -> anyhow::Result<()> {
        let request = SendMessageRequest {
            interaction_id: interaction.to_owned(),
            client_message_id: id(),
            text: text.to_owned(),
            attachment_ids: Vec::new(),
        };
        self.chat().send_message(self.request(request)?).await?;
        Ok(())
    }

    /// Everything that was said in a chat.
    pub async fn messages(&self, interaction: &str) -> anyhow::Result<Vec<Message>> {
        let request =
            ListMessagesRequest { interaction_id: interaction.to_owned(), after_sequence: 0, page_size: 500 };
        Ok(self.chat().list_messages(self.request(request)?).await?.into_inner().messages)
    }

    /// Ends a chat.
    pub async fn end(&self, interaction: &str) -> anyhow::Result<()> {
        let request = EndConversationRequest { interaction_id: interaction.to_owned(), request_id: id() };
        self.chat().end_conversation(self.request(request)?).await?;
        Ok(())
    }

    /// Finishes the paperwork, once there is some.
    pub async fn wrap_up(&self, interaction: &str, disposition: &str) -> anyhow::Result<()> {
        self.work(WorkState::WrapUp).await;
        let request = CompleteWrapUpRequest {
            interaction_id: interaction.to_owned(),
            agent_id: self.key.clone(),
            disposition: disposition.to_owned(),
            note: String::new(),
            request_id: id(),
        };
        self.router().complete_wrap_up(self.request(request)?).await?;
        Ok(())
    }
}
