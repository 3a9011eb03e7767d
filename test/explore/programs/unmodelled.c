/* One program for each way in which sessions can have something to do with each other that no step of the gate tells of. Each
 * counts up, or takes a turn, where that is possible; `unmodelled WAY [ARGUMENT]`. */

#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/fs.h>
#include <mqueue.h>
#include <poll.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/ptrace.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <netinet/in.h>
#include <unistd.h>

int main(int, char **);

static void aio(void) {
  aio_context_t context = 0;
  char digit = '1';
  struct iocb block = {0}, *blocks[] = {&block};
  struct io_event event;
  int fd = open("counter", O_RDWR | O_CREAT, 0644);
  if (syscall(SYS_io_setup, 1, &context) != 0) exit(3);
  block.aio_fildes = fd;
  block.aio_lio_opcode = IOCB_CMD_PWRITE;
  block.aio_buf = (unsigned long)&digit;
  block.aio_nbytes = 1;
  syscall(SYS_io_submit, context, 1, blocks);
  syscall(SYS_io_getevents, context, 1, 1, &event, NULL);
}

#ifdef __x86_64__
static long of_i386(long number, long a, long b, long c) {
  long result;
  __asm__ volatile("int $0x80"
                   : "=a"(result)
                   : "a"(number), "b"(a), "c"(b), "d"(c)
                   : "memory", "r8", "r9", "r10", "r11");
  return result;
}

/* Its pointers have 32 bits. open 5, write 4, close 6: unistd_32.h */
static void int80(void) {
  char *low = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
  strcpy(low, "counter");
  long fd = of_i386(5, (long)low, O_RDWR | O_CREAT, 0644);
  if (fd < 0) exit(3);
  low[0] = '1';
  of_i386(4, fd, (long)low, 1);
  of_i386(6, fd, 0, 0);
}

static void x32(void) { syscall(0x40000000 | SYS_getpid); }
#endif

static char *map(int flags, int protection) {
  int fd = open("counter", O_RDWR | O_CREAT, 0644);
  char zero = '0';
  if (lseek(fd, 0, SEEK_END) == 0 && pwrite(fd, &zero, 1, 0) != 1) exit(3);
  char *page = mmap(NULL, 4096, protection, flags, fd, 0);
  if (page == MAP_FAILED) exit(3);
  close(fd);
  return page;
}

static void protected(void) {
  char *page = map(MAP_SHARED | MAP_POPULATE, PROT_READ);
  mprotect(page, 4096, PROT_READ | PROT_WRITE);
  (*page)++;
}

/* A step lies between what it reads and what it writes: others may come between. */
static void slowly(void) {
  char *page = map(MAP_SHARED, PROT_READ | PROT_WRITE), before = *page;
  access("nothing", F_OK);
  *page = before + 1;
}

/* The same by calls. */
static void called(void) {
  char byte;
  int fd = open("counter", O_RDWR);
  if (pread(fd, &byte, 1, 0) != 1) exit(3);
  byte++;
  if (pwrite(fd, &byte, 1, 0) != 1) exit(3);
}

static void reads_map(void) {
  char *page = map(MAP_PRIVATE, PROT_READ);
  char before = *page;
  access("nothing", F_OK);
  if (*page != before) exit(1);
  int fd = open("counter", O_WRONLY);
  if (write(fd, "2", 1) != 1) exit(3);
}

static void semaphore(key_t key) {
  struct sembuf up = {.sem_num = 0, .sem_op = 1};
  int id = semget(key, 1, IPC_CREAT | 0600);
  if (id < 0 || semop(id, &up, 1) != 0) exit(3);
  if (key == IPC_PRIVATE) semctl(id, 0, IPC_RMID);
}

static void shared_memory(key_t key) {
  int id = shmget(key, 4096, IPC_CREAT | 0600);
  char *page = shmat(id, NULL, 0);
  (*page)++;
  shmdt(page);
  if (key == IPC_PRIVATE) shmctl(id, IPC_RMID, NULL);
}

static void message(key_t key) {
  struct { long type; char text[1]; } content = {1, {'x'}};
  int id = msgget(key, IPC_CREAT | 0600);
  msgsnd(id, &content, 1, IPC_NOWAIT);
}

static void queue(const char *name) {
  mqd_t id = mq_open(name, O_CREAT | O_RDWR | O_NONBLOCK, 0600, NULL);
  if (id < 0) exit(3);
  mq_send(id, "x", 1, 0);
  mq_unlink(name); /* there may be few of them */
}

static void memory_of(pid_t pid) {
  char byte;
  struct iovec own = {&byte, 1}, other = {(void *)main, 1};
  process_vm_readv(pid, &own, 1, &other, 1, 0);
}

static void named(const char *name) {
  sem_t *semaphore = sem_open(name, O_CREAT, 0600, 0);
  if (semaphore == SEM_FAILED || sem_post(semaphore) != 0) exit(3);
}

static void bound(const char *name) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  size_t length = strlen(name);
  memcpy(address.sun_path + (name[0] == '@'), name + (name[0] == '@'), length - (name[0] == '@'));
  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr *)&address, sizeof(sa_family_t) + length) != 0) exit(1);
}

static void port(int number) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(number)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) exit(1);
}

static void pair(void) {
  int fds[2];
  char byte;
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) != 0 || send(fds[0], "x", 1, 0) != 1) exit(3);
  if (recv(fds[1], &byte, 1, 0) != 1) exit(3);
}

/* A child of its own is asked, signalled and looked at, its group too; and the process itself. */
static void family(void) {
  pid_t child = fork();
  if (child == 0) {
    setpgid(0, 0);
    for (;;) pause();
  }
  setpgid(child, child);
  kill(child, 0);
  raise(SIGURG);
  int fd = syscall(SYS_pidfd_open, child, 0);
  syscall(SYS_pidfd_send_signal, fd, SIGURG, NULL, 0);
  kill(-child, SIGKILL);
  waitpid(child, NULL, 0);
}

static void lease(void) {
  int fd = open("counter", O_RDONLY | O_CREAT, 0644);
  fcntl(fd, F_SETLEASE, F_RDLCK);
}

static void clone_range(void) {
  int fd = open("counter", O_RDWR | O_CREAT, 0644);
  struct file_clone_range range = {.src_fd = fd};
  ioctl(fd, FICLONERANGE, &range);
}

static void watch(void) {
  char space[sizeof(struct inotify_event) + NAME_MAX + 1];
  int fd = inotify_init1(IN_NONBLOCK);
  inotify_add_watch(fd, ".", IN_CREATE);
  close(open("counter", O_RDWR | O_CREAT, 0644));
  if (read(fd, space, sizeof space) < 0 && errno != EAGAIN) exit(3);
}

static void handle(void) {
  struct { struct file_handle head; char space[128]; } found = {.head.handle_bytes = 128};
  int mount;
  name_to_handle_at(AT_FDCWD, ".", &found.head, &mount, 0);
}

static void locked(int fd, short type, off_t start, off_t length) {
  struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
  if (fcntl(fd, F_SETLK, &lock) != 0) exit(3);
}

static void write_one(const char *name) {
  int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (write(fd, "1", 1) != 1) exit(3);
  close(fd);
}

/* Takes a lock, writes to `x`, and gives the lock back, of which a part may have been given back before. */
static void gives_back(const char *way) {
  int fd = open("lock", O_RDWR | O_CREAT, 0644);
#define GIVES(name) else if (strcmp(way, name) == 0)
  if (strcmp(way, "part") == 0) {
    locked(fd, F_WRLCK, 0, 1000);
    locked(fd, F_UNLCK, 0, 500);
    write_one("x");
    _exit(0);
  }
  if (strcmp(way, "other-kind") == 0) {
    flock(fd, LOCK_EX);
    locked(fd, F_WRLCK, 0, 0);
    locked(fd, F_UNLCK, 0, 0);
    write_one("x");
    _exit(0);
  }
  if (strcmp(way, "one-of-two") == 0) {
    int other = open("lock", O_RDWR);
    flock(fd, LOCK_SH);
    flock(other, LOCK_SH);
    flock(fd, LOCK_UN);
    write_one("x");
    _exit(0);
  }
  if (strncmp(way, "fcntl-", 6) == 0) locked(fd, F_WRLCK, 0, 0), way += 6;
  else flock(fd, LOCK_EX);
  if (strncmp(way, "exec", 4) == 0) fcntl(fd, F_SETFD, FD_CLOEXEC);
  write_one("x");
  if (0) {}
  GIVES("dup2") dup2(2, fd);
  GIVES("dup3") dup3(2, fd, O_CLOEXEC);
  GIVES("close_range") close_range(fd - 1, ~0U, 0);
  GIVES("exec") execl("/bin/true", "true", NULL);
  GIVES("kill") raise(SIGKILL);
  GIVES("pidfd") syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, getpid(), 0), SIGTERM, NULL, 0);
  GIVES("group") setpgid(0, 0), kill(-getpid(), SIGTERM);
  GIVES("abort") abort();
  else exit(3);
}

/* Waits for a child that waits for a lock, but only so long. */
static void patient(const char *how) {
  struct timespec second = {10, 0};
  struct timeval same = {10, 0};
  sigset_t ended;
  sigemptyset(&ended);
  sigaddset(&ended, SIGCHLD);
  sigprocmask(SIG_BLOCK, &ended, NULL);
  int *done = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t child = fork();
  if (child == 0) {
    int lock = open("lock", O_RDWR | O_CREAT, 0644);
    flock(lock, LOCK_EX);
    write_one("log");
    *done = 1;
    syscall(SYS_futex, done, 1, 1, NULL, NULL, 0); /* FUTEX_WAKE */
    _exit(0);
  }
  int fd = syscall(SYS_pidfd_open, child, 0), epoll = epoll_create1(0);
  struct pollfd polled = {.fd = fd, .events = POLLIN};
  struct epoll_event event = {.events = EPOLLIN};
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fd, &set);
#define WAITS(name) else if (strcmp(how, name) == 0)
  if (0) {}
  WAITS("poll") poll(&polled, 1, 10000);
  WAITS("ppoll") ppoll(&polled, 1, &second, NULL);
  WAITS("select") select(fd + 1, &set, NULL, NULL, &same);
  WAITS("epoll") epoll_wait(epoll, &event, 1, 10000);
  WAITS("epoll-2") syscall(SYS_epoll_pwait2, epoll, &event, 1, &second, NULL, 0);
  WAITS("signal") sigtimedwait(&ended, NULL, &second);
  WAITS("futex") syscall(SYS_futex, done, 0, 0, &second, NULL, 0); /* FUTEX_WAIT */
  WAITS("for-ever") {
    poll(&polled, 1, -1);
    ppoll(&polled, 1, NULL, NULL);
    select(fd + 1, &set, NULL, NULL, NULL);
    epoll_wait(epoll, &event, 1, -1);
    sigwaitinfo(&ended, NULL);
  }
  waitpid(child, NULL, 0);
}

/* What is written to the file between the two is read from the pipe. */
static void spliced(void) {
  int fds[2], fd = open("counter", O_RDWR | O_CREAT, 0644);
  char byte = '1';
  if (pwrite(fd, &byte, 1, 0) != 1 || pipe(fds) != 0 || splice(fd, NULL, fds[1], NULL, 1, 0) != 1) exit(3);
  access("nothing", F_OK);
  if (read(fds[0], &byte, 1) != 1) exit(3);
}

/* What a program does anyway: none of it concerns anybody else. */
static void ordinary(void) {
  char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  *page = 1;
  int memory = memfd_create("own", 0);
  if (ftruncate(memory, 4096) != 0 || mmap(NULL, 4096, PROT_WRITE, MAP_SHARED, memory, 0) == MAP_FAILED) exit(3);
  alarm(60);
  alarm(0);
  semaphore(IPC_PRIVATE);
  shared_memory(IPC_PRIVATE);
  pair();
  family();
}

int main(int count, char **arguments) {
  const char *way = arguments[1], *argument = count > 2 ? arguments[2] : "0";
#define WAY(name) else if (strcmp(way, name) == 0)
  if (0) {}
  WAY("aio") aio();
#ifdef __x86_64__
  WAY("int80") int80();
  WAY("x32") x32();
#endif
  WAY("map") (*map(MAP_SHARED, PROT_READ | PROT_WRITE))++;
  WAY("populate") (*map(MAP_SHARED | MAP_POPULATE | MAP_NORESERVE, PROT_READ | PROT_WRITE))++;
  WAY("mprotect") protected();
  WAY("slowly") slowly();
  WAY("called") called();
  WAY("reads-map") reads_map();
  WAY("semaphore") semaphore(atoi(argument));
  WAY("shared-memory") shared_memory(atoi(argument));
  WAY("message") message(atoi(argument));
  WAY("queue") queue(argument);
  WAY("memory") memory_of(atoi(argument));
  WAY("named") named(argument);
  WAY("bind") bound(argument);
  WAY("port") port(atoi(argument));
  WAY("lease") lease();
  WAY("clone-range") clone_range();
  WAY("watch") watch();
  WAY("handle") handle();
  WAY("gives") gives_back(argument);
  WAY("try") {
    struct flock all = {.l_type = F_WRLCK};
    return fcntl(open("lock", O_RDWR | O_CREAT, 0644), F_SETLK, &all) != 0;
  }
  WAY("splice") spliced();
  WAY("patient") patient(argument);
  WAY("ordinary") ordinary();
  WAY("trace") ptrace(PTRACE_ATTACH, atoi(argument), NULL, NULL);
  WAY("unshare") unshare(CLONE_FILES);
  else return 2;
  return 0;
}
