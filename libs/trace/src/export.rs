//! Sending spans to a collector (OTLP over HTTP, protobuf), where one is configured.

use crate::names;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::registry::LookupSpan;

/// Where spans are sent, and who says so.
#[derive(Debug, Clone, Copy)]
pub struct Collector<'a> {
    /// Its base address, such as `http://127.0.0.1:4318`; `/v1/traces` is asked for below it. TLS is a proxy's work.
    pub endpoint: &'a str,
    /// The service of this process; none for a whole suite.
    pub service: Option<&'a str>,
    /// Its version.
    pub version: &'static str,
}

/// The address cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("spans cannot be sent to {endpoint}; give an address such as http://127.0.0.1:4318")]
pub struct NotACollector {
    endpoint: String,
    #[source]
    source: ExporterBuildError,
}

/// What has not been sent yet is sent when this goes out of scope.
#[derive(Debug)]
pub struct Export(SdkTracerProvider);

impl Drop for Export {
    fn drop(&mut self) {
        // A collector that is away takes nothing: nobody is to wait for it, and nobody to be told at the end.
        let _ = self.0.shutdown_with_timeout(std::time::Duration::from_secs(2));
    }
}

/// Has the spans of this crate, and nothing else, sent by a thread of its own.
pub fn layer<S>(
    collector: Collector<'_>,
) -> Result<(impl Layer<S> + Send + Sync + use<S>, Export), NotACollector>
where
    S: Subscriber + Send + Sync + for<'span> LookupSpan<'span>,
{
    let Collector {
        endpoint,
        service,
        version,
    } = collector;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()
        .map_err(|source| NotACollector {
            endpoint: endpoint.to_owned(),
            source,
        })?;
    let name = service.map_or_else(
        || names::SUITE.to_owned(),
        |service| format!("{}-{service}", names::SUITE),
    );
    let provider = SdkTracerProvider::builder()
        .with_resource(
            Resource::builder()
                .with_service_name(name)
                .with_attribute(KeyValue::new("service.version", version))
                .build(),
        )
        .with_batch_exporter(exporter)
        .build();
    let layer = tracing_opentelemetry::layer()
        .with_tracer(provider.tracer(names::SUITE))
        .with_location(false)
        .with_threads(false)
        .with_target(false)
        .with_level(false)
        .with_tracked_inactivity(false)
        .with_filter(Targets::new().with_target("mz_trace::spans", LevelFilter::TRACE));
    Ok((layer, Export(provider)))
}
