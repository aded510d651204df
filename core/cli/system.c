/* The machine: time, memory, processors. */
#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity */
#include <sched.h>
#endif

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cli.h"

double cli_seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

uint64_t cli_peak_memory(void) {
  struct rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return 0;
#if defined(__APPLE__)
  return (uint64_t)usage.ru_maxrss; /* bytes there, kilobytes elsewhere */
#else
  return (uint64_t)usage.ru_maxrss * 1024;
#endif
}

#if defined(__linux__)
/* Is this the first of the hardware threads of its core? Unknown counts as yes. */
static bool is_first_of_core(int cpu) {
  char path[96];
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
  FILE *file = fopen(path, "r");
  if (!file) return true;
  int first = cpu;
  if (fscanf(file, "%d", &first) != 1) first = cpu;
  fclose(file);
  return first == cpu;
}

/* A container's share of the processors, rounded up; a large number where there is no limit. */
static int quota(void) {
  FILE *file = fopen("/sys/fs/cgroup/cpu.max", "r");
  if (!file) return 1 << 16;
  long long microseconds, period;
  int n = fscanf(file, "%lld %lld", &microseconds, &period);
  fclose(file);
  if (n != 2 || microseconds <= 0 || period <= 0) return 1 << 16;
  long long share = (microseconds + period - 1) / period;
  return share < (1 << 16) ? (int)share : 1 << 16;
}

/* Two hardware threads of one core share its arithmetic units, which the kernels keep busy, so one
 * of each is counted. Processors that the process may not use (taskset) are not. */
int cli_default_threads(void) {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 1;
  int n_allowed = CPU_COUNT(&allowed), n_cores = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
    if (CPU_ISSET((size_t)cpu, &allowed) && is_first_of_core(cpu)) n_cores++;
  }
  /* When only second threads are allowed, every one of them is a core of its own. */
  int n = n_cores > 0 ? n_cores : n_allowed;
  int limit = quota();
  if (n > limit) n = limit;
  return n < 1 ? 1 : n > 64 ? 64 : n;
}
#else
int cli_default_threads(void) {
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n < 1 ? 1 : n > 64 ? 64 : (int)n;
}
#endif
