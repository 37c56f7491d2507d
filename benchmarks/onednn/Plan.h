// What a network is when it runs: lists of steps over memory that is laid out before the first.
#ifndef NNCC_BENCHMARKS_ONEDNN_PLAN_H
#define NNCC_BENCHMARKS_ONEDNN_PLAN_H

#include <functional>
#include <initializer_list>
#include <utility>
#include <vector>

#include "Buffer.h"
#include "Library.h"
#include "Parameters.h"

namespace onednn {

// Memory that is handed out before it is there: descriptions first, bytes in `allocate`.
class Arena {
 public:
  // A place of its own for the whole run.
  memory keep(const memory::desc &);
  // A place that all who borrow of this slot share.
  memory borrow(const memory::desc &, size_t slot);
  void allocate();

 private:
  struct Slot {
    size_t bytes = 0;
    std::vector<memory> users;
  };
  std::vector<Slot> kept, shared;
  Buffer buffer;
};

using Steps = std::vector<std::function<void()>>;
using Arguments = std::initializer_list<std::pair<int, memory>>;

class Plan {
 public:
  // `forward` and `backward` are those of training; `refresh` copies weights into the layouts
  // in which they are read, once for each update.
  Steps forward, backward, evaluate, refresh;
  Arena arena;
  Parameters parameters;

  // Appends a primitive to `steps`.
  template <typename Description>
  void add(Steps &steps, const Description &description, const Arguments &arguments) {
    append(steps, dnnl::primitive(description.get()), description.scratchpad_desc(), arguments);
  }

  // Appends it to `forward` and to `evaluate`.
  template <typename Description>
  void addForward(const Description &description, const Arguments &arguments) {
    add(forward, description, arguments);
    evaluate.push_back(forward.back());
  }

  // `from` itself if it has this layout, else memory into which a new step of `steps` copies it.
  memory inLayout(Steps &steps, const memory &from, const memory::desc &layout);
  // The same, for `forward` and `evaluate`.
  memory inLayoutForward(const memory &from, const memory::desc &layout);

  // Memory for one gradient of an image or vector. Two places serve all: a layer reads the one
  // and writes the other.
  memory gradient(const memory::desc &);

 private:
  enum Slot : size_t { EvenGradients, OddGradients, Scratchpad };

  void append(Steps &, const dnnl::primitive &, const memory::desc &scratchpad, const Arguments &);

  Slot nextGradient = EvenGradients;
};

void run(const Steps &);

}  // namespace onednn

#endif
