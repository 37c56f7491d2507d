#include "train/Interrupt.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>

namespace nncc::train {

namespace {

// Lock-free atomics are what a signal handler may touch.
std::atomic<bool> deferred{false};
std::atomic<bool> pending{false};
static_assert(std::atomic<bool>::is_always_lock_free);

void onSignal(int) {
  if (!deferred.load() || pending.exchange(true)) ::_exit(kInterruptedStatus);
}

}  // namespace

void handleInterrupts() {
  struct sigaction action {};
  action.sa_handler = onSignal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

DeferInterrupts::DeferInterrupts() { deferred.store(true); }

DeferInterrupts::~DeferInterrupts() {
  deferred.store(false);
  pending.store(false);
}

bool DeferInterrupts::requested() const { return pending.load(); }

}  // namespace nncc::train
