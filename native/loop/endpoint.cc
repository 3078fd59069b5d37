// A socket with its uv_poll_t: see endpoint.h.
#include "loop/endpoint.h"

#include "loop/engine.h"

namespace ttrpc {

int Endpoint::Init(uv_loop_t* loop, UniqueFd* fd) {
  const int result = uv_poll_init(loop, &poll_, fd->get());
  if (result < 0) return result;
  poll_.data = this;
  fd_ = std::move(*fd);
  return 0;
}

UniqueFd Endpoint::Close(std::unique_ptr<Endpoint> endpoint) {
  endpoint->open_ = false;
  endpoint->OnClose();
  Endpoint* const owned_by_libuv = endpoint.release();
  uv_close(owned_by_libuv->uv_handle(), [](uv_handle_t* handle) {
    const std::unique_ptr<Endpoint> closed(static_cast<Endpoint*>(handle->data));
    closed->engine_.OnEndpointClosed();
  });
  // uv_close has taken it out of the poll set: a listener must refuse from now on, not from the loop's next turn.
  return std::move(owned_by_libuv->fd_);
}

void Endpoint::SetMask(int mask) {
  if (!open_ || mask == mask_) return;
  mask_ = mask;
  if (mask == 0) {
    uv_poll_stop(&poll_);
  } else {
    uv_poll_start(&poll_, mask, HandlePoll);
  }
}

void Endpoint::HandlePoll(uv_poll_t* poll, int status, int events) {
  auto* self = static_cast<Endpoint*>(poll->data);
  if (status < 0) {
    self->mask_ = 0;  // libuv has stopped the handle
    events = UV_READABLE | UV_WRITABLE;
  }
  if (self->engine_.silent()) {
    self->SetMask(0);  // JavaScript is gone; do not spin until the handles are closed
    return;
  }
  self->OnPoll(status, events);
}

}  // namespace ttrpc
