//! The other end of every connection: TLS 1.3 on 127.0.0.1, with a
//! chain of our own, and answers that come from memory.

mod cloud;
mod tls;

pub use cloud::{Call, Cloud, Exchange, Held, Object};

use crate::http::{self, Request};
use crate::trouble::{Doing as _, Trouble};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{self, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An answer of the cloud: its status, its headers and its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// What stands beside the length.
    pub headers: Vec<(&'static str, String)>,
    /// Its bytes.
    pub body: Vec<u8>,
}

/// Who answers.
pub trait Answers: std::fmt::Debug + Send + Sync {
    /// The answer to a request; without one its connection is closed.
    fn answer(&self, request: &Request) -> Option<Reply>;
}

/// A TLS server over whoever [`Answers`]. Dropped, its port is closed.
#[derive(Debug)]
pub struct Answerer {
    address: SocketAddr,
    over: Arc<AtomicBool>,
}

impl Answerer {
    /// Listens on a free port of 127.0.0.1.
    pub fn start(cloud: Arc<dyn Answers>) -> Result<Self, Trouble> {
        let config = tls::config()?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).doing("opening a port")?;
        let address = listener.local_addr().doing("reading a port")?;
        let over = Arc::<AtomicBool>::default();
        let ended = Arc::clone(&over);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                let (config, cloud) = (Arc::clone(&config), Arc::clone(&cloud));
                // A connection that breaks is its client's matter.
                std::thread::spawn(move || drop(serve(stream, config, &*cloud)));
            }
        });
        Ok(Self { address, over })
    }

    /// What `AWS_ENDPOINT_URL` must be.
    pub fn endpoint(&self) -> String {
        format!("https://{}", self.address)
    }

    /// The root that its chain ends in, in PEM.
    pub const fn root() -> &'static str {
        tls::ROOT
    }
}

impl Drop for Answerer {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
    }
}

fn serve(stream: TcpStream, config: Arc<ServerConfig>, cloud: &dyn Answers) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let connection = ServerConnection::new(config).map_err(io::Error::other)?;
    let mut stream = BufReader::new(StreamOwned::new(connection, stream));
    while let Some(request) = http::read(&mut stream)? {
        let Some(reply) = cloud.answer(&request) else { return Ok(()) };
        let headers: Vec<(&str, &str)> =
            reply.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        http::write(stream.get_mut(), reply.status, &headers, &reply.body)?;
    }
    Ok(())
}
