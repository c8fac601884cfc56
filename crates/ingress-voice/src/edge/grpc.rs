//! `switchboard.voice.v1.VoiceService`.

use std::sync::Arc;

use chassis::{Caller, Failure as _};
use contract::{
    directory::v1::Role,
    voice::v1::{
        Call, CallColleagueRequest, CallColleagueResponse, CancelConsultRequest, CancelConsultResponse,
        CompleteTransferRequest, CompleteTransferResponse, ConferenceRequest, ConferenceResponse,
        ConsultRequest, ConsultResponse, ControlCommand, DialRequest, DialResponse, DropParticipantRequest,
        DropParticipantResponse, GetCallRequest, GetCallResponse, HangUpRequest, HangUpResponse, HoldRequest,
        HoldResponse, LeaveMessageRequest, LeaveMessageResponse, ListParkedCallsRequest,
        ListParkedCallsResponse, ListRegistrationsRequest, ListRegistrationsResponse, ListTrunksRequest,
        ListTrunksResponse, MuteRequest, MuteResponse, ParkRequest, ParkResponse, PauseRecordingRequest,
        PauseRecordingResponse, ResumeRecordingRequest, ResumeRecordingResponse, ResumeRequest,
        ResumeResponse, RetrieveRequest, RetrieveResponse, SendDigitsRequest, SendDigitsResponse,
        StopSupervisionRequest, StopSupervisionResponse, SuperviseRequest, SuperviseResponse,
        TransferRequest, TransferResponse, control_command::Command, voice_service_server::VoiceService,
    },
};
use tonic::{Request, Response, Status};

use crate::app::Voice;

/// Roles that may end any call and see all phones.
const OVERSEERS: [Role; 2] = [Role::Supervisor, Role::Administrator];

/// Roles that take calls.
const STAFF: [Role; 3] = [Role::Agent, Role::Supervisor, Role::Administrator];

/// The gRPC face of the service.
pub struct VoiceApi(pub Arc<Voice>);

impl VoiceApi {
    /// Passes a command on to its call; how the call stands then.
    async fn control<T>(
        &self,
        request: Request<T>,
        roles: &[Role],
        command: impl FnOnce(T) -> (String, Command),
    ) -> Result<Option<Call>, Status> {
        let caller = Caller::of(&request)?.clone();
        caller.require(roles)?;
        let (interaction_id, command) = command(request.into_inner());
        let command = ControlCommand {
            tenant_id: caller.tenant.clone(),
            interaction_id,
            actor: caller.user.clone(),
            overseer: caller.is_service() || caller.has(&OVERSEERS),
            command: Some(command),
        };
        self.0.control(command).await.map(Some).map_err(|error| error.status())
    }
}

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

    async fn list_trunks(
        &self,
        request: Request<ListTrunksRequest>,
    ) -> Result<Response<ListTrunksResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(&OVERSEERS)?;
        let instance = self.0.instance.clone();
        Ok(Response::new(ListTrunksResponse { trunks: self.0.list_trunks(), instance }))
    }

    async fn dial(&self, request: Request<DialRequest>) -> Result<Response<DialResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        caller.require(&STAFF)?;
        let interaction_id = self
            .0
            .dial(&caller.tenant, &caller.user, request.into_inner())
            .await
            .map_err(|error| error.status())?;
        Ok(Response::new(DialResponse { interaction_id }))
    }

    async fn call_colleague(
        &self,
        request: Request<CallColleagueRequest>,
    ) -> Result<Response<CallColleagueResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(&STAFF)?;
        let called = self.0.dial_colleague(&caller.tenant, &caller.user, &request.get_ref().colleague).await;
        let (interaction_id, agent_id) = called.map_err(|error| error.status())?;
        Ok(Response::new(CallColleagueResponse { interaction_id, agent_id }))
    }

    async fn hold(&self, request: Request<HoldRequest>) -> Result<Response<HoldResponse>, Status> {
        let call = self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::Hold(it))).await?;
        Ok(Response::new(HoldResponse { call }))
    }

    async fn resume(&self, request: Request<ResumeRequest>) -> Result<Response<ResumeResponse>, Status> {
        let call =
            self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::Resume(it))).await?;
        Ok(Response::new(ResumeResponse { call }))
    }

    async fn mute(&self, request: Request<MuteRequest>) -> Result<Response<MuteResponse>, Status> {
        let call = self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::Mute(it))).await?;
        Ok(Response::new(MuteResponse { call }))
    }

    async fn transfer(
        &self,
        request: Request<TransferRequest>,
    ) -> Result<Response<TransferResponse>, Status> {
        let call =
            self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::Transfer(it))).await?;
        Ok(Response::new(TransferResponse { call }))
    }

    async fn consult(&self, request: Request<ConsultRequest>) -> Result<Response<ConsultResponse>, Status> {
        let call =
            self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::Consult(it))).await?;
        Ok(Response::new(ConsultResponse { call }))
    }

    async fn complete_transfer(
        &self,
        request: Request<CompleteTransferRequest>,
    ) -> Result<Response<CompleteTransferResponse>, Status> {
        let call = self
            .control(request, &STAFF, |it| (it.interaction_id.clone(), Command::CompleteTransfer(it)))
            .await?;
        Ok(Response::new(CompleteTransferResponse { call }))
    }

    async fn cancel_consult(
        &self,
        request: Request<CancelConsultRequest>,
    ) -> Result<Response<CancelConsultResponse>, Status> {
        let call = self
            .control(request, &STAFF, |it| (it.interaction_id.clone(), Command::CancelConsult(it)))
            .await?;
        Ok(Response::new(CancelConsultResponse { call }))
    }

    async fn conference(
        &self,
        request: Request<ConferenceRequest>,
    ) -> Result<Response<ConferenceResponse>, Status> {
        let call =
            self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::Conference(it))).await?;
        Ok(Response::new(ConferenceResponse { call }))
    }

    async fn drop_participant(
        &self,
        request: Request<DropParticipantRequest>,
    ) -> Result<Response<DropParticipantResponse>, Status> {
        let call = self
            .control(request, &STAFF, |it| (it.interaction_id.clone(), Command::DropParticipant(it)))
            .await?;
        Ok(Response::new(DropParticipantResponse { call }))
    }

    async fn park(&self, request: Request<ParkRequest>) -> Result<Response<ParkResponse>, Status> {
        let call = self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::Park(it))).await?;
        Ok(Response::new(ParkResponse { call }))
    }

    async fn retrieve(
        &self,
        request: Request<RetrieveRequest>,
    ) -> Result<Response<RetrieveResponse>, Status> {
        let call =
            self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::Retrieve(it))).await?;
        Ok(Response::new(RetrieveResponse { call }))
    }

    async fn list_parked_calls(
        &self,
        request: Request<ListParkedCallsRequest>,
    ) -> Result<Response<ListParkedCallsResponse>, Status> {
        let caller = Caller::of(&request)?;
        caller.require(&STAFF)?;
        let calls = self.0.list_parked_calls(&caller.tenant).await.map_err(|error| error.status())?;
        Ok(Response::new(ListParkedCallsResponse { calls }))
    }

    async fn leave_message(
        &self,
        request: Request<LeaveMessageRequest>,
    ) -> Result<Response<LeaveMessageResponse>, Status> {
        let call = self
            .control(request, &STAFF, |it| (it.interaction_id.clone(), Command::LeaveMessage(it)))
            .await?;
        Ok(Response::new(LeaveMessageResponse { call }))
    }

    async fn send_digits(
        &self,
        request: Request<SendDigitsRequest>,
    ) -> Result<Response<SendDigitsResponse>, Status> {
        let call =
            self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::SendDigits(it))).await?;
        Ok(Response::new(SendDigitsResponse { call }))
    }

    async fn supervise(
        &self,
        request: Request<SuperviseRequest>,
    ) -> Result<Response<SuperviseResponse>, Status> {
        let call = self
            .control(request, &OVERSEERS, |it| (it.interaction_id.clone(), Command::Supervise(it)))
            .await?;
        Ok(Response::new(SuperviseResponse { call }))
    }

    async fn stop_supervision(
        &self,
        request: Request<StopSupervisionRequest>,
    ) -> Result<Response<StopSupervisionResponse>, Status> {
        let call = self
            .control(request, &OVERSEERS, |it| (it.interaction_id.clone(), Command::StopSupervision(it)))
            .await?;
        Ok(Response::new(StopSupervisionResponse { call }))
    }

    async fn pause_recording(
        &self,
        request: Request<PauseRecordingRequest>,
    ) -> Result<Response<PauseRecordingResponse>, Status> {
        let call = self
            .control(request, &STAFF, |it| (it.interaction_id.clone(), Command::PauseRecording(it)))
            .await?;
        Ok(Response::new(PauseRecordingResponse { call }))
    }

    async fn resume_recording(
        &self,
        request: Request<ResumeRecordingRequest>,
    ) -> Result<Response<ResumeRecordingResponse>, Status> {
        let call = self
            .control(request, &STAFF, |it| (it.interaction_id.clone(), Command::ResumeRecording(it)))
            .await?;
        Ok(Response::new(ResumeRecordingResponse { call }))
    }

    async fn get_call(&self, request: Request<GetCallRequest>) -> Result<Response<GetCallResponse>, Status> {
        let call =
            self.control(request, &STAFF, |it| (it.interaction_id.clone(), Command::GetCall(it))).await?;
        Ok(Response::new(GetCallResponse { call }))
    }
}
