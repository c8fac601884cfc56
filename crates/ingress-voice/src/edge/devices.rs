//! `switchboard.voice.v1.DeviceService`: agents' browsers as telephones; and the same wishes from other instances.

use std::sync::Arc;

use chassis::{Caller, Failure as _};
use contract::{
    directory::v1::Role,
    subject,
    voice::v1::{
        ConnectDeviceRequest, ConnectDeviceResponse, RegisterDeviceRequest, RegisterDeviceResponse,
        TestDeviceRequest, TestDeviceResponse, UnregisterDeviceRequest, UnregisterDeviceResponse,
        device_service_server::DeviceService,
    },
};
use futures::StreamExt as _;
use tonic::{Request, Response, Status};

use crate::app::{Voice, connect_device::ConnectDevice};

/// Who may have a browser for a telephone.
const PEOPLE: [Role; 3] = [Role::Agent, Role::Supervisor, Role::Administrator];

/// The gRPC face of the agents' browsers. Everything is done as the caller: nobody acts for another's device.
pub struct DeviceApi(pub Arc<Voice>);

fn person<T>(request: &Request<T>) -> Result<Caller, Status> {
    let caller = Caller::of(request)?.clone();
    caller.require(&PEOPLE)?;
    Ok(caller)
}

#[tonic::async_trait]
impl DeviceService for DeviceApi {
    async fn register_device(
        &self,
        request: Request<RegisterDeviceRequest>,
    ) -> Result<Response<RegisterDeviceResponse>, Status> {
        let caller = person(&request)?;
        let RegisterDeviceRequest { device_id, name } = request.get_ref();
        let registered = self.0.register_device(&caller.tenant, &caller.user, device_id, name).await;
        Ok(Response::new(registered.map_err(|error| error.status())?))
    }

    async fn unregister_device(
        &self,
        request: Request<UnregisterDeviceRequest>,
    ) -> Result<Response<UnregisterDeviceResponse>, Status> {
        let caller = person(&request)?;
        let device_id = &request.get_ref().device_id;
        let gone = self.0.unregister_device(&caller.tenant, &caller.user, device_id).await;
        gone.map_err(|error| error.status())?;
        Ok(Response::new(UnregisterDeviceResponse {}))
    }

    async fn connect_device(
        &self,
        request: Request<ConnectDeviceRequest>,
    ) -> Result<Response<ConnectDeviceResponse>, Status> {
        let caller = person(&request)?;
        let ConnectDeviceRequest { interaction_id, device_id, description } = request.into_inner();
        tracing::info!(
            interaction.id = interaction_id,
            agent.id = caller.user,
            device_id,
            "a browser asks for a call"
        );
        let wish =
            ConnectDevice { tenant: caller.tenant, interaction_id, agent_id: caller.user, description };
        let description = self.0.connect_device(wish).await.map_err(|error| error.status())?;
        Ok(Response::new(ConnectDeviceResponse { description }))
    }

    async fn test_device(
        &self,
        request: Request<TestDeviceRequest>,
    ) -> Result<Response<TestDeviceResponse>, Status> {
        let caller = person(&request)?;
        let offer = request.into_inner().description;
        let tested = self.0.test_device(&caller.tenant, &caller.user, offer).await;
        let description = tested.map_err(|error| error.status())?;
        Ok(Response::new(TestDeviceResponse { description }))
    }
}

/// Answers browsers that came to another instance.
pub async fn obey(voice: Arc<Voice>) -> anyhow::Result<()> {
    let subject = subject::command("voice", "connect_device", &voice.instance);
    let mut commands = voice.bus.nats().subscribe(subject).await?;
    while let Some(command) = commands.next().await {
        let Some(reply) = command.reply else { continue };
        let voice = Arc::clone(&voice);
        tokio::spawn(async move {
            let answer = voice.on_connect_device_command(&command.payload).await;
            if let Err(error) = voice.bus.nats().publish(reply, answer.into()).await {
                tracing::debug!(%error, "a command's answer was not sent");
            }
        });
    }
    anyhow::bail!("the subscription to browsers' wishes ended")
}
