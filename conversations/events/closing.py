"""Why a socket is closed: the codes of PROTOCOL.md, by which a page knows whether to come back."""

TOO_LARGE = 1009
RESTART = 1012
NOT_LOGGED_IN = 4401
DOES_NOT_READ = 4408
TOO_MANY = 4429

# What docs/protocol.md says of them; it is written from here.
MEANINGS = {
    TOO_LARGE: "a frame was larger than 4 MiB",
    RESTART: "the server restarts, or cannot answer now: come back",
    NOT_LOGGED_IN: "not logged in, or not any more",
    DOES_NOT_READ: "the client does not read; its runs go on",
    TOO_MANY: "a flood, or more sockets than one person may have",
}
