//! The gRPC services: who calls, then the request, then its error as a status.

use std::sync::Arc;

use chassis::{Caller, Failure as _};
use contract::directory::v1::{
    ApplyRequest, ApplyResponse, CheckHoursRequest, CheckHoursResponse, EditRequest, EditResponse,
    FindExtensionRequest, FindExtensionResponse, GetCentreRequest, GetCentreResponse,
    GetSipCredentialRequest, GetSipCredentialResponse, ListChangesRequest, ListChangesResponse,
    RefreshSessionRequest, RefreshSessionResponse, ResolveAddressRequest, ResolveAddressResponse,
    SetClosureRequest, SetClosureResponse, SignInRequest, SignInResponse, SignOutRequest, SignOutResponse,
    administration_service_server::AdministrationService, directory_service_server::DirectoryService,
    session_service_server::SessionService,
};
use tonic::{Request, Response, Status};

use crate::app::{
    App, apply, check_hours, edit, find_extension, get_centre, get_sip_credential, list_changes,
    refresh_session, resolve_address, set_closure, sign_in, sign_out,
};

/// `switchboard.directory.v1.DirectoryService`
pub struct DirectoryEdge(pub Arc<App>);

#[tonic::async_trait]
impl DirectoryService for DirectoryEdge {
    async fn apply(&self, request: Request<ApplyRequest>) -> Result<Response<ApplyResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let app = Arc::clone(&self.0);
        // A caller who gives up does not stop it half way: hashing the passwords of a large centre takes longer than
        // some wait, and whoever tries again finds it done.
        let applying = tokio::spawn(async move { apply::apply(&app, &caller, request.into_inner()).await });
        let applied = applying.await.map_err(|error| Status::internal(error.to_string()))?;
        applied.map(Response::new).map_err(|error| error.status())
    }

    async fn get_centre(
        &self,
        request: Request<GetCentreRequest>,
    ) -> Result<Response<GetCentreResponse>, Status> {
        let caller = Caller::of(&request)?;
        let centre = get_centre::get_centre(&self.0, caller).await;
        centre.map(Response::new).map_err(|error| error.status())
    }

    async fn resolve_address(
        &self,
        request: Request<ResolveAddressRequest>,
    ) -> Result<Response<ResolveAddressResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let resolved = resolve_address::resolve_address(&self.0, &caller, request.into_inner()).await;
        resolved.map(Response::new).map_err(|error| error.status())
    }

    async fn check_hours(
        &self,
        request: Request<CheckHoursRequest>,
    ) -> Result<Response<CheckHoursResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let checked = check_hours::check_hours(&self.0, &caller, request.into_inner()).await;
        checked.map(Response::new).map_err(|error| error.status())
    }

    async fn get_sip_credential(
        &self,
        request: Request<GetSipCredentialRequest>,
    ) -> Result<Response<GetSipCredentialResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let found = get_sip_credential::get_sip_credential(&self.0, &caller, request.into_inner()).await;
        found.map(Response::new).map_err(|error| error.status())
    }

    async fn find_extension(
        &self,
        request: Request<FindExtensionRequest>,
    ) -> Result<Response<FindExtensionResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let found = find_extension::find_extension(&self.0, &caller, request.into_inner()).await;
        found.map(Response::new).map_err(|error| error.status())
    }
}

/// `switchboard.directory.v1.AdministrationService`
pub struct AdministrationEdge(pub Arc<App>);

#[tonic::async_trait]
impl AdministrationService for AdministrationEdge {
    async fn edit(&self, request: Request<EditRequest>) -> Result<Response<EditResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let edited = edit::edit(&self.0, &caller, request.into_inner()).await;
        edited.map(Response::new).map_err(|error| error.status())
    }

    async fn set_closure(
        &self,
        request: Request<SetClosureRequest>,
    ) -> Result<Response<SetClosureResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let set = set_closure::set_closure(&self.0, &caller, request.into_inner()).await;
        set.map(Response::new).map_err(|error| error.status())
    }

    async fn list_changes(
        &self,
        request: Request<ListChangesRequest>,
    ) -> Result<Response<ListChangesResponse>, Status> {
        let caller = Caller::of(&request)?.clone();
        let found = list_changes::list_changes(&self.0, &caller, request.into_inner()).await;
        found.map(Response::new).map_err(|error| error.status())
    }
}

/// `switchboard.directory.v1.SessionService`; its callers are nobody yet.
pub struct SessionEdge(pub Arc<App>);

#[tonic::async_trait]
impl SessionService for SessionEdge {
    async fn sign_in(&self, request: Request<SignInRequest>) -> Result<Response<SignInResponse>, Status> {
        let signed_in = sign_in::sign_in(&self.0, request.into_inner()).await;
        signed_in.map(Response::new).map_err(|error| error.status())
    }

    async fn refresh_session(
        &self,
        request: Request<RefreshSessionRequest>,
    ) -> Result<Response<RefreshSessionResponse>, Status> {
        let refreshed = refresh_session::refresh_session(&self.0, request.into_inner()).await;
        refreshed.map(Response::new).map_err(|error| error.status())
    }

    async fn sign_out(&self, request: Request<SignOutRequest>) -> Result<Response<SignOutResponse>, Status> {
        let signed_out = sign_out::sign_out(&self.0, request.into_inner()).await;
        signed_out.map(Response::new).map_err(|error| error.status())
    }
}
