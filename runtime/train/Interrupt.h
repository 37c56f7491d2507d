// Ctrl-C and SIGTERM. Outside of a Deferred they end the program at once with status 130.
// While a Deferred lives the first one only sets a flag, so that the loop can finish its step
// and save; the second ends the program at once.
#ifndef NNCC_TRAIN_INTERRUPT_H
#define NNCC_TRAIN_INTERRUPT_H

namespace nncc::train {

inline constexpr int kInterruptedStatus = 130;

// Takes over both signals for the rest of the program.
void handleInterrupts();

class DeferInterrupts {
 public:
  DeferInterrupts();
  ~DeferInterrupts();  // forgets an interrupt that nobody asked for
  DeferInterrupts(const DeferInterrupts &) = delete;
  DeferInterrupts &operator=(const DeferInterrupts &) = delete;

  bool requested() const;
};

}  // namespace nncc::train

#endif  // NNCC_TRAIN_INTERRUPT_H
