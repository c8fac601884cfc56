//! `switchboard.chat.v1.ChatService`: the agent's side.

use std::sync::Arc;

use chassis::{Caller, Failure as _};
use contract::{
    chat::v1::{
        EndConversationRequest, EndConversationResponse, GetAttachmentRequest, GetAttachmentResponse,
        GetConversationRequest, GetConversationResponse, ListMessagesRequest, ListMessagesResponse,
        MarkSeenRequest, MarkSeenResponse, SendMessageRequest, SendMessageResponse, SetTypingRequest,
        SetTypingResponse, UploadAttachmentRequest, UploadAttachmentResponse,
        chat_service_server::{ChatService, ChatServiceServer},
    },
    directory::v1::Role,
};
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    app::{AgentError, App, CommandError, Key, MAX_ATTACHMENT},
    core::Actor,
};

/// Who may read conversations of the tenant.
const READERS: [Role; 5] = [Role::Agent, Role::Supervisor, Role::Quality, Role::Administrator, Role::Auditor];
/// Who may write into them; agents only into their own.
const WRITERS: [Role; 3] = [Role::Agent, Role::Supervisor, Role::Administrator];
/// Who may write into conversations of others.
const FOR_OTHERS: [Role; 2] = [Role::Supervisor, Role::Administrator];

/// The gRPC service.
pub fn service(app: Arc<App>) -> ChatServiceServer<Edge> {
    let room = MAX_ATTACHMENT + 64 * 1024;
    ChatServiceServer::new(Edge { app }).max_decoding_message_size(room).max_encoding_message_size(room)
}

/// Decodes, calls, encodes.
pub struct Edge {
    app: Arc<App>,
}

impl Edge {
    fn reader<T>(request: &Request<T>) -> Result<&Caller, AgentError> {
        let caller = Caller::of(request)?;
        caller.require(&READERS)?;
        Ok(caller)
    }

    fn writer<T>(request: &Request<T>) -> Result<(Actor, &Caller), AgentError> {
        let caller = Caller::of(request)?;
        caller.require(&WRITERS)?;
        let actor = Actor {
            user_id: caller.user.clone(),
            name: caller.name.clone(),
            may_act_for_others: caller.is_service() || caller.has(&FOR_OTHERS),
        };
        Ok((actor, caller))
    }
}

fn key(caller: &Caller, interaction_id: &str) -> Result<Key, AgentError> {
    let interaction_id = Uuid::parse_str(interaction_id)
        .map_err(|_| AgentError::invalid("interaction_id", "must be the id of an interaction"))?;
    Ok(Key { tenant: caller.tenant.as_str().into(), interaction_id })
}

fn status(error: AgentError) -> Status {
    error.status()
}

#[tonic::async_trait]
impl ChatService for Edge {
    async fn send_message(
        &self,
        request: Request<SendMessageRequest>,
    ) -> Result<Response<SendMessageResponse>, Status> {
        let (agent, caller) = Self::writer(&request).map_err(status)?;
        let key = key(caller, &request.get_ref().interaction_id).map_err(status)?;
        let message = self.app.send_message(key, agent, request.into_inner()).await.map_err(status)?;
        Ok(Response::new(SendMessageResponse { message: Some(message) }))
    }

    async fn list_messages(
        &self,
        request: Request<ListMessagesRequest>,
    ) -> Result<Response<ListMessagesResponse>, Status> {
        let caller = Self::reader(&request).map_err(status)?;
        let key = key(caller, &request.get_ref().interaction_id).map_err(status)?;
        self.app.list_messages(key, request.into_inner()).await.map(Response::new).map_err(status)
    }

    async fn get_conversation(
        &self,
        request: Request<GetConversationRequest>,
    ) -> Result<Response<GetConversationResponse>, Status> {
        let caller = Self::reader(&request).map_err(status)?;
        let key = key(caller, &request.get_ref().interaction_id).map_err(status)?;
        let conversation = self.app.get_conversation(key).await.map_err(status)?;
        Ok(Response::new(GetConversationResponse { conversation: Some(conversation) }))
    }

    async fn set_typing(
        &self,
        request: Request<SetTypingRequest>,
    ) -> Result<Response<SetTypingResponse>, Status> {
        let (agent, caller) = Self::writer(&request).map_err(status)?;
        let key = key(caller, &request.get_ref().interaction_id).map_err(status)?;
        self.app.set_typing(key, agent, request.get_ref().typing).await.map_err(status)?;
        Ok(Response::new(SetTypingResponse {}))
    }

    async fn mark_seen(
        &self,
        request: Request<MarkSeenRequest>,
    ) -> Result<Response<MarkSeenResponse>, Status> {
        let (agent, caller) = Self::writer(&request).map_err(status)?;
        let key = key(caller, &request.get_ref().interaction_id).map_err(status)?;
        self.app.mark_seen(key, agent, request.get_ref().sequence).await.map_err(status)?;
        Ok(Response::new(MarkSeenResponse {}))
    }

    async fn end_conversation(
        &self,
        request: Request<EndConversationRequest>,
    ) -> Result<Response<EndConversationResponse>, Status> {
        let (agent, caller) = Self::writer(&request).map_err(status)?;
        let key = key(caller, &request.get_ref().interaction_id).map_err(status)?;
        self.app.end_conversation(key, agent).await.map_err(status)?;
        Ok(Response::new(EndConversationResponse {}))
    }

    async fn upload_attachment(
        &self,
        request: Request<UploadAttachmentRequest>,
    ) -> Result<Response<UploadAttachmentResponse>, Status> {
        let (agent, caller) = Self::writer(&request).map_err(status)?;
        let upload = request.get_ref();
        let key = key(caller, &upload.interaction_id).map_err(status)?;
        let attachment = self.app.upload_as_agent(key, &agent, upload).await.map_err(status)?;
        Ok(Response::new(UploadAttachmentResponse { attachment: Some(attachment) }))
    }

    async fn get_attachment(
        &self,
        request: Request<GetAttachmentRequest>,
    ) -> Result<Response<GetAttachmentResponse>, Status> {
        let caller = Self::reader(&request).map_err(status)?;
        let key = key(caller, &request.get_ref().interaction_id).map_err(status)?;
        let attachment_id = Uuid::parse_str(&request.get_ref().attachment_id)
            .map_err(|_| status(AgentError::invalid("attachment_id", "must be the id of a file")))?;
        if self.app.find(&key.tenant, key.interaction_id).await.map_err(|error| error.status())?.is_none() {
            return Err(status(CommandError::NotFound.into()));
        }
        let (attachment, content) =
            self.app.read_attachment(&key, attachment_id).await.map_err(|error| error.status())?;
        Ok(Response::new(GetAttachmentResponse { attachment: Some(attachment), content }))
    }
}
