"""Which addresses of the network are anybody's: the rest is this machine, its neighbours, or nowhere.

The tables of IANA, written out: what Python calls global has changed between its releases.
https://www.iana.org/assignments/iana-ipv4-special-registry/
https://www.iana.org/assignments/iana-ipv6-special-registry/
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

NOT_OF_THE_WEB_4 = [
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this host
        "10.0.0.0/8",
        "100.64.0.0/10",  # between a provider and its customers; the metadata of one cloud
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure's own machinery, seen from each machine there
        "169.254.0.0/16",  # link-local: the metadata of most clouds
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
]
# All that was ever given to anybody, less what is special in it. Outside are loopback, link-local and
# private addresses, multicast, and IPv4 in IPv6's clothes (::ffff:127.0.0.1).
OF_THE_WEB_6 = IPv6Network("2000::/3")
NOT_OF_THE_WEB_6 = [
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo, benchmarks, ORCHID and others
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address that nobody looked at
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation
    )
]
# How machines without IPv4 reach what has no IPv6: their resolver writes its address behind this.
NAT64 = IPv6Network("64:ff9b::/96")
LAST_32_BITS = 0xFFFFFFFF


def is_public(ip: IPv4Address | IPv6Address) -> bool:
    if isinstance(ip, IPv6Address) and ip in NAT64:
        ip = IPv4Address(int(ip) & LAST_32_BITS)
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in NOT_OF_THE_WEB_4)
    return ip in OF_THE_WEB_6 and not any(ip in network for network in NOT_OF_THE_WEB_6)
