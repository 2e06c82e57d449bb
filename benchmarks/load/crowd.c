// crowd: a crowd of WebSocket clients of chatcore that does one thing after the other, each all at once.
//   crowd HOST PORT CLIENTS SERVER_PID [TOKENS]
// Commands come on standard input, one a line; each is answered by a line of JSON on standard output:
//   join          everybody connects and logs in (with the token in the same line of the file TOKENS, if there is one)
//   idle SECONDS  nobody says anything
//   ask           everybody asks for something small, which shows that the welcome has arrived
//   leave COUNT   the last so many log out
//   tokens FILE   the tokens of all are written to a file
// The answers have the server's CPU time meanwhile and its memory after it. Client 0 is there first and stays: it counts
// of how many the frames `presence` have told. Pings are answered. At most CW (100) clients are on their way in at once.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AWAY, SHAKING, ENTERING, IN, LEAVING };
enum { HEAD = 2048, READ = 1 << 18, WAIT = 180 };
typedef struct { int fd, state, have; char token[96]; char head[HEAD]; } Client;

static Client *clients;
static int count, in, out, resumed, watched, pid;
static long joined, left;
static char bytes[READ];
static struct sockaddr_in server;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static double cpu(void) {
    char name[64], text[2048];
    unsigned long user = 0, kernel = 0;
    snprintf(name, sizeof name, "/proc/%d/stat", pid);
    FILE *file = fopen(name, "r");
    if (!file) return 0;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    sscanf(strrchr(text, ')') + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
    return (double)(user + kernel) / sysconf(_SC_CLK_TCK);
}

static long memory(void) {
    char name[64], line[256];
    long kib = 0;
    snprintf(name, sizeof name, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(name, "r");
    if (!file) return 0;
    while (fgets(line, sizeof line, file) && sscanf(line, "Pss: %ld", &kib) != 1) continue;
    fclose(file);
    return kib;
}

static void give_up(const char *why, int number) {
    fprintf(stderr, "client %d: %s; %d are in, %d are out\n", number, why, in, out);
    exit(3);
}

static void put(Client *client, const void *data, size_t size) {
    if (send(client->fd, data, size, MSG_NOSIGNAL) != (ssize_t)size) give_up("cannot send", client - clients);
}

static void say(Client *client, const char *text) {
    unsigned char frame[512];
    size_t size = strlen(text), at = 0;
    frame[at++] = 0x81;
    if (size < 126) frame[at++] = 0x80 | size;
    else frame[at++] = 0x80 | 126, frame[at++] = size >> 8, frame[at++] = size & 255;
    memset(frame + at, 0, 4);
    memcpy(frame + at + 4, text, size);
    put(client, frame, at + 4 + size);
}

static void come(int number) {
    Client *client = &clients[number];
    static const char *request =
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    int on = 1;
    client->fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(client->fd, (struct sockaddr *)&server, sizeof server)) give_up(strerror(errno), number);
    fcntl(client->fd, F_SETFL, O_NONBLOCK);
    struct epoll_event event = {.events = EPOLLIN, .data.u32 = number};
    epoll_ctl(watched, EPOLL_CTL_ADD, client->fd, &event);
    client->state = SHAKING;
    client->have = 0;
    put(client, request, strlen(request));
}

// What client 0 is told: names in the lists "joined" and "left" of `presence`, wherever the network cuts them.
static void count_names(const char *data, int size) {
    static const char *marks[] = {"\"joined\":[", "\"left\":["};
    static int at[2], quotes;
    static long *list;
    for (int i = 0; i < size; i++) {
        if (list) {
            if (data[i] == '"' && ++quotes % 2 == 0) ++*list;
            if (data[i] == ']') list = NULL;
            continue;
        }
        for (int k = 0; k < 2; k++) {
            at[k] = data[i] == marks[k][at[k]] ? at[k] + 1 : data[i] == marks[k][0];
            if (!marks[k][at[k]]) list = k ? &left : &joined, quotes = at[0] = at[1] = 0;
        }
    }
}

static void enter(Client *client, int number, const char *data, int size) {
    if (size > HEAD - 1 - client->have) size = HEAD - 1 - client->have;
    memcpy(client->head + client->have, data, size);
    client->have += size;
    client->head[client->have] = 0;
    if (client->state == SHAKING && strstr(client->head, "\r\n\r\n")) {
        if (!strstr(client->head, " 101 ")) give_up(client->head, number);
        char login[300];
        const char *before = *client->token ? ",\"token\":\"" : "", *after = *client->token ? "\"" : "";
        snprintf(login, sizeof login, "{\"type\":\"login\",\"username\":\"user%d\",\"client\":\"a-client-with-number-%d\"%s%s%s}",
                 number, number, before, client->token, after);
        client->state = ENTERING;
        client->have = 0;
        say(client, login);
    } else if (client->state == ENTERING) {
        char *token = memmem(client->head, client->have, "\"token\":\"", 9);
        char *again = memmem(client->head, client->have, "\"resumed\":", 10);
        if (memmem(client->head, client->have, "\"error\"", 7)) give_up(client->head + 2, number);
        if (!token || !again || again + 14 > client->head + client->have) return;
        sscanf(token + 9, "%95[^\"]", client->token);
        resumed += again[10] == 't';
        client->state = IN;
        in++;
    }
}

static void turn(int milliseconds) {
    struct epoll_event events[512];
    int found = epoll_wait(watched, events, 512, milliseconds);
    for (int i = 0; i < found; i++) {
        int number = events[i].data.u32;
        Client *client = &clients[number];
        int size = recv(client->fd, bytes, sizeof bytes, 0);
        if (size < 0 && errno == EAGAIN) continue;
        if (size <= 0 || (client->state == LEAVING && memmem(bytes, size, "logged_out", 10))) {
            if (client->state != LEAVING) give_up("hung up on", number);
            close(client->fd);
            client->state = AWAY;
            in--, out++;
            continue;
        }
        if (number == 0) count_names(bytes, size);
        if (client->state < IN) enter(client, number, bytes, size);
        else if (size <= 256 && memmem(bytes, size, "\x89\0", 2)) put(client, "\x8a\x80\0\0\0\0", 6);
    }
}

static void read_until(double end) {
    while (now() < end) turn(20);
}

int main(int argc, char **argv) {
    if (argc < 5) return 2;
    const char *width = getenv("CW");
    int at_once = width ? atoi(width) : 100;
    count = atoi(argv[3]);
    pid = atoi(argv[4]);
    clients = calloc(count, sizeof *clients);
    watched = epoll_create1(0);
    server.sin_family = AF_INET;
    server.sin_port = htons(atoi(argv[2]));
    inet_pton(AF_INET, argv[1], &server.sin_addr);
    FILE *tokens = argc > 5 ? fopen(argv[5], "r") : NULL;
    for (int i = 0; tokens && i < count; i++)
        if (fscanf(tokens, "%95s", clients[i].token) != 1) break;
    char line[512], word[16], what[400];
    long first = memory();
    while (fgets(line, sizeof line, stdin)) {
        *what = 0;
        sscanf(line, "%15s %399s", word, what);
        double began = now(), used = cpu(), done = 0, limit = began + WAIT;
        int many = count;
        if (!strcmp(word, "join")) {
            come(0);
            while (in < 1 && now() < limit) turn(20);
            for (int next = 1; in < count && now() < limit; turn(20))
                while (next < count && next - in < at_once) come(next++);
            done = now() - began;
            while (!resumed && joined < count - 1 && now() < limit) turn(20);
        } else if (!strcmp(word, "ask")) {
            for (int i = 0; i < count; i++) say(&clients[i], "{\"type\":\"whois\",\"username\":\"user0\"}");
        } else if (!strcmp(word, "leave")) {
            many = atoi(what);
            for (int i = count - many; i < count; i++) {
                clients[i].state = LEAVING;
                say(&clients[i], "{\"type\":\"logout\"}");
            }
            while (out < many && now() < limit) turn(20);
            done = now() - began;
            while (left < many && now() < limit) turn(20);
        } else if (!strcmp(word, "tokens")) {
            FILE *file = fopen(what, "w");
            for (int i = 0; i < count; i++) fprintf(file, "%s\n", clients[i].token);
            fclose(file);
        } else {
            read_until(began + atof(what));
        }
        double told = now() - began;
        printf("{\"did\":\"%s\",\"clients\":%d,\"in\":%d,\"resumed\":%d,\"seconds\":%.2f,\"told_s\":%.2f,\"joined_told\":%ld,"
               "\"left_told\":%ld,\"cpu_s\":%.2f,\"cpu_ms_per_client\":%.3f,\"kib_per_client\":%.2f}\n",
               word, many, in, resumed, done ? done : told, told, joined, left, cpu() - used, (cpu() - used) * 1e3 / many,
               (double)(memory() - first) / count);
        fflush(stdout);
    }
    return 0;
}
