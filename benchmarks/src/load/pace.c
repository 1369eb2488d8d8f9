// A load generator that is in nobody's way: one thread, epoll, timers of a nanosecond's resolution, no warm-up of its own.
//
//   pace h1|grpc PORT PATH CONNECTIONS RATE SECONDS
//
// It opens the connections and has one answer on each, prints "ready", waits for a line, and then has RATE requests a
// second due, evenly, on the connections in turn; 0: on each as soon as it has its answer (h1 only). Latency counts from
// when a request was due, so a late answer makes the next one late (no coordinated omission): HTTP/1.1 has one request
// on a connection at a time, gRPC as many streams as the other side allows, with 1 KiB in each. It prints a line of JSON.
// Anything but an answer of 200, for gRPC with trailers, is an error: it says so and exits with 1.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L
#define MESSAGE 1024
#define BUFFER (256 * 1024)
#define STREAMS 100  // at once on a connection, at most
#define PATIENCE (10 * SECOND)
#define DUES (1 << 16)  // requests of a connection that may overtake one without an answer

struct connection {
  int fd, nth;
  int open, limit;         // requests without an answer, and how many there may be
  long sent, wanted;       // requests of this connection, and how many are due
  long window, unread;     // HTTP/2: what may be sent, and what was received and not yet given back
  long body;               // HTTP/1.1: what is left of the answer's body
  int greeted;             // HTTP/2: the fields are in the dynamic table
  long due[DUES];          // by number of the request
  size_t have;
  uint8_t in[BUFFER];
};

static int http2, connections, port, endless;
static double rate;
static long started, ended, *latencies, answers, room, last_answer;
static long seconds_seen[4096];
static struct connection *all;
static char request[1024];
static size_t request_size;
static uint8_t block[1024];
static size_t block_size;

static void fail(const char *format, ...) {
  va_list values;
  va_start(values, format);
  vfprintf(stderr, format, values);
  va_end(values);
  fputc('\n', stderr);
  exit(1);
}

static long now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

static void write_all(struct connection *c, const void *bytes, size_t size) {
  const char *at = bytes;
  while (size > 0) {
    ssize_t wrote = write(c->fd, at, size);
    if (wrote < 0 && errno == EAGAIN) {
      struct pollfd writable = {c->fd, POLLOUT, 0};
      poll(&writable, 1, 1000);
    } else if (wrote < 0) {
      fail("connection %d: write: %s", c->nth, strerror(errno));
    } else {
      at += wrote;
      size -= wrote;
    }
  }
}

static uint8_t *frame(uint8_t *at, uint32_t size, int type, int flags, uint32_t stream) {
  uint8_t head[] = {size >> 16, size >> 8, size, type, flags, stream >> 24, stream >> 16, stream >> 8, stream};
  return (uint8_t *)memcpy(at, head, sizeof head) + sizeof head;
}

static uint8_t *number(uint8_t *at, uint32_t value) {
  uint8_t bytes[] = {value >> 24, value >> 16, value >> 8, value};
  return (uint8_t *)memcpy(at, bytes, 4) + 4;
}

static void text(const char *value) {
  size_t size = strlen(value);
  block[block_size++] = size;
  memcpy(block + block_size, value, size);
  block_size += size;
}

// The fields of the first request of a connection, which go into the dynamic table.
static void make_block(const char *path) {
  char authority[32];
  snprintf(authority, sizeof authority, "127.0.0.1:%d", port);
  block[block_size++] = 0x83;  // :method: POST
  block[block_size++] = 0x86;  // :scheme: http
  block[block_size++] = 0x40 | 4;
  text(path);
  block[block_size++] = 0x40 | 1;
  text(authority);
  block[block_size++] = 0x40 | 31;
  text("application/grpc");
  block[block_size++] = 0x40;
  text("te");
  text("trailers");
}

static void send_request(struct connection *c, long due) {
  c->due[c->sent % DUES] = due;
  if (!http2) {
    write_all(c, request, request_size);
  } else {
    static const uint8_t known[] = {0x83, 0x86, 0xc1, 0xc0, 0xbf, 0xbe};
    uint8_t out[MESSAGE + 2048], *at = out;
    uint32_t stream = 2 * c->sent + 1, size = c->greeted ? sizeof known : block_size;
    at = frame(at, size, 1, 4, stream);
    at = (uint8_t *)memcpy(at, c->greeted ? known : block, size) + size;
    at = frame(at, MESSAGE, 0, 1, stream);
    memset(at, 'x', MESSAGE);
    *at = 0;
    number(at + 1, MESSAGE - 5);
    write_all(c, out, at + MESSAGE - out);
    c->greeted = 1;
    c->window -= MESSAGE;
  }
  c->sent++;
  c->open++;
}

// Sends what is due and may be sent.
static void pump(struct connection *c) {
  while (c->sent < c->wanted && c->open < c->limit && (!http2 || c->window >= MESSAGE)) {
    // The first request of each connection is not one of the schedule.
    send_request(c, endless ? now() : started + (long)(((c->sent - 1) * connections + c->nth) / rate * SECOND));
  }
}

static void answered(struct connection *c, long request_nth) {
  c->open--;
  if (started) {
    last_answer = now();
    if (answers == room) {
      latencies = realloc(latencies, (room = 2 * room + 65536) * sizeof *latencies);
    }
    latencies[answers++] = last_answer - c->due[request_nth % DUES];
    long second = (last_answer - started) / SECOND;
    if (second < 4096) seconds_seen[second]++;
    if (endless && last_answer < ended) c->wanted = c->sent + 1;
  }
}

static size_t take_http1(struct connection *c, size_t at) {
  if (c->body > 0) {
    size_t part = c->have - at < (size_t)c->body ? c->have - at : (size_t)c->body;
    c->body -= part;
    if (c->body == 0) answered(c, c->sent - 1);
    return part;
  }
  char *head = (char *)c->in + at, *end = memmem(head, c->have - at, "\r\n\r\n", 4);
  if (!end) return 0;
  *end = 0;
  char *length = strcasestr(head, "\r\ncontent-length:");
  if (strncmp(head, "HTTP/1.1 200", 12) || !length) fail("connection %d: %s", c->nth, head);
  c->body = atol(length + 17);
  if (c->body == 0) answered(c, c->sent - 1);
  return end + 4 - head;
}

static size_t take_http2(struct connection *c, size_t at) {
  uint8_t *head = c->in + at, *payload = head + 9, out[32];
  if (c->have - at < 9) return 0;
  uint32_t size = head[0] << 16 | head[1] << 8 | head[2];
  uint32_t stream = (head[5] & 0x7f) << 24 | head[6] << 16 | head[7] << 8 | head[8];
  if (c->have - at < 9 + size) return 0;
  int type = head[3], flags = head[4];
  if (type == 0) {
    if (flags & 1) fail("connection %d, stream %u: ended without trailers", c->nth, stream);
    if ((c->unread += size) > 1 << 29) {
      number(frame(out, 4, 8, 0, 0), c->unread);
      write_all(c, out, 13);
      c->unread = 0;
    }
  } else if (type == 1) {
    size_t first = 0;
    while (first < size && (payload[first] & 0xe0) == 0x20) first++;  // small changes of the table's size
    if (!(flags & 1) && (first == size || payload[first] != 0x88)) {
      fail("connection %d, stream %u: another status than 200: 0x%02x", c->nth, stream, payload[first]);
    }
    if (flags & 1) answered(c, (stream - 1) / 2);
  } else if (type == 4 && !(flags & 1)) {
    for (uint8_t *one = payload; one + 6 <= payload + size; one += 6) {
      uint32_t value = (uint32_t)one[2] << 24 | one[3] << 16 | one[4] << 8 | one[5];
      if (one[1] == 1 && value < 4096) fail("a header table of %u bytes (expected: 4096)", value);
      if (one[1] == 3 && value < (uint32_t)c->limit) c->limit = value;
    }
    frame(out, 0, 4, 1, 0);
    write_all(c, out, 9);
  } else if (type == 6 && !(flags & 1)) {
    memcpy(frame(out, 8, 6, 1, 0), payload, 8);
    write_all(c, out, 17);
  } else if (type == 8 && stream == 0) {
    c->window += (uint32_t)(payload[0] & 0x7f) << 24 | payload[1] << 16 | payload[2] << 8 | payload[3];
  } else if (type == 3 || type == 7) {
    fail("connection %d: %s on stream %u, code %d", c->nth, type == 3 ? "RST_STREAM" : "GOAWAY", stream,
         payload[type == 3 ? 3 : 7]);
  }
  return 9 + size;
}

static void read_some(struct connection *c) {
  ssize_t got = read(c->fd, c->in + c->have, BUFFER - c->have);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) fail("connection %d: %s", c->nth, got ? strerror(errno) : "closed");
  c->have += got;
  size_t at = 0, taken;
  do {
    taken = http2 ? take_http2(c, at) : take_http1(c, at);
    at += taken;
  } while (taken > 0 && at < c->have);
  memmove(c->in, c->in + at, c->have -= at);
  if (c->have == BUFFER) fail("connection %d: a head of more than %d bytes", c->nth, BUFFER);
  pump(c);
}

// Reads what has come; returns when something has, or at that time.
static void turn(int epoll, long until) {
  struct epoll_event ready[256];
  long left = until - now();
  struct timespec wait = {left > 0 ? left / SECOND : 0, left > 0 ? left % SECOND : 0};
  int count = epoll_pwait2(epoll, ready, 256, &wait, NULL);
  for (int i = 0; i < count; i++) read_some(ready[i].data.ptr);
}

static void open_connection(struct connection *c, int epoll) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int yes = 1;
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) fail("connect to port %d: %s", port, strerror(errno));
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  c->limit = 1;
  if (http2) {
    uint8_t out[128], *at = (uint8_t *)mempcpy(out, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 24);
    at = frame(at, 6, 4, 0, 0);  // SETTINGS_INITIAL_WINDOW_SIZE
    *at++ = 0, *at++ = 4;
    at = number(at, (1u << 30));
    at = number(frame(at, 4, 8, 0, 0), (1u << 30) - 65535);
    write_all(c, out, at - out);
    c->limit = STREAMS;
    c->window = 65535;
  }
  struct epoll_event event = {EPOLLIN, {.ptr = c}};
  epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
  c->wanted = 1;
  send_request(c, 0);
}

static int unanswered(void) {
  int open = 0;
  for (int i = 0; i < connections; i++) open += all[i].open + (all[i].wanted - all[i].sent);
  return open;
}

static void settle(int epoll) {
  for (long give_up = now() + PATIENCE; unanswered(); turn(epoll, give_up)) {
    if (now() >= give_up) fail("%d requests have no answer after 10 s", unanswered());
  }
}

static int ascending(const void *a, const void *b) {
  long left = *(const long *)a, right = *(const long *)b;
  return (left > right) - (left < right);
}

static double micros(double quantile) {
  return answers ? latencies[(long)(quantile * (answers - 1))] / 1e3 : 0;
}

int main(int count, char **values) {
  if (count != 7) fail("usage: pace h1|grpc PORT PATH CONNECTIONS RATE SECONDS");
  http2 = !strcmp(values[1], "grpc");
  port = atoi(values[2]);
  connections = atoi(values[4]);
  rate = atof(values[5]);
  endless = rate == 0;
  double seconds = atof(values[6]);
  if (http2 && endless) fail("grpc needs a rate");
  prctl(PR_SET_TIMERSLACK, 1000);
  request_size = snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\n\r\n", values[3], port);
  make_block(values[3]);
  all = calloc(connections, sizeof *all);
  int epoll = epoll_create1(0);
  for (int i = 0; i < connections; i++) {
    all[i].nth = i;
    open_connection(&all[i], epoll);
  }
  settle(epoll);
  puts("ready");
  fflush(stdout);
  if (getchar() == EOF) return 0;
  started = now();
  ended = started + (long)(seconds * SECOND);
  for (int i = 0; endless && i < connections; i++) {
    all[i].wanted++;
    pump(&all[i]);
  }
  for (long i = 0, due = started; due < ended;) {
    if (endless) {
      due = ended;
    } else {
      for (; due <= now() && due < ended; due = started + (long)(++i / rate * SECOND)) {
        struct connection *c = &all[i % connections];
        c->wanted++;
        pump(c);
      }
    }
    while (now() < due && now() < ended) turn(epoll, due < ended ? due : ended);
  }
  settle(epoll);
  qsort(latencies, answers, sizeof *latencies, ascending);
  printf("{\"requests\": %ld, \"seconds\": %.6f, \"p50_us\": %.1f, \"p99_us\": %.1f, \"p999_us\": %.1f, \"max_us\": %.1f, "
         "\"each_second\": [", answers, (last_answer - started) / 1e9, micros(0.5), micros(0.99), micros(0.999), micros(1));
  for (long i = 0; i <= (last_answer - started) / SECOND && i < 4096; i++) printf("%s%ld", i ? ", " : "", seconds_seen[i]);
  puts("]}");
  return 0;
}
