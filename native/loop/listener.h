// A listening socket: accepts in bounded batches; stops itself when the process is out of resources.
#pragma once

#include "loop/endpoint.h"

namespace ttrpc {

class Listener final : public Endpoint {
 public:
  explicit Listener(Engine& engine) : Endpoint(engine, Kind::kListener) {}

  void Resume() override;
  void Pause() override;

 protected:
  void OnPoll(int status, int events) override;
  void OnClose() override {}

 private:
  // False: no more for now.
  bool AcceptOne();

  bool accepting_ = false;
};

}  // namespace ttrpc
