//! TLS with a certificate of a private authority.

use crate::{Answers, http1, http2};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose,
};
use std::error::Error;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tempfile::{Builder, NamedTempFile};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

/// ALPN name of HTTP/2.
const HTTP2: &[u8] = b"h2";
const HTTP1: &[u8] = b"http/1.1";

/// Connections since the last report.
#[derive(Default)]
pub(crate) struct Connections {
    /// Number of HTTP/1.1 connections.
    pub(crate) http1: AtomicUsize,
    /// Number of HTTP/2 connections.
    pub(crate) http2: AtomicUsize,
    /// Number of HTTP/2 connections with at least one request. Concurrent clients open more than they use.
    pub(crate) http2_used: AtomicUsize,
}

/// Returns the acceptor with its certificate, and a file with the authority, which is deleted with the value.
pub(crate) fn identity() -> Result<(TlsAcceptor, NamedTempFile), Box<dyn Error>> {
    let mut authority = CertificateParams::default();
    // With the name of the server's certificate, the certificate would look self-signed.
    authority.distinguished_name = DistinguishedName::new();
    authority.distinguished_name.push(DnType::CommonName, "an authority for benchmarks");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority_key = KeyPair::generate()?;
    let mut file = Builder::new().prefix("bench_authority_").suffix(".pem").tempfile()?;
    file.write_all(authority.self_signed(&authority_key)?.pem().as_bytes())?;

    let key = KeyPair::generate()?;
    let mut server = CertificateParams::new(["127.0.0.1".to_owned(), "localhost".to_owned()])?;
    // Strict clients, such as the one of Python, require it.
    server.use_authority_key_identifier_extension = true;
    let certificate = server.signed_by(&key, &Issuer::new(authority, authority_key))?;
    let key = PrivateKeyDer::try_from(key.serialize_der())?;
    let mut config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate.into()], key)?;
    config.alpn_protocols = vec![HTTP2.to_vec(), HTTP1.to_vec()];
    Ok((TlsAcceptor::from(Arc::new(config)), file))
}

/// Responds in the HTTP version that the client prefers.
pub(crate) async fn serve(
    stream: TcpStream,
    acceptor: TlsAcceptor,
    answers: Arc<Answers>,
    connections: Arc<Connections>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let stream = acceptor.accept(stream).await?;
    if stream.get_ref().1.alpn_protocol() == Some(HTTP2) {
        connections.http2.fetch_add(1, Ordering::Relaxed);
        http2::serve(stream, answers, &connections.http2_used).await?;
    } else {
        connections.http1.fetch_add(1, Ordering::Relaxed);
        http1::serve(stream, answers).await?;
    }
    Ok(())
}
