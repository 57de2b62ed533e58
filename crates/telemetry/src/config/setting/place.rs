//! Where things are: files and addresses.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    path::PathBuf,
};

use super::Setting;
use crate::config::{Node, Reader, Shape};

impl Setting for PathBuf {
    fn shape() -> Shape {
        Shape::text("a path")
    }

    fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
        reader.text(node, &Self::shape()).map(Self::from)
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

macro_rules! addresses {
    ($($ty:ty: $what:literal),* $(,)?) => {$(
        impl Setting for $ty {
            fn shape() -> Shape {
                Shape::text($what)
            }

            fn read(node: &Node, reader: &mut Reader<'_>) -> Option<Self> {
                reader.parse(node, &Self::shape(), |text| text.parse().ok())
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    )*};
}

addresses! {
    IpAddr: "an IP address such as `127.0.0.1`",
    Ipv4Addr: "an IPv4 address such as `127.0.0.1`",
    Ipv6Addr: "an IPv6 address such as `::1`",
    SocketAddr: "an address with a port such as `127.0.0.1:8000`",
    SocketAddrV4: "an IPv4 address with a port such as `127.0.0.1:8000`",
    SocketAddrV6: "an IPv6 address with a port such as `[::1]:8000`",
}
