// SPDX-License-Identifier: Apache-2.0
// Copyright the Wasm Server authors

// The floor: about the least that a server can do to send a file over HTTP on this kernel. No server to use: it looks at no path, knows
// no limits and no errors, and trusts its clients.
//
//     floor THREADS SEND_BUFFER {PORT FILE}...
//
// Listens at a port of 127.0.0.1 for each file. A SEND_BUFFER of 0 leaves that to the kernel.
// A thread takes connections from the sockets that all share, with one epoll_ctl for each, and keeps them. HTTP/1.1 is `send` and, for
// what is large, `sendfile`; HTTP/2 (RFC 9113, by prior knowledge) is a prepared HEADERS frame, and DATA in `writev` of 62 frames.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { INPUT = 32 << 10, SMALL = 4096, EVENTS = 64, BACKLOG = 4096, CONTROL = 512, STREAMS = 128 };
enum { FRAME_HEADER = 9, PAYLOAD = 16384, FRAMES = 62, PREFACE = 24 };
enum { DATA = 0, HEADERS = 1, SETTINGS = 4, PING = 6, WINDOW_UPDATE = 8, END_STREAM = 1, ACK = 1, END_HEADERS = 4 };

typedef unsigned char byte;

typedef struct {
    int descriptor, listener;
    size_t size;
    const byte *bytes;
    char heads[2][256];  // of HTTP/1.1, for connections that are kept and for others
    byte block[64];      // of HTTP/2, with the header of its frame
    size_t block_size;
} file;

typedef struct {
    int descriptor;
    const file *file;
    enum { UNKNOWN, HTTP1, HTTP2 } protocol;
    bool is_sending, closes;
    size_t sent;   // HTTP/1.1: of the body; HTTP/2: of the answer with its frames
    byte *input;   // what was read and not taken yet, in the thread's buffer
    byte *kept;    // a copy of that, while it waits for more
    size_t input_size;
    byte control[CONTROL];  // HTTP/2: frames that are no answer
    size_t control_size;
    uint32_t streams[STREAMS];  // that wait for an answer; the first of them is sent
    unsigned first, count;
    int64_t window, initial_window, stream_window;
} connection;

static file *files;
static int file_count, send_buffer;
static const struct epoll_event READY = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};

static void die(const char *what) {
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void put32(byte *into, uint32_t value) {
    for (int at = 0; at < 4; at++) into[at] = (byte)(value >> (24 - 8 * at));
}

static uint32_t get32(const byte *from) {
    return (uint32_t)from[0] << 24 | (uint32_t)from[1] << 16 | (uint32_t)from[2] << 8 | from[3];
}

static void put_header(byte *into, size_t size, byte kind, byte flags, uint32_t stream) {
    put32(into, (uint32_t)size << 8 | kind);
    into[4] = flags;
    put32(into + 5, stream);
}

static void end(connection *self) {
    close(self->descriptor);
    free(self->kept);
    free(self);
}

// Each of these returns whether the connection is still there.

static bool send_h1(connection *self) {
    const file *file = self->file;
    while (self->sent < file->size) {
        off_t at = (off_t)self->sent;
        ssize_t done = sendfile(self->descriptor, file->descriptor, &at, file->size - self->sent);
        if (done < 0 && errno == EAGAIN) return true;
        if (done <= 0) return end(self), false;
        self->sent += (size_t)done;
    }
    self->is_sending = false;
    return self->closes ? (end(self), false) : true;
}

static bool begin_h1(connection *self) {
    const file *file = self->file;
    bool is_small = file->size <= SMALL;
    byte bytes[sizeof file->heads[0] + SMALL];
    size_t head_size = strlen(file->heads[self->closes]), size = head_size + (is_small ? file->size : 0);
    memcpy(bytes, file->heads[self->closes], head_size);
    if (is_small) memcpy(bytes + head_size, file->bytes, file->size);
    if (send(self->descriptor, bytes, size, MSG_NOSIGNAL | (is_small ? 0 : MSG_MORE)) != (ssize_t)size) return end(self), false;
    self->sent = is_small ? file->size : 0;
    self->is_sending = true;
    return send_h1(self);
}

static bool take_h1(connection *self) {
    byte *end = memmem(self->input, self->input_size, "\r\n\r\n", 4);
    if (end == NULL || self->is_sending) return true;
    self->closes = memmem(self->input, self->input_size, "onnection: close", 16) != NULL;
    size_t size = (size_t)(end + 4 - self->input);
    self->input_size -= size;
    memmove(self->input, end + 4, self->input_size);
    return begin_h1(self);
}

// The answer as it is sent is the HEADERS frame, and then DATA frames that are all as large, but for the last.
static size_t answer_size(const file *file) {
    return file->block_size + file->size + (file->size + PAYLOAD - 1) / PAYLOAD * FRAME_HEADER;
}

// Adds what follows of the answer, as far as the windows reach; returns how many pieces there are, and their bytes.
static int add_answer(connection *self, struct iovec *pieces, int count, byte headers[][FRAME_HEADER], byte *block, size_t *bytes) {
    const file *file = self->file;
    uint32_t stream = self->streams[self->first];
    size_t at = self->sent;
    if (at < file->block_size) {
        memcpy(block, file->block, file->block_size);
        put32(block + 5, stream);
        pieces[count++] = (struct iovec){block + at, file->block_size - at};
        *bytes += file->block_size - at;
        at = file->block_size;
    }
    int64_t window = self->window < self->stream_window ? self->window : self->stream_window;
    for (int number = 0; number < FRAMES; number++) {
        size_t frame = (at - file->block_size) / (FRAME_HEADER + PAYLOAD), inside = (at - file->block_size) % (FRAME_HEADER + PAYLOAD);
        size_t begin = frame * PAYLOAD, size = file->size - begin < PAYLOAD ? file->size - begin : PAYLOAD;
        if (begin >= file->size || (inside == 0 && (int64_t)size > window)) break;
        if (inside < FRAME_HEADER) {
            put_header(headers[number], size, DATA, begin + size == file->size ? END_STREAM : 0, stream);
            pieces[count++] = (struct iovec){headers[number] + inside, FRAME_HEADER - inside};
            *bytes += FRAME_HEADER - inside;
            at += FRAME_HEADER - inside;
            inside = FRAME_HEADER;
        }
        size_t skipped = inside - FRAME_HEADER;
        pieces[count++] = (struct iovec){(byte *)file->bytes + begin + skipped, size - skipped};
        *bytes += size - skipped;
        at += size - skipped;
        window -= (int64_t)size;
    }
    return count;
}

// Bytes of the body in so much of an answer.
static int64_t body_in(const file *file, size_t sent) {
    if (sent <= file->block_size) return 0;
    size_t frame = (sent - file->block_size) / (FRAME_HEADER + PAYLOAD), inside = (sent - file->block_size) % (FRAME_HEADER + PAYLOAD);
    return (int64_t)(frame * PAYLOAD + (inside > FRAME_HEADER ? inside - FRAME_HEADER : 0));
}

static bool is_between_frames(const connection *self) {
    const file *file = self->file;
    if (self->sent == 0) return true;
    return self->sent >= file->block_size && (self->sent - file->block_size) % (FRAME_HEADER + PAYLOAD) == 0;
}

static bool send_h2(connection *self) {
    for (;;) {
        struct iovec pieces[2 + 2 * FRAMES];
        byte headers[FRAMES][FRAME_HEADER], block[sizeof self->file->block];
        int count = 0;
        size_t bytes = 0, control = is_between_frames(self) ? self->control_size : 0;
        if (control > 0) pieces[count++] = (struct iovec){self->control, control};
        if (self->count > 0) count = add_answer(self, pieces, count, headers, block, &bytes);
        if (count == 0) return true;
        ssize_t done = writev(self->descriptor, pieces, count);
        if (done < 0 && errno == EAGAIN) return true;
        if (done < 0) return end(self), false;
        size_t taken = (size_t)done < control ? (size_t)done : control;
        self->control_size -= taken;
        memmove(self->control, self->control + taken, self->control_size);
        int64_t before = body_in(self->file, self->sent);
        self->sent += (size_t)done - taken;
        int64_t sent = body_in(self->file, self->sent) - before;
        self->window -= sent;
        self->stream_window -= sent;
        if (self->count > 0 && self->sent == answer_size(self->file)) {
            self->first = (self->first + 1) % STREAMS;
            self->count--;
            self->sent = 0;
            self->stream_window = self->initial_window;
        } else if ((size_t)done < bytes + control) {
            return true;
        }
    }
}

static void add_control(connection *self, byte kind, byte flags, const byte *payload, size_t size) {
    if (self->control_size + FRAME_HEADER + size > CONTROL) return;
    byte *into = self->control + self->control_size;
    put_header(into, size, kind, flags, 0);
    if (size > 0) memcpy(into + FRAME_HEADER, payload, size);
    self->control_size += FRAME_HEADER + size;
}

static void take_frame(connection *self, byte kind, byte flags, uint32_t stream, const byte *payload, size_t size) {
    if (kind == HEADERS && self->count < STREAMS) {
        self->streams[(self->first + self->count++) % STREAMS] = stream;
    } else if (kind == WINDOW_UPDATE && stream == 0) {
        self->window += get32(payload);
    } else if (kind == WINDOW_UPDATE && self->count > 0 && stream == self->streams[self->first]) {
        self->stream_window += get32(payload);
    } else if (kind == PING && !(flags & ACK)) {
        add_control(self, PING, ACK, payload, size);
    } else if (kind == SETTINGS && !(flags & ACK)) {
        for (size_t at = 0; at + 6 <= size; at += 6) {
            if (payload[at] != 0 || payload[at + 1] != 4) continue;  // SETTINGS_INITIAL_WINDOW_SIZE
            int64_t window = get32(payload + at + 2);
            self->stream_window += window - self->initial_window;
            self->initial_window = window;
        }
        add_control(self, SETTINGS, ACK, NULL, 0);
    }
}

static bool take_h2(connection *self) {
    size_t at = 0;
    while (self->input_size - at >= FRAME_HEADER) {
        const byte *frame = self->input + at;
        size_t size = get32(frame) >> 8;
        if (FRAME_HEADER + size > INPUT) return end(self), false;
        if (self->input_size - at < FRAME_HEADER + size) break;
        take_frame(self, frame[3], frame[4], get32(frame + 5) & INT32_MAX, frame + FRAME_HEADER, size);
        at += FRAME_HEADER + size;
    }
    self->input_size -= at;
    memmove(self->input, self->input + at, self->input_size);
    return send_h2(self);
}

static bool take(connection *self) {
    if (self->protocol == UNKNOWN) {
        if (self->input[0] != 'P') {
            self->protocol = HTTP1;
        } else if (self->input_size >= PREFACE) {
            self->protocol = HTTP2;
            self->input_size -= PREFACE;
            memmove(self->input, self->input + PREFACE, self->input_size);
            self->window = self->initial_window = self->stream_window = 65535;
            add_control(self, SETTINGS, 0, NULL, 0);
        }
    }
    return self->protocol == HTTP2 ? take_h2(self) : self->protocol == HTTP1 ? take_h1(self) : true;
}

// All threads have one buffer each for what is read, which is copied only where a request is not whole yet.
static void serve(connection *self, uint32_t events, byte *scratch) {
    if (events & EPOLLOUT && self->protocol == HTTP2 && !send_h2(self)) return;
    if (events & EPOLLOUT && self->is_sending && !send_h1(self)) return;
    while (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
        if (self->kept != NULL) memcpy(scratch, self->kept, self->input_size);
        free(self->kept);
        self->kept = NULL;
        size_t space = INPUT - self->input_size;
        ssize_t size = recv(self->descriptor, scratch + self->input_size, space, 0);
        if (size < 0 && errno == EAGAIN) return;
        if (size <= 0) return end(self);
        self->input = scratch;
        self->input_size += (size_t)size;
        if (!take(self)) return;
        if (self->input_size == INPUT) return end(self);
        if (self->input_size > 0) {
            self->kept = malloc(self->input_size);
            memcpy(self->kept, scratch, self->input_size);
        }
        if ((size_t)size < space && !(events & EPOLLRDHUP)) return;
    }
}

static void accept_one(int poller, const file *file) {
    int descriptor = accept4(file->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor < 0) return;
    connection *self = calloc(1, sizeof *self);
    if (self == NULL) die("memory");
    self->descriptor = descriptor;
    self->file = file;
    struct epoll_event event = READY;
    event.data.ptr = self;
    if (epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) != 0) die("epoll_ctl");
}

static void *run(void *unused) {
    int poller = epoll_create1(EPOLL_CLOEXEC);
    byte *scratch = malloc(INPUT);
    for (int number = 0; number < file_count; number++) {
        struct epoll_event event = {.events = EPOLLIN | EPOLLEXCLUSIVE, .data.ptr = &files[number]};
        if (epoll_ctl(poller, EPOLL_CTL_ADD, files[number].listener, &event) != 0) die("epoll_ctl");
    }
    for (;;) {
        struct epoll_event events[EVENTS];
        int count = epoll_wait(poller, events, EVENTS, -1);
        for (int number = 0; number < count; number++) {
            void *of = events[number].data.ptr;
            if ((file *)of >= files && (file *)of < files + file_count) accept_one(poller, of);
            else serve(of, events[number].events, scratch);
        }
    }
    return unused;
}

static void prepare(file *self, int port, const char *path) {
    struct stat status;
    self->descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (self->descriptor < 0 || fstat(self->descriptor, &status) != 0) die(path);
    self->size = (size_t)status.st_size;
    self->bytes = mmap(NULL, self->size, PROT_READ, MAP_SHARED | MAP_POPULATE, self->descriptor, 0);
    if (self->bytes == MAP_FAILED) die(path);
    char length[24];
    int digits = snprintf(length, sizeof length, "%zu", self->size);
    for (int closes = 0; closes < 2; closes++) {
        snprintf(self->heads[closes], sizeof self->heads[closes], "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n%s\r\n", length,
                 closes ? "Connection: close\r\n" : "");
    }
    // RFC 7541: `:status: 200` and content-length, of the static table.
    byte *block = self->block + FRAME_HEADER;
    int size = snprintf((char *)block, sizeof self->block - FRAME_HEADER, "\x88\x0f\x0d%c%s", digits, length);
    put_header(self->block, (size_t)size, HEADERS, END_HEADERS, 0);
    self->block_size = FRAME_HEADER + (size_t)size;

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int on = 1;
    self->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(self->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(self->listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // connections inherit it
    if (send_buffer > 0) setsockopt(self->listener, SOL_SOCKET, SO_SNDBUF, &send_buffer, sizeof send_buffer);
    if (bind(self->listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(self->listener, BACKLOG) != 0) die("listen");
}

int main(int count, char **words) {
    if (count < 5 || count % 2 == 0) {
        fprintf(stderr, "usage: floor THREADS SEND_BUFFER {PORT FILE}...\n");
        return 64;
    }
    signal(SIGPIPE, SIG_IGN);
    int threads = atoi(words[1]);
    send_buffer = atoi(words[2]);
    file_count = (count - 3) / 2;
    files = calloc((size_t)file_count, sizeof *files);
    if (threads < 1 || files == NULL) return 64;
    for (int number = 0; number < file_count; number++) prepare(&files[number], atoi(words[2 * number + 3]), words[2 * number + 4]);
    for (int number = 1; number < threads; number++) {
        pthread_t thread;
        if (pthread_create(&thread, NULL, run, NULL) != 0) die("pthread_create");
    }
    run(NULL);
}
