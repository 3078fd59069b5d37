// The limit of the socket: frames of the size that ttrpc's have, through blocking reads and writes, with nothing in
// between.
//
//   pingpong server -address unix:///PATH
//   pingpong client -address unix:///PATH -case unary [-inflight N] [-size BYTES] [-seconds S] [-warmup-ms W]
//
// With N in flight, N requests leave in one write, and the next N when all answers are there. A frame begins with ten
// bytes, as ttrpc's do; here they say how long the request and its answer are, so that the server need not be told.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { HEADER_BYTES = 10, BUFFER_BYTES = 10 << 20, MAX_SAMPLES = 1 << 22 };

/** What a peer that does not read yet can leave in the socket; with more in flight, both sides would wait for each
 * other. */
enum { WINDOW_BYTES = 64 << 10 };

static void fail(const char* what) {
  fprintf(stderr, "pingpong: %s: %s\n", what, errno == 0 ? "wrong" : strerror(errno));
  exit(1);
}

static struct sockaddr_un address_of(const char* text) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (text == NULL || strncmp(text, "unix://", 7) != 0 || strlen(text + 7) >= sizeof address.sun_path) fail("-address");
  strcpy(address.sun_path, text + 7);
  return address;
}

static void write_all(int fd, const char* bytes, size_t length) {
  while (length > 0) {
    ssize_t n = write(fd, bytes, length);
    if (n <= 0) fail("write");
    bytes += n;
    length -= (size_t)n;
  }
}

struct header {
  uint32_t request_bytes, answer_bytes;
};

// --- server

/** Answers what has come, in one write, until the client hangs up. */
static void serve(int fd) {
  static char in[BUFFER_BYTES], out[BUFFER_BYTES];
  // Else it would be one page of zeroes, which is always in the cache.
  memset(out, 1, sizeof out);
  size_t have = 0;
  for (ssize_t n; (n = read(fd, in + have, sizeof in - have)) > 0;) {
    have += (size_t)n;
    size_t done = 0, answer = 0;
    while (have - done >= HEADER_BYTES) {
      struct header h;
      memcpy(&h, in + done, sizeof h);
      if (have - done < h.request_bytes) break;
      done += h.request_bytes;
      answer += h.answer_bytes;
    }
    if (done == 0) continue;
    memmove(in, in + done, have - done);
    have -= done;
    write_all(fd, out, answer);
  }
  close(fd);
}

static void* accept_all(void* listener) {
  for (int fd; (fd = accept(*(int*)listener, NULL, NULL)) >= 0;) serve(fd);
  fail("accept");
  return NULL;
}

static void server(const char* where) {
  struct sockaddr_un address = address_of(where);
  static int listener;
  listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr*)&address, sizeof address) != 0 || listen(listener, 16) != 0) fail(where);
  pthread_t thread;
  if (pthread_create(&thread, NULL, accept_all, &listener) != 0) fail("thread");
  printf("{\"ready\":true,\"address\":\"%s\"}\n", where);
  fflush(stdout);
  for (char rest[256]; read(STDIN_FILENO, rest, sizeof rest) > 0;) {
  }
  unlink(address.sun_path);
}

// --- client

static double now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double ms_of(struct timeval t) { return (double)t.tv_sec * 1e3 + (double)t.tv_usec / 1e3; }

/** A length before so many bytes: protobuf's tag and varint, and the bytes. */
static size_t field_bytes(size_t bytes) {
  size_t all = 2 + bytes;
  for (size_t rest = bytes >> 7; rest > 0; rest >>= 7) all++;
  return all;
}

/** The frames of Streaming/Echo with a text of this size. */
static struct header frames_of(size_t size) {
  size_t payload = 2 + field_bytes(size);
  size_t names = field_bytes(strlen("ttrpc.integration.streaming.Streaming")) + field_bytes(strlen("Echo"));
  return (struct header){(uint32_t)(HEADER_BYTES + names + field_bytes(payload)),
                         (uint32_t)(HEADER_BYTES + field_bytes(payload))};
}

static float samples[MAX_SAMPLES];

static int by_size(const void* a, const void* b) {
  float x = *(const float*)a, y = *(const float*)b;
  return (x > y) - (x < y);
}

static void client(const char* where, const char* name, size_t in_flight, size_t size, double seconds,
                   double warm_up_ms) {
  if (strcmp(name, "unary") != 0) fail("-case");
  struct header h = frames_of(size);
  if (in_flight == 0 || h.request_bytes > BUFFER_BYTES || (in_flight > 1 && in_flight * h.request_bytes > WINDOW_BYTES))
    fail("-inflight and -size");
  size_t request_bytes = in_flight * h.request_bytes, answer_bytes = in_flight * h.answer_bytes;
  char *request = malloc(request_bytes), *answer = malloc(answer_bytes);
  if (request == NULL || answer == NULL) fail("memory");
  memset(request, 1, request_bytes);
  for (size_t i = 0; i < in_flight; i++) memcpy(request + i * h.request_bytes, &h, sizeof h);

  struct sockaddr_un address = address_of(where);
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (connect(fd, (struct sockaddr*)&address, sizeof address) != 0) fail(where);

  struct rusage before, after;
  size_t rounds = 0;
  double opens = now_us() + warm_up_ms * 1e3, closes = opens + seconds * 1e6, opened = 0, closed = 0;
  for (double from = now_us(); closed == 0;) {
    write_all(fd, request, request_bytes);
    for (size_t have = 0; have < answer_bytes;) {
      ssize_t n = read(fd, answer + have, answer_bytes - have);
      if (n <= 0) fail("read");
      have += (size_t)n;
    }
    double to = now_us();
    if (opened > 0) {
      if (rounds < MAX_SAMPLES) samples[rounds] = (float)(to - from);
      rounds++;
      if (to >= closes) closed = to;
    } else if (to >= opens) {
      getrusage(RUSAGE_SELF, &before);
      printf("{\"window\":\"open\"}\n");
      fflush(stdout);
      opened = to = now_us();
    }
    from = to;
  }
  getrusage(RUSAGE_SELF, &after);

  size_t kept = rounds < MAX_SAMPLES ? rounds : MAX_SAMPLES, calls = rounds * in_flight;
  qsort(samples, kept, sizeof *samples, by_size);
  double took = (closed - opened) / 1e6;
  printf(
      "{\"case\":\"%s\",\"inflight\":%zu,\"size\":%zu,\"connections\":1,\"calls\":%zu,\"seconds\":%f,\"perSecond\":%."
      "0f,",
      name, in_flight, size, calls, took, (double)calls / took);
  static const struct {
    const char* name;
    double share;
  } quantiles[] = {{"p10us", 0.1}, {"p25us", 0.25}, {"p50us", 0.5},    {"p75us", 0.75},
                   {"p90us", 0.9}, {"p99us", 0.99}, {"p999us", 0.999}, {"maxUs", 1}};
  for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++) {
    size_t rank = (size_t)((double)kept * quantiles[i].share);
    printf("\"%s\":%.2f,", quantiles[i].name, (double)samples[rank < kept ? rank : kept - 1]);
  }
  printf("\"cpuUserMs\":%.1f,\"cpuSysMs\":%.1f}\n", ms_of(after.ru_utime) - ms_of(before.ru_utime),
         ms_of(after.ru_stime) - ms_of(before.ru_stime));
}

int main(int argc, char** argv) {
  const char *where = NULL, *name = "unary";
  size_t in_flight = 1, size = 32;
  double seconds = 1, warm_up_ms = 300;
  for (int i = 2; i + 1 < argc; i += 2) {
    const char *flag = argv[i], *value = argv[i + 1];
    if (strcmp(flag, "-address") == 0)
      where = value;
    else if (strcmp(flag, "-case") == 0)
      name = value;
    else if (strcmp(flag, "-inflight") == 0)
      in_flight = strtoul(value, NULL, 10);
    else if (strcmp(flag, "-size") == 0)
      size = strtoul(value, NULL, 10);
    else if (strcmp(flag, "-seconds") == 0)
      seconds = strtod(value, NULL);
    else if (strcmp(flag, "-warmup-ms") == 0)
      warm_up_ms = strtod(value, NULL);
    else if (strcmp(flag, "-connections") != 0)
      fail(flag);
  }
  if (argc > 1 && strcmp(argv[1], "server") == 0)
    server(where);
  else if (argc > 1 && strcmp(argv[1], "client") == 0)
    client(where, name, in_flight, size, seconds, warm_up_ms);
  else
    fail("usage: pingpong server|client -address ADDRESS");
}
