//! The cutting proxy, in front of a line echo.

use std::io;
use std::time::Duration;

use mz_testkit::{CuttingProxy, Upstream};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// Answers everything with itself. Ends when the set is dropped.
async fn echo() -> (Upstream, JoinSet<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let upstream = Upstream::Tcp(listener.local_addr().unwrap());
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            connections.spawn(async move {
                let (mut read, mut write) = socket.split();
                let _ = tokio::io::copy(&mut read, &mut write).await;
            });
        }
    });
    (upstream, tasks)
}

async fn ask(connection: &mut TcpStream, question: &[u8]) -> io::Result<Vec<u8>> {
    connection.write_all(question).await?;
    let mut answer = vec![0; question.len()];
    connection.read_exact(&mut answer).await?;
    Ok(answer)
}

#[tokio::test]
async fn a_reply_is_cut_in_its_middle_and_the_next_connection_works() {
    let (upstream, _echo) = echo().await;
    let proxy = CuttingProxy::start(upstream).await;
    let mut connection = TcpStream::connect(proxy.addr()).await.unwrap();
    assert_eq!(ask(&mut connection, b"hello").await.unwrap(), b"hello");

    proxy.cut_after(7);
    assert_eq!(ask(&mut connection, b"hello").await.unwrap(), b"hello");
    connection.write_all(b"hello").await.unwrap();
    let mut rest = Vec::new();
    connection.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"he");
    proxy.cut().await;
    assert_eq!(proxy.cuts(), 1);

    let mut again = TcpStream::connect(proxy.addr()).await.unwrap();
    assert_eq!(ask(&mut again, b"hello").await.unwrap(), b"hello");
}

#[tokio::test]
async fn refusing_ends_open_connections_and_new_ones_until_it_passes_again() {
    let (upstream, _echo) = echo().await;
    let proxy = CuttingProxy::start(upstream).await;
    let mut open = TcpStream::connect(proxy.addr()).await.unwrap();
    assert_eq!(ask(&mut open, b"hello").await.unwrap(), b"hello");

    proxy.refuse();
    ask(&mut open, b"hello").await.unwrap_err();
    let mut new = TcpStream::connect(proxy.addr()).await.unwrap();
    ask(&mut new, b"hello").await.unwrap_err();

    proxy.pass();
    let mut new = TcpStream::connect(proxy.addr()).await.unwrap();
    assert_eq!(ask(&mut new, b"hello").await.unwrap(), b"hello");
}

#[tokio::test]
async fn a_delay_holds_replies_back() {
    let (upstream, _echo) = echo().await;
    let proxy = CuttingProxy::start(upstream).await;
    let mut connection = TcpStream::connect(proxy.addr()).await.unwrap();
    let by = Duration::from_millis(50);
    proxy.delay(by);
    let asked = Instant::now();
    assert_eq!(ask(&mut connection, b"hello").await.unwrap(), b"hello");
    assert!(asked.elapsed() >= by);
}

#[tokio::test]
async fn an_end_is_passed_on_in_both_directions() {
    let (upstream, _echo) = echo().await;
    let proxy = CuttingProxy::start(upstream).await;
    let mut connection = TcpStream::connect(proxy.addr()).await.unwrap();
    connection.write_all(b"last words").await.unwrap();
    connection.shutdown().await.unwrap();
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer, b"last words");
}
