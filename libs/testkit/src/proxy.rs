//! A connection that fails on demand.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Where the proxy passes connections on to.
#[derive(Clone, Debug)]
pub enum Upstream {
    /// A listener on this machine, such as nats-server.
    Tcp(SocketAddr),
    /// A socket file, such as PostgreSQL's.
    Unix(PathBuf),
}

/// A TCP proxy on a free loopback port in front of a server. It passes everything on until it is told otherwise;
/// what it is told holds for open and new connections alike.
#[derive(Debug)]
pub struct CuttingProxy {
    addr: SocketAddr,
    plan: watch::Sender<Plan>,
    _accepting: JoinSet<()>,
}

#[derive(Clone, Copy, Debug)]
struct Plan {
    fault: Fault,
    /// How often connections were cut. A connection ends when this grows.
    cuts: u64,
}

#[derive(Clone, Copy, Debug)]
enum Fault {
    None,
    Refuse,
    CutAfter(usize),
    Delay(Duration),
}

impl CuttingProxy {
    /// Starts a proxy that passes everything on.
    pub async fn start(upstream: Upstream) -> CuttingProxy {
        let listener = TcpListener::bind(("127.0.0.1", 0))
            .await
            .expect("loopback has a free port");
        let addr = listener.local_addr().expect("a bound listener has an address");
        let plan = watch::Sender::new(Plan {
            fault: Fault::None,
            cuts: 0,
        });
        let mut accepting = JoinSet::new();
        accepting.spawn(accept(listener, upstream, plan.clone()));
        CuttingProxy {
            addr,
            plan,
            _accepting: accepting,
        }
    }

    /// Where to connect instead of the server.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Cuts every connection and refuses new ones: they are reset at once, as by a port that nobody listens on.
    pub fn refuse(&self) {
        self.plan.send_modify(|plan| {
            plan.fault = Fault::Refuse;
            plan.cuts += 1;
        });
    }

    /// Lets so many more bytes of the server's replies through, cuts every connection after the last of them, and
    /// then passes everything on again: what was asked may have been done, and the asker does not know it.
    pub fn cut_after(&self, bytes: usize) {
        self.set(Fault::CutAfter(bytes));
    }

    /// Holds each piece of a reply back for so long.
    pub fn delay(&self, by: Duration) {
        self.set(Fault::Delay(by));
    }

    /// Passes everything on again.
    pub fn pass(&self) {
        self.set(Fault::None);
    }

    /// How often the open connections were cut, by [`CuttingProxy::refuse`] or [`CuttingProxy::cut_after`].
    pub fn cuts(&self) -> u64 {
        self.plan.borrow().cuts
    }

    /// Waits for the cut that was asked for.
    pub async fn cut(&self) {
        let mut plan = self.plan.subscribe();
        let waited = plan
            .wait_for(|plan| !matches!(plan.fault, Fault::CutAfter(_)))
            .await;
        waited.expect("the proxy holds the sender");
    }

    fn set(&self, fault: Fault) {
        self.plan.send_modify(|plan| plan.fault = fault);
    }
}

async fn accept(listener: TcpListener, upstream: Upstream, plan: watch::Sender<Plan>) {
    // Dropped with this task, and the connections with it.
    let mut connections = JoinSet::new();
    loop {
        let (client, _) = listener.accept().await.expect("a listener accepts");
        while connections.try_join_next().is_some() {}
        let Plan { fault, cuts } = *plan.borrow();
        if matches!(fault, Fault::Refuse) {
            let _ = client.set_zero_linger();
            continue;
        }
        let (upstream, plan) = (upstream.clone(), plan.clone());
        connections.spawn(async move {
            // An error is an end of a connection like any other: both sides see it closed.
            let _ = match upstream {
                Upstream::Tcp(addr) => pass(client, TcpStream::connect(addr).await, &plan, cuts).await,
                Upstream::Unix(path) => pass(client, UnixStream::connect(path).await, &plan, cuts).await,
            };
        });
    }
}

async fn pass(
    client: TcpStream,
    server: io::Result<impl AsyncRead + AsyncWrite>,
    plan: &watch::Sender<Plan>,
    cuts: u64,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (mut questions, mut answers) = client.into_split();
    let (mut server_says, mut server_hears) = tokio::io::split(server?);
    let ask = async {
        tokio::io::copy(&mut questions, &mut server_hears).await?;
        server_hears.shutdown().await
    };
    let mut plans = plan.subscribe();
    tokio::select! {
        passed = async { tokio::try_join!(ask, answer(&mut server_says, &mut answers, plan)) } => passed.map(|_| ()),
        _ = plans.wait_for(|plan| plan.cuts > cuts) => Ok(()),
    }
}

/// Passes the server's replies on, as far as the plan lets them through.
async fn answer(
    server: &mut (impl AsyncRead + Unpin),
    client: &mut (impl AsyncWrite + Unpin),
    plan: &watch::Sender<Plan>,
) -> io::Result<()> {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = server.read(&mut buffer).await?;
        if read == 0 {
            return client.shutdown().await;
        }
        let mut piece = &buffer[..read];
        let mut pause = Duration::ZERO;
        let mut last = false;
        plan.send_if_modified(|plan| {
            match &mut plan.fault {
                Fault::CutAfter(left) if read < *left => *left -= read,
                Fault::CutAfter(left) => (piece, last) = (&piece[..*left], true),
                Fault::Delay(by) => pause = *by,
                Fault::None | Fault::Refuse => {}
            }
            false
        });
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        client.write_all(piece).await?;
        if last {
            plan.send_modify(|plan| {
                plan.fault = Fault::None;
                plan.cuts += 1;
            });
            return Ok(());
        }
    }
}
