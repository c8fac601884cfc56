//! A directory that knows one thing: the tenant `tokyo` is in Tokyo.

use chassis::{Caller, Context, Parts, Service};
use contract::directory::v1::{
    ApplyRequest, ApplyResponse, Centre, CheckHoursRequest, CheckHoursResponse, FindExtensionRequest,
    FindExtensionResponse, GetCentreRequest, GetCentreResponse, GetSipCredentialRequest,
    GetSipCredentialResponse, ResolveAddressRequest, ResolveAddressResponse, Tenant,
    directory_service_server::{DirectoryService, DirectoryServiceServer},
};
use sqlx::migrate::Migrator;
use tonic::{Request, Response, Status};

pub struct Directory;

impl Service for Directory {
    const NAME: &'static str = "directory";
    const DEFAULTS: &'static str = "[directory]\n";
    type Config = std::collections::BTreeMap<String, String>;

    fn migrations() -> Option<Migrator> {
        None
    }

    async fn start(_: Self::Config, _: Context) -> anyhow::Result<Parts> {
        Ok(Parts::new().grpc(DirectoryServiceServer::new(Self)))
    }
}

#[tonic::async_trait]
impl DirectoryService for Directory {
    async fn get_centre(
        &self,
        request: Request<GetCentreRequest>,
    ) -> Result<Response<GetCentreResponse>, Status> {
        let key = Caller::of(&request)?.tenant.clone();
        let time_zone = if key == "tokyo" { "Asia/Tokyo".to_owned() } else { String::new() };
        let tenant = Some(Tenant { key, time_zone, ..Tenant::default() });
        let centre = Some(Centre { tenant, ..Centre::default() });
        Ok(Response::new(GetCentreResponse { centre, ..GetCentreResponse::default() }))
    }

    async fn apply(&self, _: Request<ApplyRequest>) -> Result<Response<ApplyResponse>, Status> {
        Err(Status::unimplemented("apply"))
    }

    async fn resolve_address(
        &self,
        _: Request<ResolveAddressRequest>,
    ) -> Result<Response<ResolveAddressResponse>, Status> {
        Err(Status::unimplemented("resolve_address"))
    }

    async fn check_hours(
        &self,
        _: Request<CheckHoursRequest>,
    ) -> Result<Response<CheckHoursResponse>, Status> {
        Err(Status::unimplemented("check_hours"))
    }

    async fn get_sip_credential(
        &self,
        _: Request<GetSipCredentialRequest>,
    ) -> Result<Response<GetSipCredentialResponse>, Status> {
        Err(Status::unimplemented("get_sip_credential"))
    }

    async fn find_extension(
        &self,
        _: Request<FindExtensionRequest>,
    ) -> Result<Response<FindExtensionResponse>, Status> {
        Err(Status::unimplemented("find_extension"))
    }
}
