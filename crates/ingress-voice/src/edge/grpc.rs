//! `switchboard.voice.v1.VoiceService`.

use std::sync::Arc;

use chassis::{Caller, Failure as _};
use contract::{
    directory::v1::Role,
    voice::v1::{
        HangUpRequest, HangUpResponse, ListRegistrationsRequest, ListRegistrationsResponse,
        voice_service_server::VoiceService,
    },
};
use tonic::{Request, Response, Status};

use crate::app::Voice;

/// Roles that may end any call and see all phones.
const OVERSEERS: [Role; 2] = [Role::Supervisor, Role::Administrator];

/// The gRPC face of the service.
pub struct VoiceApi(pub Arc<Voice>);

#[tonic::async_trait]
impl VoiceService for VoiceApi {
    async fn hang_up(&self, request: Request<HangUpRequest>) -> Result<Response<HangUpResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        caller.require(&[Role::Agent, Role::Supervisor, Role::Administrator])?;
        let actor = if caller.is_service() || caller.has(&OVERSEERS) { "" } else { &caller.user };
        let interaction_id = &request.get_ref().interaction_id;
        tracing::info!(interaction.id = interaction_id, actor = caller.user, "hang-up asked for");
        self.0.hang_up(&caller.tenant, interaction_id, actor).await.map_err(|error| error.status())?;
        Ok(Response::new(HangUpResponse {}))
    }

    async fn list_registrations(
        &self,
        request: Request<ListRegistrationsRequest>,
    ) -> Result<Response<ListRegistrationsResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let agent = &request.get_ref().agent_id;
        if *agent != caller.user {
            caller.require(&OVERSEERS)?;
        }
        let registrations =
            self.0.list_registrations(&caller.tenant, agent).await.map_err(|error| error.status())?;
        Ok(Response::new(ListRegistrationsResponse { registrations }))
    }
}
