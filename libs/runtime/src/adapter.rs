//! A service's axum routes as what answers on the bridge, and the HTTP door as what asks over it.

use crate::Failure;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request as HttpRequest, State};
use axum::http::{HeaderName, HeaderValue, Uri};
use axum::response::{IntoResponse as _, Response as HttpResponse};
use futures::future::BoxFuture;
use mz_bus::bridge::{BODY_BYTES_MAX, Bridge, Handler, Request, Response};
use mz_http::{Problem, codes};
use tower::ServiceExt as _;

/// Routes that answer requests from the bridge.
pub(crate) struct Routes(pub(crate) Router);

impl Handler for Routes {
    fn handle(&self, request: Request) -> BoxFuture<'static, Response> {
        let router = self.0.clone();
        Box::pin(async move {
            let response = match http_request(request) {
                Some(request) => router
                    .oneshot(request)
                    .await
                    .unwrap_or_else(|never| match never {}),
                None => Problem::malformed(codes::INVALID, "The request line or a header cannot be read.")
                    .into_response(),
            };
            bridge_response(response).await
        })
    }
}

fn http_request(request: Request) -> Option<HttpRequest> {
    let mut builder = HttpRequest::builder()
        .method(request.method.as_bytes())
        .uri(request.path.parse::<Uri>().ok()?);
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    builder.body(Body::from(request.body)).ok()
}

async fn bridge_response(response: HttpResponse) -> Response {
    let (parts, body) = response.into_parts();
    let headers = parts
        .headers
        .iter()
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    match to_bytes(body, BODY_BYTES_MAX).await {
        Ok(body) => Response {
            status: parts.status.as_u16(),
            headers,
            body,
        },
        Err(_) => Response {
            status: 500,
            headers: Vec::new(),
            body: bytes::Bytes::new(),
        },
    }
}

/// Headers that a service may need; others end at the door.
const CARRIED: [&str; 6] = [
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "traceparent",
];

/// The HTTP door: `/api/<service>/…` is asked of the service over NATS; its answer goes back unchanged.
/// `services` are the names that exist: any other is unknown, not merely away.
pub fn door(bridge: Bridge, services: &'static [&'static str]) -> Router {
    Router::new()
        .route("/api/{service}/{*rest}", axum::routing::any(pass))
        .with_state(Door { bridge, services })
}

#[derive(Clone)]
struct Door {
    bridge: Bridge,
    services: &'static [&'static str],
}

async fn pass(State(Door { bridge, services }): State<Door>, request: HttpRequest) -> HttpResponse {
    let (parts, body) = request.into_parts();
    let full = parts.uri.path_and_query().map_or("/", |path| path.as_str());
    let Some((service, path)) = full.strip_prefix("/api/").and_then(|rest| rest.split_once('/')) else {
        return Problem::not_found("There is no such route.").into_response();
    };
    if !services.contains(&service) {
        return Problem::not_found(format!("There is no service `{service}`.")).into_response();
    }
    let Ok(body) = to_bytes(body, BODY_BYTES_MAX).await else {
        return Problem::malformed(codes::TOO_LARGE, "The body is too large, or ended too early.")
            .into_response();
    };
    let headers = parts
        .headers
        .iter()
        .filter(|(name, _)| CARRIED.contains(&name.as_str()))
        .filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())))
        .collect();
    let request = Request {
        method: parts.method.as_str().to_owned(),
        path: format!("/{path}"),
        headers,
        body,
    };
    match bridge.call(service, request).await {
        Ok(answer) => http_response(answer),
        Err(error) => Failure::from(error).into_response(),
    }
}

fn http_response(answer: Response) -> HttpResponse {
    let mut response = HttpResponse::new(Body::from(answer.body));
    *response.status_mut() = axum::http::StatusCode::from_u16(answer.status).unwrap_or_default();
    for (name, value) in answer.headers {
        if name == "content-length" {
            continue;
        }
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
            response.headers_mut().append(name, value);
        }
    }
    response
}
