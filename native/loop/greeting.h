// A connected socket before its first frame: sends a request, reads one line, and not a byte beyond it.
#pragma once

#include <string>
#include <utility>

#include "loop/endpoint.h"

namespace ttrpc {

class Greeting final : public Endpoint {
 public:
  Greeting(Engine& engine, std::string request, size_t max_line_bytes)
      : Endpoint(engine, Kind::kGreeting), request_(std::move(request)), max_line_bytes_(max_line_bytes) {}

  // Begins. The outcome comes as EventKind::kGreeted, once.
  void Resume() override;
  void Pause() override { SetMask(0); }

  // What has been read: a line with its end, or as many bytes as allowed without one.
  const std::string& line() const { return line_; }

 protected:
  void OnPoll(int status, int events) override;
  void OnClose() override {}

 private:
  // The size of line(), 0 when the peer has hung up before, or -errno: -EAGAIN when there is more to come.
  int64_t Step();
  int64_t ReadLine();

  std::string request_;  // what is left to be sent
  std::string line_;
  size_t max_line_bytes_;
};

}  // namespace ttrpc
