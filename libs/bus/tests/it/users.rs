//! What the user of a service may do, asked of a real server.

use std::time::Duration;

use async_nats::jetstream::{self, stream};
use async_nats::{Client, Event};
use mz_contracts::events::{DeathRegistered, StandardAdopted};
use mz_contracts::{FuneralReform, Owner, SocialAssistance, subject};
use mz_testkit::{TestNats, nats};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use crate::world::{SOON, area};

/// A connection as a service, and what the server refuses to it.
async fn service(nats: &TestNats, name: &str) -> (Client, UnboundedReceiver<String>) {
    let (tell, refused) = unbounded_channel();
    let login = nats.credentials().service(name).unwrap();
    let options = login.connect_options().event_callback(move |event| {
        if let Event::ServerError(error) = event {
            let _ = tell.send(error.to_string().to_lowercase());
        }
        std::future::ready(())
    });
    (options.connect(nats.url()).await.unwrap(), refused)
}

async fn next(refused: &mut UnboundedReceiver<String>) -> String {
    tokio::time::timeout(SOON, refused.recv()).await.unwrap().unwrap()
}

/// Both services' streams, with one event of social assistance's.
async fn with_streams() -> TestNats {
    let nats = nats().await;
    for (name, stream) in mz_contracts::OWNERS {
        let (client, _) = service(&nats, name).await;
        let own = stream::Config {
            name: (*stream).to_owned(),
            subjects: vec![subject::all_events(area(), name)],
            ..stream::Config::default()
        };
        let context = jetstream::new(client);
        context.create_stream(own).await.unwrap();
        if *name == SocialAssistance::NAME {
            let sent = context
                .publish(subject::event::<StandardAdopted>(area()), "{}".into())
                .await;
            sent.unwrap().await.unwrap();
        }
    }
    nats
}

#[tokio::test]
async fn the_event_of_another_service_is_refused_and_its_own_is_taken() {
    let nats = with_streams().await;
    let (client, mut refused) = service(&nats, FuneralReform::NAME).await;
    let context = jetstream::new(client.clone());
    let own = context
        .publish(subject::event::<DeathRegistered>(area()), "{}".into())
        .await;
    assert_eq!(own.unwrap().await.unwrap().sequence, 1);

    let others = subject::event::<StandardAdopted>(area());
    client.publish(others.clone(), "{}".into()).await.unwrap();
    let said = next(&mut refused).await;
    assert!(
        said.contains("permissions violation") && said.contains(&others),
        "{said}"
    );

    let operator = jetstream::new(nats.client().await);
    let stream = operator.get_stream(SocialAssistance::STREAM).await.unwrap();
    assert_eq!(stream.cached_info().state.messages, 1, "nothing was added");
}

#[tokio::test]
async fn the_stream_and_the_requests_of_another_service_are_out_of_reach() {
    let nats = with_streams().await;
    let (client, mut refused) = service(&nats, FuneralReform::NAME).await;
    let context = jetstream::ContextBuilder::new()
        .timeout(Duration::from_millis(500))
        .build(client.clone());

    assert!(context.delete_stream(SocialAssistance::STREAM).await.is_err());
    assert!(
        next(&mut refused)
            .await
            .contains("stream.delete.evt-social-assistance")
    );

    let command = subject::command(area(), SocialAssistance::NAME);
    client.publish(command, "{}".into()).await.unwrap();
    assert!(next(&mut refused).await.contains("cmd.social-assistance"));

    let _ear = client
        .subscribe(subject::query(area(), SocialAssistance::NAME))
        .await
        .unwrap();
    assert!(next(&mut refused).await.contains("qry.social-assistance"));

    let _ear = client.subscribe("_INBOX_gateway.>").await.unwrap();
    assert!(next(&mut refused).await.contains("_inbox_gateway"));
}

#[tokio::test]
async fn the_stream_of_another_service_is_read_with_its_own_durable_alone() {
    use async_nats::jetstream::consumer::pull::Config;
    use futures::StreamExt as _;

    let nats = with_streams().await;
    let (client, mut refused) = service(&nats, FuneralReform::NAME).await;
    let context = jetstream::ContextBuilder::new()
        .timeout(Duration::from_millis(500))
        .build(client);
    let stream = context.get_stream(SocialAssistance::STREAM).await.unwrap();
    let durable = |name: &str| Config {
        durable_name: Some(name.to_owned()),
        ..Config::default()
    };
    let own = stream
        .create_consumer(durable(FuneralReform::NAME))
        .await
        .unwrap();
    let message = own.messages().await.unwrap().next().await.unwrap().unwrap();
    message.double_ack().await.unwrap();

    assert!(stream.create_consumer(durable("insight")).await.is_err());
    assert!(next(&mut refused).await.contains("consumer.create"));
}
