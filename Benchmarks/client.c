// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// A client that fetches one file many times, each time on a connection of its own, as a gateway does that starts.
//
//     client [--h2] [--tls] [--hold] PORT PATH FILE REQUESTS CONCURRENCY
//
// Connects to 127.0.0.1, from many addresses, and keeps CONCURRENCY connections busy until REQUESTS are answered; as many of the one
// as of the other make a herd. Every answer must be a 200 with as many bytes as FILE has, and every SAMPLED-th with its bytes.
// A connection is closed as soon as its answer is there, as h2load does it; over HTTP/1.1 the server is told that it will be.
// HTTP/2 is spoken by prior knowledge, or as ALPN agrees. TLS is 1.3, never resumed.
// With --hold the connections stay open, until standard input ends.
//
// Prints one line of JSON: how many requests failed and why the first did, the seconds that all took, and the slowest, and the
// processor's time that the client took.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 256 << 10, HEAD = 8192, ADDRESSES = 200, SAMPLED = 32, EVENTS = 64, LIMIT = 60, MOST = 1000000, REASON = 160 };
enum { FRAME_HEADER = 9, FRAME_DATA = 0, FRAME_HEADERS = 1, FRAME_RESET = 3, FRAME_SETTINGS = 4 };
enum { END_STREAM = 1, ACK = 1, PADDED = 8, PRIORITY = 32 };

typedef unsigned char byte;
typedef enum { CONNECTING, HANDSHAKING, READING, HELD } stage;

typedef struct {
    int descriptor;
    stage stage;
    SSL *tls;
    bool is_compared, has_head;
    size_t received;  // bytes of the body
    byte head[HEAD];  // of an answer over HTTP/1.1; over HTTP/2 of a frame, with what it holds if that is no DATA
    size_t head_size;
    size_t frame_left;  // bytes of a DATA frame that are still to come
    bool ends_stream;
    double begun;
} connection;

static bool uses_h2, uses_tls, holds;
static struct sockaddr_in server = {.sin_family = AF_INET};
static byte *expected, request[1024], buffer[BUFFER];
static size_t expected_size, request_size;
static long requests, concurrency, begun, answered, failed, held;
static double slowest;
static char reason[REASON];
static int poller;
static SSL_CTX *context;

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void die(const char *what) {
    fprintf(stderr, "client: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void open_next(connection *self);

// Ends a connection, well if there is no reason why not, and begins the next.
static void end(connection *self, const char *why, ...) {
    if (why != NULL) {
        if (failed++ == 0) {
            va_list arguments;
            va_start(arguments, why);
            vsnprintf(reason, sizeof reason, why, arguments);
            va_end(arguments);
        }
        if (self->stage == HELD) held--;
    } else if (now() - self->begun > slowest) {
        slowest = now() - self->begun;
    }
    if (why != NULL || !holds) {
        if (self->tls != NULL) {
            if (why == NULL) SSL_shutdown(self->tls);
            SSL_free(self->tls);
            ERR_clear_error();
        }
        close(self->descriptor);
        self->descriptor = -1;
    } else {
        self->stage = HELD;
        held++;
    }
    answered++;
    if (!holds) open_next(self);
}

static void open_next(connection *self) {
    if (begun == requests) return;
    long number = begun++;
    *self = (connection){.is_compared = number % SAMPLED == 0, .begun = now()};
    self->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (self->descriptor < 0) die("socket");
    int on = 1;
    setsockopt(self->descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(self->descriptor, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f010001 + (uint32_t)(number % ADDRESSES))};
    if (bind(self->descriptor, (struct sockaddr *)&source, sizeof source) != 0) die("bind");
    if (connect(self->descriptor, (struct sockaddr *)&server, sizeof server) != 0 && errno != EINPROGRESS) die("connect");
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = self};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, self->descriptor, &event) != 0) die("epoll_ctl");
}

static bool write_all(connection *self, const byte *bytes, size_t size) {
    ssize_t done = self->tls != NULL ? SSL_write(self->tls, bytes, (int)size) : send(self->descriptor, bytes, size, MSG_NOSIGNAL);
    if (done == (ssize_t)size) return true;
    end(self, "the request was not taken: %s", strerror(errno));
    return false;
}

static bool take_body(connection *self, const byte *bytes, size_t size) {
    if (size > expected_size - self->received) {
        end(self, "more than %zu bytes came", expected_size);
        return false;
    }
    if (self->is_compared && memcmp(expected + self->received, bytes, size) != 0) {
        end(self, "other bytes came");
        return false;
    }
    self->received += size;
    return true;
}

static void take_h1(connection *self, const byte *bytes, size_t size) {
    if (self->stage == HELD) return end(self, "something came behind the answer");
    if (!self->has_head) {
        size_t part = size < HEAD - 1 - self->head_size ? size : HEAD - 1 - self->head_size;
        memcpy(self->head + self->head_size, bytes, part);
        size_t before = self->head_size;
        self->head_size += part;
        self->head[self->head_size] = 0;
        char *head = (char *)self->head, *close = strstr(head, "\r\n\r\n"), *length = strcasestr(head, "\r\ncontent-length:");
        if (close == NULL) return self->head_size == HEAD - 1 ? end(self, "the head has no end") : (void)0;
        if (strncmp(head, "HTTP/1.1 200", 12) != 0) return end(self, "the answer is %.12s", head);
        if (length == NULL || strtoull(length + 17, NULL, 10) != expected_size) return end(self, "Content-Length is not that of the file");
        self->has_head = true;
        size_t skipped = (size_t)(close + 4 - head) - before;
        bytes += skipped;
        size -= skipped;
    }
    if (take_body(self, bytes, size) && self->received == expected_size) end(self, NULL);
}

// What a frame means that is no DATA; its first bytes are in `head`. Returns whether the connection goes on.
static bool take_frame(connection *self) {
    const byte *frame = self->head, *block = frame + FRAME_HEADER;
    byte kind = frame[3], flags = frame[4];
    if (kind == FRAME_SETTINGS && !(flags & ACK)) {
        static const byte answer[FRAME_HEADER] = {0, 0, 0, FRAME_SETTINGS, ACK};
        return write_all(self, answer, sizeof answer);
    }
    if (kind == FRAME_RESET) return end(self, "the stream was reset"), false;
    if (kind != FRAME_HEADERS) return true;
    if (flags & PADDED) block += 1;
    if (flags & PRIORITY) block += 5;
    while ((*block & 0xe0) == 0x20) {  // RFC 7541, 6.3: a size of the dynamic table
        if ((*block++ & 0x1f) == 0x1f)
            while (*block++ & 0x80) {}
    }
    if (*block != 0x88) return end(self, "the answer is not a 200"), false;
    self->has_head = true;
    if (flags & END_STREAM) return end(self, "the answer has no body"), false;
    return true;
}

static void take_h2(connection *self, const byte *bytes, size_t size) {
    while (size > 0 && self->descriptor >= 0) {
        if (self->frame_left > 0) {
            size_t part = size < self->frame_left ? size : self->frame_left;
            if (!take_body(self, bytes, part)) return;
            self->frame_left -= part;
            bytes += part;
            size -= part;
        } else {
            size_t frame = FRAME_HEADER;
            bool is_data = self->head_size >= FRAME_HEADER && self->head[3] == FRAME_DATA;
            if (self->head_size >= FRAME_HEADER && !is_data) frame += (size_t)self->head[0] << 16 | self->head[1] << 8 | self->head[2];
            if (frame > HEAD) return end(self, "a frame of %zu bytes came", frame);
            size_t part = size < frame - self->head_size ? size : frame - self->head_size;
            memcpy(self->head + self->head_size, bytes, part);
            self->head_size += part;
            bytes += part;
            size -= part;
            if (self->head_size < FRAME_HEADER) return;
            size_t payload = (size_t)self->head[0] << 16 | self->head[1] << 8 | self->head[2];
            if (self->head[3] == FRAME_DATA) {
                if (!self->has_head || self->head[4] & PADDED) return end(self, "DATA came without HEADERS, or padded");
                self->frame_left = payload;
                self->ends_stream = self->head[4] & END_STREAM;
                self->head_size = 0;
            } else if (self->head_size == FRAME_HEADER + payload) {
                if (!take_frame(self)) return;
                self->head_size = 0;
            }
        }
        if (self->frame_left == 0 && self->ends_stream) {
            if (self->received != expected_size) return end(self, "%zu bytes came, not %zu", self->received, expected_size);
            self->ends_stream = false;
            return end(self, NULL);
        }
    }
}

static void read_some(connection *self) {
    do {
        ssize_t size;
        if (self->tls != NULL) {
            size = SSL_read(self->tls, buffer, BUFFER);
            int error = SSL_get_error(self->tls, (int)size);
            if (size <= 0 && (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE)) return;
        } else {
            size = recv(self->descriptor, buffer, BUFFER, 0);
            if (size < 0 && errno == EAGAIN) return;
        }
        if (size <= 0) {
            const char *why = size == 0 || errno == 0 ? "the connection was closed" : strerror(errno);
            return end(self, "%s after %zu bytes", why, self->received);
        }
        long before = answered;
        (uses_h2 ? take_h2 : take_h1)(self, buffer, (size_t)size);
        if (answered != before) return;
    } while (self->tls != NULL);  // what OpenSSL holds back, epoll does not tell
}

static void proceed(connection *self) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = self};
    if (self->stage == CONNECTING) {
        int error = 0;
        socklen_t size = sizeof error;
        getsockopt(self->descriptor, SOL_SOCKET, SO_ERROR, &error, &size);
        if (error != 0) return end(self, "it was not connected: %s", strerror(error));
        epoll_ctl(poller, EPOLL_CTL_MOD, self->descriptor, &event);
        self->stage = HANDSHAKING;
        if (uses_tls) {
            self->tls = SSL_new(context);
            SSL_set_fd(self->tls, self->descriptor);
        }
    }
    if (self->stage == HANDSHAKING) {
        if (self->tls != NULL) {
            int done = SSL_connect(self->tls);
            if (done != 1 && SSL_get_error(self->tls, done) == SSL_ERROR_WANT_READ) return;
            if (done != 1) return end(self, "the handshake failed");
            const byte *protocol;
            unsigned length;
            SSL_get0_alpn_selected(self->tls, &protocol, &length);
            if (length != (uses_h2 ? 2 : 8)) return end(self, "ALPN did not agree");
        }
        self->stage = READING;
        if (!write_all(self, request, request_size)) return;
        if (self->tls == NULL) return;
    }
    read_some(self);
}

static size_t frame(byte *into, byte kind, byte flags, byte stream, const void *payload, size_t size) {
    byte header[FRAME_HEADER] = {0, (byte)(size >> 8), (byte)size, kind, flags, 0, 0, 0, stream};
    memcpy(into, header, FRAME_HEADER);
    memcpy(into + FRAME_HEADER, payload, size);
    return FRAME_HEADER + size;
}

static void prepare_request(const char *path) {
    if (strlen(path) > 100) exit(64);
    if (!uses_h2) {
        const char *fields = holds ? "" : "Connection: close\r\n";
        request_size = (size_t)snprintf((char *)request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path, fields);
        return;
    }
    // The windows of an Envoy: 256 MiB for a stream, and as much for the connection.
    static const byte settings[6] = {0, 4, 0x10, 0, 0, 0}, window[4] = {0x0f, 0xff, 0, 1};
    byte block[128], size = (byte)strlen(path);
    size_t at = (size_t)snprintf((char *)block, sizeof block, "\x82%c\x01\tlocalhost\x04%c%s", uses_tls ? 0x87 : 0x86, size, path);
    request_size = (size_t)snprintf((char *)request, sizeof request, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    request_size += frame(request + request_size, FRAME_SETTINGS, 0, 0, settings, sizeof settings);
    request_size += frame(request + request_size, 8, 0, 0, window, sizeof window);
    request_size += frame(request + request_size, FRAME_HEADERS, 0x4 | END_STREAM, 1, block, at);
}

static void prepare_tls(void) {
    context = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
    SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
    SSL_CTX_set1_groups_list(context, "X25519");
    const char *protocols = uses_h2 ? "\2h2" : "\10http/1.1";
    SSL_CTX_set_alpn_protos(context, (const byte *)protocols, (unsigned)strlen(protocols));
}

static void read_expected(const char *file) {
    int descriptor = open(file, O_RDONLY);
    struct stat status;
    if (descriptor < 0 || fstat(descriptor, &status) != 0) die(file);
    expected_size = (size_t)status.st_size;
    expected = malloc(expected_size + 1);
    if (read(descriptor, expected, expected_size) != status.st_size) die(file);
    close(descriptor);
}

static double in_seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static void print_result(double seconds) {
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0) die("getrusage");
    double cpu = in_seconds(usage.ru_utime) + in_seconds(usage.ru_stime);
    printf("{\"requests\": %ld, \"failed\": %ld, \"reason\": \"%s\", \"seconds\": %.6f, \"slowest\": %.6f, \"cpu_seconds\": %.6f}\n",
           requests, failed + requests - answered, answered < requests && failed == 0 ? "it took too long" : reason, seconds, slowest,
           cpu);
    fflush(stdout);
}

int main(int count, char **words) {
    int at = 1;
    for (; at < count && words[at][0] == '-'; at++) {
        if (strcmp(words[at], "--h2") == 0) uses_h2 = true;
        else if (strcmp(words[at], "--tls") == 0) uses_tls = true;
        else if (strcmp(words[at], "--hold") == 0) holds = true;
        else exit(64);
    }
    if (count - at != 5) {
        fprintf(stderr, "usage: client [--h2] [--tls] [--hold] PORT PATH FILE REQUESTS CONCURRENCY\n");
        return 64;
    }
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server.sin_port = htons((uint16_t)atoi(words[at]));
    requests = atol(words[at + 3]), concurrency = atol(words[at + 4]);
    if (requests < 1 || concurrency < 1 || requests > MOST || concurrency > requests || (holds && concurrency != requests)) return 64;
    prepare_request(words[at + 1]);
    read_expected(words[at + 2]);
    if (uses_tls) prepare_tls();
    poller = epoll_create1(EPOLL_CLOEXEC);
    connection *connections = calloc((size_t)concurrency, sizeof *connections);
    if (poller < 0 || connections == NULL) die("memory");

    double start = now();
    for (long number = 0; number < concurrency; number++) open_next(&connections[number]);
    bool is_told = false;
    while (answered < requests || (holds && held > 0)) {
        if (!is_told && now() - start > LIMIT) break;
        if (holds && answered >= requests && !is_told) {
            print_result(now() - start);
            is_told = true;
            struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
            if (epoll_ctl(poller, EPOLL_CTL_ADD, STDIN_FILENO, &event) != 0) die("standard input is not a pipe");
        }
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(poller, events, EVENTS, 1000);
        for (int number = 0; number < ready; number++) {
            connection *self = events[number].data.ptr;
            if (self == NULL) return failed > 0;
            if (self->descriptor >= 0) proceed(self);
        }
    }
    if (!is_told) print_result(now() - start);
    free(connections);
    return holds && failed > 0;
}
