// What the scheduler allows this process: see cpu.h.
#include "io/cpu.h"

#include <sched.h>
#include <unistd.h>

namespace ttrpc {

int UsableCpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0) return CPU_COUNT(&set);
  // More CPUs than the set has room for.
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online < 1 ? 1 : static_cast<int>(online);
}

}  // namespace ttrpc
