//! The operators' door: a socket that only this machine can reach.
//!
//! The operating system says which user is at the other end. Cookies count for nothing here, and there is no browser
//! that another site could use.

use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use axum::Router;
use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::identity::operator::Ends;
use crate::web::caller::AtSocket;
use crate::web::problem::Problem;
use crate::web::serve::serve;
use crate::web::state::WebState;

/// Why the socket could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// Another service answers there.
    #[error("another service already uses the data directory: its socket `{}` answers", path.display())]
    InUse {
        /// The socket.
        path: PathBuf,
    },
    /// The operating system said no.
    #[error("could not open the socket `{}`", path.display())]
    Io {
        /// The socket.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The socket, open and not yet answering. Dropped, it leaves the directory as it was.
#[derive(Debug)]
pub struct OperatorSocket {
    listener: UnixListener,
    file: SocketFile,
    service: u32,
}

#[derive(Debug)]
struct SocketFile(PathBuf);

impl Drop for SocketFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl OperatorSocket {
    /// The socket's file in a data directory.
    pub fn file_in(directory: &Path) -> PathBuf {
        directory.join("studio-brain.sock")
    }

    /// Opens the socket. Nobody but its owner can ever reach it, and what a crashed service left behind is replaced.
    pub async fn open(path: &Path) -> Result<Self, SocketError> {
        if UnixStream::connect(path).await.is_ok() {
            return Err(SocketError::InUse { path: path.to_owned() });
        }
        Self::bind(path).map_err(|source| SocketError::Io { path: path.to_owned(), source })
    }

    fn bind(path: &Path) -> io::Result<Self> {
        // Made under another name first: it is reachable only once nobody else may open it.
        let hidden = SocketFile(path.with_extension("new"));
        match fs::remove_file(&hidden.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let listener = UnixListener::bind(&hidden.0)?;
        fs::set_permissions(&hidden.0, Permissions::from_mode(0o600))?;
        let service = fs::metadata(&hidden.0)?.uid();
        fs::rename(&hidden.0, path)?;
        Ok(Self { listener, file: SocketFile(path.to_owned()), service })
    }

    /// Answers operators until `stop`. The router must have been made with [`Door::Socket`](crate::web::Door::Socket).
    pub async fn serve(self, router: Router, stop: CancellationToken) {
        let Self { listener, file, service } = self;
        let ends =
            move |stream: &UnixStream, _: &_| stream.peer_cred().ok().map(|peer| Ends { caller: peer.uid(), service });
        serve(listener, router, ends, stop).await;
        drop(file);
    }
}

/// Lets operators in, and nobody else.
pub(super) async fn admit(State(state): State<WebState>, mut request: Request, next: Next) -> Response {
    let ends = request.extensions().get::<ConnectInfo<Option<Ends>>>().and_then(|ConnectInfo(ends)| *ends);
    let refused = crate::identity::Refusal::NotOperator;
    let operator = ends.ok_or(refused).and_then(|ends| state.operators().admit(ends, state.store().studio()));
    match operator {
        Ok(operator) => {
            request.extensions_mut().insert(AtSocket(operator));
            next.run(request).await
        }
        Err(refusal) => {
            warn!(reason.code = refusal.code(), "Refused a caller at the socket: {ends:?}");
            Problem::forbidden(refusal.code(), refusal.sentence()).into_response()
        }
    }
}
