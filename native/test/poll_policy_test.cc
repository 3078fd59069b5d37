// The steps of automatic polling, counted: after how many wake-ups a connection polls again. Exits with 1 and a line at
// the first that is wrong.
#include "core/poll_policy.h"

#include <cstdio>
#include <cstdlib>

namespace {

void Check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "not so: %s\n", what);
  std::exit(1);
}

// Wake-ups until it may poll, that one not counted.
int Skipped(ttrpc::PollPolicy* policy) {
  int skipped = 0;
  while (!policy->MayPoll()) ++skipped;
  return skipped;
}

}  // namespace

int main() {
  using ttrpc::PollPolicy;
  PollPolicy automatic;
  Check(automatic.window_micros() == 100, "an automatic window is 100 microseconds");
  Check(Skipped(&automatic) == 0, "a new connection polls");
  for (int skip = 2; skip <= 1024; skip *= 2) {
    automatic.OnEmpty();
    Check(automatic.window_micros() == 50, "after a poll that came back empty it is 50 microseconds");
    Check(Skipped(&automatic) == skip, "each poll that came back empty doubles the wake-ups that are passed by");
  }
  automatic.OnEmpty();
  Check(Skipped(&automatic) == 1024, "no more than 1024 are passed by");
  automatic.OnSuccess();
  automatic.OnEmpty();
  Check(Skipped(&automatic) == 1024, "a success takes one step back, and an empty poll one forward");
  for (int i = 0; i < 9; ++i) automatic.OnSuccess();
  automatic.OnEmpty();
  Check(Skipped(&automatic) == 4, "nine successes take nine steps back");
  for (int i = 0; i < 20; ++i) automatic.OnSuccess();
  Check(automatic.window_micros() == 100, "and 100 again after as many successes");
  automatic.OnEmpty();
  Check(Skipped(&automatic) == 2, "there are no steps below the first");

  PollPolicy always;
  always.Configure(200);
  for (int i = 0; i < 5; ++i) always.OnEmpty();
  Check(always.window_micros() == 200 && Skipped(&always) == 0, "a number always polls that long");

  PollPolicy never;
  never.Configure(0);
  for (int i = 0; i < 2000; ++i) Check(!never.MayPoll(), "0 never polls");

  never.Configure(-1);
  Check(never.window_micros() == 100 && Skipped(&never) == 0, "automatic again");
  return 0;
}
