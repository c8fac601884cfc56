//! `switchboard.voice.v1.RecordingService`.

use std::sync::Arc;

use chassis::{Caller, Failure as _};
use contract::{
    directory::v1::Role,
    voice::v1::{
        GetRecordingRequest, GetRecordingResponse, ListRecordingAccessRequest, ListRecordingAccessResponse,
        ListRecordingsRequest, ListRecordingsResponse, StreamRecordingRequest,
        recording_service_server::RecordingService,
    },
};
use tonic::{Request, Response, Status};

use crate::app::{Voice, recordings::Pieces};

/// Roles that hear recordings; agents only their own.
const LISTENERS: [Role; 4] = [Role::Agent, Role::Supervisor, Role::Quality, Role::Administrator];
/// Roles that see who listened.
const AUDITORS: [Role; 2] = [Role::Auditor, Role::Administrator];

/// The gRPC face of recordings.
pub struct RecordingApi(pub Arc<Voice>);

fn caller<T>(request: &Request<T>, roles: &[Role]) -> Result<Caller, Status> {
    let caller = Caller::of(request)?.clone();
    caller.require(roles)?;
    Ok(caller)
}

#[tonic::async_trait]
impl RecordingService for RecordingApi {
    async fn list_recordings(
        &self,
        request: Request<ListRecordingsRequest>,
    ) -> Result<Response<ListRecordingsResponse>, Status> {
        let caller = caller(&request, &LISTENERS)?;
        let answer = self.0.list_recordings(&caller, request.get_ref()).await;
        answer.map(Response::new).map_err(|error| error.status())
    }

    async fn get_recording(
        &self,
        request: Request<GetRecordingRequest>,
    ) -> Result<Response<GetRecordingResponse>, Status> {
        let caller = caller(&request, &LISTENERS)?;
        let answer = self.0.get_recording(&caller, request.get_ref()).await;
        answer.map(Response::new).map_err(|error| error.status())
    }

    type StreamRecordingStream = Pieces;

    async fn stream_recording(
        &self,
        request: Request<StreamRecordingRequest>,
    ) -> Result<Response<Pieces>, Status> {
        let caller = caller(&request, &LISTENERS)?;
        let answer = self.0.stream_recording(&caller, request.get_ref()).await;
        answer.map(Response::new).map_err(|error| error.status())
    }

    async fn list_recording_access(
        &self,
        request: Request<ListRecordingAccessRequest>,
    ) -> Result<Response<ListRecordingAccessResponse>, Status> {
        let caller = caller(&request, &AUDITORS)?;
        let answer = self.0.list_recording_access(&caller.tenant, &request.get_ref().recording_id).await;
        answer.map(Response::new).map_err(|error| error.status())
    }
}
