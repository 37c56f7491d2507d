// The tiny program as an executable, with ways to hurt itself at a given step:
//   TINY_SIGNAL=iteration:signal[:times]   sends itself the signal (a number)
//   TINY_SLEEP=milliseconds                each step takes so much longer
// and one to be another model:
//   TINY_EMBEDS=1                          its output is an embedding
#include <signal.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "TinyProgram.h"

namespace {

void hurt(const NnccCall &call) {
  if (const char *sleep = std::getenv("TINY_SLEEP"))
    std::this_thread::sleep_for(std::chrono::milliseconds(std::atoi(sleep)));
  long long iteration = 0;
  int number = 0, times = 1;
  if (const char *text = std::getenv("TINY_SIGNAL"))
    std::sscanf(text, "%lld:%d:%d", &iteration, &number, &times);
  if (call.iteration == iteration)
    while (times-- > 0) raise(number);
}

const NnccProgram &prepared() {
  nncc::tests::beforeTinyStep() = hurt;
#ifdef NNCC_TINY_DOUBLE
  if (std::getenv("TINY_BUG")) nncc::tests::tinyBug = nncc::tests::TinyBug::HiddenKernelTenPercentOff;
  return nncc::tests::tinyProgram64;
#else
  static NnccProgram program = nncc::tests::tinyProgram;
  static NnccJudged embedding = program.train.judged[0];
  if (std::getenv("TINY_EMBEDS")) {
    embedding.loss.kind = "triplet";
    program.train.judged = &embedding;
  }
  return program;
#endif
}

}  // namespace

extern const NnccProgram nncc_program = prepared();
