//! Traces reach a collector, and a hop over the bus is a link.

use std::sync::{Arc, Mutex};

use chassis::{Process, config::TelemetrySettings};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTraceServiceRequest, ExportTraceServiceResponse,
    trace_service_server::{TraceService, TraceServiceServer},
};
use opentelemetry_proto::tonic::trace::v1::Span;
use testkit::Stack;
use tonic::{Request, Response, Status, transport::server::TcpIncoming};

use crate::{
    consumers::Scribe,
    support::{bus, numbered},
};

/// A collector that remembers.
#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<Span>>>);

#[tonic::async_trait]
impl TraceService for Sink {
    async fn export(
        &self,
        request: Request<ExportTraceServiceRequest>,
    ) -> Result<Response<ExportTraceServiceResponse>, Status> {
        let spans = request.into_inner().resource_spans.into_iter().flat_map(|resource| resource.scope_spans);
        self.0.lock().unwrap().extend(spans.flat_map(|scope| scope.spans));
        Ok(Response::new(ExportTraceServiceResponse::default()))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handled_fact_is_a_span_linked_to_the_one_that_published_it() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let sink = Sink::default();
    let server = tonic::transport::Server::builder().add_service(TraceServiceServer::new(sink.clone()));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    let settings = Process::new("test").load(None).unwrap();
    let telemetry = TelemetrySettings { otlp_endpoint: endpoint, sample_ratio: 1.0 };
    let telemetry = chassis::telemetry::init("test", &settings.log, &telemetry).unwrap();
    let stack = Stack::infra().await;
    crate::consumers::make_notes(&stack).await;
    let running = stack.run(Process::new("test").with::<Scribe>()).await;
    let writer = bus(&stack, "writer").await;

    let publishing = tracing::info_span!("publishing");
    tracing::Instrument::instrument(
        async { writer.publish(&numbered("call", 1)).await.unwrap() },
        publishing,
    )
    .await;
    crate::consumers::wait_for_notes(&stack, "call", 1).await;
    running.stop().await;
    tokio::task::spawn_blocking(move || drop(telemetry)).await.unwrap();

    let spans = sink.0.lock().unwrap().clone();
    let published = spans.iter().find(|span| span.name == "publishing").expect("the span of the publisher");
    let consumed = spans.iter().find(|span| span.name == "consume").expect("the span of the consumer");
    assert_eq!(consumed.links.first().map(|link| &link.span_id), Some(&published.span_id));
}
