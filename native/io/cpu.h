// What the scheduler allows this process.
#pragma once

namespace ttrpc {

// CPUs this process may run on; at least 1.
int UsableCpus();

}  // namespace ttrpc
