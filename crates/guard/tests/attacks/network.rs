//! The network, and everything else that has an address.

use std::io;
use std::net::{TcpListener, UdpSocket};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};

use crate::jail::in_each_tier;

/// Holds that nobody has come by.
fn nobody<T>(result: io::Result<T>) {
    let kind = result.map(drop).map_err(|error| error.kind());
    assert_eq!(kind, Err(io::ErrorKind::WouldBlock), "somebody came by");
}

#[test]
fn nobody_is_reached_by_tcp_or_udp() {
    in_each_tier(async |jail| {
        let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
        tcp.set_nonblocking(true).unwrap();
        udp.set_nonblocking(true).unwrap();
        let port = tcp.local_addr().unwrap().port();
        let said = jail
            .says(&format!(
                "
import socket
def dial(family, kind, address):
    connection = socket.socket(family, kind)
    connection.connect(address)
    connection.send(b'x')
say(attempt(dial, socket.AF_INET, socket.SOCK_STREAM, ('127.0.0.1', {port})))
say(attempt(dial, socket.AF_INET6, socket.SOCK_STREAM, ('::1', {port})))
say(attempt(dial, socket.AF_INET, socket.SOCK_DGRAM, ('127.0.0.1', {})))
say(attempt(socket.create_server, ('127.0.0.1', 0)))
say(attempt(socket.create_connection, ('1.1.1.1', 53), 1))
try:
    socket.getaddrinfo('example.com', 80)
except socket.gaierror:
    say('EPERM')
",
                udp.local_addr().unwrap().port()
            ))
            .await;
        assert_eq!(said, "EPERM\n".repeat(6));
        nobody(tcp.accept());
        nobody(udp.recv(&mut [0]));
    });
}

#[test]
fn no_unix_socket_is_reached() {
    in_each_tier(async |jail| {
        let named = jail.host().join("listener");
        let listener = UnixListener::bind(&named).unwrap();
        std::fs::set_permissions(&named, PermissionsExt::from_mode(0o777)).unwrap();
        let name = format!("attack-{}", std::process::id());
        let hidden = SocketAddr::from_abstract_name(&name).unwrap();
        let datagrams = UnixDatagram::bind_addr(&hidden).unwrap();
        listener.set_nonblocking(true).unwrap();
        datagrams.set_nonblocking(true).unwrap();
        let said = jail
            .says(&format!(
                "
import socket
def dial(kind, address):
    connection = socket.socket(socket.AF_UNIX, kind)
    connection.connect(address)
    connection.send(b'x')
say(attempt(dial, socket.SOCK_STREAM, {named:?}))
say(attempt(dial, socket.SOCK_DGRAM, '\\0{name}'))
# The pairs that there are lead nowhere else.
one, other = socket.socketpair()
say(attempt(one.connect, {named:?}), attempt(one.bind, '\\0mine'), attempt(one.listen))
say(attempt(one.sendto, b'x', '\\0{name}'), attempt(one.sendmsg, [b'x']))
say(attempt(socket.socketpair, socket.AF_UNIX, socket.SOCK_DGRAM))
say(attempt(socket.socketpair, socket.AF_UNIX, socket.SOCK_SEQPACKET))
"
            ))
            .await;
        let expected = "EPERM\nEPERM\nEPERM EPERM EPERM\nEPERM EPERM\nEPERM\nEPERM\n";
        assert_eq!(said, expected);
        nobody(listener.accept());
        nobody(datagrams.recv(&mut [0]));
    });
}

#[test]
fn there_are_no_sockets_of_any_family() {
    in_each_tier(async |jail| {
        let said = jail
            .says(&format!(
                "
said = {{call({}, family, kind, 0) for family in range(48) for kind in range(1, 11)}}
say(said)
",
                libc::SYS_socket
            ))
            .await;
        assert_eq!(said, "{'EPERM'}\n");
    });
}

#[test]
fn nothing_is_shared_by_queues_or_memory_with_a_name() {
    in_each_tier(async |jail| {
        let calls = [
            libc::SYS_shmget,
            libc::SYS_msgget,
            libc::SYS_semget,
            libc::SYS_mq_open,
            libc::SYS_memfd_create,
            libc::SYS_memfd_secret,
            libc::SYS_add_key,
            libc::SYS_keyctl,
        ];
        let said = jail
            .says(&format!(
                "say(*(call(number, b'/x', 0o1666, 0o600, 0, 0) for number in {calls:?}))"
            ))
            .await;
        assert_eq!(said.trim(), ["EPERM"; 8].join(" "));
    });
}
